namespace AniSoap.Numerics

open System
open AniSoap

/// How pairs leave at the cutoff.
module internal PairSmoothing =
    /// f and f′ of a distance in the unit of the input.
    let valueAndSlope (hypers: PairHypers) (distance: float) : struct (float * float) =
        match hypers.Smoothing with
        | Smoothing.ShiftedCosine width when distance > hypers.CutoffRadius - width ->
            let x = Math.PI * (hypers.CutoffRadius - distance) / (2.0 * width)
            struct (sin x * sin x, -Math.PI / width * sin x * cos x)
        | _ -> struct (1.0, 0.0)

/// One pair's contact channels: what the scalars of its densities are multiplied by, w_k = φ_k(h) f(r) of own × neighbour and (φ_k f)² of neighbour × same
/// neighbour, each with ∂/∂r of the neighbour (three numbers) and ∂/∂ω of the centre (three numbers),
/// φ of `ContactChannel`, in the length unit of the input. Channels of the centre's own density first.
[<Sealed>]
type internal PairChannels(basis: PairBasis) =
    let layout = basis.Layout
    let hypers = basis.Hypers
    let count = layout.OwnChannels + layout.NeighborChannels
    let fromUnit = basis.Single.Unit.Length
    let values = Array.zeroCreate<float>(7 * count)

    let channel at (kind: ContactChannel) isSquared (gap: ContactGap) (byDistance: Vector3) f slope =
        let struct (value, derivative) = ContactChannel.valueAndSlope hypers.DeepestGap kind gap.Gap
        let w = value * f
        // Squared: d(w²) = 2 w dw.
        let factor = if isSquared then 2.0 * w else 1.0
        let byGap = factor * derivative * f
        let along = factor * value * slope
        values[at] <- if isSquared then w * w else w
        values[at + 1] <- byGap * gap.ByPosition.X + along * byDistance.X
        values[at + 2] <- byGap * gap.ByPosition.Y + along * byDistance.Y
        values[at + 3] <- byGap * gap.ByPosition.Z + along * byDistance.Z
        values[at + 4] <- byGap * gap.ByFirstRotation.X
        values[at + 5] <- byGap * gap.ByFirstRotation.Y
        values[at + 6] <- byGap * gap.ByFirstRotation.Z

    member _.Count = count

    /// By channel: w, ∂w/∂r, ∂w/∂ω of the centre.
    member _.Values = values

    /// Computes the channels of a pair at r in the unit that kernels compute in.
    member _.Fill(frame: PairFrame, center: int, neighbor: int, r: Vector3) =
        FullOptimization.ask ()
        let distance = Vector3.norm r
        let struct (f, slope) = PairSmoothing.valueAndSlope hypers (fromUnit * distance)
        let byDistance = if distance = 0.0 then Vector3.zero else 1.0 / distance * r

        for shape in 0 .. layout.Shapes - 1 do
            let gap = ContactGapKernel.ofShapes (frame.Contact(center, shape)) (frame.Contact(neighbor, shape)) r

            let gap = {
                gap with
                    Gap = fromUnit * gap.Gap
                    ByFirstRotation = fromUnit * gap.ByFirstRotation
                    BySecondRotation = fromUnit * gap.BySecondRotation
            }

            let own = layout.OwnFunctions.Length
            let neighbors = layout.NeighborFunctions.Length

            for k in 0 .. own - 1 do
                channel (7 * (shape * own + k)) layout.OwnFunctions[k] false gap byDistance f slope

            for k in 0 .. neighbors - 1 do
                channel
                    (7 * (layout.OwnChannels + shape * neighbors + k))
                    layout.NeighborFunctions[k]
                    true
                    gap
                    byDistance
                    f
                    slope
