/// Exact integers, and quotients of them as doubles.
module AniSoap.Reference.Combinatorics

open System
open System.Numerics

let factorial n : BigInteger = Seq.fold (fun product (k: int) -> product * BigInteger k) BigInteger.One (seq { 1..n })

let binomial n k : BigInteger =
    if k < 0 || k > n then
        BigInteger.Zero
    else
        factorial n / (factorial k * factorial (n - k))

let private bits (n: BigInteger) = int ((BigInteger.Abs n).GetBitLength())

/// numerator / denominator as the nearest double (but for a tie broken at the 64th bit), however long both are.
let quotient (numerator: BigInteger) (denominator: BigInteger) : float =
    if numerator.IsZero then
        0.0
    else
        let sign = numerator.Sign * denominator.Sign
        let numerator, denominator = BigInteger.Abs numerator, BigInteger.Abs denominator
        // A quotient of 63 or 64 bits fits a uint64, whose conversion to double rounds to nearest.
        let shift = 63 - (bits numerator - bits denominator)

        let scaled =
            if shift >= 0 then
                numerator <<< shift
            else
                numerator >>> -shift

        float sign * Math.ScaleB(float (uint64 (scaled / denominator)), -shift)
