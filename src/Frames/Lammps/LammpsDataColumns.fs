namespace AniSoap

open System
open System.Collections.Immutable

/// Where a particle's numbers stand in its row.
module internal DataPlace =
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

/// What a data file says of its particles.
type internal DataPresent = {
    /// The fields of the lines under Atoms.
    Fields: string list
    HasImages: bool
    HasVelocities: bool
    HasAngularMomenta: bool
    /// The masses of the types, under Masses.
    TypeMasses: Map<int, float>
}

/// From rows of numbers to the columns of a snapshot.
module internal LammpsDataColumns =
    /// Whole numbers that a double holds for certain.
    let isWhole (value: float) = value = floor value && abs value <= 9007199254740992.0

    /// `timestep = 100, units = lj` of the titles that LAMMPS writes.
    let private titled (name: string) (title: string) =
        match title.IndexOf(name + " = ", StringComparison.Ordinal) with
        | -1 -> None
        | start -> Some(title.Substring(start + name.Length + 3).Split([| ','; ' ' |])[0])

    let step (header: LammpsDataHeader) =
        match titled "timestep" header.Title |> Option.map Int64.TryParse with
        | Some(true, step) -> Some step
        | _ -> None

    let info options (header: LammpsDataHeader) = [
        match titled "units" header.Title with
        | Some units when units <> "" -> Quantities.Units, InfoValue.Text units
        | _ -> ()
        yield! LammpsBox.info options header.Box
    ]

    let private numbersOf (rows: ParticleRows) place width =
        let values = ImmutableArray.CreateBuilder<float>(width * rows.Count)

        for row in 0 .. rows.Count - 1 do
            for i in place .. place + width - 1 do
                values.Add rows.Numbers[row * rows.Stride + i]

        values.MoveToImmutable()

    let private reals rows name place width = name, width, Ok(ColumnValues.Reals(numbersOf rows place width))

    let private wholes rows (lineOf: int -> int64) name place width =
        let values = numbersOf rows place width

        let whole =
            match values |> Seq.tryFindIndex (isWhole >> not) with
            | Some i ->
                let place = { Place.Unknown with Line = Some(lineOf (i / width)); Particle = Some(i / width) }
                Error(InvalidValue(name, string values[i], "a whole number", place))
            | None -> Ok(ColumnValues.Integers(values |> Seq.map int64 |> ImmutableArray.CreateRange))

        name, width, whole

    /// Under Atoms stand densities: of a volume, or the mass itself of a point.
    let private massByDensity hasFlags (rows: ParticleRows) row =
        let at = row * rows.Stride
        let n = rows.Numbers
        let a, b, c = n[at + DataPlace.Shape], n[at + DataPlace.Shape + 1], n[at + DataPlace.Shape + 2]
        let density = n[at + DataPlace.Density]

        if a = 0.0 || hasFlags && n[at + DataPlace.Flag] = 0.0 then
            density
        else
            density * (Math.PI / 6.0 * a * b * c)

    /// The mass of each row: by its density, or by its type where the style has no densities.
    let tryMass present (rows: ParticleRows) : (int -> Result<float, AniSoapError>) option =
        if List.contains "density" present.Fields then
            Some(
                massByDensity (List.contains Quantities.EllipsoidFlags present.Fields) rows
                >> Ok
            )
        elif present.TypeMasses.IsEmpty then
            None
        else
            Some(fun row ->
                match Map.tryFind rows.Species[row] present.TypeMasses with
                | Some mass when mass > 0.0 -> Ok mass
                | Some mass ->
                    Error(
                        AniSoapError.invalid
                            $"the mass of type {string rows.Species[row]}"
                            mass
                            "a number above zero under Masses"
                    )
                | None ->
                    Error(
                        Missing(
                            $"the mass of type {string rows.Species[row]}",
                            "a section Masses has a line for every type",
                            Place.Unknown
                        )
                    ))

    let private masses present (rows: ParticleRows) = [
        match tryMass present rows with
        | None -> ()
        | Some mass ->
            let all = Array.init rows.Count mass

            let values =
                match
                    all
                    |> Array.tryPick (function
                        | Error error -> Some error
                        | Ok _ -> None)
                with
                | Some error -> Error error
                | None ->
                    all
                    |> Seq.map (function
                        | Ok mass -> mass
                        | Error _ -> nan)
                    |> ImmutableArray.CreateRange
                    |> ColumnValues.Reals
                    |> Ok

            Quantities.Masses, 1, values
    ]

    /// Which particles are points, where some are and the options give them no shape.
    let private flags (options: InputOptions) present (rows: ParticleRows) = [
        if List.contains Quantities.EllipsoidFlags present.Fields then
            let flag row =
                if
                    rows.Numbers[row * rows.Stride + DataPlace.Flag] = 0.0
                    && not (LammpsPoints.isReplaced options rows.Species[row])
                then
                    0L
                else
                    1L

            let all = Array.init rows.Count flag

            if Array.contains 0L all then
                Quantities.EllipsoidFlags, 1, Ok(ColumnValues.Integers(ImmutableArray.CreateRange all))
    ]

    /// All columns that the file has; `lineOf` gives a particle's line, for errors.
    let create options present (rows: ParticleRows) (lineOf: int -> int64) : Result<ParticleColumn list, AniSoapError> =
        let has field = List.contains field present.Fields

        [
            wholes rows lineOf Quantities.Ids DataPlace.Id 1
            if has "mol" then
                wholes rows lineOf Quantities.Molecules DataPlace.Molecule 1
            yield! flags options present rows
            yield! masses present rows
            if has "q" then
                reals rows Quantities.Charges DataPlace.Charge 1
            if present.HasImages then
                wholes rows lineOf Quantities.Images DataPlace.Images 3
            if has "mux" then
                reals rows Quantities.Dipoles DataPlace.Dipole 3
            if present.HasVelocities then
                reals rows Quantities.Velocities DataPlace.Velocity 3
            if present.HasAngularMomenta then
                reals rows Quantities.AngularMomenta DataPlace.AngularMomentum 3
        ]
        |> Result.traverse (fun (name, width, values) -> values |> Result.bind (ParticleColumn.create name width))
        |> Result.map List.ofArray
