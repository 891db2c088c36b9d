namespace AniSoap

open System
open System.Collections.Generic
open System.Globalization

/// How the rows of a frame are read: worked out once and kept for as long as the Properties stay the same.
[<NoComparison>]
type private RowReading = {
    Layout: ParticleLayout
    Plan: RowParser.RowPlan
    /// The length of a row of numbers: those of the layout, and those of other columns of species.
    Stride: int
    /// Other columns that could tell the species, and where their numbers stand in the row.
    Rivals: (string * int) list
    /// Columns of words that could tell them.
    RivalWords: string list
    SpeciesPlan: RowParser.RowPlan
    FieldNames: string list
    /// Takes the columns that a frame does not.
    Others: ColumnCollector
}

/// Frames of extended XYZ, each with only the columns that a frame needs. Memory depends on the largest frame.
[<Sealed>]
type internal ExtendedXyzReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    /// Columns that may hold the species, in order of preference.
    static let speciesNames = [ "species"; "Z"; "numbers"; "element"; "type" ]

    /// Whole numbers that other programs take the species from.
    static let rivalNames = [ "Z"; "numbers"; "type" ]

    /// Words that tell them where all are called X.
    static let rivalWords = [ "type"; "element" ]

    let frames = new ExtendedXyzLines(source, lines)
    let names = SpeciesNames options.TypeMap
    let rows = ParticleRows()

    let mutable properties = NoValue
    let mutable reading = None
    let mutable cellTexts = struct (NoValue, NoValue)
    let mutable cell = Cell.none

    let understand columns isExtended =
        let table = ColumnTable columns

        // Numbers beside symbols, as we write them: the symbols are for others.
        let symbols, speciesNames =
            match table.Single ExtendedXyzHeader.SpeciesNumber with
            | Some _ -> table.Single "species", [ ExtendedXyzHeader.SpeciesNumber ]
            | None -> None, speciesNames

        ParticleLayout.create options warn speciesNames columns
        |> Result.map (fun layout ->
            let fieldCount = columns |> List.sumBy _.Width
            let isTaken field = layout.Taken.Contains field || symbols = Some field

            let rivals =
                columns
                |> List.filter (fun column -> column.Kind = ColumnKind.Integer && List.contains column.Name rivalNames)
                |> List.choose (fun column -> table.Single column.Name |> Option.map (fun field -> column.Name, field))
                |> List.filter (fun (_, field) -> not (layout.Taken.Contains field))
                |> List.mapi (fun place (name, field) -> name, field, layout.Stride + place)

            let numbers =
                Seq.append
                    (layout.NumberFields |> Seq.mapi (fun place field -> field, place))
                    (rivals |> Seq.map (fun (_, field, place) -> field, place))

            {
                Layout = layout
                Plan = RowParser.planAt fieldCount (not isExtended) layout.Species numbers
                Stride = layout.Stride + rivals.Length
                Rivals = rivals |> List.map (fun (name, _, place) -> name, place)
                RivalWords =
                    columns
                    |> List.filter (fun column ->
                        column.Kind = ColumnKind.Text
                        && List.contains column.Name rivalWords
                        && not (
                            table.Single column.Name
                            |> Option.forall (fun field -> layout.Taken.Contains field)
                        ))
                    |> List.map _.Name
                SpeciesPlan = RowParser.speciesPlan layout fieldCount
                FieldNames = ExtendedXyzHeader.fieldNames columns
                Others = ColumnCollector(columns, isTaken)
            })

    let readingOf comment (texts: HeaderTexts) =
        match ExtendedXyzHeader.checkClosed comment texts, reading with
        | Error error, _ -> Error error
        | Ok(), Some known when
            properties = texts.Properties
            && not (ExtendedXyzHeader.hidesProperties comment texts.Properties)
            ->
            Ok known
        | _ ->
            ExtendedXyzHeader.columns comment texts.Properties
            |> Result.bind (fun columns -> understand columns (texts.Properties <> NoValue))
            |> Result.map (fun result ->
                properties <- texts.Properties
                reading <- Some result
                result)

    let cellOf texts =
        if cellTexts = struct (texts.Lattice, texts.Periodicity) then
            Ok cell
        else
            ExtendedXyzHeader.cell options texts
            |> Result.map (fun result ->
                cellTexts <- struct (texts.Lattice, texts.Periodicity)
                cell <- result
                result)

    /// How the rows of a frame are read, and its cell.
    let understood comment texts =
        readingOf comment texts
        |> Result.bind (fun reading -> cellOf texts |> Result.map (fun cell -> struct (reading, cell)))

    /// People write files whose last line has no end, so that this is no error.
    let warnOfOpenEnd () =
        if lines.IsOpen then
            warn (
                source
                + ": the last line has no line end; if the file was cut off, its last number is wrong"
            )

    /// The rows of a frame by a plan: false at a row that does not follow it, or that is not there.
    let readRows plan stride count =
        rows.Clear stride
        let mutable good = true

        while good && rows.Count < count do
            good <- lines.ReadLine() && RowParser.tryRead plan names lines rows

        warnOfOpenEnd ()
        good

    /// Says where another column tells other species than the one that is read. A number of an element is either right
    /// or wrong; a type is any number, and only missed where the names tell nothing.
    let warnOfRivals reading =
        let allAreX () =
            rows.Count > 0
            && Seq.forall (fun row -> rows.Species[row] = 0) (seq { 0 .. rows.Count - 1 })

        for name in reading.RivalWords do
            if allAreX () then
                warn
                    $"{source}: every particle is called X, species 0; the column {name} has names too and is not used (it is without a column species)"

        for name, place in reading.Rivals do
            let at row = rows.Numbers[row * rows.Stride + place]

            if name = "type" then
                if
                    allAreX ()
                    && Seq.exists (fun row -> at row <> 0.0) (seq { 0 .. rows.Count - 1 })
                then
                    warn
                        $"{source}: every particle is called X, species 0; the column {name} has other numbers and is not used (the species without a column species, or with LAMMPS's own dump)"
            else
                match Seq.tryFind (fun row -> at row <> float rows.Species[row]) (seq { 0 .. rows.Count - 1 }) with
                | Some row ->
                    warn (
                        source
                        + ": particle "
                        + string row
                        + " is of species "
                        + string rows.Species[row]
                        + ", which the column "
                        + name
                        + " contradicts; "
                        + name
                        + " is not used, while ASE takes it"
                    )
                | None -> ()

    /// Why `readRows` ended early, with the comment on line `commentLine`.
    let rowError frame plan fieldNames commentLine count : Result<'a, AniSoapError> =
        if lines.Number = commentLine + int64 rows.Count then
            Error(frames.EndOfFile(frame, rows.Count, count))
        else
            RowParser.explain plan names lines fieldNames
            |> AniSoapError.at { Place.Unknown with Particle = Some rows.Count }
            |> Error

    let readBody frame count comment =
        let texts = ExtendedXyzHeader.texts comment
        let commentLine = lines.Number

        match understood comment texts with
        | Error error -> Error error
        | Ok(reading, cell) ->
            if readRows reading.Plan reading.Stride count then
                warnOfRivals reading
                let lineOf particle = Some(commentLine + 1L + int64 particle)

                ParticleRows.toFrame options warn reading.Layout rows cell lineOf
                |> Result.map ValueSome
            else
                rowError frame reading.Plan reading.FieldNames commentLine count

    /// The rows of a frame with all their columns.
    let readAllRows frame reading commentLine count =
        rows.Clear reading.Stride
        reading.Others.Clear()
        let mutable failure = ValueNone

        while failure.IsNone && rows.Count < count do
            if lines.ReadLine() && RowParser.tryRead reading.Plan names lines rows then
                match reading.Others.Add lines with
                | Ok() -> ()
                | Error error ->
                    failure <- ValueSome(AniSoapError.at { Place.Unknown with Particle = Some(rows.Count - 1) } error)
            else
                match rowError frame reading.Plan reading.FieldNames commentLine count with
                | Error error -> failure <- ValueSome error
                | Ok() -> ()

        warnOfOpenEnd ()

        match failure with
        | ValueSome error -> Error error
        | ValueNone ->
            warnOfRivals reading
            Ok()

    let readSnapshot frame count comment =
        let texts = ExtendedXyzHeader.texts comment
        let commentLine = lines.Number

        match understood comment texts with
        | Error error -> Error error
        | Ok(reading, cell) ->
            let lineOf particle = Some(commentLine + 1L + int64 particle)

            readAllRows frame reading commentLine count
            |> Result.bind (fun () -> ParticleRows.toFrame options warn reading.Layout rows cell lineOf)
            |> Result.bind (fun found ->
                reading.Others.Columns None
                |> Result.bind (fun columns ->
                    let info = ExtendedXyzInfo.ofComment (texts.Properties <> NoValue) comment

                    Snapshot.create
                        found
                        (Map.fold (fun all number name -> Map.add number name all) names.Known info.SpeciesNames)
                        info.Step
                        info.Others
                        columns))
            |> Result.map ValueSome

    let readSpecies frame count comment (found: HashSet<int>) =
        let commentLine = lines.Number

        match readingOf comment (ExtendedXyzHeader.texts comment) with
        | Error error -> Error error
        | Ok reading ->
            if readRows reading.SpeciesPlan 0 count then
                for species in ReadOnlySpan(rows.Species, 0, rows.Count) do
                    found.Add species |> ignore

                Ok true
            else
                rowError frame reading.SpeciesPlan reading.FieldNames commentLine count

    let skipRows frame count =
        let mutable row = 0

        while row < count && lines.ReadLine() do
            row <- row + 1

        if row = count then
            Ok true
        else
            Error(frames.EndOfFile(frame, row, count))

    interface IFrameReader with
        member _.Read frame = frames.Next frame ValueNone (readBody frame)
        member _.ReadSnapshot frame = frames.Next frame ValueNone (readSnapshot frame)

        member _.ReadSpecies(frame, found) =
            frames.Next frame false (fun count comment -> readSpecies frame count comment found)

        member _.Skip frame = frames.Next frame false (fun count _ -> skipRows frame count)

    interface IDisposable with
        member _.Dispose() = (frames :> IDisposable).Dispose()
