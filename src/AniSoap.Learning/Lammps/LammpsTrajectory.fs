namespace AniSoap.Learning

open System
open System.Collections.Generic
open System.Globalization
open AniSoap

/// Lines of numbers that LAMMPS prints between the head of the columns and `Loop time`.
[<Sealed>]
type internal LammpsRows(width: int) =
    let rows = Dictionary<int64, float[]>()
    let mutable isOpen = false

    let numbers (line: string) =
        let words = line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)

        let parsed =
            words
            |> Array.choose (fun word ->
                match Double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture) with
                | true, value -> Some value
                | _ -> None)

        if words.Length = width && parsed.Length = width then
            Some parsed
        else
            None

    /// Takes a line; gives its numbers if it is a row.
    member _.Take(line: string) : float[] option =
        let text = line.TrimStart()

        if text.StartsWith("Step ", StringComparison.Ordinal) then
            isOpen <- true
            None
        elif text.StartsWith("Loop time", StringComparison.Ordinal) then
            isOpen <- false
            None
        elif isOpen then
            let row = numbers line
            row |> Option.iter (fun row -> rows[int64 row[0]] <- row)
            row
        else
            None

    /// The row of a step.
    member _.TryFind(step: int64) =
        match rows.TryGetValue step with
        | true, row -> Some row
        | _ -> None

/// Frames of a run of LAMMPS as `Simulation.run` gives them.
module internal LammpsTrajectory =
    /// How many numbers a row has.
    [<Literal>]
    let Width = 15

    /// Rᵀ of vectors one after another.
    let private turnBack (turn: Matrix3) (vectors: float[]) =
        if turn = Matrix3.identity then
            vectors
        else
            let back = Matrix3.transpose turn

            for i in 0 .. vectors.Length / 3 - 1 do
                let v = back * Vector3.create vectors[3 * i] vectors[3 * i + 1] vectors[3 * i + 2]
                vectors[3 * i] <- v.X
                vectors[3 * i + 1] <- v.Y
                vectors[3 * i + 2] <- v.Z

            vectors

    let private orientations (turn: Matrix3) (particles: ParticleArray) =
        let all = particles.Orientations.ToArray()

        if turn = Matrix3.identity then
            Ok all
        else
            Quaternion.tryOfMatrix (Matrix3.transpose turn)
            |> Result.map (fun back ->
                for i in 0 .. particles.Length - 1 do
                    let q = back * particles[i].Orientation
                    all[4 * i] <- q.W
                    all[4 * i + 1] <- q.X
                    all[4 * i + 2] <- q.Y
                    all[4 * i + 3] <- q.Z

                all)

    /// Points have no orientation in LAMMPS, and do not turn.
    let private keepPoints (start: LammpsStart) (found: float[]) =
        let species = start.Given.Frame.Particles.Species

        if not start.Shapes.Points.IsEmpty then
            for i in 0 .. start.Bodies.Count - 1 do
                if start.Shapes.Points.Contains species[i] then
                    Array.blit start.Bodies.Orientations (4 * i) found (4 * i) 4

    /// W of its upper half (xx yy zz xy xz yz, W_ab = Σ r_a f_b) and the torques: nothing changes where everything turns, so that Σ r × f = −Σ τ.
    let private virial (six: float[]) (torques: float[]) (turn: Matrix3) : float[] =
        let mutable x = 0.0
        let mutable y = 0.0
        let mutable z = 0.0

        for i in 0 .. torques.Length / 3 - 1 do
            x <- x + torques[3 * i]
            y <- y + torques[3 * i + 1]
            z <- z + torques[3 * i + 2]

        let xx, yy, zz, xy, xz, yz = six[0], six[1], six[2], six[3], six[4], six[5]

        let w =
            Matrix3.ofRows
                (Vector3.create xx xy xz)
                (Vector3.create (xy + z) yy yz)
                (Vector3.create (xz - y) (yz + x) zz)

        let back = Matrix3.transpose turn
        // Rᵀ W R.
        let rows = [| back.Row1; back.Row2; back.Row3 |]
        let product = [| for a in rows -> a.X * w.Row1 + a.Y * w.Row2 + a.Z * w.Row3 |]

        [|
            for a in product do
                for b in rows -> Vector3.dot a b
        |]

    /// The cell of a frame of constant pressure, in the axes of the start.
    let private cellOf (turn: Matrix3) (found: Cell) =
        let back = Matrix3.transpose turn
        let v = found.Vectors
        Cell.create (back * v.Row1) (back * v.Row2) (back * v.Row3) found.Periodicity

    /// One frame of the dump, and the row that LAMMPS printed at its step.
    let frame
        (options: SimulationOptions)
        (start: LammpsStart)
        (output: SimulationOutput)
        (rows: LammpsRows)
        (snapshot: Snapshot)
        : Result<SimulationFrame, AniSoapError> =
        let turn = start.Turn
        let step = snapshot.Step |> Option.defaultValue 0L
        let bodies = start.Bodies

        let column name =
            match Quantities.tryReals name 3 snapshot with
            | Some values -> Ok(turnBack turn (Seq.toArray values))
            | None -> Error(Missing("the column " + name, "LAMMPS's trajectory must have it", Place.Unknown))

        attempt {
            let! row =
                match rows.TryFind step with
                | Some row -> Ok row
                | None ->
                    Error(Missing("the line of step " + string step, "LAMMPS must print one a frame", Place.Unknown))

            do!
                Refuse.unless (snapshot.Frame.Particles.Length = bodies.Count) (fun () ->
                    Refuse.count "particles left" snapshot.Frame.Particles.Length "all: LAMMPS lost the others")

            let! velocities = column Quantities.Velocities
            let! momenta = column Quantities.AngularMomenta
            let! forces = column Quantities.Forces
            let! torques = column Quantities.Torques
            let! turned = orientations turn snapshot.Frame.Particles
            keepPoints start turned
            let positions = turnBack turn (snapshot.Frame.Particles.Positions.ToArray())
            let moved = RigidBodies(positions, turned, velocities, momenta, bodies.Masses, bodies.Inertia)

            // LAMMPS has torques in its own axes: those of the dump, before they are turned back.
            let! ownTorques =
                match Quantities.tryReals Quantities.Torques 3 snapshot with
                | Some values -> Ok(Seq.toArray values)
                | None -> column Quantities.Torques

            let volume = row[LammpsInput.VirialPlace]

            let w = virial (Array.init 6 (fun k -> row[LammpsInput.VirialPlace + 1 + k] * volume)) ownTorques turn

            let! cell =
                match options.Ensemble with
                | Ensemble.Barostat _ -> cellOf turn snapshot.Frame.Cell
                | _ -> Ok start.Given.Frame.Cell

            let origin =
                match options.Ensemble with
                | Ensemble.Barostat _ ->
                    Matrix3.transpose turn
                    * (Quantities.tryOrigin snapshot |> Option.defaultValue Vector3.zero)
                | _ -> Quantities.tryOrigin start.Given |> Option.defaultValue Vector3.zero

            let log =
                SimulationLog.ofBodies
                    options
                    (SimulationOutput.VolumeOf cell)
                    (int step)
                    row[1]
                    (w[0] + w[4] + w[8])
                    moved

            let! result =
                output.SnapshotIn(cell, origin, int step, log.Time, moved, Potential.resultOf row[1] forces torques w)

            return { Step = int step; Snapshot = result; Log = log }
        }
