namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open System.Text.Json

/// Frames of chemiscope files. Such a file is one JSON text, of which shapes and properties may stand behind all
/// structures: it is read whole.
[<Sealed>]
type internal ChemiscopeReader
    private
    (
        options: InputOptions,
        warn: string -> unit,
        source: string,
        document: JsonDocument,
        structures: JsonElement[],
        starts: int[]
    ) =
    /// Text of gzip is at most so many times as long as its archive; more is no text of numbers.
    static let mostExpansion = 100L

    static let alwaysAllowed = 1L <<< 25

    let root = document.RootElement
    let shapes = ChemiscopeShapes.OfFile(root, options.ShapeKey, starts, warn)
    let values = lazy ChemiscopeValues(root, starts, warn)
    let rows = ParticleRows()
    let mutable next = 0

    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))

    let layout: ParticleLayout = {
        Species = None
        Position = [| 0; 1; 2 |]
        Orientation = [| 3; 4; 5; 6 |]
        Shape =
            (match shapes with
             | Ok(ValueSome _) -> [| 7; 8; 9 |]
             | _ -> [||])
        ShapeFactor =
            (if options.ShapeAs = Some ShapeMeasure.Diameter then
                 0.5
             else
                 1.0)
        Taken = Set.empty
        Notes = LayoutNotes.none
    }

    let array (structure: JsonElement) (key: string) kind size =
        match structure.TryGetProperty key with
        | false, _ -> Error(Missing(key, "a structure has size, names, x, y and z", Place.Unknown))
        | true, value when
            value.ValueKind = JsonValueKind.Array
            && value.GetArrayLength() = size
            && Seq.forall (fun (item: JsonElement) -> item.ValueKind = kind) (value.EnumerateArray())
            ->
            Ok value
        | true, value ->
            let what = if kind = JsonValueKind.Number then "numbers" else "texts"

            let found =
                if
                    value.ValueKind = JsonValueKind.Array
                    && Seq.exists
                        (fun (item: JsonElement) -> item.ValueKind = JsonValueKind.Null)
                        (value.EnumerateArray())
                then
                    "null or NaN in " + key
                else
                    "another value of " + key

            malformed found ("a list of " + string size + " " + what)

    let coordinates structure key size offset =
        array structure key JsonValueKind.Number size
        |> Result.map (fun values ->
            let mutable row = offset

            for value in values.EnumerateArray() do
                rows.Numbers[row] <- value.GetDouble()
                row <- row + layout.Stride)

    let names structure size =
        array structure "names" JsonValueKind.String size
        |> Result.bind (fun values ->
            let known = Dictionary<string, int>(StringComparer.Ordinal)
            let mutable failure = ValueNone
            let mutable i = 0

            for value in values.EnumerateArray() do
                if failure.IsNone then
                    let name = string (value.GetString())

                    match known.TryGetValue name with
                    | true, number -> rows.Species[i] <- number
                    | false, _ ->
                        match SpeciesNames.number options.TypeMap name with
                        | Ok number ->
                            known[name] <- number
                            rows.Species[i] <- number
                        | Error error ->
                            failure <- ValueSome(AniSoapError.at { Place.Unknown with Particle = Some i } error)

                    i <- i + 1

            match failure with
            | ValueSome error -> Error error
            | ValueNone ->
                Ok(
                    known
                    |> Seq.filter (fun pair -> (DecimalNumber.tryParse pair.Key).IsNone)
                    |> Seq.map (fun pair -> pair.Value, pair.Key)
                    |> Map.ofSeq
                ))

    /// Shapes that are given for a particle stand for those of the file, whatever these are.
    let isReplaced i = options.SemiAxes.IsSome || options.SemiAxesBySpecies.ContainsKey rows.Species[i]

    let fillShape structure i =
        let found =
            match shapes with
            | Ok(ValueSome shapes) ->
                shapes.OrientationOf(structure, i)
                |> Result.bind (fun q ->
                    if isReplaced i then
                        Ok(Vector3.zero, q)
                    else
                        shapes.SemiAxesOf(structure, i) |> Result.map (fun axes -> axes, q))
            | Error error when not (isReplaced i) -> Error error
            | _ -> Ok(Vector3.zero, [| 0.0; 0.0; 0.0; 1.0 |])

        found
        |> Result.mapError (AniSoapError.at { Place.Unknown with Particle = Some i })
        |> Result.map (fun (axes, q) ->
            let place = i * layout.Stride + 3
            let isScalarFirst = (options.OrientationOrder = Some QuaternionOrder.WXYZ)
            let w, first = if isScalarFirst then q[0], 1 else q[3], 0
            rows.Numbers[place] <- w
            Array.blit q first rows.Numbers (place + 1) 3

            if layout.Shape.Length > 0 then
                rows.Numbers[place + 4] <- axes.X
                rows.Numbers[place + 5] <- axes.Y
                rows.Numbers[place + 6] <- axes.Z)

    let fillShapes structure size = seq { 0 .. size - 1 } |> Result.check (fillShape structure)

    let periodicity (structure: JsonElement) =
        match structure.TryGetProperty "pbc" with
        | false, _ -> Ok { A = true; B = true; C = true }
        | true, value when value.ValueKind = JsonValueKind.Array && value.GetArrayLength() = 3 ->
            match [ for item in value.EnumerateArray() -> item.ValueKind ] with
            | kinds when List.forall (fun kind -> kind = JsonValueKind.True || kind = JsonValueKind.False) kinds ->
                let flags = kinds |> List.map (fun kind -> kind = JsonValueKind.True)
                Ok { A = flags[0]; B = flags[1]; C = flags[2] }
            | _ -> malformed "another value of pbc" "three of true and false"
        | true, _ -> malformed "another value of pbc" "three of true and false"

    let cellOf (structure: JsonElement) =
        match structure.TryGetProperty "cell" with
        | false, _ -> Ok Cell.none
        | true, value when value.ValueKind = JsonValueKind.Null -> Ok Cell.none
        | true, _ ->
            array structure "cell" JsonValueKind.Number 9
            |> Result.bind (fun values ->
                let v = [| for value in values.EnumerateArray() -> value.GetDouble() |]
                let row i = Vector3.create v[i] v[i + 1] v[i + 2]

                periodicity structure
                |> Result.map (InputOptions.periodicity options)
                |> Result.bind (Cell.create (row 0) (row 3) (row 6)))

    let read () =
        let number = next
        let structure = structures[number]
        let size = starts[number + 1] - starts[number]
        rows.Allot(size, layout.Stride)

        if layout.Shape.Length > 0 && options.SemiAxes.IsSome then
            warn "the shapes given replace those in the input"

        names structure size
        |> Result.bind (fun names ->
            coordinates structure "x" size 0
            |> Result.bind (fun () -> coordinates structure "y" size 1)
            |> Result.bind (fun () -> coordinates structure "z" size 2)
            |> Result.bind (fun () -> fillShapes number size)
            |> Result.bind (fun () -> cellOf structure)
            |> Result.bind (fun cell -> ParticleRows.toFrame options warn layout rows cell (fun _ -> None))
            |> Result.map (fun frame -> frame, names))

    let snapshot (frame: Frame, names) =
        let number = next

        values.Value.Columns number
        |> Result.bind (fun columns ->
            let all = values.Value.Info number

            let step =
                all
                |> List.tryPick (function
                    | "step", InfoValue.Integer step -> Some step
                    | _ -> None)

            let others =
                all
                |> List.filter (fun (name, _) -> not (name = "step" && step.IsSome))
                |> List.distinctBy fst

            Snapshot.create frame names step others columns)

    let advance frame ended (look: unit -> Result<'a, AniSoapError>) =
        if next >= structures.Length then
            Ok ended
        else
            look ()
            |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some source; Frame = Some frame })
            |> Result.map (fun found ->
                next <- next + 1
                found)

    /// Where each structure's particles start among all.
    static member private Starts(structures: JsonElement[]) =
        let starts = Array.zeroCreate<int>(structures.Length + 1)
        let mutable failure = ValueNone
        let mutable i = 0

        while failure.IsNone && i < structures.Length do
            let names =
                match structures[i].ValueKind with
                | JsonValueKind.Object -> structures[i].TryGetProperty "names"
                | _ -> false, Unchecked.defaultof<JsonElement>

            let size =
                match structures[i].ValueKind with
                | JsonValueKind.Object -> structures[i].TryGetProperty "size"
                | _ -> false, Unchecked.defaultof<JsonElement>

            match size, names with
            | (true, size), (true, names) when
                size.ValueKind = JsonValueKind.Number
                && names.ValueKind = JsonValueKind.Array
                && size.TryGetInt32() = (true, names.GetArrayLength())
                ->
                starts[i + 1] <- starts[i] + names.GetArrayLength()
            | _ ->
                failure <-
                    ValueSome(
                        Malformed(
                            "a structure without names for its size",
                            "size, and as many names, x, y and z (structures in files of their own are not read)",
                            { Place.Unknown with Frame = Some i }
                        )
                    )

            i <- i + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok starts

    /// All bytes of a stream, at most `most`.
    static member private ReadAll(stream: Stream, most: int64) =
        let memory = new MemoryStream()
        let buffer = Array.zeroCreate<byte> 65536
        let mutable count = stream.Read(buffer, 0, buffer.Length)

        while count > 0 && memory.Length <= most do
            memory.Write(buffer, 0, count)
            count <- stream.Read(buffer, 0, buffer.Length)

        if count > 0 then
            Error(
                Malformed(
                    "more than " + string most + " bytes behind gzip",
                    "at most a hundred times as many as in the file",
                    Place.Unknown
                )
            )
        else
            Ok(Memory(memory.GetBuffer(), 0, int memory.Length))

    /// Opens a file, as it is or as gzip.
    static member OpenPath
        (options: InputOptions, warn: string -> unit, path: string)
        : Result<ChemiscopeReader, AniSoapError> =
        let parse (text: Memory<byte>) =
            try
                Ok(JsonDocument.Parse(Memory.op_Implicit (JsonLiterals.replaced text): ReadOnlyMemory<byte>))
            with :? JsonException as failure ->
                let line = failure.LineNumber |> Option.ofNullable |> Option.map (fun line -> line + 1L)
                Error(Malformed("no JSON", "a chemiscope file", { Place.Unknown with Line = line }))

        let create (document: JsonDocument) =
            match document.RootElement.ValueKind, document.RootElement with
            | JsonValueKind.Object, root ->
                match root.TryGetProperty "structures" with
                | true, all when all.ValueKind = JsonValueKind.Array ->
                    let structures = [| for structure in all.EnumerateArray() -> structure |]

                    ChemiscopeReader.Starts structures
                    |> Result.map (fun starts ->
                        new ChemiscopeReader(options, warn, path, document, structures, starts))
                | _ -> Error(Missing("structures", "a chemiscope file has a list of them", Place.Unknown))
            | _ -> Error(Malformed("JSON that is no object", "a chemiscope file", Place.Unknown))

        InputStream.openPath path
        |> Result.bind (fun stream ->
            use stream = stream

            InputStream.guarded path (fun () ->
                let most =
                    if path = "-" then
                        int64 Array.MaxLength
                    else
                        min (int64 Array.MaxLength) (max alwaysAllowed (mostExpansion * FileInfo(path).Length))

                ChemiscopeReader.ReadAll(stream, most)
                |> Result.bind parse
                |> Result.bind create
                |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some path })))

    interface IFrameReader with
        member _.Read frame = advance frame ValueNone (fun () -> read () |> Result.map (fst >> ValueSome))

        member _.ReadSnapshot frame =
            advance frame ValueNone (fun () -> read () |> Result.bind snapshot |> Result.map ValueSome)

        member _.ReadSpecies(frame, found) =
            advance frame false (fun () ->
                let size = starts[next + 1] - starts[next]
                rows.Allot(size, layout.Stride)

                names structures[next] size
                |> Result.map (fun _ ->
                    for i in 0 .. size - 1 do
                        found.Add rows.Species[i] |> ignore

                    true))

        member _.Skip frame = advance frame false (fun () -> Ok true)

    interface IDisposable with
        member _.Dispose() = document.Dispose()
