namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// What a committee says of a frame.
[<NoComparison>]
type PotentialSpread = {
    /// The mean of the members' energies.
    Energy: float
    /// The mean of the members' forces.
    Forces: ImmutableArray<Vector3>
    /// The mean of the members' torques.
    Torques: ImmutableArray<Vector3>
    /// The standard deviation of the members' energies, calibrated.
    EnergySpread: float
    /// By particle: the root of the summed variances of the force's components, calibrated.
    ForceSpreads: ImmutableArray<float>
    /// The same of torques.
    TorqueSpreads: ImmutableArray<float>
    /// The standard deviation of the energy in closed form, not calibrated: σ √(x (RᵀR + λ)⁻¹ x).
    EnergyDeviation: float
    /// The frame's leverage (of its row a particle) relative to the largest of the training frames: above 1 it is unlike all of them.
    Leverage: float
}

/// Means and spreads of several potentials of one basis. One call at a time.
[<Sealed>]
type internal Committee(engines: PairEnergy[]) =
    let energies = Array.zeroCreate<float> engines.Length
    let mutable forces = Array.init engines.Length (fun _ -> Array.empty<float>)
    let mutable torques = Array.init engines.Length (fun _ -> Array.empty<float>)
    let virial = Array.zeroCreate<float> 9

    let moments (members: int[]) (all: float[][]) (means: float[]) =
        for i in 0 .. means.Length - 1 do
            let mutable sum = 0.0

            for k in members do
                sum <- sum + all[k][i]

            means[i] <- sum / float members.Length

    /// By particle: the root of the summed variances of three components.
    let spreads (members: int[]) (all: float[][]) (means: float[]) =
        Array.init (means.Length / 3) (fun particle ->
            let mutable sum = 0.0

            for i in 3 * particle .. 3 * particle + 2 do
                for k in members do
                    let d = all[k][i] - means[i]
                    sum <- sum + d * d

            sqrt (sum / float (max 1 (members.Length - 1))))

    static member Create(basis: PairBasis, members: float[][], threads: int) : Result<Committee, AniSoapError> =
        members
        |> Result.traverse (fun weights -> PairEnergy.Create(basis, ReadOnlyMemory weights, threads))
        |> Result.map Committee

    /// What the members of these numbers say, without calibration.
    member _.Evaluate(frame: Frame, members: int[]) : Result<PotentialSpread, AniSoapError> =
        let size = 3 * frame.Particles.Length

        for k in members do
            if forces[k].Length <> size then
                forces[k] <- Array.zeroCreate size
                torques[k] <- Array.zeroCreate size

        members
        |> Result.check (fun k ->
            engines[k].Evaluate(frame, Memory forces[k], Memory torques[k], Memory virial)
            |> Result.map (fun energy -> energies[k] <- energy))
        |> Result.map (fun () ->
            let meanForces, meanTorques = Array.zeroCreate<float> size, Array.zeroCreate<float> size
            moments members forces meanForces
            moments members torques meanTorques
            let mean = members |> Array.averageBy (fun k -> energies[k])

            let variance =
                (members |> Array.sumBy (fun k -> (energies[k] - mean) * (energies[k] - mean)))
                / float (max 1 (members.Length - 1))

            let result = Potential.resultOf mean meanForces meanTorques virial

            {
                Energy = mean
                Forces = result.Forces
                Torques = result.Torques
                EnergySpread = sqrt variance
                ForceSpreads = ImmutableArray.Create<float>(spreads members forces meanForces)
                TorqueSpreads = ImmutableArray.Create<float>(spreads members torques meanTorques)
                EnergyDeviation = nan
                Leverage = nan
            })

/// What evaluates one frame after another with its spread. One call at a time.
[<Sealed>]
type SpreadEngine private (uncertainty: PotentialUncertainty, committee: Committee, values: PairSpectrumValues) =
    let all = Array.init uncertainty.Count id

    /// The committee of a potential that was trained with one, on so many threads (0: as many as there are processors).
    static member Create(potential: Potential, threads: int) : Result<SpreadEngine, AniSoapError> =
        match
            potential.Contact
            |> Option.bind (fun one -> one.Uncertainty |> Option.map (fun known -> one, known))
        with
        | None ->
            Error(Missing("the committee of the potential", "train it with one (train --committee 10)", Place.Unknown))
        | Some(contact, uncertainty) ->
            Committee.Create(contact.Basis, uncertainty.Members, threads)
            |> Result.map (fun committee -> SpreadEngine(uncertainty, committee, PairSpectrumValues contact.Basis))

    /// Energy, forces and torques of a frame by the committee, with spreads. Refuses frames with species that the potential does not know.
    member _.Evaluate(frame: Frame) : Result<PotentialSpread, AniSoapError> =
        attempt {
            let! found = committee.Evaluate(frame, all)
            do! values.Compute frame
            let particles = float (max 1 frame.Particles.Length)

            let leverage =
                PotentialUncertainty.LeverageOf(uncertainty.ColumnScales, uncertainty.Triangle, values.Values)

            let scales = uncertainty.Scales

            let times (factor: float) (values: ImmutableArray<float>) =
                ImmutableArray.CreateRange(values, fun value -> factor * value)

            return {
                found with
                    EnergySpread = scales.Energy * found.EnergySpread
                    ForceSpreads = times scales.Forces found.ForceSpreads
                    TorqueSpreads = times scales.Torques found.TorqueSpreads
                    EnergyDeviation = uncertainty.Noise * sqrt leverage
                    Leverage = leverage / (particles * particles) / uncertainty.LargestLeverage
            }
        }

/// Frames with what a committee says of them.
module PotentialSpread =
    /// The snapshot with `energy_spread`, `energy_deviation` and `leverage`, and the columns `force_spread` and `torque_spread`, in place of the file's.
    let label (found: PotentialSpread) (snapshot: Snapshot) : Result<Snapshot, AniSoapError> =
        let numbers = [
            "energy_spread", found.EnergySpread
            "energy_deviation", found.EnergyDeviation
            "leverage", found.Leverage
        ]

        let info =
            (snapshot.Info
             |> List.filter (fun (name, _) -> not (numbers |> List.exists (fun (other, _) -> other = name))))
            @ (numbers |> List.map (fun (name, value) -> name, InfoValue.Real value))

        attempt {
            let! forces = ParticleColumn.create "force_spread" 1 (ColumnValues.Reals found.ForceSpreads)
            let! torques = ParticleColumn.create "torque_spread" 1 (ColumnValues.Reals found.TorqueSpreads)

            let others =
                snapshot.Columns
                |> List.filter (fun column -> column.Name <> "force_spread" && column.Name <> "torque_spread")

            return!
                Snapshot.create snapshot.Frame snapshot.SpeciesNames snapshot.Step info (others @ [ forces; torques ])
        }
