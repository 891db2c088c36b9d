namespace AniSoap

open System

/// The frames of a GSD file in HOOMD-blue's schema, one after another, with the schema's rule for chunks that a frame
/// does not have: those of frame 0 stand for them, of particles only where frame 0 has as many.
[<Sealed>]
type internal GsdFrames(file: GsdFile) =
    let chunks = GsdChunks file
    let numbers = Collections.Generic.Dictionary<string, int>(StringComparer.Ordinal)
    let first = Collections.Generic.Dictionary<int, GsdEntry>()
    let mutable firstCount = 0
    let mutable count = 0
    let mutable isFirst = true

    do file.Names |> Array.iteri (fun number name -> numbers[name] <- number)

    let inFile name =
        match numbers.TryGetValue(name: string) with
        | true, number -> file.TryChunk number
        | false, _ -> ValueNone

    let inFirst (name: string) =
        match numbers.TryGetValue name with
        | true, number ->
            match first.TryGetValue number with
            | true, entry -> ValueSome entry
            | false, _ -> ValueNone
        | false, _ -> ValueNone

    let values (entry: GsdEntry) = int64 entry.Rows * int64 entry.Columns

    static let show (entry: GsdEntry) = string entry.Rows + " × " + string entry.Columns + " values"

    member _.File = file
    member _.Chunks = chunks

    /// The number of particles.
    member _.Count = count

    /// The chunk of a name in this frame, else in frame 0.
    member _.Find name = inFile name |> ValueOption.orElseWith (fun () -> inFirst name)

    /// The same of what belongs to particles: in frame 0 there must be as many of them.
    member _.FindOfSame name =
        match inFile name with
        | ValueNone when count = firstCount -> inFirst name
        | chunk -> chunk

    /// The same of a quantity that every particle has: `columns` values a particle.
    member frames.FindOfParticles(name, columns: int) : Result<GsdEntry voption, AniSoapError> =
        match frames.FindOfSame name with
        | ValueSome entry when entry.Rows <> uint64 count || entry.Columns <> uint32 columns ->
            GsdHeader.malformed
                (show entry + " in " + name)
                (string count
                 + " × "
                 + string columns
                 + ", for there are "
                 + string count
                 + " particles")
        | found -> Ok found

    /// The one whole number in a chunk, if there is such a chunk.
    member frames.Integer(name, least: int64, most: int64) : Result<int64 voption, AniSoapError> =
        match frames.Find name with
        | ValueNone -> Ok ValueNone
        | ValueSome entry when values entry <> 1L -> GsdHeader.malformed (show entry + " in " + name) "one value"
        | ValueSome entry ->
            match chunks.TryIntegers entry with
            | None -> GsdHeader.malformed ("a real number in " + name) "a whole number"
            | Some found when found[0] < least || found[0] > most ->
                Error(AniSoapError.invalid name found[0] ("whole numbers from " + string least + " to " + string most))
            | Some found -> Ok(ValueSome found[0])

    /// Goes to the next frame; false behind the last.
    member frames.MoveNext() : Result<bool, AniSoapError> =
        match file.MoveNext() with
        | Error error -> Error error
        | Ok false -> Ok false
        | Ok true ->
            frames.Integer("particles/N", 0L, int64 Array.MaxLength)
            |> Result.map (fun found ->
                count <- int (ValueOption.defaultValue 0L found)

                if isFirst then
                    isFirst <- false
                    firstCount <- count

                    for number in file.Present do
                        match file.TryChunk number with
                        | ValueSome entry -> first[number] <- entry
                        | ValueNone -> ()

                true)
