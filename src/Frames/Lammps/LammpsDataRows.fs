namespace AniSoap

open System
open System.Collections.Generic

/// The sections of a LAMMPS data file, particles in the order of its lines.
[<Sealed>]
type internal LammpsDataRows(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
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
        let isEllipsoid = List.contains Quantities.EllipsoidFlags fields

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
        let withMomenta = List.contains Quantities.EllipsoidFlags fields
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
        if not (List.contains Quantities.EllipsoidFlags fields) then
            None
        else
            Seq.init rows.Count id
            |> Seq.tryPick (fun row ->
                let flag = rows.Numbers[row * stride + DataPlace.Flag]
                let place = { Place.Unknown with Line = Some lineNumbers[row] }

                if flag <> 0.0 && flag <> 1.0 then
                    Some(
                        InvalidValue(Quantities.EllipsoidFlags, string flag, "1 (an ellipsoid) or 0 (a point)", place)
                    )
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
            malformed $"{string rows.Count} rows under Atoms" $"{string header.Atoms}, as many as the header says"
        elif entries <> header.Ellipsoids then
            malformed
                $"{string entries} rows under Ellipsoids"
                $"{string header.Ellipsoids}, as many as the header says"
        elif hasVelocities && velocities <> header.Atoms then
            malformed $"{string velocities} rows under Velocities" $"{string header.Atoms}, one for each particle"
        else
            match wrongFlag stride with
            | Some error -> Error error
            | None -> Ok()

    /// What the file has, with the masses of its types by their numbers.
    let present () =
        let names = typeMap ()

        typeMasses
        |> Result.traverse (fun (struct (name, mass)) ->
            SpeciesNames.number names name |> Result.map (fun number -> number, mass))
        |> Result.map Map.ofArray
        |> Result.map (fun masses -> {
            Fields = fields
            HasImages = hasImages
            HasVelocities = hasVelocities
            HasAngularMomenta = hasAngularMomenta
            TypeMasses = masses
        })

    /// Reads all of the file.
    member _.Read stride : Result<LammpsDataHeader, AniSoapError> =
        sections.Header()
        |> Result.bind (fun header ->
            readSections header stride
            |> Result.bind (fun () -> check stride header)
            |> Result.map (fun () -> header))

    member _.Present() : Result<DataPresent, AniSoapError> = present ()
    member _.Rows = rows
    /// The line of each row.
    member _.LineNumbers = lineNumbers
    /// The rows that have an entry under Ellipsoids.
    member _.WithEntry = withEntry
    member _.Labels = labels
    /// Whether the particles are said to be ellipsoids or points.
    member _.HasFlags = List.contains Quantities.EllipsoidFlags fields
