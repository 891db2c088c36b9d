namespace AniSoap

open System
open System.Collections.Generic

/// The one frame of a LAMMPS data file, particles by ascending id.
[<Sealed>]
type internal LammpsDataReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    let data = LammpsDataRows(options, warn, source, lines)
    let mutable isDone = false

    /// Points that may lack a size get one that does not matter; particles that must have an orientation are refused
    /// without one.
    let prepare stride =
        let numbers = data.Rows.Numbers
        let isEllipsoid = data.HasFlags
        let mutable failure = Ok()

        for row in data.Rows.Count - 1 .. -1 .. 0 do
            let at = row * stride
            let species = data.Rows.Species[row]

            if data.WithEntry.Contains row then
                ()
            elif LammpsPoints.isReplaced options species then
                let axes =
                    Map.tryFind species options.SemiAxesBySpecies
                    |> Option.orElse options.SemiAxes
                    |> Option.get

                if axes.X <> axes.Y || axes.Y <> axes.Z then
                    let place = { Place.Unknown with Line = Some data.LineNumbers[row] }

                    failure <-
                        Error(
                            Missing(
                                "the orientation",
                                "a particle that is no sphere needs one, and a data file has it under Ellipsoids",
                                place
                            )
                        )
            elif
                options.PointsWithoutSize
                && isEllipsoid
                && (LammpsPoints.trySize options species).IsNone
            then
                Array.Fill(numbers, 2.0 * LammpsPoints.NoSize, at + DataPlace.Shape, 3)

        failure

    let layout () =
        let dummies count = Array.init count id

        {
            Species = Some 0
            Position = dummies 3
            Orientation = dummies 4
            Shape = if options.SemiAxes.IsSome then [||] else dummies 3
            ShapeFactor =
                match options.ShapeAs with
                | Some ShapeMeasure.SemiAxis -> 1.0
                | _ -> 0.5
            Taken = Set.empty
            Notes = LayoutNotes.none
        }

    let sort () =
        let stride = data.Rows.Stride
        let ids = Array.init data.Rows.Count (fun row -> data.Rows.Numbers[row * stride + DataPlace.Id])

        if ids |> Seq.pairwise |> Seq.exists (fun (a, b) -> a > b) then
            let order = Array.init data.Rows.Count id
            Array.Sort(ids, order)
            data.Rows.Reorder order
            let old = data.LineNumbers.ToArray()

            for row in 0 .. order.Length - 1 do
                data.LineNumbers[row] <- old[order[row]]

    let readFrame stride =
        data.Read stride
        |> Result.bind (fun header ->
            prepare stride
            |> Result.bind (fun () ->
                if options.SemiAxes.IsSome && data.WithEntry.Count > 0 then
                    warn "the shapes given replace those in the input"

                sort ()
                LammpsBox.cell options header.Box)
            |> Result.bind (fun cell ->
                ParticleRows.toFrame options warn (layout ()) data.Rows cell (fun row -> Some data.LineNumbers[row]))
            |> Result.map (fun frame -> struct (header, frame)))

    let once atEnd read frame =
        if isDone then
            Ok atEnd
        else
            isDone <- true

            InputStream.guarded source read
            |> Result.mapError (fun error ->
                // An empty file ends at its first line.
                AniSoapError.at
                    {
                        Source = Some source
                        Line = Some(max 1L lines.Number)
                        Frame = Some frame
                        Particle = None
                    }
                    error)

    let frame () =
        readFrame DataPlace.FrameStride
        |> Result.map (fun struct (_, frame) -> ValueSome frame)

    let snapshot () =
        readFrame DataPlace.Stride
        |> Result.bind (fun struct (header, frame) ->
            data.Present()
            |> Result.bind (fun present ->
                LammpsDataColumns.create options present data.Rows (fun row -> data.LineNumbers[row]))
            |> Result.bind (
                Snapshot.create
                    frame
                    data.Labels
                    (LammpsDataColumns.step header)
                    (LammpsDataColumns.info options header)
            ))
        |> Result.map ValueSome

    /// The shapes of all particles by id.
    let shapes () =
        let stride = DataPlace.Stride
        let shapes = Dictionary<float, LammpsShape>()

        data.Read stride
        |> Result.bind (fun _ -> data.Present())
        |> Result.bind (fun present ->
            let mass = LammpsDataColumns.tryMass present data.Rows
            let mutable failure = Ok shapes

            for row in 0 .. data.Rows.Count - 1 do
                let at = row * stride
                let n = data.Rows.Numbers

                let diameters =
                    Vector3.create n[at + DataPlace.Shape] n[at + DataPlace.Shape + 1] n[at + DataPlace.Shape + 2]

                let mass =
                    match mass with
                    | None -> ValueNone
                    | Some mass ->
                        match mass row with
                        | Ok value -> ValueSome value
                        | Error error ->
                            failure <- Error error
                            ValueNone

                shapes[n[at + DataPlace.Id]] <- {
                    IsPoint = diameters = Vector3.zero
                    Diameters = diameters
                    Mass = mass
                }

            failure)

    /// A data file has one frame: reading all of it is no slower than looking for less.
    let survey (found: HashSet<int>) () =
        data.Read DataPlace.FrameStride
        |> Result.map (fun _ ->
            for species in ReadOnlySpan(data.Rows.Species, 0, data.Rows.Count) do
                found.Add species |> ignore

            true)

    /// What the file says of each particle for the dumps of its run, by id.
    member _.Shapes() : Result<LammpsShapes, AniSoapError> =
        InputStream.guarded source shapes
        |> Result.map (fun found -> { Source = source; ById = found })
        |> Result.mapError (
            AniSoapError.at { Source = Some source; Line = Some(max 1L lines.Number); Frame = None; Particle = None }
        )

    interface IFrameReader with
        member _.Read number = once ValueNone frame number
        member _.ReadSnapshot number = once ValueNone snapshot number
        member _.ReadSpecies(number, found) = once false (survey found) number
        member _.Skip number = once false (survey (HashSet<int>())) number

    interface IDisposable with
        member _.Dispose() = (lines :> IDisposable).Dispose()
