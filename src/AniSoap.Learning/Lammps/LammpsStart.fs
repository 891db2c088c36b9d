namespace AniSoap.Learning

open System
open System.Collections.Immutable
open System.IO
open AniSoap

/// The start of a run as LAMMPS has it.
[<NoComparison; NoEquality>]
type internal LammpsStart = {
    /// As it was given.
    Given: Snapshot
    Bodies: RigidBodies
    Shapes: LammpsShapes
    /// From the start's frame of axes to LAMMPS's, whose a is along x and b in the xy plane.
    Turn: Matrix3
    /// Axes of bodies that nothing turns them about and that they do not turn about: no degrees of freedom.
    IdleAxes: int
}

module internal LammpsStart =
    let private reals name width (values: float[]) =
        ParticleColumn.create name width (ColumnValues.Reals(ImmutableArray.CreateRange values))

    /// A bar of a data file's types: numbers beyond it would be renumbered.
    [<Literal>]
    let private LargestType = 10000

    let private checkSpecies (potential: Potential) (frame: Frame) =
        Frame.species frame
        |> Result.check (fun species ->
            if species < 1 || species > LargestType then
                Refuse.count "species" species "types of LAMMPS, 1 to 10000"
            elif not (potential.Species.Contains species) then
                Refuse.count "species" species "one that the potential was trained on"
            else
                Ok())

    let private checkCell (ensemble: Ensemble) (cell: Cell) =
        let p, m = cell.Periodicity, cell.Basis
        let isWhole = p.A && p.B && p.C

        match ensemble with
        | Ensemble.Barostat _ when not isWhole ->
            Refuse.because "cell" "one that does not repeat along all three vectors" "for constant pressure: all three"
        | _ when not (Matrix3.determinant m > 0.0) ->
            Refuse.because "cell" "left-handed vectors" "for LAMMPS: right-handed ones"
        | _ when not isWhole && not (Matrix3.isRestricted m) ->
            Refuse.because
                "cell"
                "turned vectors of which not all repeat"
                "for LAMMPS: a along x, b in the xy plane, or a cell that repeats along all three"
        | _ -> Ok()

    /// Axes without a torque: those of bodies of revolution and of lines, if they do not turn about them.
    let private idle (potential: Potential) (points: Set<int>) (particles: ParticleArray) (bodies: RigidBodies) =
        let straight =
            match potential.Sites with
            | Some sites -> sites.Bodies |> Seq.map (fun body -> body.Species, body) |> Map.ofSeq
            | None -> Map.empty

        let mutable sum = 0

        for i in 0 .. bodies.Count - 1 do
            let axes = particles[i].SemiAxes
            let own = RigidMotion.bodyMomentum bodies i
            let isEqual (a: float) (b: float) = abs (a - b) <= 1e-9 * max a b

            // The axes that the potential feels no turns about.
            let x, y, z =
                match Map.tryFind particles.Species[i] straight with
                | Some body when not body.IsStraight -> false, false, false
                | Some body ->
                    let longest = body.Sites |> Seq.maxBy (fun site -> Vector3.norm site.Position)
                    let p = longest.Position
                    let along a b c = abs a > 0.999 * sqrt (a * a + b * b + c * c)
                    along p.X p.Y p.Z, along p.Y p.Z p.X, along p.Z p.X p.Y
                | None -> isEqual axes.Y axes.Z, isEqual axes.X axes.Z, isEqual axes.X axes.Y

            let size = 1e-9 * Vector3.norm own

            for isFree, momentum in [ x, own.X; y, own.Y; z, own.Z ] do
                if isFree && abs momentum <= size && not (points.Contains particles.Species[i]) then
                    sum <- sum + 1

        sum

    let private count (types: Set<int>) (particles: ParticleArray) =
        let mutable sum = 0

        for species in particles.Species do
            if types.Contains species then
                sum <- sum + 1

        sum

    /// The bodies with points as solid balls of their size.
    let private solid (points: Set<int>) (particles: ParticleArray) (bodies: RigidBodies) =
        let inertia =
            bodies.Inertia
            |> Array.mapi (fun k moment ->
                if points.Contains particles.Species[k / 3] then
                    0.4 * bodies.Masses[k / 3] * (particles[k / 3].SemiAxes.X ** 2.0)
                else
                    moment)

        RigidBodies(bodies.Positions, bodies.Orientations, bodies.Velocities, bodies.Momenta, bodies.Masses, inertia)

    /// The start with velocities and angular momenta, drawn as options say. Refuses what LAMMPS cannot have.
    let create
        (warn: string -> unit)
        (options: SimulationOptions)
        (potential: Potential)
        (snapshot: Snapshot)
        : Result<LammpsStart, AniSoapError> =
        attempt {
            do! SimulationOptions.check options
            do! checkSpecies potential snapshot.Frame
            do! checkCell options.Ensemble snapshot.Frame.Cell
            let! bodies = SimulationStart.create options (NormalNumbers options.Seed) snapshot
            let particles = snapshot.Frame.Particles

            let hasShape species =
                match potential.Contact with
                | Some contact -> contact.Basis.Species.Contains species
                | None -> false

            let! points = LammpsPointTypes.find potential snapshot bodies
            let bodies = LammpsPointTypes.still points particles bodies

            let isPressed =
                match options.Ensemble with
                | Ensemble.Barostat _ -> true
                | _ -> false

            // npt/asphere takes no points, and no second fix would follow its barostat: balls that do not turn.
            let! shapes =
                if isPressed then
                    LammpsShapes.ofBodies warn hasShape Set.empty particles (solid points particles bodies)
                else
                    LammpsShapes.ofBodies warn hasShape points particles bodies

            return {
                Given = snapshot
                Bodies = bodies
                Shapes = shapes
                Turn = Matrix3.identity
                IdleAxes =
                    idle potential points particles bodies
                    + (if isPressed then 3 * count points particles else 0)
            }
        }

    /// R of a' = R a, … of the rows of two cells: Σ a' (b × c)ᵀ / V over them.
    let private turnBetween (given: Matrix3) (turned: Matrix3) =
        let scale = 1.0 / Matrix3.determinant given

        let u, v, w =
            Vector3.cross given.Row2 given.Row3,
            Vector3.cross given.Row3 given.Row1,
            Vector3.cross given.Row1 given.Row2

        let row a b c = scale * (a * u + b * v + c * w)

        let found =
            Matrix3.ofRows
                (row turned.Row1.X turned.Row2.X turned.Row3.X)
                (row turned.Row1.Y turned.Row2.Y turned.Row3.Y)
                (row turned.Row1.Z turned.Row2.Z turned.Row3.Z)

        // A cell that stands already as LAMMPS has it is not turned by what rounding leaves.
        if given = turned then Matrix3.identity else found

    /// Writes the data file, and gives the start with how LAMMPS's axes are turned.
    let write (path: string) (start: LammpsStart) : Result<LammpsStart, AniSoapError> =
        attempt {
            let frame = start.Given.Frame
            let particles = frame.Particles
            let bodies = start.Bodies

            let! given =
                Frame.ofArrays
                    frame.Cell
                    (particles.Species.ToArray())
                    bodies.Positions
                    bodies.Orientations
                    start.Shapes.SemiAxes

            let! masses = reals Quantities.Masses 1 bodies.Masses
            let! velocities = reals Quantities.Velocities 3 bodies.Velocities
            let! momenta = reals Quantities.AngularMomenta 3 bodies.Momenta

            let info =
                start.Given.Info
                |> List.filter (fun (name, _) -> name = Quantities.Origin || name = "boundary")

            let points = start.Shapes.Points

            let flag species = if points.Contains species then 0L else 1L

            let! flags =
                ParticleColumn.create
                    LammpsPointTypes.Flags
                    1
                    (ColumnValues.Integers(ImmutableArray.CreateRange(particles.Species.ToArray() |> Seq.map flag)))

            let columns = [
                masses
                velocities
                momenta
                if not points.IsEmpty then
                    flags
            ]

            let! snapshot = Snapshot.create given Map.empty None info columns
            let! _ = FrameFile.writeSnapshots FrameOutputOptions.replacing path [ Ok snapshot ]

            let p = frame.Cell.Periodicity

            if p.A && p.B && p.C then
                // What the writer made of the cell.
                let! written = FrameFile.readAllWith { InputOptions.defaults with PointsWithoutSize = true } [ path ]
                return { start with Turn = turnBetween frame.Cell.Basis written[0].Cell.Basis }
            else
                return start
        }
