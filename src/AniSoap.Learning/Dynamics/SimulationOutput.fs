namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Snapshots of bodies in motion, with what their start says that is still true.
[<Sealed>]
type internal SimulationOutput(start: Snapshot) =
    let frame = start.Frame
    let count = frame.Particles.Length
    let origin = Quantities.tryOrigin start |> Option.defaultValue Vector3.zero

    /// How many cells along each vector that repeats the place is away from the cell.
    let away (cell: Cell) (origin: Vector3) (positions: ReadOnlySpan<float>) i : struct (float * float * float) =
        let basis, periodicity = cell.Basis, cell.Periodicity
        let volume = Matrix3.determinant basis

        let r =
            Vector3.create positions[3 * i] positions[3 * i + 1] positions[3 * i + 2]
            - origin

        let along repeats (u: Vector3) (v: Vector3) =
            if repeats then
                floor (Vector3.dot r (Vector3.cross u v) / volume)
            else
                0.0

        struct (along periodicity.A basis.Row2 basis.Row3,
                along periodicity.B basis.Row3 basis.Row1,
                along periodicity.C basis.Row1 basis.Row2)

    let isWrapped =
        let mutable all = frame.Cell.IsPeriodic

        for i in 0 .. count - 1 do
            all <-
                all
                && away frame.Cell origin frame.Particles.Positions i = struct (0.0, 0.0, 0.0)

        all

    let images =
        Quantities.tryIntegers Quantities.Images 3 start
        |> Option.map Seq.toArray
        |> Option.defaultWith (fun () -> Array.zeroCreate (3 * count))

    /// Columns whose values a run does not change.
    let lasting =
        let changed =
            set [
                Quantities.Velocities
                Quantities.AngularMomenta
                Quantities.AngularVelocities
                Quantities.Forces
                Quantities.Torques
                Quantities.Masses
                Quantities.Images
                yield! SimulationStart.inertiaNames
            ]

        let constant = set [ Quantities.Charges; "density_shape"; "inertia_shape"; "contact_shape" ]

        start.Columns
        |> List.filter (fun column ->
            let name = Quantities.canonical column.Name

            match column.Values with
            | ColumnValues.Reals _ -> constant.Contains name
            | _ -> not (changed.Contains name))

    let info (place: Vector3) =
        start.Info
        |> List.filter (fun (name, _) -> name = Quantities.Units || name = Quantities.Origin || name = "centre")
        |> List.map (fun (name, value) ->
            if name = Quantities.Origin && place <> origin then
                name, InfoValue.Reals(ImmutableArray.Create(place.X, place.Y, place.Z))
            else
                name, value)

    let reals name width (values: float[]) =
        ParticleColumn.create name width (ColumnValues.Reals(ImmutableArray.CreateRange values))

    let wrap (cell: Cell) (origin: Vector3) (positions: float[]) =
        let basis = cell.Basis
        let into, flags = Array.copy positions, Array.copy images

        for i in 0 .. count - 1 do
            let struct (a, b, c) = away cell origin (ReadOnlySpan positions) i
            let shift = a * basis.Row1 + b * basis.Row2 + c * basis.Row3
            into[3 * i] <- positions[3 * i] - shift.X
            into[3 * i + 1] <- positions[3 * i + 1] - shift.Y
            into[3 * i + 2] <- positions[3 * i + 2] - shift.Z
            flags[3 * i] <- flags[3 * i] + int64 a
            flags[3 * i + 1] <- flags[3 * i + 1] + int64 b
            flags[3 * i + 2] <- flags[3 * i + 2] + int64 c

        struct (into, flags)

    /// The volume of a cell that repeats along all three vectors, else NaN.
    static member VolumeOf(cell: Cell) : float =
        let periodicity = cell.Periodicity

        if periodicity.A && periodicity.B && periodicity.C then
            abs (Matrix3.determinant cell.Basis)
        else
            nan

    /// That of the start.
    member _.Volume = SimulationOutput.VolumeOf frame.Cell

    /// The bodies as they are after so many steps, with what acts on them, in the cell of the start.
    member output.Snapshot(step: int, time: float, bodies: RigidBodies, result: PotentialResult) =
        output.SnapshotIn(frame.Cell, origin, step, time, bodies, result)

    /// The same in a cell of the moment, and where that begins.
    member _.SnapshotIn
        (cell: Cell, origin: Vector3, step: int, time: float, bodies: RigidBodies, result: PotentialResult)
        =
        attempt {
            let particles = frame.Particles

            let struct (positions, flags) =
                if isWrapped then
                    wrap cell origin bodies.Positions
                else
                    struct (bodies.Positions, images)

            let! moved =
                Frame.ofArrays
                    cell
                    (particles.Species.ToArray())
                    positions
                    bodies.Orientations
                    (particles.SemiAxes.ToArray())

            let! velocities = reals Quantities.Velocities 3 bodies.Velocities
            let! momenta = reals Quantities.AngularMomenta 3 bodies.Momenta
            let! masses = reals "mass" 1 bodies.Masses
            let! inertia = reals "inertia" 3 bodies.Inertia

            let! shifts =
                ParticleColumn.create Quantities.Images 3 (ColumnValues.Integers(ImmutableArray.CreateRange flags))

            let hasImages = isWrapped || (Quantities.tryFind Quantities.Images start).IsSome

            let columns =
                lasting
                @ [
                    masses
                    inertia
                    velocities
                    momenta
                    if hasImages then
                        shifts
                ]

            let! snapshot =
                Snapshot.create
                    moved
                    start.SpeciesNames
                    (Some(int64 step))
                    (info origin @ [ Quantities.Time, InfoValue.Real time ])
                    columns

            return! Potential.label result snapshot
        }
