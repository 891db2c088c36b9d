namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Snapshots of bodies in motion, with what their start says that is still true.
[<Sealed>]
type internal SimulationOutput(start: Snapshot) =
    let frame = start.Frame
    let count = frame.Particles.Length
    let cell = frame.Cell
    let basis, periodicity = cell.Basis, cell.Periodicity
    let volume = Matrix3.determinant basis
    let origin = Quantities.tryOrigin start |> Option.defaultValue Vector3.zero

    /// How many cells along each vector that repeats the place is away from the cell.
    let away (positions: ReadOnlySpan<float>) i : struct (float * float * float) =
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
        let mutable all = cell.IsPeriodic

        for i in 0 .. count - 1 do
            all <- all && away frame.Particles.Positions i = struct (0.0, 0.0, 0.0)

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

    let info =
        start.Info
        |> List.filter (fun (name, _) -> name = Quantities.Units || name = Quantities.Origin || name = "centre")

    let reals name width (values: float[]) =
        ParticleColumn.create name width (ColumnValues.Reals(ImmutableArray.CreateRange values))

    let wrap (positions: float[]) =
        let into, flags = Array.copy positions, Array.copy images

        for i in 0 .. count - 1 do
            let struct (a, b, c) = away (ReadOnlySpan positions) i
            let shift = a * basis.Row1 + b * basis.Row2 + c * basis.Row3
            into[3 * i] <- positions[3 * i] - shift.X
            into[3 * i + 1] <- positions[3 * i + 1] - shift.Y
            into[3 * i + 2] <- positions[3 * i + 2] - shift.Z
            flags[3 * i] <- flags[3 * i] + int64 a
            flags[3 * i + 1] <- flags[3 * i + 1] + int64 b
            flags[3 * i + 2] <- flags[3 * i + 2] + int64 c

        struct (into, flags)

    /// The volume of a frame that repeats along all three vectors, else NaN.
    member _.Volume =
        if periodicity.A && periodicity.B && periodicity.C then
            abs volume
        else
            nan

    /// The bodies as they are after so many steps, with what acts on them.
    member _.Snapshot(step: int, time: float, bodies: RigidBodies, result: PotentialResult) =
        attempt {
            let particles = frame.Particles

            let struct (positions, flags) =
                if isWrapped then
                    wrap bodies.Positions
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
                    (info @ [ Quantities.Time, InfoValue.Real time ])
                    columns

            return! Potential.label result snapshot
        }
