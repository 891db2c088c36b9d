/// Real spherical harmonics: orthonormal on the sphere, without the Condon–Shortley phase, m = -l .. l, where a
/// negative m is the sine part:
///
///     Y_lm = N_lm P_l^|m|(cos θ) · { √2 sin(|m|φ), m below 0;  1, m = 0;  √2 cos(mφ), m above 0 }
///     N_lm = √((2l+1)/4π · (l-|m|)!/(l+|m|)!)
module AniSoap.Reference.RealHarmonics

open System
open AniSoap
open AniSoap.Reference
open AniSoap.Reference.Combinatorics

/// N_lm above; the √2 of m ≠ 0 is not in it.
let normalisation l m =
    let m = abs m

    sqrt (
        float (2 * l + 1) / (4.0 * Math.PI)
        * quotient (factorial (l - m)) (factorial (l + m))
    )

/// P_l^m for l = 0 .. lmax (zero below l = m), without phase, from P_m^m = (2m-1)!! sin^m θ and
/// (l-m) P_l^m = (2l-1) cos θ P_{l-1}^m - (l+m-1) P_{l-2}^m.
let private legendreColumn lmax m (cosine: float) (sine: float) =
    let p = Array.zeroCreate (lmax + 1)
    p[m] <- Seq.fold (fun product k -> product * float (2 * k - 1) * sine) 1.0 (seq { 1..m })

    for l in m + 1 .. lmax do
        let before = if l - 2 >= m then p[l - 2] else 0.0

        p[l] <-
            (float (2 * l - 1) * cosine * p[l - 1] - float (l + m - 1) * before)
            / float (l - m)

    p

/// N_lm for all l and |m| up to lmax.
let normalisations lmax = Array.init (lmax + 1) (fun l -> Array.init (l + 1) (normalisation l))

/// |x|^l Y_lm(x) for l = 0 .. lmax, [l][m + l]: polynomials in x, zero at the origin unless l = 0.
let solidWith (norms: float[][]) (x: Vector3) : float[][] =
    let lmax = norms.Length - 1
    let r = Vector3.norm x
    let axisDistance = sqrt (x.X * x.X + x.Y * x.Y)
    let azimuth = atan2 x.Y x.X
    let cosine, sine = if r = 0.0 then 1.0, 0.0 else x.Z / r, axisDistance / r
    let columns = Array.init (lmax + 1) (fun m -> legendreColumn lmax m cosine sine)

    Array.init (lmax + 1) (fun l ->
        let scale = pown r l

        Array.init (2 * l + 1) (fun index ->
            let m = index - l
            let theta = scale * norms[l][abs m] * columns[abs m].[l]

            if m < 0 then sqrt 2.0 * theta * sin (float -m * azimuth)
            elif m = 0 then theta
            else sqrt 2.0 * theta * cos (float m * azimuth)))

let solid lmax x = solidWith (normalisations lmax) x

/// Y_lm at the direction of x (any length but zero), [l][m + l].
let values lmax (x: Vector3) = solid lmax (1.0 / Vector3.norm x * x)
