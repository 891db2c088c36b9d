namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// What rows count. A particle on which much acts counts less, its rows are multiplied by
///
///     g = (1 + |f|²/f₀² + |τ|²/τ₀²)^(−p/2)
///
/// with f₀ and τ₀ the typical (geometric mean) force and torque and p the robustness: 0 minimizes plain squares, which a few deep overlaps carry nearly alone, 1 relative
/// errors of all forces beyond the typical one. A frame's energy and virial count by the mean of its particles' g. Each kind's weighted squares then add up to what the kind counts.
type internal RowWeights = {
    Robustness: float
    TypicalForce: float
    TypicalTorque: float
    /// Energies a particle, forces, torques, virials.
    Kinds: float[]
}

module internal RowWeights =
    let private squareOf (values: ImmutableArray<float>) particle typical =
        if values.IsDefaultOrEmpty || typical = 0.0 then
            0.0
        else
            let x, y, z = values[3 * particle], values[3 * particle + 1], values[3 * particle + 2]
            (x * x + y * y + z * z) / (typical * typical)

    /// g of every particle of a frame.
    let ofParticles (weights: RowWeights) (targets: PotentialTargets) : float[] =
        Array.init targets.Frame.Particles.Length (fun particle ->
            if weights.Robustness = 0.0 then
                1.0
            else
                let size =
                    squareOf targets.Forces particle weights.TypicalForce
                    + squareOf targets.Torques particle weights.TypicalTorque

                Math.Pow(1.0 + size, -0.5 * weights.Robustness))

    /// Mean g of a frame, 1 without particles.
    let mean (ofParticles: float[]) : float =
        if ofParticles.Length = 0 then
            1.0
        else
            let mutable sum = 0.0

            for g in ofParticles do
                sum <- sum + g

            sum / float ofParticles.Length

    /// Weights of one pass over the targets.
    let ofFrames
        (robustness: float)
        (counted: float[])
        (survey: TrainingSurvey)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<RowWeights, AniSoapError> =
        let bare = {
            Robustness = robustness
            TypicalForce = survey.TypicalForce
            TypicalTorque = survey.TypicalTorque
            Kinds =
                counted
                |> Array.mapi (fun kind weight -> weight / survey.Scales[kind] / sqrt (max 1.0 survey.Counts[kind]))
        }

        if robustness = 0.0 then
            Ok bare
        else
            let squares = Array.zeroCreate<float> 4
            let mutable energies = 0.0
            let mutable total = 0.0

            let addVectors kind (values: ImmutableArray<float>) (ofParticles: float[]) =
                if not values.IsDefaultOrEmpty then
                    for i in 0 .. values.Length / 3 - 1 do
                        for axis in 0..2 do
                            let value = ofParticles[i] * values[3 * i + axis]
                            squares[kind] <- squares[kind] + value * value

            TrainingSurvey.forEach frames (fun _ targets ->
                let ofParticles = ofParticles bare targets
                let g = mean ofParticles

                match targets.Energy with
                | Some energy when targets.Frame.Particles.Length > 0 ->
                    let one = energy / float targets.Frame.Particles.Length
                    squares[0] <- squares[0] + g * g * one * one
                    energies <- energies + g * g * one
                    total <- total + g * g
                | _ -> ()

                addVectors 1 targets.Forces ofParticles
                addVectors 2 targets.Torques ofParticles

                for struct (_, value) in targets.Virial do
                    squares[3] <- squares[3] + g * g * value * value

                Ok())
            |> Result.map (fun () ->
                // About the mean, as plain spreads of energies are.
                let spread = squares[0] - (if total > 0.0 then energies * energies / total else 0.0)
                squares[0] <- if spread > 1e-12 * squares[0] then spread else squares[0]

                {
                    bare with
                        Kinds =
                            counted
                            |> Array.mapi (fun kind weight ->
                                if squares[kind] > 0.0 then
                                    weight / sqrt squares[kind]
                                else
                                    bare.Kinds[kind])
                })
