namespace AniSoap

open System
open System.Collections.Generic

/// The one frame of a LAMMPS data file, particles by ascending id.
[<Sealed>]
type internal LammpsDataReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    let sections = LammpsDataLines lines
    let rows = ParticleRows()
    let scratch = ParticleRows()
    let rowOf = Dictionary<float, int>()
    let lineNumbers = ResizeArray<int64>()
    let noNames = SpeciesNames Map.empty
    let mutable labels: Map<int, string> = Map.empty
    let mutable fields: string list = []
    let mutable hasImages = false
    let mutable entries = 0
    let mutable velocities = 0
    let mutable hasVelocities = false
    let mutable hasAngularMomenta = false
    let mutable isDone = false
    let typeMasses = ResizeArray<struct (string * float)>()
    /// The rows that have an entry under Ellipsoids.
    let withEntry = HashSet<int>()

    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))
    let words () = RowParser.splitWords lines.Text

    let readLabel () =
        match words () with
        | [| number; name |] when (fst (Int32.TryParse number)) ->
            labels <- Map.add (int number) name labels
            Ok()
        | _ -> malformed $"'{lines.Text.Trim()}'" "the number of a type and its label"

    let readMass () =
        match words () with
        | [| name; mass |] ->
            match DecimalNumber.tryParse mass with
            // Zeros are what write_data writes of types whose particles have masses of their own.
            | Some value when value >= 0.0 && Double.IsFinite value ->
                typeMasses.Add(struct (name, value))
                Ok()
            | _ -> malformed $"the mass '{mass}'" "a number, zero or above"
        | _ -> malformed $"'{lines.Text.Trim()}'" "a type and its mass"

    /// Numbers that names of types have: labels of the file are names.
    let typeMap () = Map.fold (fun all number name -> Map.add name number all) options.TypeMap labels

    /// The plan of the lines under Atoms, worked out at the first.
    let planAtoms (header: LammpsDataHeader) hint stride =
        let count = (words ()).Length

        LammpsAtomStyle.fields options.AtomStyle hint (header.Ellipsoids > 0) count
        |> Result.bind (fun found ->
            let all =
                if count = found.Length + 3 then
                    found @ [ "ix"; "iy"; "iz" ]
                else
                    found

            hasImages <- all.Length > found.Length
            fields <- all

            if count <> all.Length then
                Error(LammpsAtomStyle.explainCount found count)
            else
                let species = List.findIndex ((=) "type") all

                let numbers =
                    all
                    |> Seq.mapi (fun field name -> field, DataPlace.ofField name)
                    |> Seq.choose (fun (field, place) ->
                        match place with
                        | Some place when place < stride -> Some(field, place)
                        | _ -> None)

                Ok(RowParser.planAt all.Length false (Some species) numbers))

    let addAtom stride =
        let row = rows.Count - 1
        let at = row * stride
        let id = rows.Numbers[at + DataPlace.Id]

        // A sphere's one diameter is all three.
        rows.Numbers[at + DataPlace.Shape + 1] <- rows.Numbers[at + DataPlace.Shape]
        rows.Numbers[at + DataPlace.Shape + 2] <- rows.Numbers[at + DataPlace.Shape]
        lineNumbers.Add lines.Number

        if not (LammpsDataColumns.isWhole id) then
            Error(AniSoapError.invalid "id" id "a whole number")
        elif not (rowOf.TryAdd(id, row)) then
            Error(AniSoapError.invalid "id" id "every id once")
        else
            Ok()

    /// The rows under Atoms.
    let readAtoms (header: LammpsDataHeader) hint stride =
        let names = SpeciesNames(typeMap ())
        let mutable plan = None
        rows.Clear stride

        let each () =
            let planned =
                match plan with
                | Some plan -> Ok plan
                | None ->
                    planAtoms header hint stride
                    |> Result.map (fun made ->
                        plan <- Some made
                        made)

            planned
            |> Result.bind (fun plan ->
                rows.Reserve()
                Array.Clear(rows.Numbers, rows.Count * stride, stride)

                if RowParser.tryRead plan names lines rows then
                    addAtom stride
                else
                    Error(RowParser.explain plan names lines fields))

        sections.Rows each

    /// A row of another section: its numbers in `scratch`, and the particle it belongs to.
    let readRow plan (names: string list) (use': int -> Result<unit, AniSoapError>) =
        scratch.Clear names.Length

        if not (RowParser.tryRead plan noNames lines scratch) then
            Error(RowParser.explain plan noNames lines names)
        else
            match rowOf.TryGetValue scratch.Numbers[0] with
            | true, row -> use' row
            | false, _ ->
                Error(
                    AniSoapError.invalid "id" scratch.Numbers[0] "the id of a particle under Atoms, which comes before"
                )

    let readEllipsoids stride =
        let names = [ "id"; "shapex"; "shapey"; "shapez"; "quatw"; "quati"; "quatj"; "quatk" ]
        let plan = RowParser.planAt 8 false None (Seq.init 8 (fun i -> i, i))
        let isEllipsoid = List.contains LammpsPoints.Flag fields

        let take row =
            let at = row * stride
            let n = scratch.Numbers

            if not (withEntry.Add row) then
                Error(AniSoapError.invalid "id" n[0] "one entry for a particle")
            elif not isEllipsoid || rows.Numbers[at + DataPlace.Flag] = 0.0 then
                Error(AniSoapError.invalid "id" n[0] "the id of a particle whose ellipsoidflag under Atoms is 1")
            else
                Array.Copy(n, 1, rows.Numbers, at + DataPlace.Shape, 3)
                Array.Copy(n, 4, rows.Numbers, at + DataPlace.Quaternion, 4)
                entries <- entries + 1
                Ok()

        sections.Rows(fun () -> readRow plan names take)

    let readVelocities stride =
        let names = [ "id"; "vx"; "vy"; "vz"; "lx"; "ly"; "lz" ]
        let withMomenta = List.contains LammpsPoints.Flag fields
        let mutable plan = None

        let each () =
            if plan.IsNone then
                hasAngularMomenta <- withMomenta && (words ()).Length >= 7
                let count = if hasAngularMomenta then 7 else 4
                plan <- Some(RowParser.planAt count true None (Seq.init count (fun i -> i, i)))

            readRow plan.Value names (fun row ->
                velocities <- velocities + 1

                if stride > DataPlace.FrameStride then
                    let at = row * stride
                    Array.Copy(scratch.Numbers, 1, rows.Numbers, at + DataPlace.Velocity, plan.Value.FieldCount - 1)

                Ok())

        hasVelocities <- true
        sections.Rows each

    let rec readSections header stride =
        if sections.Ended then
            Ok()
        else
            let section = sections.Section

            match section.Name with
            | "Atoms" when fields.IsEmpty -> readAtoms header section.Hint stride
            | "Atoms" -> malformed "a second section Atoms" "one"
            | "Ellipsoids" -> readEllipsoids stride
            | "Velocities" -> readVelocities stride
            | "Atom Type Labels" -> sections.Rows readLabel
            | "Masses" -> sections.Rows readMass
            | _ -> sections.Rows(fun () -> Ok())
            |> Result.bind (fun () -> readSections header stride)

    /// The first row whose flag and entry do not agree: an ellipsoid without an entry would be read as a point.
    let wrongFlag stride =
        if not (List.contains LammpsPoints.Flag fields) then
            None
        else
            Seq.init rows.Count id
            |> Seq.tryPick (fun row ->
                let flag = rows.Numbers[row * stride + DataPlace.Flag]
                let place = { Place.Unknown with Line = Some lineNumbers[row] }

                if flag <> 0.0 && flag <> 1.0 then
                    Some(InvalidValue(LammpsPoints.Flag, string flag, "1 (an ellipsoid) or 0 (a point)", place))
                elif flag = 1.0 && not (withEntry.Contains row) then
                    Some(
                        Malformed(
                            "ellipsoidflag 1 without an entry under Ellipsoids",
                            "an entry there for every ellipsoid, or ellipsoidflag 0 (a point)",
                            place
                        )
                    )
                else
                    None)

    /// What must agree at the end, so that a file that was cut off is found out.
    let check stride (header: LammpsDataHeader) =
        OpenEnd.warn warn source lines

        if rows.Count <> header.Atoms then
            malformed $"{rows.Count} rows under Atoms" $"{header.Atoms}, as many as the header says"
        elif entries <> header.Ellipsoids then
            malformed $"{entries} rows under Ellipsoids" $"{header.Ellipsoids}, as many as the header says"
        elif hasVelocities && velocities <> header.Atoms then
            malformed $"{velocities} rows under Velocities" $"{header.Atoms}, one for each particle"
        else
            match wrongFlag stride with
            | Some error -> Error error
            | None -> Ok()

    /// Points that may lack a size get one that does not matter; particles that must have an orientation are refused
    /// without one.
    let prepare stride =
        let numbers = rows.Numbers
        let isEllipsoid = List.contains LammpsPoints.Flag fields
        let mutable failure = Ok()

        for row in rows.Count - 1 .. -1 .. 0 do
            let at = row * stride
            let species = rows.Species[row]

            if withEntry.Contains row then
                ()
            elif LammpsPoints.isReplaced options species then
                let axes =
                    Map.tryFind species options.SemiAxesBySpecies
                    |> Option.orElse options.SemiAxes
                    |> Option.get

                if axes.X <> axes.Y || axes.Y <> axes.Z then
                    let place = { Place.Unknown with Line = Some lineNumbers[row] }

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
        let stride = rows.Stride
        let ids = Array.init rows.Count (fun row -> rows.Numbers[row * stride + DataPlace.Id])

        if ids |> Seq.pairwise |> Seq.exists (fun (a, b) -> a > b) then
            let order = Array.init rows.Count id
            Array.Sort(ids, order)
            rows.Reorder order
            let old = lineNumbers.ToArray()

            for row in 0 .. order.Length - 1 do
                lineNumbers[row] <- old[order[row]]

    let readFrame stride =
        sections.Header()
        |> Result.bind (fun header ->
            readSections header stride
            |> Result.bind (fun () -> check stride header)
            |> Result.bind (fun () -> prepare stride)
            |> Result.bind (fun () ->
                if options.SemiAxes.IsSome && entries > 0 then
                    warn "the shapes given replace those in the input"

                sort ()
                LammpsBox.cell options header.Box)
            |> Result.bind (fun cell ->
                ParticleRows.toFrame options warn (layout ()) rows cell (fun row -> Some lineNumbers[row]))
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

    /// What the file has, with the masses of its types by their numbers.
    let present () =
        let names = typeMap ()

        let folder masses (struct (name, mass)) =
            masses
            |> Result.bind (fun found ->
                SpeciesNames.number names name
                |> Result.map (fun number -> Map.add number mass found))

        typeMasses
        |> Seq.fold folder (Ok Map.empty)
        |> Result.map (fun masses -> {
            Fields = fields
            HasImages = hasImages
            HasVelocities = hasVelocities
            HasAngularMomenta = hasAngularMomenta
            TypeMasses = masses
        })

    let frame () =
        readFrame DataPlace.FrameStride
        |> Result.map (fun struct (_, frame) -> ValueSome frame)

    let snapshot () =
        readFrame DataPlace.Stride
        |> Result.bind (fun struct (header, frame) ->
            present ()
            |> Result.bind (fun present -> LammpsDataColumns.create options present rows (fun row -> lineNumbers[row]))
            |> Result.bind (
                Snapshot.create frame labels (LammpsDataColumns.step header) (LammpsDataColumns.info options header)
            ))
        |> Result.map ValueSome

    /// The shapes of all particles by id.
    let shapes () =
        let stride = DataPlace.Stride
        let shapes = Dictionary<float, LammpsShape>()

        sections.Header()
        |> Result.bind (fun header -> readSections header stride |> Result.bind (fun () -> check stride header))
        |> Result.bind present
        |> Result.bind (fun present ->
            let mass = LammpsDataColumns.tryMass present rows
            let mutable failure = Ok shapes

            for row in 0 .. rows.Count - 1 do
                let at = row * stride
                let n = rows.Numbers

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
        sections.Header()
        |> Result.bind (fun header ->
            readSections header DataPlace.FrameStride
            |> Result.bind (fun () -> check DataPlace.FrameStride header))
        |> Result.map (fun () ->
            for species in ReadOnlySpan(rows.Species, 0, rows.Count) do
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
