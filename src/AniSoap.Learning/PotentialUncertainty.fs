namespace AniSoap.Learning

open System
open AniSoap

/// What the spreads of a committee are multiplied by: 68 % of the errors of training frames, each predicted by the members that have not seen it, are then within one spread.
[<Struct; NoComparison>]
type SpreadScales = {
    /// Of energies of frames.
    Energy: float
    /// Of the norms of forces on particles.
    Forces: float
    /// Of the norms of torques.
    Torques: float
}

/// What a potential knows of its own errors: a committee of potentials of half of the training frames each, and R of all of them for the closed-form variance
/// σ² x (RᵀR + λ)⁻¹ x of an energy with row x (C. M. Bishop, Pattern Recognition and Machine Learning (2006), 3.59) and for its leverage.
[<Sealed>]
type PotentialUncertainty
    internal
    (
        members: float[][],
        scales: SpreadScales,
        noise: float,
        largestLeverage: float,
        columnScales: float[],
        triangle: float[][]
    ) =
    /// Members of the committee.
    member _.Count = members.Length

    /// The weights of one of them.
    member _.Weights(index: int) : ReadOnlyMemory<float> = ReadOnlyMemory members[index]

    /// What spreads are multiplied by.
    member _.Scales = scales

    /// σ: what is left of a row by the fit, in weighted units.
    member _.Noise = noise

    /// The largest leverage of the training frames.
    member _.LargestLeverage = largestLeverage

    member internal _.Members = members
    /// D⁻¹ of `LeastSquares.regularized`, without the target.
    member internal _.ColumnScales = columnScales
    /// Row k from element k on, without the target.
    member internal _.Triangle = triangle

    /// x (RᵀR + λ)⁻¹ x of a row, by Rᵀ z = x.
    static member internal LeverageOf(columnScales: float[], triangle: float[][], row: ReadOnlySpan<float>) : float =
        let z = Array.zeroCreate<float> row.Length

        for j in 0 .. z.Length - 1 do
            z[j] <- columnScales[j] * row[j]

        let mutable sum = 0.0

        for k in 0 .. z.Length - 1 do
            let r = triangle[k]

            if abs r[k] > 1e-300 then
                let value = z[k] / r[k]
                sum <- sum + value * value

                for j in k + 1 .. z.Length - 1 do
                    z[j] <- z[j] - value * r[j]

        sum
