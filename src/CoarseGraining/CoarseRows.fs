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

/// The rows of a coarse-grained frame: its bodies, by their numbers and from several threads, then its spheres. `known` are
/// the kinds of its atoms, `singles` the atoms that stay spheres, `words` those for atoms that the frames before had.
[<Sealed>]
type internal CoarseRows
    (
        options: CoarseGrainOptions,
        output: CoarseOutput,
        atoms: Snapshot,
        kinds: ImmutableArray<BodyKind>,
        known: ImmutableArray<AtomKind>,
        singles: ImmutableArray<int>,
        bodies: int,
        words: MemberTexts
    ) =
    do words.Hold bodies

    let images = PeriodicImages atoms.Frame.Cell
    let origin = Quantities.tryOrigin atoms |> Option.defaultValue Vector3.zero

    let spheres =
        if output.WithAtoms then
            [| 0 .. atoms.Frame.Particles.Length - 1 |]
        else
            Seq.toArray singles

    let count = bodies + spheres.Length

    // One entry a particle, or three, or four.
    let species = LargeArray.zeros<int> count
    let positions = LargeArray.zeros<float>(3 * count)
    let orientations = LargeArray.zeros<float>(4 * count)
    let semiAxes = LargeArray.zeros<float>(3 * count)
    let cells = LargeArray.zeros<int64>(3 * count)
    let masses = LargeArray.zeros<float> count
    let inertia = LargeArray.zeros<float>(3 * count)
    let names = Array.create count "-"
    let members = Array.create count ""
    let molecules = LargeArray.zeros<int64> count

    let ofAtoms quantity = Quantities.tryReals quantity 3 atoms
    let atomForces, atomVelocities = ofAtoms Quantities.Forces, ofAtoms Quantities.Velocities
    let vectors isThere = if isThere then LargeArray.zeros<float>(3 * count) else [||]
    let forces, torques = vectors atomForces.IsSome, vectors atomForces.IsSome
    let velocities, momenta = vectors atomVelocities.IsSome, vectors atomVelocities.IsSome
    let rates = vectors atomVelocities.IsSome

    let density, solid, contact =
        vectors output.AllShapes, vectors output.AllShapes, vectors output.AllShapes

    /// For each atom its body, from 1; of use to spheres alone.
    let bodyOf =
        Array.zeroCreate<int>(
            if spheres.Length > 0 then
                atoms.Frame.Particles.Length
            else
                0
        )

    let mutable hasContact = true
    let mutable failed = Int32.MaxValue
    let mutable failure = ValueNone

    let put (all: float[]) i (v: Vector3) =
        all[3 * i] <- v.X
        all[3 * i + 1] <- v.Y
        all[3 * i + 2] <- v.Z

    let putSome (all: float[]) i (v: Vector3 voption) =
        match v with
        | ValueSome v when all.Length > 0 -> put all i v
        | _ -> ()

    let particle i number (position: Vector3) orientation axes (flagged: struct (int * int * int) voption) =
        let home = images.IntoCell(origin, position)

        let flags =
            match flagged with
            | ValueSome(struct (a, b, c)) -> { Na = a; Nb = b; Nc = c }
            | ValueNone -> Shift.zero

        let image = Shift.minus flags home
        cells[3 * i] <- int64 image.Na
        cells[3 * i + 1] <- int64 image.Nb
        cells[3 * i + 2] <- int64 image.Nc

        let wrapped =
            if Shift.isZero home then
                position
            else
                position + images.Vector home

        match Ellipsoid.check wrapped orientation axes with
        | Ok q ->
            species[i] <- number
            put positions i wrapped
            orientations[4 * i] <- q.W
            orientations[4 * i + 1] <- q.X
            orientations[4 * i + 2] <- q.Y
            orientations[4 * i + 3] <- q.Z
            put semiAxes i axes
        | Error error ->
            lock members (fun () ->
                if i < failed then
                    failed <- i
                    failure <- ValueSome error)

    let spheresToo () =
        let particles = atoms.Frame.Particles
        let flags = Quantities.tryIntegers Quantities.Images 3 atoms
        let numbers = MoleculeNumbers.tryOf atoms
        let massColumn = Quantities.tryReals Quantities.Masses 1 atoms

        let kindOf =
            let first = System.Collections.Generic.Dictionary<int, AtomKind>()

            for kind in known do
                first.TryAdd(kind.Species, kind) |> ignore

            fun species ->
                match first.TryGetValue species with
                | true, kind -> Some kind
                | false, _ -> None

        /// The van der Waals radius, else what the input says.
        let radius (kind: AtomKind option) atom =
            match kind |> Option.bind _.Element with
            | Some element when element.VanDerWaalsRadius > 0.0 -> element.VanDerWaalsRadius
            | _ -> (particles.SemiAxesOf atom).X

        /// The mass given for the kind, else that of the input, else the element's.
        let mass (kind: AtomKind option) atom =
            let isGiven (kind: AtomKind) =
                options.Masses.ContainsKey kind.Label
                || options.Masses.ContainsKey(string kind.Species)

            match kind, massColumn with
            | Some kind, _ when isGiven kind -> kind.Mass
            | _, Some all -> all[atom]
            | Some kind, None -> kind.Mass
            | None, None -> 1.0

        for k in 0 .. spheres.Length - 1 do
            let i, atom = bodies + k, spheres[k]
            let number = particles.SpeciesOf atom
            let kind = kindOf number
            let r = radius kind atom

            let flagged =
                match flags with
                | Some all -> ValueSome(struct (int all[3 * atom], int all[3 * atom + 1], int all[3 * atom + 2]))
                | None -> ValueNone

            particle i number (particles.PositionOf atom) Quaternion.identity (Vector3.create r r r) flagged
            masses[i] <- mass kind atom
            members[i] <- string atom
            let ofBody = if bodyOf[atom] = 0 then 0L else molecules[bodyOf[atom] - 1]

            molecules[i] <-
                match numbers with
                | Some all when ofBody = 0L -> all[atom]
                | _ -> ofBody

            let copied (all: ImmutableArray<float> option) (into: float[]) =
                match all with
                | Some all -> put into i (Vector3.create all[3 * atom] all[3 * atom + 1] all[3 * atom + 2])
                | None -> ()

            copied atomForces forces
            copied atomVelocities velocities

            if output.AllShapes then
                for all in [ density; solid; contact ] do
                    put all i (Vector3.create r r r)

    let immutable (all: 'a[]) = ImmutableCollectionsMarshal.AsImmutableArray all
    let reals name width (all: float[]) = ParticleColumn.create name width (ColumnValues.Reals(immutable all))
    let integers name width (all: int64[]) = ParticleColumn.create name width (ColumnValues.Integers(immutable all))
    let texts name (all: string[]) = ParticleColumn.create name 1 (ColumnValues.Texts(immutable all))

    let columns () = [
        reals "mass" 1 masses
        reals "inertia" 3 inertia
        if atomForces.IsSome then
            reals Quantities.Forces 3 forces
            reals Quantities.Torques 3 torques
        if atomVelocities.IsSome then
            reals Quantities.Velocities 3 velocities
            reals Quantities.AngularMomenta 3 momenta
            reals Quantities.AngularVelocities 3 rates
        integers Quantities.Molecules 1 molecules
        integers Quantities.Images 3 cells
        texts "kind" names
        texts "atoms" members
        if output.AllShapes then
            reals "density_shape" 3 density
            reals "inertia_shape" 3 solid

            if hasContact then
                reals "contact_shape" 3 contact
    ]

    /// Two kinds of particles of one number would be one to whatever reads them.
    let sharedNumber () =
        if output.WithAtoms then
            let ofAtoms = spheres |> Seq.map atoms.Frame.Particles.SpeciesOf |> Set.ofSeq

            match Seq.tryFind (fun i -> ofAtoms.Contains species[i]) (seq { 0 .. bodies - 1 }) with
            | Some i ->
                Error(
                    AniSoapError.invalid
                        ("species of the ellipsoids " + names[i])
                        species[i]
                        "a number that no atom beside them has (a type in the groups file; CoarseGrainRun takes numbers from 1001 on)"
                )
            | None -> Ok()
        else
            Ok()

    let centreName =
        match options.Centre with
        | BodyCentre.Mass -> "mass"
        | BodyCentre.Geometry -> "geometry"

    let snapshot () =
        let info =
            (atoms.Info
             |> List.filter (fun (key, _) -> not (CoarseGrain.isOfAtoms key) && key <> "centre"))
            @ [ "centre", InfoValue.Text centreName ]

        let speciesNames =
            kinds
            |> Seq.map (fun kind -> kind.Species, kind.Name)
            |> Map.ofSeq
            |> Map.fold
                (fun all species name -> Map.add species name all)
                (if spheres.Length > 0 then atoms.SpeciesNames else Map.empty)

        let particles = ParticleArray(species, positions, orientations, semiAxes, count)

        columns ()
        |> Result.traverse id
        |> Result.bind (fun columns ->
            Snapshot.create
                { Particles = particles; Cell = atoms.Frame.Cell }
                speciesNames
                atoms.Step
                info
                (List.ofArray columns))

    /// The row of a body, by its number; `text` is room that no other thread writes to.
    member _.Set(text: StringBuilder, i: int, body: Body) =
        let kind = kinds[body.Kind]
        particle i kind.Species body.Centre body.Orientation body.SemiAxes body.FlaggedImage
        masses[i] <- body.Mass

        put
            inertia
            i
            (match kind.Inertia with
             | ValueSome one -> one
             | ValueNone -> CoarseGrain.principalInertia body)

        names[i] <- kind.Name
        members[i] <- words.Of(text, i, body.Atoms)
        molecules[i] <- body.Molecule
        putSome forces i body.Force
        putSome torques i body.Torque
        putSome velocities i body.Velocity
        putSome momenta i body.AngularMomentum

        if rates.Length > 0 then
            putSome rates i (CoarseGrain.angularVelocity body)

        if bodyOf.Length > 0 then
            for atom in body.Atoms do
                bodyOf[atom] <- i + 1

        if output.AllShapes then
            let struct (ofDensity, ofInertia, ofContact) = CoarseGrain.shapes kinds body
            put density i ofDensity
            put solid i ofInertia

            match ofContact with
            | ValueSome lengths -> put contact i lengths
            | ValueNone -> hasContact <- false

    /// The snapshot of all rows, once every body is there.
    member _.Finish() : Result<Snapshot, AniSoapError> =
        // Without numbers in the input molecules are numbered from 1, in their order.
        if not (ReadOnlySpan(molecules, 0, bodies).ContainsAnyExcept 0L) then
            for i in 0 .. bodies - 1 do
                molecules[i] <- int64 (i + 1)

        spheresToo ()

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> sharedNumber () |> Result.bind snapshot
