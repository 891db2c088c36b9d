namespace AniSoap

open System.Collections.Immutable

/// coefficient · x^A y^B z^C
[<Struct>]
type internal Monomial = {
    /// The power of x.
    A: int
    /// The power of y.
    B: int
    /// The power of z.
    C: int
    /// Its factor.
    Coefficient: float
}

/// Real solid harmonics r^l Y_lm as polynomials in x, y, z.
///
/// Conventions (docs/conventions.md): orthonormal on the sphere, no Condon–Shortley phase, m from −l to l with the sine part at
/// negative m. For m ≥ 0, with ρ² = x² + y²,
///
///     r^l Y_l,±m = N_lm Σ_k (−1)^k (l+m)! / (4^k 2^m k! (k+m)! (l−m−2k)!) z^{l−m−2k} ρ^{2k} · { Re, Im } (x + iy)^m
///
/// (the associated Legendre function written in ρ² and z², so that no two terms of one power cancel), and
/// N_lm = √((2l+1)/4π) · √((2 − δ_m0) (l−m)!/(l+m)!).
module internal SolidHarmonics =
    let private binomial n k =
        let mutable value = 1L

        for i in 1..k do
            value <- value * int64 (n - k + i) / int64 i

        value

    /// n! / m! for n ≥ m, as a product so that no factorial overflows.
    let private factorialRatio n m =
        let mutable value = 1.0

        for i in m + 1 .. n do
            value <- value * float i

        value

    /// Integer coefficients of ρ^{2k} (x + iy)^m: for every power p of x its real or imaginary part. Exact up to l = 40.
    let private planar k m imaginary =
        let powers = Array.zeroCreate<int64>(2 * k + m + 1)

        for j in 0..k do
            for p in 0..m do
                // (x²)^j (y²)^{k−j} · x^p (iy)^{m−p}
                let sign =
                    match (m - p) % 4, imaginary with
                    | 0, false
                    | 1, true -> 1L
                    | 2, false
                    | 3, true -> -1L
                    | _ -> 0L

                powers[2 * j + p] <- powers[2 * j + p] + sign * binomial k j * binomial m p

        powers

    /// The monomials of r^l Y_lm, for 0 ≤ |m| ≤ l. About one in four monomials of degree l occurs.
    let polynomial (l: int) (m: int) : Monomial[] =
        let order = abs m
        let multiplicity = if m = 0 then 1.0 else 2.0

        let normalization =
            sqrt ((2.0 * float l + 1.0) / (4.0 * System.Math.PI))
            * sqrt (multiplicity / factorialRatio (l + order) (l - order))

        [|
            for k in 0 .. (l - order) / 2 do
                let zPower = l - order - 2 * k
                let sign = if k % 2 = 0 then 1.0 else -1.0

                // (l+m)! / (4^k 2^m k! (k+m)! (l−m−2k)!) = [(l+m)! / (k+m)!] / [4^k 2^m k! (l−m−2k)!]
                let radial =
                    sign * factorialRatio (l + order) (k + order)
                    / (System.Math.Pow(2.0, float (2 * k + order))
                       * factorialRatio k 0
                       * factorialRatio zPower 0)

                let powers = planar k order (m < 0)

                for xPower in 0 .. powers.Length - 1 do
                    if powers[xPower] <> 0L then
                        {
                            A = xPower
                            B = 2 * k + order - xPower
                            C = zPower
                            Coefficient = normalization * radial * float powers[xPower]
                        }
        |]

    /// The values r^l Y_lm(r̂) of all l up to `maxAngular` at a point, in the order l² + l + m.
    let evaluate (maxAngular: int) (point: Vector3) : ImmutableArray<float> =
        let values = ImmutableArray.CreateBuilder<float>((maxAngular + 1) * (maxAngular + 1))

        for l in 0..maxAngular do
            for m in -l .. l do
                let mutable value = 0.0

                for term in polynomial l m do
                    value <-
                        value
                        + term.Coefficient
                          * pown point.X term.A
                          * pown point.Y term.B
                          * pown point.Z term.C

                values.Add value

        values.MoveToImmutable()
