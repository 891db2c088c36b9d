namespace AniSoap

open System

/// The unit of length that kernels compute in, whatever the user's is: a power of four near the Gaussian width (GTO) or the cutoff (monomials).
/// High powers of lengths then stay near one, and since it is a power of four, going there and back costs no digit, not even of its square root.
[<Struct>]
type internal LengthUnit = {
    /// The unit is 4^Exponent.
    Exponent: int
} with

    /// The unit in the user's lengths.
    member unit.Length = Math.ScaleB(1.0, 2 * unit.Exponent)

    /// What a length in the user's unit is multiplied by.
    member unit.FromUser = Math.ScaleB(1.0, -2 * unit.Exponent)

    /// The unit to the power `halves`/2.
    member unit.Power halves = Math.ScaleB(1.0, unit.Exponent * halves)

module internal LengthUnit =
    /// The unit near a length above zero.
    let near (length: float) : LengthUnit = { Exponent = int (Math.Round(Math.Log2 length / 2.0)) }

    /// The length that decides about the size of the radial functions, and its name.
    let leading (hypers: Hypers) =
        match hypers.RadialBasis with
        | Gto width -> struct ("radial_gaussian_width", width)
        | Monomial -> struct ("cutoff_radius", hypers.CutoffRadius)

    /// The unit of hyperparameters.
    let ofHypers (hypers: Hypers) : LengthUnit =
        let struct (_, length) = leading hypers
        near length

    /// The hyperparameters with all lengths in this unit.
    let hypers (unit: LengthUnit) (hypers: Hypers) : Hypers =
        let scale = unit.FromUser

        {
            hypers with
                CutoffRadius = scale * hypers.CutoffRadius
                RadialBasis =
                    match hypers.RadialBasis with
                    | Gto width -> Gto(scale * width)
                    | Monomial -> Monomial
                Smoothing =
                    match hypers.Smoothing with
                    | Smoothing.Step -> Smoothing.Step
                    | Smoothing.ShiftedCosine width -> Smoothing.ShiftedCosine(scale * width)
                RadialScaling =
                    hypers.RadialScaling
                    |> Option.map (fun scaling -> { scaling with Scale = scale * scaling.Scale })
        }
