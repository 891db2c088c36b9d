namespace AniSoap.Learning

open System
open AniSoap

/// A simulation under way.
[<Sealed>]
type internal SimulationRun
    (options: SimulationOptions, engine: PotentialEngine, start: Snapshot, bodies: RigidBodies, normal: NormalNumbers) =
    let frame = start.Frame
    let count = bodies.Count
    let output = SimulationOutput start
    let forces, torques = Array.zeroCreate<float>(3 * count), Array.zeroCreate<float>(3 * count)
    let virial = Array.zeroCreate<float> 9
    let h = options.TimeStep
    let mutable energy = 0.0
    let mutable step = 0
    let mutable hasFailed = false

    /// Where, and what mostly is the reason.
    let atStep error =
        match error with
        | InvalidValue(parameter, value, accepted, _) when step > 0 ->
            InvalidValue(
                String.Concat("step ", string step, ": ") + parameter,
                value,
                accepted + "; the time step may be too long",
                Place.Unknown
            )
        | _ -> error

    let evaluate () =
        engine.EvaluateAt(frame, bodies.Positions, bodies.Orientations, Memory forces, Memory torques, Memory virial)
        |> Result.bind (fun found ->
            energy <- found

            if Double.IsFinite found then
                Ok()
            else
                Refuse.number "energy" found "a finite number")
        |> Result.mapError atStep

    let advance () =
        options.Cancellation.ThrowIfCancellationRequested()
        step <- step + 1
        RigidMotion.kick bodies forces torques (0.5 * h)

        match options.Ensemble with
        | Ensemble.Nve -> RigidMotion.drift bodies h
        | Ensemble.Langevin(translation, rotation) ->
            RigidMotion.drift bodies (0.5 * h)
            let kT = defaultArg options.Temperature 0.0
            RigidMotion.thermostat bodies normal kT translation rotation h
            RigidMotion.drift bodies (0.5 * h)
        // Refused before anything is moved.
        | Ensemble.NoseHoover _
        | Ensemble.Barostat _ -> ()

        let outcome = evaluate ()
        RigidMotion.kick bodies forces torques (0.5 * h)
        outcome

    let log () =
        SimulationLog.ofBodies options output.Volume step energy (virial[0] + virial[4] + virial[8]) bodies

    /// The forces at the start.
    member _.Begin() : Result<unit, AniSoapError> = evaluate ()

    /// Whether nothing comes after what was given.
    member _.IsDone = hasFailed || step = options.Steps

    /// What the bodies are like now.
    member _.Frame() : Result<SimulationFrame, AniSoapError> =
        let log = log ()

        let frame =
            Refuse.unless (Double.IsFinite log.TotalEnergy) (fun () ->
                Refuse.number "total energy" log.TotalEnergy "a finite number")
            |> Result.bind (fun () ->
                output.Snapshot(step, log.Time, bodies, Potential.resultOf energy forces torques virial))
            |> Result.map (fun snapshot -> { Step = step; Snapshot = snapshot; Log = log })
            |> Result.mapError atStep

        hasFailed <- frame.IsError
        frame

    /// The same after as many steps as there are up to the next frame.
    member run.Next() : Result<SimulationFrame, AniSoapError> =
        let mutable outcome = advance ()

        while outcome.IsOk && step < options.Steps && step % options.Every <> 0 do
            outcome <- advance ()

        match outcome with
        | Ok() -> run.Frame()
        | Error error ->
            hasFailed <- true
            Error error

/// Rigid ellipsoids in motion under a potential.
module Simulation =
    let private start (options: SimulationOptions) (potential: Potential) (snapshot: Snapshot) =
        attempt {
            do! SimulationOptions.checkOwn options
            let normal = NormalNumbers options.Seed
            let! bodies = SimulationStart.create options normal snapshot
            let! engine = potential.Engine options.Threads
            let run = SimulationRun(options, engine, snapshot, bodies, normal)
            do! run.Begin()
            return run
        }

    /// Moves the particles of a snapshot from there on, and gives the start, every so many steps a frame, and the last step, lazily: nothing is computed before it
    /// is asked for, and going through it again computes it again, with the same bits. The first error ends it.
    ///
    /// Masses are those of the column `mass`, moments of inertia about the body's axes those of `inertia`, as `coarse-grain` writes them; else masses are 1 and
    /// bodies solid ellipsoids, I_x = m (b² + c²) / 5. Velocities are those of `velocities`, angular momenta in the lab frame those of `angular_momenta` (or of
    /// `angular_velocities`), unless they are drawn. Steps are half a kick by forces and torques, free flight with rotations split about the body's axes
    /// (A. Dullweber, B. Leimkuhler, R. McLachlan, J. Chem. Phys. 107 (1997) 5840), half a kick; with a thermostat BAOAB (B. Leimkuhler, C. Matthews, Appl. Math. Res.
    /// Express 2013, 34). Refuses options that mean nothing, starts without what is needed, particles that the potential does not know, and energies that are not finite.
    let run
        (options: SimulationOptions)
        (potential: Potential)
        (snapshot: Snapshot)
        : seq<Result<SimulationFrame, AniSoapError>> =
        seq {
            match start options potential snapshot with
            | Error error -> Error error
            | Ok run ->
                run.Frame()

                while not run.IsDone do
                    run.Next()
        }
