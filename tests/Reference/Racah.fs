/// Clebsch–Gordan coefficients by Racah's formula in exact integer arithmetic, complex and real.
module AniSoap.Reference.Racah

open System
open System.Numerics
open AniSoap.Reference.Combinatorics

/// Σ_k (-1)^k / (k! (l1+l2-L-k)! (l1-m1-k)! (l2+m2-k)! (L-l2+m1+k)! (L-l1-m2+k)!) as numerator and denominator.
let private sum l1 m1 l2 m2 l =
    let terms = [
        for k in 0 .. l1 + l2 - l do
            let arguments = [ k; l1 + l2 - l - k; l1 - m1 - k; l2 + m2 - k; l - l2 + m1 + k; l - l1 - m2 + k ]

            if List.forall (fun n -> n >= 0) arguments then
                let denominator = arguments |> List.map factorial |> List.reduce (*)
                (if k % 2 = 0 then BigInteger.One else BigInteger.MinusOne), denominator
    ]

    terms
    |> List.fold (fun (p, q) (r, s) -> p * s + r * q, q * s) (BigInteger.Zero, BigInteger.One)

/// ⟨l1 m1 l2 m2 | L M⟩ with the phases of Condon and Shortley: exact under the root, rounded once there.
let complex l1 m1 l2 m2 l m : float =
    let allowed =
        m1 + m2 = m
        && abs (l1 - l2) <= l
        && l <= l1 + l2
        && abs m1 <= l1
        && abs m2 <= l2
        && abs m <= l

    if not allowed then
        0.0
    else
        let p, q = sum l1 m1 l2 m2 l

        let root =
            [ l + l1 - l2; l - l1 + l2; l1 + l2 - l; l + m; l - m; l1 - m1; l1 + m1; l2 - m2; l2 + m2 ]
            |> List.map factorial
            |> List.reduce (*)

        let numerator = BigInteger(2 * l + 1) * root * p * p
        let denominator = factorial (l1 + l2 + l + 1) * q * q
        float p.Sign * sqrt (quotient numerator denominator)

/// Row m of U in Y_real = U Y_complex: its entries that are not zero, by complex m.
let toReal m : (int * Complex) list =
    let h = sqrt 0.5
    let sign = if m % 2 = 0 then 1.0 else -1.0

    if m > 0 then
        [ -m, Complex(h, 0.0); m, Complex(sign * h, 0.0) ]
    elif m < 0 then
        [ m, Complex(0.0, h); -m, Complex(0.0, -sign * h) ]
    else
        [ 0, Complex.One ]

/// The real coefficients C[m1 + l1][m2 + l2][M + L] of U₁* U₂* U₃ C: the real part, and where l1 + l2 + L is odd
/// the imaginary part.
let real l1 l2 l : float[][][] =
    let element m1 m2 m =
        let sum =
            Seq.fold
                (fun (total: Complex) term -> total + term)
                Complex.Zero
                (seq {
                    for k1, u1 in toReal m1 do
                        for k2, u2 in toReal m2 do
                            for k, u in toReal m do
                                if k1 + k2 = k then
                                    Complex.Conjugate u1
                                    * Complex.Conjugate u2
                                    * u
                                    * Complex(complex l1 k1 l2 k2 l k, 0.0)
                })

        if (l1 + l2 + l) % 2 = 0 then sum.Real else sum.Imaginary

    Array.init (2 * l1 + 1) (fun m1 ->
        Array.init (2 * l2 + 1) (fun m2 -> Array.init (2 * l + 1) (fun m -> element (m1 - l1) (m2 - l2) (m - l))))
