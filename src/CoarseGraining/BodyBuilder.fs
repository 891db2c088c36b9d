namespace AniSoap

open System.Collections.Immutable
open System.Runtime.InteropServices

/// One molecule's numbers from its atoms.
module internal BodyBuilder =
    /// What is the same for all molecules of a frame.
    [<NoEquality; NoComparison>]
    type Surroundings = {
        Options: CoarseGrainOptions
        Images: PeriodicImages
        Atoms: AtomTable
        /// The van der Waals radii by kinds; empty where none is asked for.
        ContactRadii: float[]
    }

    /// Arrays for one molecule after another, as long as it has atoms: nothing of them is handed on.
    [<Sealed>]
    type Room() =
        let mutable masses: float[] = [||]
        let mutable ones: float[] = [||]
        let mutable radii: float[] = [||]

        member _.Masses count =
            if masses.Length <> count then
                masses <- Array.zeroCreate count

            masses

        member _.Ones count =
            if ones.Length <> count then
                ones <- Array.create count 1.0

            ones

        member _.Radii count =
            if radii.Length <> count then
                radii <- Array.zeroCreate count

            radii

    let private array (all: ImmutableArray<'a>) = ImmutableCollectionsMarshal.AsArray all |> nonNull
    let private immutable (all: 'a[]) = ImmutableCollectionsMarshal.AsImmutableArray all

    /// Positions from the first atom, the molecule whole; in the spare array, if that has the right length.
    let private relative (around: Surroundings) (spare: Vector3[]) (group: AtomGroup) =
        let positions = around.Atoms.Positions
        let first = positions[group.Members[0]]

        let points =
            if spare.Length = group.Members.Length then
                spare
            else
                Array.zeroCreate<Vector3> group.Members.Length

        for k in 0 .. points.Length - 1 do
            let d = positions[group.Members[k]] - first
            let shift = group.ShiftOf k

            points[k] <-
                if Shift.isZero shift then
                    d
                else
                    d + around.Images.Vector shift

        points

    let private mean (weights: float[]) (points: Vector3[]) =
        let mutable sum = Vector3.zero
        let mutable total = 0.0

        for i in 0 .. points.Length - 1 do
            sum <- sum + weights[i] * points[i]
            total <- total + weights[i]

        1.0 / total * sum

    let private weights around (room: Room) (masses: float[]) =
        match around.Options.Centre with
        | BodyCentre.Mass -> masses
        | BodyCentre.Geometry -> room.Ones masses.Length

    let private isStraight (g: SymmetricMatrix3) =
        let struct (l, _) = BodyAxes.principal g
        l.Y <= 1e-12 * l.X

    let private kindsOf (around: Surroundings) (group: AtomGroup) =
        group.Members |> Array.map (fun atom -> around.Atoms.Kinds[atom])

    let private radii around (room: Room) (group: AtomGroup) =
        if around.ContactRadii.Length = 0 then
            Array.empty
        else
            let radii = room.Radii group.Members.Length

            for k in 0 .. radii.Length - 1 do
                radii[k] <- around.ContactRadii[around.Atoms.Kinds[group.Members[k]]]

            radii

    let private massesOf (around: Surroundings) (room: Room) (group: AtomGroup) =
        let masses = room.Masses group.Members.Length

        for k in 0 .. masses.Length - 1 do
            masses[k] <- around.Atoms.Masses[group.Members[k]]

        masses

    /// Positions from the centre, and the way from the first atom to it.
    let private centred around room spare (group: AtomGroup) masses =
        let weights = weights around room masses
        let points = relative around spare group
        let centre = mean weights points

        for k in 0 .. points.Length - 1 do
            points[k] <- points[k] - centre

        struct (weights, points, centre)

    /// A new kind: its reference is this molecule.
    let kind around name species (group: AtomGroup) : BodyKind =
        let room = Room()
        let masses = massesOf around room group
        let struct (weights, positions, _) = centred around room [||] group masses
        let g = BodyAxes.gyration weights positions
        let struct (_, axes) = BodyAxes.principal g
        let toBody = Matrix3.transpose axes
        let mass = Array.sum masses

        let struct (raw, moments, _) =
            BodyShapes.along around.Options weights masses mass g axes positions (radii around room group)

        let isOne = around.Options.ShapeFrom = ShapeOrigin.Reference

        {
            Name = name
            Species = species
            Atoms =
                kindsOf around group
                |> Array.map (fun kind -> around.Atoms.KindList[kind])
                |> immutable
            Reference = positions |> Array.map (fun position -> toBody * position) |> immutable
            Shape = if isOne then ValueSome raw else ValueNone
            Inertia =
                if isOne then
                    ValueSome(BodyAxes.cleaned moments)
                else
                    ValueNone
            IsStraight = isStraight g
        }

    let private sum (values: Vector3[]) (group: AtomGroup) =
        let mutable total = Vector3.zero

        for atom in group.Members do
            total <- total + values[atom]

        total

    let private meanOf (weights: float[]) (values: Vector3[]) (group: AtomGroup) =
        let mutable sum = Vector3.zero
        let mutable total = 0.0

        for k in 0 .. weights.Length - 1 do
            sum <- sum + weights[k] * values[group.Members[k]]
            total <- total + weights[k]

        1.0 / total * sum

    let private moment (values: Vector3[]) (group: AtomGroup) (positions: Vector3[]) =
        let mutable total = Vector3.zero

        for k in 0 .. positions.Length - 1 do
            total <- total + Vector3.cross positions[k] values[group.Members[k]]

        total

    /// Laid onto the reference, atoms by what they count for the centre: masses, or all alike.
    let private fit (kind: BodyKind) (weights: float[]) g (positions: Vector3[]) =
        let reference = array kind.Reference

        if kind.IsStraight then
            // A line has no turn about itself: any axes along it, its ends told apart by the atoms.
            let struct (_, axes) = BodyAxes.principal g
            let a = (Matrix3.transpose axes).Row1
            let mutable along = 0.0

            for i in 0 .. positions.Length - 1 do
                along <- along + weights[i] * reference[i].X * Vector3.dot a positions[i]

            let turned =
                if along >= 0.0 then
                    axes
                else
                    let t = Matrix3.transpose axes
                    Matrix3.transpose (Matrix3.ofRows (-t.Row1) (-t.Row2) t.Row3)

            BodyAxes.quaternion turned
        else
            RigidFit.rotation weights reference positions

    let private angularMomentum
        (group: AtomGroup)
        (masses: float[])
        (positions: Vector3[])
        mean
        (velocities: Vector3[])
        =
        let mutable total = Vector3.zero

        for k in 0 .. positions.Length - 1 do
            total <-
                total
                + masses[k] * Vector3.cross positions[k] (velocities[group.Members[k]] - mean)

        total

    let private flagged (around: Surroundings) (group: AtomGroup) =
        match around.Atoms.Images with
        | ValueNone -> ValueNone
        | ValueSome images ->
            let base' = Shift.minus images[group.Members[0]] (group.ShiftOf 0)
            let mutable agree = true

            for k in 1 .. group.Members.Length - 1 do
                agree <- agree && Shift.minus images[group.Members[k]] (group.ShiftOf k) = base'

            if agree then
                ValueSome(struct (base'.Na, base'.Nb, base'.Nc))
            else
                ValueNone

    /// The orientation of the shape, and the shape.
    let private oriented around (kind: BodyKind) weights masses mass g (fit: Quaternion) positions radii =
        let fitted = Quaternion.toMatrix fit

        match CoarseGrainOptions.axes around.Options with
        | OrientationAxes.Reference ->
            let struct (raw, _, inertia) =
                BodyShapes.along around.Options weights masses mass g fitted positions radii

            let raw = kind.Shape |> ValueOption.defaultValue raw

            if around.Options.Uniaxial then
                let struct (raw, _) = BodyAxes.uniaxial raw
                struct (raw, fit, inertia)
            else
                struct (raw, fit, inertia)
        | OrientationAxes.Principal ->
            let struct (_, axes) = BodyAxes.principal g
            let axes = BodyAxes.signed fitted axes

            let struct (raw, _, inertia) =
                BodyShapes.along around.Options weights masses mass g axes positions radii

            if around.Options.Uniaxial then
                let struct (raw, isLong) = BodyAxes.uniaxial raw
                struct (raw, BodyAxes.quaternion (BodyAxes.revolved isLong fitted axes), inertia)
            else
                struct (raw, BodyAxes.quaternion axes, inertia)

    /// The body of a group of a kind; its positions stand in the spare array, if that has the right length.
    let body around room spare (kindIndex: int) (kind: BodyKind) (group: AtomGroup) : Body =
        let masses = massesOf around room group
        let struct (weights, positions, fromFirst) = centred around room spare group masses
        let mass = Array.sum masses
        let g = BodyAxes.gyration weights positions
        let fit = fit kind weights g positions

        let residual =
            let struct (each, weighted) =
                RigidFit.deviations masses (Quaternion.toMatrix fit) (array kind.Reference) positions

            { OverAtoms = sqrt (each / float positions.Length); ByMass = sqrt (weighted / mass) }

        let radii = radii around room group
        let struct (raw, orientation, inertia) = oriented around kind weights masses mass g fit positions radii

        let velocity =
            match around.Atoms.Velocities with
            | ValueSome all -> ValueSome(meanOf masses all group)
            | ValueNone -> ValueNone

        {
            Kind = kindIndex
            Atoms = immutable group.Members
            Positions = immutable positions
            Molecule = group.Molecule
            Centre = around.Atoms.Positions[group.Members[0]] + fromFirst
            SemiAxes = BodyShapes.floored around.Options raw
            Orientation = orientation
            Fit = fit
            Residual = residual
            Mass = mass
            Gyration = SymmetricMatrix3.toMatrix g
            Inertia = SymmetricMatrix3.toMatrix inertia
            RawSemiAxes = raw
            Force =
                match around.Atoms.Forces with
                | ValueSome all -> ValueSome(sum all group)
                | ValueNone -> ValueNone
            Torque =
                match around.Atoms.Forces with
                | ValueSome all -> ValueSome(moment all group positions)
                | ValueNone -> ValueNone
            Velocity = velocity
            AngularMomentum =
                match around.Atoms.Velocities with
                | ValueSome all -> ValueSome(angularMomentum group masses positions velocity.Value all)
                | ValueNone -> ValueNone
            FlaggedImage = flagged around group
        }
