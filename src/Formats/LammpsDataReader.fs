namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Collections.Immutable
open AniSoap

/// Where a particle's numbers stand in its row.
module private DataPlace =
    let Position, Quaternion, Shape = 0, 3, 7
    let Id, Flag = 10, 11

    /// The numbers that a frame needs.
    let FrameStride = 12

    let Density, Molecule, Charge, Images, Dipole, Velocity, AngularMomentum = 12, 13, 14, 15, 18, 21, 24
    let Stride = 27

    let ofField field =
        match field with
        | "x" -> Some Position
        | "y" -> Some(Position + 1)
        | "z" -> Some(Position + 2)
        | "id" -> Some Id
        | "ellipsoidflag" -> Some Flag
        | "diameter" -> Some Shape
        | "density" -> Some Density
        | "mol" -> Some Molecule
        | "q" -> Some Charge
        | "ix" -> Some Images
        | "iy" -> Some(Images + 1)
        | "iz" -> Some(Images + 2)
        | "mux" -> Some Dipole
        | "muy" -> Some(Dipole + 1)
        | "muz" -> Some(Dipole + 2)
        | _ -> None

/// The one frame of a LAMMPS data file, particles by ascending id.
[<Sealed>]
type internal LammpsDataReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    /// Whole numbers that a double holds for certain.
    static let isWhole (value: float) = value = floor value && abs value <= 9007199254740992.0

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

        if not (isWhole id) then
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

    /// `timestep = 100, units = lj` of the titles that LAMMPS writes.
    let titled (name: string) (title: string) =
        match title.IndexOf(name + " = ", StringComparison.Ordinal) with
        | -1 -> None
        | start -> Some(title.Substring(start + name.Length + 3).Split([| ','; ' ' |])[0])

    let step (header: LammpsDataHeader) =
        match titled "timestep" header.Title |> Option.map Int64.TryParse with
        | Some(true, step) -> Some step
        | _ -> None

    let info (header: LammpsDataHeader) = [
        match titled "units" header.Title with
        | Some units when units <> "" -> Quantities.Units, Text units
        | _ -> ()
        yield! LammpsBox.info header.Box
    ]

    let numbersOf place width =
        let values = ImmutableArray.CreateBuilder<float>(width * rows.Count)

        for row in 0 .. rows.Count - 1 do
            for i in place .. place + width - 1 do
                values.Add rows.Numbers[row * rows.Stride + i]

        values.MoveToImmutable()

    let reals name place width = name, width, Ok(ColumnValues.Reals(numbersOf place width))

    let wholes name place width =
        let values = numbersOf place width

        let whole =
            match values |> Seq.tryFindIndex (isWhole >> not) with
            | Some i ->
                let place = { Place.Unknown with Line = Some lineNumbers[i / width]; Particle = Some(i / width) }
                Error(InvalidValue(name, string values[i], "a whole number", place))
            | None -> Ok(ColumnValues.Integers(values |> Seq.map int64 |> ImmutableArray.CreateRange))

        name, width, whole

    /// Under Atoms stand densities: of a volume, or the mass itself of a point.
    let masses () =
        let mass row =
            let at = row * rows.Stride
            let n = rows.Numbers
            let a, b, c = n[at + DataPlace.Shape], n[at + DataPlace.Shape + 1], n[at + DataPlace.Shape + 2]
            let density = n[at + DataPlace.Density]

            if a = 0.0 then
                density
            else
                density * (Math.PI / 6.0 * a * b * c)

        Quantities.Masses, 1, Ok(ColumnValues.Reals(Seq.init rows.Count mass |> ImmutableArray.CreateRange))

    let columns () =
        [
            wholes Quantities.Ids DataPlace.Id 1
            if List.contains "mol" fields then
                wholes Quantities.Molecules DataPlace.Molecule 1
            if List.contains "density" fields then
                masses ()
            if List.contains "q" fields then
                reals Quantities.Charges DataPlace.Charge 1
            if hasImages then
                wholes Quantities.Images DataPlace.Images 3
            if List.contains "mux" fields then
                reals Quantities.Dipoles DataPlace.Dipole 3
            if hasVelocities then
                reals Quantities.Velocities DataPlace.Velocity 3
            if hasAngularMomenta then
                reals Quantities.AngularMomenta DataPlace.AngularMomentum 3
        ]
        |> List.map (fun (name, width, values) -> values |> Result.bind (ParticleColumn.create name width))
        |> List.fold
            (fun all made ->
                all
                |> Result.bind (fun columns -> made |> Result.map (fun column -> column :: columns)))
            (Ok [])
        |> Result.map List.rev

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
            columns ()
            |> Result.bind (Snapshot.create frame labels (step header) (info header)))
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
