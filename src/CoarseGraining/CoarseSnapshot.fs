namespace AniSoap

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open System.Text

/// What is written of a coarse-grained frame beside ellipsoids.
type CoarseOutput = {
    /// Whether the atoms stand beside the ellipsoids, as spheres: both resolutions in one frame.
    WithAtoms: bool
    /// Whether the shapes of density, inertia and contact are columns.
    AllShapes: bool
}

/// Coarse-grained frames as snapshots that any format is written from.
module CoarseSnapshot =
    /// Ellipsoids alone, with their own shape.
    let plain = { WithAtoms = false; AllShapes = false }

    let private immutable (all: 'a[]) = ImmutableCollectionsMarshal.AsImmutableArray all

    /// Keys whose values are of the atoms' virial: that of bodies is another one.
    let private virials = set [ "virial"; "stress"; "pressure_tensor" ]

    /// Whether the info is dropped, and told so.
    let lostInfo (snapshot: Snapshot) = snapshot.Info |> List.map fst |> List.filter virials.Contains

    let private vectors count (value: int -> Vector3) =
        let all = Array.zeroCreate<float>(3 * count)

        for i in 0 .. count - 1 do
            let v = value i
            all[3 * i] <- v.X
            all[3 * i + 1] <- v.Y
            all[3 * i + 2] <- v.Z

        ColumnValues.Reals(immutable all)

    /// Runs of numbers, as one word: `0-11`, `3,5,7-9`.
    let private runs (text: StringBuilder) (atoms: ImmutableArray<int>) =
        text.Clear() |> ignore
        let mutable at = 0

        while at < atoms.Length do
            let mutable last = at

            while last + 1 < atoms.Length && atoms[last + 1] = atoms[last] + 1 do
                last <- last + 1

            if at > 0 then
                text.Append ',' |> ignore

            text.Append atoms[at] |> ignore

            if last > at then
                text.Append('-').Append(atoms[last]) |> ignore

            at <- last + 1

        text.ToString()

    let private centreName (options: CoarseGrainOptions) =
        match options.Centre with
        | BodyCentre.Mass -> "mass"
        | BodyCentre.Geometry -> "geometry"

    /// The ellipsoids of a frame, then its spheres, with their columns; `atoms` is the snapshot that the frame is of.
    let ofFrame
        (options: CoarseGrainOptions)
        (output: CoarseOutput)
        (atoms: Snapshot)
        (coarse: CoarseFrame)
        : Result<Snapshot, AniSoapError> =
        let images = PeriodicImages atoms.Frame.Cell
        let bodies = coarse.Bodies
        let origin = Quantities.tryOrigin atoms |> Option.defaultValue Vector3.zero

        let spheres =
            if output.WithAtoms then
                [| 0 .. atoms.Frame.Particles.Length - 1 |]
            else
                Seq.toArray coarse.Spheres

        let count = bodies.Length + spheres.Length
        let builder = ParticleBuilder count
        let cells = Array.zeroCreate<int64>(3 * count)
        let mutable failure = ValueNone

        let put index species (position: Vector3) orientation axes (flagged: struct (int * int * int) voption) =
            let home = images.IntoCell(origin, position)

            let flags =
                match flagged with
                | ValueSome(struct (a, b, c)) -> { Na = a; Nb = b; Nc = c }
                | ValueNone -> Shift.zero

            let image = Shift.minus flags home
            cells[3 * index] <- int64 image.Na
            cells[3 * index + 1] <- int64 image.Nb
            cells[3 * index + 2] <- int64 image.Nc

            let wrapped =
                if home = Shift.zero then
                    position
                else
                    position + images.Vector home

            match builder.Add(species, wrapped, orientation, axes) with
            | Ok() -> ()
            | Error error ->
                if failure.IsNone then
                    failure <- ValueSome error

        for i in 0 .. bodies.Length - 1 do
            let body = bodies[i]
            put i coarse.Kinds[body.Kind].Species body.Centre body.Orientation body.SemiAxes body.FlaggedImage

        /// The radius of an atom that stays a sphere: its van der Waals radius, else what the input says.
        let radius (particle: Ellipsoid) =
            let kind = coarse.Atoms |> Seq.tryFind (fun kind -> kind.Species = particle.Species)

            match kind |> Option.bind _.Element with
            | Some element when element.VanDerWaalsRadius > 0.0 -> element.VanDerWaalsRadius
            | _ -> particle.SemiAxes.X

        let flags = Quantities.tryIntegers Quantities.Images 3 atoms

        spheres
        |> Array.iteri (fun k atom ->
            let particle = atoms.Frame.Particles[atom]
            let r = radius particle

            let flagged =
                flags
                |> Option.map (fun all -> struct (int all[3 * atom], int all[3 * atom + 1], int all[3 * atom + 2]))
                |> ValueOption.ofOption

            put
                (bodies.Length + k)
                particle.Species
                particle.Position
                Quaternion.identity
                (Vector3.create r r r)
                flagged)

        let particles = builder.ToArray()
        let atomVectors quantity = Quantities.tryReals quantity 3 atoms
        let isBody (i: int) = i < bodies.Length

        let massOf = Quantities.tryReals Quantities.Masses 1 atoms

        let mass i =
            if isBody i then
                bodies[i].Mass
            else
                let atom = spheres[i - bodies.Length]

                match massOf with
                | Some all -> all[atom]
                | None ->
                    let species = atoms.Frame.Particles.SpeciesOf(atom)

                    coarse.Atoms
                    |> Seq.tryFind (fun kind -> kind.Species = species)
                    |> Option.map _.Mass
                    |> Option.defaultValue 1.0

        let column name width values = ParticleColumn.create name width values

        let vectorColumn name quantity (ofBody: Body -> Vector3 voption) =
            match atomVectors quantity, bodies.IsEmpty with
            | None, _ -> None
            | Some all, _ ->
                vectors count (fun i ->
                    if isBody i then
                        ofBody bodies[i] |> ValueOption.defaultValue Vector3.zero
                    elif name = quantity then
                        let atom = spheres[i - bodies.Length]
                        Vector3.create all[3 * atom] all[3 * atom + 1] all[3 * atom + 2]
                    else
                        Vector3.zero)
                |> column name 3
                |> Some

        let names = Array.init count (fun i -> if isBody i then coarse.Kinds[bodies[i].Kind].Name else "-")

        let members =
            let text = StringBuilder()

            Array.init count (fun i ->
                if isBody i then
                    runs text bodies[i].Atoms
                else
                    string spheres[i - bodies.Length])

        let moleculesOf = Quantities.tryIntegers Quantities.Molecules 1 atoms
        let hasNumbers = bodies |> Seq.exists (fun body -> body.Molecule <> 0L)

        // Without numbers in the input molecules are numbered from 1, in their order.
        let numberOf i = if hasNumbers then bodies[i].Molecule else int64 (i + 1)

        let bodyOf =
            let all =
                Array.zeroCreate<int64>(
                    if spheres.Length > 0 then
                        atoms.Frame.Particles.Length
                    else
                        0
                )

            if all.Length > 0 then
                for i in 0 .. bodies.Length - 1 do
                    for atom in bodies[i].Atoms do
                        all[atom] <- numberOf i

            all

        let molecule i =
            if isBody i then
                numberOf i
            else
                let atom = spheres[i - bodies.Length]

                match moleculesOf with
                | Some all when bodyOf[atom] = 0L -> all[atom]
                | _ -> bodyOf[atom]

        let allShapes =
            if not output.AllShapes then
                []
            else
                let found = Array.init bodies.Length (fun i -> CoarseGrain.shapes coarse.Kinds bodies[i])
                let pick choose = vectors count (fun i -> if isBody i then choose found[i] else particles.SemiAxesOf i)

                [
                    column "density_shape" 3 (pick (fun (struct (density, _, _)) -> density))
                    column "inertia_shape" 3 (pick (fun (struct (_, inertia, _)) -> inertia))
                    if found |> Array.forall (fun (struct (_, _, contact)) -> contact.IsSome) then
                        column "contact_shape" 3 (pick (fun (struct (_, _, contact)) -> contact.Value))
                ]

        let inertia i =
            if isBody i then
                let kind = coarse.Kinds[bodies[i].Kind]

                kind.Inertia
                |> ValueOption.defaultWith (fun () -> CoarseGrain.principalInertia bodies[i])
            else
                Vector3.zero

        // Two kinds of particles of one number would be one to whatever reads them.
        if failure.IsNone && output.WithAtoms then
            let ofAtoms = spheres |> Seq.map atoms.Frame.Particles.SpeciesOf |> Set.ofSeq

            match
                bodies
                |> Seq.tryFind (fun body -> ofAtoms.Contains coarse.Kinds[body.Kind].Species)
            with
            | Some body ->
                let kind = coarse.Kinds[body.Kind]

                failure <-
                    ValueSome(
                        AniSoapError.invalid
                            ("species of the ellipsoids " + kind.Name)
                            kind.Species
                            "a number that no atom beside them has (a type in the groups file; CoarseGrainRun takes numbers from 1001 on)"
                    )
            | None -> ()

        match failure with
        | ValueSome error -> Error error
        | ValueNone ->
            let columns = [
                column "mass" 1 (ColumnValues.Reals(immutable (Array.init count mass)))
                column "inertia" 3 (vectors count inertia)
                yield! Option.toList (vectorColumn Quantities.Forces Quantities.Forces _.Force)
                yield! Option.toList (vectorColumn Quantities.Torques Quantities.Forces _.Torque)
                yield! Option.toList (vectorColumn Quantities.Velocities Quantities.Velocities _.Velocity)
                yield! Option.toList (vectorColumn Quantities.AngularMomenta Quantities.Velocities _.AngularMomentum)
                yield!
                    Option.toList (
                        vectorColumn Quantities.AngularVelocities Quantities.Velocities CoarseGrain.angularVelocity
                    )
                column Quantities.Molecules 1 (ColumnValues.Integers(immutable (Array.init count molecule)))
                column Quantities.Images 3 (ColumnValues.Integers(immutable cells))
                column "kind" 1 (ColumnValues.Texts(immutable names))
                column "atoms" 1 (ColumnValues.Texts(immutable members))
                yield! allShapes
            ]

            let folder all next =
                match all, next with
                | Error error, _
                | Ok _, Error error -> Error error
                | Ok all, Ok column -> Ok(column :: all)

            let info =
                (atoms.Info
                 |> List.filter (fun (key, _) -> not (virials.Contains key) && key <> "centre"))
                @ [ "centre", InfoValue.Text(centreName options) ]

            let speciesNames =
                coarse.Kinds
                |> Seq.map (fun kind -> kind.Species, kind.Name)
                |> Map.ofSeq
                |> Map.fold
                    (fun all species name -> Map.add species name all)
                    (if spheres.Length > 0 then atoms.SpeciesNames else Map.empty)

            columns
            |> List.fold folder (Ok [])
            |> Result.bind (fun columns ->
                let frame = Frame.create atoms.Frame.Cell particles
                Snapshot.create frame speciesNames atoms.Step info (List.rev columns))

    /// The atoms of a frame with molecule numbers, and image flags that make their molecules whole.
    let wholeAtoms (atoms: Snapshot) (coarse: CoarseFrame) : Result<Snapshot, AniSoapError> =
        let images = PeriodicImages atoms.Frame.Cell
        let count = atoms.Frame.Particles.Length
        let flags = Array.zeroCreate<int64>(3 * count)
        let numbers = Array.zeroCreate<int64> count
        let given = Quantities.tryIntegers Quantities.Images 3 atoms

        match given with
        | Some all -> all.CopyTo flags
        | None -> ()

        for i in 0 .. coarse.Bodies.Length - 1 do
            let body = coarse.Bodies[i]
            let first = atoms.Frame.Particles.PositionOf(body.Atoms[0])

            let struct (a, b, c) = body.FlaggedImage |> ValueOption.defaultValue (struct (0, 0, 0))

            for k in 0 .. body.Atoms.Length - 1 do
                let atom = body.Atoms[k]
                numbers[atom] <- if body.Molecule <> 0L then body.Molecule else int64 (i + 1)
                let whole = first + (body.Positions[k] - body.Positions[0])
                let shift = images.ShiftBetween(atoms.Frame.Particles.PositionOf(atom), whole)
                flags[3 * atom] <- int64 (a + shift.Na)
                flags[3 * atom + 1] <- int64 (b + shift.Nb)
                flags[3 * atom + 2] <- int64 (c + shift.Nc)

        let others =
            atoms.Columns
            |> List.filter (fun column ->
                let name = Quantities.canonical column.Name
                name <> Quantities.Images && name <> Quantities.Molecules)

        match
            ParticleColumn.create Quantities.Molecules 1 (ColumnValues.Integers(immutable numbers)),
            ParticleColumn.create Quantities.Images 3 (ColumnValues.Integers(immutable flags))
        with
        | Ok molecules, Ok flags ->
            Snapshot.create atoms.Frame atoms.SpeciesNames atoms.Step atoms.Info (others @ [ molecules; flags ])
        | Error error, _
        | _, Error error -> Error error
