namespace AniSoap.Learning

open System
open System.Threading
open AniSoap

/// What a simulation keeps constant beside the number of particles and the cell.
[<RequireQualifiedAccess>]
type Ensemble =
    /// The energy: bodies move by the potential alone.
    | Nve
    /// The temperature: friction and noise act on every velocity and angular momentum, which forget themselves within these times. The shorter, the more
    /// firmly the temperature is held and the slower things diffuse.
    | Langevin of translationTime: float * rotationTime: float
    /// The temperature, without friction: a chain of thermostats of Nosé and Hoover acts on all velocities and angular momenta alike, within this time. LAMMPS alone has it.
    | NoseHoover of time: float
    /// The temperature, and the pressure (in units of energy / length³), as whose barostat all cell vectors grow and shrink alike. LAMMPS alone has it.
    | Barostat of time: float * pressure: float * pressureTime: float

/// How bodies are moved. Units are those of the potential: lengths and energies as it was trained on, masses as given, and the time that follows from them,
/// length × √(mass / energy).
[<NoComparison; NoEquality>]
type SimulationOptions = {
    /// Steps, at least 1.
    Steps: int
    /// The time of a step.
    TimeStep: float
    /// A frame is given out every so many steps; the first and the last in any case.
    Every: int
    /// What is kept constant.
    Ensemble: Ensemble
    /// k_B T in units of the potential's energies. Without it velocities and angular momenta are those of the start. With it they are drawn, in `Langevin`
    /// only where the start has none.
    Temperature: float option
    /// What random numbers are drawn from: the same seed gives the same run, to the last bit.
    Seed: int
    /// Masses by species, in place of those of the start.
    Masses: Map<int, float>
    /// The mass of species that are not in `Masses`, in place of that of the start.
    Mass: float option
    /// Threads; 0: as many as there are processors. They do not change a bit.
    Threads: int
    /// Stops the run, by an OperationCanceledException.
    Cancellation: CancellationToken
}

/// How bodies are moved.
module SimulationOptions =
    /// So many steps of this time at constant energy, a frame every hundred; seed 0, one thread.
    let create (steps: int) (timeStep: float) : SimulationOptions = {
        Steps = steps
        TimeStep = timeStep
        Every = 100
        Ensemble = Ensemble.Nve
        Temperature = None
        Seed = 0
        Masses = Map.empty
        Mass = None
        Threads = 1
        Cancellation = CancellationToken.None
    }

    let internal check (options: SimulationOptions) : Result<unit, AniSoapError> =
        let positive name value =
            Refuse.unless (value > 0.0 && Double.IsFinite value) (fun () ->
                Refuse.number name value "a finite number above zero")

        attempt {
            do!
                Refuse.unless (options.Steps >= 1) (fun () ->
                    Refuse.count "steps" options.Steps "a whole number from 1")

            do! positive "time step" options.TimeStep

            do!
                Refuse.unless (options.Every >= 1) (fun () ->
                    Refuse.count "every" options.Every "a whole number of steps from 1")

            do!
                match options.Temperature with
                | Some kT ->
                    Refuse.unless (kT >= 0.0 && Double.IsFinite kT) (fun () ->
                        Refuse.number "temperature" kT "k_B T in units of energy, a finite number from 0")
                | None -> Ok()

            do!
                match options.Ensemble, options.Temperature with
                | Ensemble.Nve, _ -> Ok()
                | _, None ->
                    Error(
                        Missing(
                            "temperature",
                            "what keeps it constant needs one: k_B T in units of the potential's energies",
                            Place.Unknown
                        )
                    )
                | Ensemble.Langevin(translation, rotation), Some _ ->
                    attempt {
                        do! positive "friction time" translation
                        return! positive "friction time of rotations" rotation
                    }
                | Ensemble.NoseHoover time, Some _ -> positive "thermostat's time" time
                | Ensemble.Barostat(time, pressure, pressureTime), Some _ ->
                    attempt {
                        do! positive "thermostat's time" time
                        do! positive "barostat's time" pressureTime

                        return!
                            Refuse.unless (Double.IsFinite pressure) (fun () ->
                                Refuse.number "pressure" pressure "a finite number")
                    }

            let given = (options.Masses |> Map.toList |> List.map snd) @ Option.toList options.Mass

            return!
                (Ok(), given)
                ||> List.fold (fun before mass -> before |> Result.bind (fun () -> positive "mass" mass))
        }

    /// What this library moves bodies by itself.
    let internal checkOwn (options: SimulationOptions) : Result<unit, AniSoapError> =
        let elsewhere name =
            Refuse.because "ensemble" name "constant energy, or friction and noise (Langevin); LAMMPS has the others"

        check options
        |> Result.bind (fun () ->
            match options.Ensemble with
            | Ensemble.Nve
            | Ensemble.Langevin _ -> Ok()
            | Ensemble.NoseHoover _ -> elsewhere "a chain of thermostats"
            | Ensemble.Barostat _ -> elsewhere "constant pressure")
