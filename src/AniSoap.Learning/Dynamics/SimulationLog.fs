namespace AniSoap.Learning

open System
open AniSoap

/// What a simulation is like at one moment. NaN where there is no such thing.
[<Struct; NoComparison>]
type SimulationLog = {
    /// Steps done.
    Step: int
    /// Steps × the time of a step.
    Time: float
    /// Of the potential.
    PotentialEnergy: float
    /// ½ Σ m v².
    KineticEnergy: float
    /// ½ Σ L_k² / I_k about the bodies' axes.
    RotationalEnergy: float
    /// The sum of the three: constant without a thermostat, but for errors of the order of the time step squared.
    TotalEnergy: float
    /// k_B T of translations: 2 K / (3 N − 3), and with a thermostat or of one particle 2 K / 3 N.
    Temperature: float
    /// k_B T of rotations: twice their energy over the number of axes with a moment of inertia.
    RotationalTemperature: float
    /// (2 K + tr W) / 3 V, W the virial Σ r f; of frames that repeat along all three cell vectors.
    Pressure: float
}

/// Logs, and as text.
module SimulationLog =
    /// The log of bodies at a step.
    let internal ofBodies
        (options: SimulationOptions)
        (volume: float)
        (step: int)
        (energy: float)
        (virialTrace: float)
        (bodies: RigidBodies)
        : SimulationLog =
        let kinetic, rotational = RigidMotion.kineticEnergy bodies, RigidMotion.rotationalEnergy bodies
        let axes = bodies.Inertia |> Array.sumBy (fun moment -> if moment > 0.0 then 1.0 else 0.0)

        let freedoms =
            match options.Ensemble with
            | Ensemble.Langevin _ -> float (3 * bodies.Count)
            | _ when bodies.Count > 1 -> float (3 * bodies.Count - 3)
            | _ -> float (3 * bodies.Count)

        {
            Step = step
            Time = float step * options.TimeStep
            PotentialEnergy = energy
            KineticEnergy = kinetic
            RotationalEnergy = rotational
            TotalEnergy = energy + kinetic + rotational
            Temperature = 2.0 * kinetic / freedoms
            RotationalTemperature = 2.0 * rotational / axes
            Pressure = (2.0 * kinetic + virialTrace) / (3.0 * volume)
        }

    /// The names of the columns, separated by commas.
    let header =
        "step,time,potential_energy,kinetic_energy,rotational_energy,total_energy,temperature,rotational_temperature,pressure"

    /// One line of numbers that read back to themselves, nothing where there is none.
    let row (log: SimulationLog) : string =
        let number value = if Double.IsNaN value then "" else Refuse.text value

        String.Join(
            ',',
            [|
                log.Step.ToString Globalization.CultureInfo.InvariantCulture
                number log.Time
                number log.PotentialEnergy
                number log.KineticEnergy
                number log.RotationalEnergy
                number log.TotalEnergy
                number log.Temperature
                number log.RotationalTemperature
                number log.Pressure
            |]
        )

/// One moment of a simulation.
[<NoComparison; NoEquality>]
type SimulationFrame = {
    /// Steps done.
    Step: int
    /// Where bodies are and how they move: columns `velocities`, `angular_momenta` (lab frame), `mass`, `inertia`, `forces` and `torques`, and what the start
    /// says of each particle that does not change: whole numbers, words and truth values, charges. Positions are in the cell if those of the start are, with
    /// `images` that tell how often each left it.
    Snapshot: Snapshot
    /// Energies, temperatures, pressure.
    Log: SimulationLog
}
