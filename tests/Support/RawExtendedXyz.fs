/// Extended XYZ with everything in it, nothing interpreted: what the readers are held against.
module AniSoap.Tests.RawExtendedXyz

open System.Collections.Immutable
open System.IO
open System.Text
open AniSoap

/// One frame of extended XYZ with all that it says, nothing interpreted.
[<NoComparison>]
type internal RawFrame = {
    /// The comment line as written.
    Comment: string
    /// Its keys and values in order, without Properties, Lattice and pbc; none for a file without Properties, whose
    /// comment is free text.
    Info: (string * InfoValue) list
    /// The columns, each with a list (`Integers`, `Reals`, `Logicals`, `Texts`) of particles × width values, row by row.
    Columns: (Column * InfoValue) list
    /// The cell vectors as rows.
    Lattice: Matrix3 option
    /// Which cell vectors repeat.
    Periodicity: Periodicity
    /// How many particles the frame has.
    ParticleCount: int
}

/// The entries of one column as they come, row by row.
let private collector (column: Column) =
    let wrong text accepted = Error(Malformed($"'{text}'", $"{accepted} in the column {column.Name}", Place.Unknown))

    let collect accepted (tryRead: string -> 'a option) (toList: ImmutableArray<'a> -> InfoValue) =
        let values = ImmutableArray.CreateBuilder<'a>()

        let add text =
            match tryRead text with
            | Some value -> Ok(values.Add value)
            | None -> wrong text accepted

        add, (fun () -> toList (values.ToImmutable()))

    match column.Kind with
    | ColumnKind.Real -> collect "a number" DecimalNumber.tryParse InfoValue.Reals
    | ColumnKind.Integer -> collect "a whole number" ExtendedXyzValue.tryInteger InfoValue.Integers
    | ColumnKind.Logical -> collect "T or F" ExtendedXyzValue.tryLogical InfoValue.Logicals
    | ColumnKind.Text -> collect "a word" Some InfoValue.Texts

let private readRow
    (columns: Column list)
    isExtended
    (adders: (string -> Result<unit, AniSoapError>)[])
    (line: string)
    =
    let words = RowParser.splitWords line

    if words.Length < adders.Length || (isExtended && words.Length > adders.Length) then
        let names = columns |> ExtendedXyzHeader.fieldNames |> String.concat " "
        Error(Malformed($"a row of {words.Length} columns", $"{adders.Length} columns ({names})", Place.Unknown))
    else
        Seq.zip adders words
        |> Seq.map (fun (add, word) -> add word)
        |> Seq.tryFind _.IsError
        |> Option.defaultValue (Ok())

let private readBody (frames: ExtendedXyzLines) frame count comment =
    let texts = ExtendedXyzHeader.texts comment

    ExtendedXyzHeader.checkClosed comment texts
    |> Result.bind (fun () -> ExtendedXyzHeader.columns comment texts.Properties)
    |> Result.bind (fun columns ->
        ExtendedXyzHeader.lattice texts.Lattice
        |> Result.bind (fun vectors ->
            ExtendedXyzHeader.periodicity vectors.IsSome texts.Periodicity
            |> Result.map (fun periodicity -> struct (columns, vectors, periodicity))))
    |> Result.bind (fun (struct (columns, lattice, periodicity)) ->
        let isExtended = texts.Properties <> NoValue
        let collectors = columns |> List.map collector

        let adders =
            List.zip columns collectors
            |> List.collect (fun (column, (add, _)) -> List.replicate column.Width add)
            |> List.toArray

        let mutable row = 0
        let mutable failure = None

        while failure.IsNone && row < count do
            if not (frames.Line.ReadLine()) then
                failure <- Some(frames.EndOfFile(frame, row, count))
            else
                match readRow columns isExtended adders frames.Line.Text with
                | Ok() -> row <- row + 1
                | Error error -> failure <- Some(AniSoapError.at { Place.Unknown with Particle = Some row } error)

        let isInfo (key, _) =
            not (
                ExtendedXyzHeader.isProperties key
                || ExtendedXyzHeader.isLattice key
                || ExtendedXyzHeader.isPeriodicity key
            )

        let info () =
            if isExtended then
                ExtendedXyzHeader.pairs comment
                |> List.filter isInfo
                |> List.map (fun (key, value) -> key, ExtendedXyzValue.ofWritten value)
            else
                []

        match failure with
        | Some error -> Error error
        | None ->
            Ok(
                ValueSome {
                    Comment = comment
                    Info = info ()
                    Columns = List.map2 (fun column (_, finish) -> column, finish ()) columns collectors
                    Lattice = lattice
                    Periodicity = periodicity
                    ParticleCount = count
                }
            ))

/// The frames of a file (or of standard input, "-") with everything in them. Ends after the first error.
let internal readRaw (path: string) : seq<Result<RawFrame, AniSoapError>> =
    seq {
        match InputStream.openPath path with
        | Error error -> yield Error error
        | Ok stream ->
            use frames = new ExtendedXyzLines(path, new LineReader(stream))
            let mutable frame = 0
            let mutable ended = false

            while not ended do
                match frames.Next frame ValueNone (readBody frames frame) with
                | Ok(ValueSome found) ->
                    frame <- frame + 1
                    yield Ok found
                | Ok ValueNone -> ended <- true
                | Error error ->
                    ended <- true
                    yield Error error
    }

/// A frame as the text of extended XYZ: species (chemical symbols where every number is one, else `type`), positions,
/// quaternions w, x, y, z, full diameters, cell and periodicity, and `info` as keys with texts. Every number reads
/// back as the same double.
let render (columns: ShapeColumns) (info: (string * string) list) (frame: Frame) : Result<string, AniSoapError> =
    let texts = info |> List.map (fun (key, text) -> key, InfoValue.Text text)

    Snapshot.create frame Map.empty None texts []
    |> Result.bind (fun snapshot ->
        use memory = new MemoryStream()
        use writer: IFrameWriter = new ExtendedXyzWriter(columns, ignore, memory)

        writer.Write snapshot
        |> Result.bind writer.Finish
        |> Result.map (fun () -> Encoding.UTF8.GetString(memory.GetBuffer(), 0, int memory.Length)))
