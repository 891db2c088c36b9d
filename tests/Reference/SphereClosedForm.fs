/// Spheres by a radial integral: the angular part of a shifted Gaussian is known.
module AniSoap.Reference.SphereClosedForm

open System
open AniSoap
open AniSoap.Reference

/// e^{-z} i_l(z) for l = 0 .. lmax, i_l the modified spherical Bessel functions of the first kind: i_0 in closed form,
/// then the ratios i_l / i_{l-1} = 1 / ((2l+1)/z + i_{l+1}/i_l), downwards from where they no longer matter.
let scaledBessel lmax (z: float) : float[] =
    if z = 0.0 then
        Array.init (lmax + 1) (fun l -> if l = 0 then 1.0 else 0.0)
    else
        let start = lmax + 40 + int (10.0 * sqrt z)
        let ratios = Array.zeroCreate (start + 1)

        for l in start - 1 .. -1 .. 1 do
            ratios[l] <- 1.0 / (float (2 * l + 1) / z + ratios[l + 1])

        // (1 - e^{-2z}) / 2z without cancellation where z is small.
        let first =
            if z < 1e-3 then
                (1.0 - z + 2.0 / 3.0 * z * z - z * z * z / 3.0)
            else
                (1.0 - exp (-2.0 * z)) / (2.0 * z)

        Array.scan (*) first ratios[1..lmax]

/// c_nlm = 4π Y_lm(r̂) ∫ x² x^{l+2n} e^{-x²/2σ²} (2πa²)^{-3/2} e^{-(x²+r²)/2a²} i_l(x r/a²) dx for a sphere of semi-axis
/// a at r (without the Gaussian for monomials); bare functions.
let bare radial (counts: int[]) (a: float) (displacement: Vector3) : Coefficients =
    let lmax = counts.Length - 1
    let r = Vector3.norm displacement

    let harmonics =
        if r = 0.0 then
            RealHarmonics.solid lmax Vector3.zero
        else
            RealHarmonics.values lmax displacement

    let sharpness =
        match radial with
        | Gto width -> 1.0 / (2.0 * width * width)
        | Monomial _ -> 0.0

    // Without powers of x the integrand is a Gaussian of this centre and width; x^k moves its mode outwards.
    let precision = 1.0 / (a * a) + 2.0 * sharpness
    let centre, width = r / (a * a * precision), 1.0 / sqrt precision

    let mode k = (centre + sqrt (centre * centre + 4.0 * width * width * float k)) / 2.0

    let integral l n =
        let power = l + 2 * n + 2

        let integrand x =
            pown x power
            * exp (-sharpness * x * x - (x - r) * (x - r) / (2.0 * a * a))
            * (scaledBessel l (x * r / (a * a)))[l]

        let first, last = max 0.0 (mode power - 14.0 * width), mode (power + l) + 14.0 * width

        pown (2.0 * Math.PI * a * a) -3
        |> sqrt
        |> (*) (Quadrature.integrate 24 first last integrand)

    Array.init (lmax + 1) (fun l ->
        let radialPart = Array.init counts[l] (integral l)

        Array.init (2 * l + 1) (fun m ->
            radialPart |> Array.map (fun value -> 4.0 * Math.PI * harmonics[l].[m] * value)))
