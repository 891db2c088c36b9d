namespace AniSoap

open System

/// A function of the contact gap h that pair spectra are weighed by.
[<RequireQualifiedAccess>]
type ContactChannel =
    /// exp(−α h), α in inverse lengths.
    | Exponential of rate: float
    /// (1 + h/ℓ)^(−p), with ℓ above minus the deepest gap: the shape of walls and tails of Lennard-Jones's kind between surfaces.
    | Power of power: float * length: float

/// Values of contact channels.
module ContactChannel =
    /// φ(h) and φ′(h). Below the deepest gap they go on as a straight line.
    let valueAndSlope (deepest: float) (channel: ContactChannel) (gap: float) : struct (float * float) =
        let inner = if gap > deepest then gap else deepest

        let value, slope =
            match channel with
            | ContactChannel.Exponential rate ->
                let value = exp (-rate * inner)
                value, -rate * value
            | ContactChannel.Power(power, length) ->
                let ratio = 1.0 + inner / length
                let value = Math.Pow(ratio, -power)
                value, -power * value / (length * ratio)

        struct (value + slope * (gap - inner), slope)

    /// What is wrong with one: its name, the value, what is accepted.
    let internal problem (deepest: float) (channel: ContactChannel) : (string * float * string) option =
        let isBetween low high (value: float) = Double.IsFinite value && value >= low && value <= high

        match channel with
        | ContactChannel.Exponential rate when not (isBetween 0.0 1e6 rate) ->
            Some("rate of a contact channel", rate, "a finite number from 0, an inverse length")
        | ContactChannel.Power(power, _) when not (isBetween 0.0 100.0 power) ->
            Some("power of a contact channel", power, "a number from 0 to 100")
        | ContactChannel.Power(_, length) when not (Double.IsFinite length && length > -deepest) ->
            Some(
                "length of a contact channel",
                length,
                String.Concat(
                    "a finite number above minus the deepest gap, ",
                    deepest.ToString Globalization.CultureInfo.InvariantCulture
                )
            )
        | _ ->
            let struct (value, _) = valueAndSlope deepest channel deepest

            if value * value <= 1e87 then
                None
            else
                Some("deepest_gap", deepest, "a gap at which the square of the steepest channel is at most 1e87")
