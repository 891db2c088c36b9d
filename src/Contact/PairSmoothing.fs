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
