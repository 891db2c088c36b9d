namespace AniSoap.Formats

open System
open System.Collections.Generic
open AniSoap

/// How the rows of a dump are read: worked out once and kept for as long as the columns stay the same.
[<NoComparison>]
type private DumpReading = {
    Columns: string
    Layout: ParticleLayout
    /// Whether positions are fractions of the box.
    IsScaled: bool
    /// The place of the particle's number in the row, where there is one.
    IdPlace: int voption
    Stride: int
    Plan: RowParser.RowPlan
    SpeciesPlan: RowParser.RowPlan
    Names: string[]
}

/// Frames of a LAMMPS dump, particles by ascending id. Memory depends on the largest frame.
[<Sealed>]
type internal LammpsDumpReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    /// Columns that may hold the species, in order of preference.
    static let speciesNames = [ "type"; "element"; "typelabel" ]
    static let largestExactInteger = 9007199254740992.0

    let headers = LammpsDumpHeaders lines
    let names = SpeciesNames options.TypeMap
    let rows = ParticleRows()
    let mutable reading: DumpReading option = None
    let mutable others: (string * ColumnCollector) option = None

    let kindOf name = LammpsColumns.tryKind name |> Option.defaultValue ColumnKind.Real

    let positionNames (found: string[]) =
        LammpsColumns.positions
        |> List.tryFind (fun (triple, _) -> triple |> List.forall (fun name -> Array.contains name found))
        |> Option.defaultValue ([ "x"; "y"; "z" ], false)

    let understand (text: string) =
        let found = RowParser.splitWords text
        let triple, isScaled = positionNames found

        // The layout knows positions as x y z; a column of this name that is not taken gets out of the way.
        let renamed name =
            match List.tryFindIndex ((=) name) triple with
            | Some axis -> [ "x"; "y"; "z" ][axis]
            | None -> name

        let columns =
            found
            |> Seq.map (fun name -> { Name = renamed name; Kind = kindOf name; Width = 1 })
            |> Seq.toList

        match found |> Array.countBy id |> Array.tryFind (fun (_, count) -> count > 1) with
        | Some(name, count) -> Error(AniSoapError.invalid "ITEM: ATOMS" $"{count} columns {name}" "each name once")
        | None when found.Length = 0 ->
            Error(
                Malformed("no names of columns", "ITEM: ATOMS with the columns' names, id type x y z …", Place.Unknown)
            )
        | None ->
            ParticleLayout.create options warn speciesNames columns
            |> Result.map (fun layout ->
                let id =
                    match Array.tryFindIndex ((=) "id") found with
                    | Some field -> ValueSome field
                    | None -> ValueNone

                let numbers = [
                    yield! layout.NumberFields |> Seq.mapi (fun place field -> field, place)
                    if id.IsSome then
                        id.Value, layout.Stride
                ]

                {
                    Columns = text
                    Layout = layout
                    IsScaled = isScaled
                    IdPlace = id |> ValueOption.map (fun _ -> layout.Stride)
                    Stride = layout.Stride + (if id.IsSome then 1 else 0)
                    Plan = RowParser.planAt found.Length false layout.Species numbers
                    SpeciesPlan = RowParser.speciesPlan layout found.Length
                    Names = found
                })

    let readingOf (header: LammpsDumpHeader) =
        match reading with
        | Some known when known.Columns = header.Columns -> Ok known
        | _ ->
            understand header.Columns
            |> Result.map (fun result ->
                reading <- Some result
                result)

    /// The collector of what the layout does not take: columns that are not known are of numbers where the first row
    /// has one.
    let collectorOf (known: DumpReading) (row: string) =
        let words = RowParser.splitWords row

        let kind field name =
            LammpsColumns.tryKind name
            |> Option.defaultWith (fun () ->
                if (DecimalNumber.tryParse words[field]).IsSome then
                    ColumnKind.Real
                else
                    ColumnKind.Text)

        let columns =
            known.Names
            |> Seq.mapi (fun field name -> { Name = name; Kind = kind field name; Width = 1 })
            |> Seq.toList

        ColumnCollector(columns, known.Layout.Taken.Contains)

    let collect known =
        let collector =
            match others with
            | Some(columns, collector) when columns = known.Columns -> collector
            | _ ->
                let collector = collectorOf known lines.Text
                others <- Some(known.Columns, collector)
                collector

        if rows.Count = 1 then
            collector.Clear()

        collector.Add lines

    /// What is wrong with the rows, at the line where reading ended.
    let rowError (plan: RowParser.RowPlan) (known: DumpReading) headerLine count =
        let particle = Some rows.Count

        if lines.Number = headerLine + int64 rows.Count then
            let place = { Place.Unknown with Line = Some(lines.Number + 1L); Particle = particle }
            Malformed($"the end of the file after {rows.Count} of {count} particles", "a row for each particle", place)
        else
            RowParser.explain plan names lines (Array.toList known.Names)
            |> AniSoapError.at { Place.Unknown with Particle = particle }

    /// A dump is written line by line: one without a line end was cut off, perhaps in the middle of a number.
    let checkLineEnd () =
        if lines.IsOpen then
            Error(
                Malformed(
                    "the end of the file within a row",
                    "a line end behind the last row (add one if the file is whole)",
                    Place.Unknown
                )
            )
        else
            Ok()

    let readRows plan stride known count (each: unit -> Result<unit, AniSoapError>) =
        let headerLine = lines.Number
        rows.Clear stride
        let mutable failure = ValueNone

        while failure.IsNone && rows.Count < count do
            if lines.ReadLine() && RowParser.tryRead plan names lines rows then
                match each () with
                | Ok() -> ()
                | Error error ->
                    let place = { Place.Unknown with Particle = Some(rows.Count - 1) }
                    failure <- ValueSome(AniSoapError.at place error)
            else
                failure <- ValueSome(rowError plan known headerLine count)

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> checkLineEnd ()

    let skipRows count =
        let mutable row = 0

        while row < count && lines.ReadLine() do
            row <- row + 1

        if row = count then
            checkLineEnd ()
        else
            let place = { Place.Unknown with Line = Some(lines.Number + 1L); Particle = Some row }
            Error(Malformed($"the end of the file after {row} of {count} particles", "a row for each particle", place))

    let idError firstLine row id accepted =
        let place = { Place.Unknown with Line = Some(firstLine + int64 row) }
        Error(InvalidValue("id", string id, accepted, place))

    /// The order of the rows by ascending id; none where that is how they stand.
    let orderOf (known: DumpReading) firstLine =
        match known.IdPlace with
        | ValueNone -> Ok None
        | ValueSome place ->
            let idAt row = rows.Numbers[row * known.Stride + place]
            let mutable wrong = -1
            let mutable ascending = true

            for row in 0 .. rows.Count - 1 do
                let id = idAt row

                if id <> floor id || abs id > largestExactInteger then
                    wrong <- row

                if row > 0 && not (idAt (row - 1) < id) then
                    ascending <- false

            if wrong >= 0 then
                idError firstLine wrong (idAt wrong) "a whole number"
            elif ascending then
                Ok None
            else
                let ids = Array.init rows.Count idAt
                let order = Array.init rows.Count id
                Array.Sort(ids, order)

                match ids |> Seq.pairwise |> Seq.tryFindIndex (fun (a, b) -> a = b) with
                | Some twin -> idError firstLine order[twin + 1] ids[twin] "every id once in a frame"
                | None -> Ok(Some order)

    /// Positions in lengths and orientations in the box's frame: the quaternions of `compute property/atom` stay in
    /// LAMMPS's restricted frame even where the box and the positions are in the general one.
    let place (known: DumpReading) (box: LammpsBox) =
        let numbers = rows.Numbers

        if known.IsScaled then
            for row in 0 .. rows.Count - 1 do
                let at = row * known.Stride

                let r = LammpsBox.position box (Vector3.create numbers[at] numbers[at + 1] numbers[at + 2])

                numbers[at] <- r.X
                numbers[at + 1] <- r.Y
                numbers[at + 2] <- r.Z

        match box.Turn with
        | ValueNone -> ()
        | ValueSome turn ->
            let start = known.Layout.OrientationStart

            match known.Layout.Orientation.Length with
            | 4 ->
                for row in 0 .. rows.Count - 1 do
                    let at = row * known.Stride + start

                    let q =
                        turn
                        * Quaternion.create numbers[at] numbers[at + 1] numbers[at + 2] numbers[at + 3]

                    numbers[at] <- q.W
                    numbers[at + 1] <- q.X
                    numbers[at + 2] <- q.Y
                    numbers[at + 3] <- q.Z
            | 9 ->
                let m = Quaternion.toMatrix turn

                for row in 0 .. rows.Count - 1 do
                    for column in 0..2 do
                        let at = row * known.Stride + start + column
                        let v = m * Vector3.create numbers[at] numbers[at + 3] numbers[at + 6]
                        numbers[at] <- v.X
                        numbers[at + 3] <- v.Y
                        numbers[at + 6] <- v.Z
            | _ -> ()

    let toFrame known (box: LammpsBox) firstLine order =
        place known box

        let lineOf row =
            match order with
            | Some(order: int[]) -> Some(firstLine + int64 order[row])
            | None -> Some(firstLine + int64 row)

        order |> Option.iter rows.Reorder

        LammpsBox.cell box
        |> Result.bind (fun cell -> ParticleRows.toFrame options warn known.Layout rows cell lineOf)

    let frameOf (header: LammpsDumpHeader) known each =
        let firstLine = lines.Number + 1L

        readRows known.Plan known.Stride known header.Count each
        |> Result.bind (fun () -> orderOf known firstLine)
        |> Result.bind (fun order ->
            toFrame known header.Box firstLine order
            |> Result.map (fun frame -> struct (frame, order)))

    let read header =
        readingOf header
        |> Result.bind (fun known -> frameOf header known (fun () -> Ok()))
        |> Result.map (fun struct (frame, _) -> ValueSome frame)

    let info (header: LammpsDumpHeader) = [
        match header.Time with
        | Some time -> Quantities.Time, Real time
        | None -> ()
        match header.Units with
        | Some units -> Quantities.Units, Text units
        | None -> ()
        yield! LammpsBox.info header.Box
    ]

    let readSnapshot (header: LammpsDumpHeader) =
        readingOf header
        |> Result.bind (fun known ->
            frameOf header known (fun () -> collect known)
            |> Result.bind (fun struct (frame, order) ->
                match others with
                | Some(_, collector) when header.Count > 0 -> collector.Columns order
                | _ -> Ok []
                |> Result.bind (fun columns ->
                    Snapshot.create
                        frame
                        names.Known
                        (Some header.Step)
                        (info header)
                        (LammpsColumns.combine columns))))
        |> Result.map ValueSome

    let readSpecies (found: HashSet<int>) (header: LammpsDumpHeader) =
        readingOf header
        |> Result.bind (fun known -> readRows known.SpeciesPlan 0 known header.Count (fun () -> Ok()))
        |> Result.map (fun () ->
            for species in ReadOnlySpan(rows.Species, 0, rows.Count) do
                found.Add species |> ignore

            true)

    /// The header of the next frame handed to `body`; `atEnd` at the end of the file.
    let next frame atEnd body =
        FrameReader.guarded source (fun () ->
            match headers.Next() with
            | Error error -> Error error
            | Ok ValueNone -> Ok atEnd
            | Ok(ValueSome header) -> body header)
        |> Result.mapError (fun error ->
            AniSoapError.at
                { Source = Some source; Line = Some lines.Number; Frame = Some frame; Particle = None }
                error)

    interface IFrameReader with
        member _.Read frame = next frame ValueNone read
        member _.ReadSnapshot frame = next frame ValueNone readSnapshot
        member _.ReadSpecies(frame, found) = next frame false (readSpecies found)

        member _.Skip frame = next frame false (fun header -> skipRows header.Count |> Result.map (fun () -> true))

    interface IDisposable with
        member _.Dispose() = (lines :> IDisposable).Dispose()
