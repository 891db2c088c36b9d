namespace AniSoap.Formats

open System
open System.Collections.Generic
open AniSoap

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

    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))
    let words () = RowParser.splitWords lines.Text

    let readLabel () =
        match words () with
        | [| number; name |] when (fst (Int32.TryParse number)) ->
            labels <- Map.add (int number) name labels
            Ok()
        | _ -> malformed $"'{lines.Text.Trim()}'" "the number of a type and its label"

    /// The plan of the lines under Atoms, worked out at the first.
    let planAtoms (header: LammpsDataHeader) hint stride =
        let count = (words ()).Length

        LammpsAtomStyle.fields hint (header.Ellipsoids > 0) count
        |> Result.bind (fun found ->
            let all =
                if count = found.Length + 3 then
                    found @ [ "ix"; "iy"; "iz" ]
                else
                    found

            hasImages <- all.Length > found.Length
            fields <- all

            if count <> all.Length then
                let names = String.concat " " found

                malformed
                    $"a row of {count} columns"
                    $"{found.Length} columns ({names}), or {found.Length + 3} with images"
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
        let typeMap = Map.fold (fun all number name -> Map.add name number all) options.TypeMap labels
        let names = SpeciesNames typeMap
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
        let isEllipsoid = List.contains "ellipsoidflag" fields
        let seen = HashSet<int>()

        let take row =
            let at = row * stride
            let n = scratch.Numbers

            if not (seen.Add row) then
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
        let withMomenta = List.contains "ellipsoidflag" fields
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
            | _ -> sections.Rows(fun () -> Ok())
            |> Result.bind (fun () -> readSections header stride)

    /// What must agree at the end, so that a file that was cut off is found out.
    let check (header: LammpsDataHeader) =
        if lines.IsOpen then
            malformed
                "the end of the file within a line"
                "a line end behind the last line (add one if the file is whole)"
        elif rows.Count <> header.Atoms then
            malformed $"{rows.Count} rows under Atoms" $"{header.Atoms}, as many as the header says"
        elif entries <> header.Ellipsoids then
            malformed $"{entries} rows under Ellipsoids" $"{header.Ellipsoids}, as many as the header says"
        elif hasVelocities && velocities <> header.Atoms then
            malformed $"{velocities} rows under Velocities" $"{header.Atoms}, one for each particle"
        else
            Ok()

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
            |> Result.bind (fun () -> check header)
            |> Result.bind (fun () ->
                if options.SemiAxes.IsSome && entries > 0 then
                    warn "the shapes given replace those in the input"

                sort ()
                LammpsBox.cell header.Box)
            |> Result.bind (fun cell ->
                ParticleRows.toFrame options warn (layout ()) rows cell (fun row -> Some lineNumbers[row]))
            |> Result.map (fun frame -> struct (header, frame)))

    let once atEnd read frame =
        if isDone then
            Ok atEnd
        else
            isDone <- true

            FrameReader.guarded source read
            |> Result.mapError (fun error ->
                AniSoapError.at
                    { Source = Some source; Line = Some lines.Number; Frame = Some frame; Particle = None }
                    error)

    let frame () =
        readFrame DataPlace.FrameStride
        |> Result.map (fun struct (_, frame) -> ValueSome frame)

    let snapshot () =
        readFrame DataPlace.Stride
        |> Result.bind (fun struct (header, frame) ->
            let present = {
                Fields = fields
                HasImages = hasImages
                HasVelocities = hasVelocities
                HasAngularMomenta = hasAngularMomenta
            }

            LammpsDataColumns.create present rows (fun row -> lineNumbers[row])
            |> Result.bind (
                Snapshot.create frame labels (LammpsDataColumns.step header) (LammpsDataColumns.info header)
            ))
        |> Result.map ValueSome

    /// A data file has one frame: reading all of it is no slower than looking for less.
    let survey (found: HashSet<int>) () =
        sections.Header()
        |> Result.bind (fun header ->
            readSections header DataPlace.FrameStride
            |> Result.bind (fun () -> check header))
        |> Result.map (fun () ->
            for species in ReadOnlySpan(rows.Species, 0, rows.Count) do
                found.Add species |> ignore

            true)

    interface IFrameReader with
        member _.Read number = once ValueNone frame number
        member _.ReadSnapshot number = once ValueNone snapshot number
        member _.ReadSpecies(number, found) = once false (survey found) number
        member _.Skip number = once false (survey (HashSet<int>())) number

    interface IDisposable with
        member _.Dispose() = (lines :> IDisposable).Dispose()
