namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable

/// Frames of a LAMMPS dump, particles by ascending id; of several pieces whose frames belong together, at least one. Memory
/// depends on the largest frame.
[<Sealed>]
type internal LammpsDumpReader(options: InputOptions, warn: string -> unit, pieces: DumpPiece list) =
    static let largestExactInteger = 9007199254740992.0

    let pieces = List.toArray pieces

    /// The piece that is being read.
    let mutable current = pieces[0]

    /// Where each piece's rows of the frame begin: the index of the first, and its line.
    let starts = Array.zeroCreate<struct (int * int64)> pieces.Length
    let mutable shapes: LammpsShapes option = None
    let names = SpeciesNames options.TypeMap
    let rows = ParticleRows()
    let mutable reading: DumpReading option = None
    let mutable others: (string * ColumnCollector) option = None

    let readingOf (header: LammpsDumpHeader) =
        match reading with
        | Some known when known.Columns = header.Columns -> Ok known
        | _ ->
            LammpsDumpColumns.understand options warn header.Columns
            |> Result.map (fun result ->
                reading <- Some result
                result)

    let collect known =
        let collector =
            match others with
            | Some(columns, collector) when columns = known.Columns -> collector
            | _ ->
                let collector = LammpsDumpColumns.collectorOf known current.Lines.Text
                others <- Some(known.Columns, collector)
                collector

        if rows.Count = 1 then
            collector.Clear()

        collector.Add current.Lines

    let endOfFile row count =
        let place = { Place.Unknown with Line = Some(current.Lines.Number + 1L) }

        Malformed(
            ("the end of the file after " + string row + " of " + string count + " particles"),
            "a row for each particle",
            place
        )

    /// What is wrong with the rows, at the line where reading ended. The number of a particle is its place by id, which is not
    /// known before all rows are.
    let rowError (plan: RowParser.RowPlan) (known: DumpReading) headerLine row count =
        if current.Lines.Number = headerLine + int64 row then
            endOfFile row count
        else
            RowParser.explain plan names current.Lines (Array.toList known.Names)

    /// The rows of the frame, piece after piece.
    let readRows plan stride known (headers: LammpsDumpHeader[]) (each: unit -> Result<unit, AniSoapError>) =
        rows.Clear stride
        let mutable failure = ValueNone
        let mutable piece = 0

        while failure.IsNone && piece < pieces.Length do
            current <- pieces[piece]
            let headerLine = current.Lines.Number
            let first = rows.Count
            let count = headers[piece].Count
            starts[piece] <- struct (first, headerLine + 1L)

            while failure.IsNone && rows.Count - first < count do
                if current.Lines.ReadLine() && RowParser.tryRead plan names current.Lines rows then
                    match each () with
                    | Ok() -> ()
                    | Error error -> failure <- ValueSome error
                else
                    failure <- ValueSome(rowError plan known headerLine (rows.Count - first) count)

            if failure.IsNone then
                OpenEnd.warn warn current.Source current.Lines

            piece <- piece + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok()

    let skipRows (headers: LammpsDumpHeader[]) =
        let mutable failure = ValueNone
        let mutable piece = 0

        while failure.IsNone && piece < pieces.Length do
            current <- pieces[piece]
            let mutable row = 0

            while row < headers[piece].Count && current.Lines.ReadLine() do
                row <- row + 1

            if row < headers[piece].Count then
                failure <- ValueSome(endOfFile row headers[piece].Count)

            piece <- piece + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok()

    /// Where a row stands: in which file and on which line.
    let placeOf row =
        let piece = starts |> Array.findIndexBack (fun (struct (first, _)) -> first <= row)
        let struct (first, line) = starts[piece]

        {
            Place.Unknown with
                Source = Some pieces[piece].Source
                Line = Some(line + int64 (row - first))
        }

    let idError row (id: float) accepted = Error(AniSoapError.at (placeOf row) (AniSoapError.invalid "id" id accepted))

    /// The order of the rows by ascending id; none where that is how they stand.
    let orderOf (known: DumpReading) =
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
                idError wrong (idAt wrong) "a whole number"
            elif ascending then
                Ok None
            else
                let ids = Array.init rows.Count idAt
                let order = Array.init rows.Count id
                Array.Sort(ids, order)

                match ids |> Seq.pairwise |> Seq.tryFindIndex (fun (a, b) -> a = b) with
                | Some twin -> idError order[twin + 1] ids[twin] "every id once in a frame"
                | None -> Ok(Some order)

    /// The data file that says the shapes, read once.
    let shapesOf () =
        match options.ShapesFrom, shapes with
        | None, _ -> Ok None
        | Some _, Some found -> Ok(Some found)
        | Some path, None ->
            InputStream.openPath path
            |> Result.bind (fun stream ->
                use data = new LammpsDataReader(options, warn, path, new LineReader(stream))
                data.Shapes())
            |> Result.map (fun found ->
                shapes <- Some found
                shapes)

    let toFrame known (box: LammpsBox) (order: int[] option) =
        LammpsDumpColumns.place known box rows

        let original row =
            match order with
            | Some order -> order[row]
            | None -> row

        order |> Option.iter rows.Reorder

        LammpsBox.cell options box
        |> Result.bind (fun cell ->
            ParticleRows.toFrame options warn known.Layout rows cell (fun row -> (placeOf (original row)).Line)
            |> Result.mapError (fun error ->
                match error with
                | InvalidValue(_, _, _, { Particle = Some row })
                | Malformed(_, _, { Particle = Some row })
                | Missing(_, _, { Particle = Some row }) -> AniSoapError.at (placeOf (original row)) error
                | _ -> error))

    /// The frame, the order of its rows, and which of them, as they stand in the file, are points.
    let frameOf (headers: LammpsDumpHeader[]) known each =
        let wrong row error = AniSoapError.at (placeOf row) error

        shapesOf ()
        |> Result.bind (fun shapes ->
            readRows known.Plan known.Stride known headers each
            |> Result.bind (fun () -> orderOf known)
            |> Result.bind (fun order ->
                LammpsDumpShapes.settle options warn shapes known.Layout known.IdPlace rows wrong
                |> Result.bind (fun points ->
                    let ids =
                        match known.IdPlace with
                        | ValueSome place when shapes.IsSome ->
                            Array.init rows.Count (fun row -> rows.Numbers[row * known.Stride + place])
                        | _ -> [||]

                    toFrame known headers[0].Box order
                    |> Result.map (fun frame -> struct (frame, order, points, ids)))))

    let read (headers: LammpsDumpHeader[]) =
        readingOf headers[0]
        |> Result.bind (fun known -> frameOf headers known (fun () -> Ok()))
        |> Result.map (fun struct (frame, _, _, _) -> ValueSome frame)

    let info (header: LammpsDumpHeader) = [
        match header.Time with
        | Some time -> Quantities.Time, InfoValue.Real time
        | None -> ()
        match header.Units with
        | Some units -> Quantities.Units, InfoValue.Text units
        | None -> ()
        yield! LammpsBox.info options header.Box
    ]

    let readSnapshot (headers: LammpsDumpHeader[]) =
        readingOf headers[0]
        |> Result.bind (fun known ->
            frameOf headers known (fun () -> collect known)
            |> Result.bind (fun struct (frame, order, points, ids) ->
                match others with
                | Some(_, collector) when rows.Count > 0 -> collector.Columns order
                | _ -> Ok []
                |> Result.bind (fun columns ->
                    let columns = LammpsColumns.combine columns

                    Snapshot.create
                        frame
                        names.Known
                        (Some headers[0].Step)
                        (info headers[0])
                        (columns @ LammpsDumpShapes.added shapes columns order points ids))))
        |> Result.map ValueSome

    let readSpecies (found: HashSet<int>) (headers: LammpsDumpHeader[]) =
        readingOf headers[0]
        |> Result.bind (fun known -> readRows known.SpeciesPlan 0 known headers (fun () -> Ok()))
        |> Result.map (fun () ->
            for species in ReadOnlySpan(rows.Species, 0, rows.Count) do
                found.Add species |> ignore

            true)

    /// The headers of the next frame, one a piece; nothing at the end of all.
    let nextHeaders () : Result<LammpsDumpHeader[] voption, AniSoapError> =
        let headers = ResizeArray<LammpsDumpHeader>()
        let mutable failure = ValueNone
        let mutable ended = false
        let mutable piece = 0

        while failure.IsNone && piece < pieces.Length do
            current <- pieces[piece]

            match current.Headers.Next() with
            | Error error -> failure <- ValueSome error
            | Ok ValueNone when piece = 0 -> ended <- true
            | Ok ValueNone when ended -> ()
            | Ok ValueNone ->
                let step = headers[0].Step

                failure <-
                    ValueSome(
                        Malformed(
                            "the end of the file",
                            ("a frame of step "
                             + string step
                             + ", as in "
                             + pieces[0].Source
                             + ", of which this is a piece"),
                            Place.Unknown
                        )
                    )
            | Ok(ValueSome header) when ended ->
                failure <-
                    ValueSome(
                        Malformed(
                            $"a frame of step {string header.Step}",
                            $"the end of the file, as in {pieces[0].Source}, of which this is a piece",
                            Place.Unknown
                        )
                    )
            | Ok(ValueSome header) ->
                headers.Add header

                match LammpsDumpPieces.check pieces[0].Source headers[0] header with
                | Ok() -> ()
                | Error error -> failure <- ValueSome error

            piece <- piece + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone when ended -> Ok ValueNone
        | ValueNone -> Ok(ValueSome(headers.ToArray()))

    /// The headers of the next frame handed to `body`; `atEnd` at the end of the file.
    let next frame atEnd body =
        InputStream.guarded current.Source (fun () ->
            match nextHeaders () with
            | Error error -> Error error
            | Ok ValueNone -> Ok atEnd
            | Ok(ValueSome headers) -> body headers)
        |> Result.mapError (fun error ->
            AniSoapError.at
                {
                    Source = Some current.Source
                    Line = Some current.Lines.Number
                    Frame = Some frame
                    Particle = None
                }
                error)

    interface IFrameReader with
        member _.Read frame = next frame ValueNone read
        member _.ReadSnapshot frame = next frame ValueNone readSnapshot
        member _.ReadSpecies(frame, found) = next frame false (readSpecies found)

        member _.Skip frame = next frame false (fun headers -> skipRows headers |> Result.map (fun () -> true))

    interface IDisposable with
        member _.Dispose() =
            for piece in pieces do
                (piece.Lines :> IDisposable).Dispose()
