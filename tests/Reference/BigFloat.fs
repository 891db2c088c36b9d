namespace AniSoap.Reference

open System
open System.Numerics

/// A binary floating-point number of 384 bits (115 decimal digits), mantissa · 2^exponent: as much arithmetic as
/// the high-precision twin needs, and no more.
[<Struct; CustomEquality; CustomComparison>]
type BigFloat = {
    Mantissa: BigInteger
    Exponent: int
} with

    static member private Bits = 384

    static member Zero = { Mantissa = BigInteger.Zero; Exponent = 0 }
    static member One = BigFloat.Of 1

    /// mantissa · 2^exponent, rounded to the precision.
    static member Of(mantissa: BigInteger, exponent: int) =
        let excess = int (mantissa.GetBitLength()) - BigFloat.Bits

        if mantissa.IsZero then
            BigFloat.Zero
        elif excess <= 0 then
            { Mantissa = mantissa; Exponent = exponent }
        else
            let half = BigInteger.One <<< (excess - 1)
            { Mantissa = (mantissa + half) >>> excess; Exponent = exponent + excess }

    static member Of(n: BigInteger) = BigFloat.Of(n, 0)
    static member Of(n: int) = BigFloat.Of(BigInteger n, 0)

    /// The exact value of a finite double.
    static member Of(x: float) =
        let exponent = if x = 0.0 then 0 else Math.ILogB x - 52
        BigFloat.Of(BigInteger(Math.ScaleB(x, -exponent)), exponent)

    /// Nearest double.
    member x.ToFloat() =
        if x.Exponent >= 0 then
            Combinatorics.quotient (x.Mantissa <<< x.Exponent) BigInteger.One
        else
            Combinatorics.quotient x.Mantissa (BigInteger.One <<< -x.Exponent)

    static member (~-)(x: BigFloat) = { x with Mantissa = -x.Mantissa }

    static member (+)(x: BigFloat, y: BigFloat) =
        if x.Mantissa.IsZero then
            y
        elif y.Mantissa.IsZero then
            x
        else
            let high, low = if x.Exponent >= y.Exponent then x, y else y, x
            let distance = high.Exponent - low.Exponent
            // Where the shift alone exceeds both mantissas, the lower term is below half a unit of the higher one.
            if distance > 2 * BigFloat.Bits then
                high
            else
                BigFloat.Of((high.Mantissa <<< distance) + low.Mantissa, low.Exponent)

    static member (-)(x: BigFloat, y: BigFloat) = x + -y

    static member (*)(x: BigFloat, y: BigFloat) = BigFloat.Of(x.Mantissa * y.Mantissa, x.Exponent + y.Exponent)

    static member (/)(x: BigFloat, y: BigFloat) =
        // Enough bits in the numerator for a quotient of full precision.
        let shift = max 0 (BigFloat.Bits + 2 + int (y.Mantissa.GetBitLength() - x.Mantissa.GetBitLength()))

        BigFloat.Of((x.Mantissa <<< shift) / y.Mantissa, x.Exponent - shift - y.Exponent)

    interface IComparable with
        member x.CompareTo other =
            match other with
            | :? BigFloat as y -> (x - y).Mantissa.Sign
            | _ -> invalidArg (nameof other) "not a BigFloat"

    override x.Equals other =
        match other with
        | :? BigFloat as y -> (x - y).Mantissa.IsZero
        | _ -> false

    override x.GetHashCode() = x.ToFloat().GetHashCode()

module BigFloat =
    let half = BigFloat.One / BigFloat.Of 2

    /// numerator / denominator.
    let ratio (numerator: BigInteger) (denominator: BigInteger) = BigFloat.Of numerator / BigFloat.Of denominator

    let abs (x: BigFloat) = { x with Mantissa = BigInteger.Abs x.Mantissa }

    let rec power (x: BigFloat) n : BigFloat =
        if n = 0 then BigFloat.One
        elif n % 2 = 1 then x * power x (n - 1)
        else power (x * x) (n / 2)

    /// √x of a number not below zero: Newton's method from the double next to it doubles the right bits each time.
    let sqrt (x: BigFloat) =
        if x.Mantissa.IsZero then
            x
        else
            // x = scaled · 4^pairs with scaled near 1, so that the first guess neither over- nor underflows.
            let pairs = (x.Exponent + int (x.Mantissa.GetBitLength())) / 2
            let scaled = { x with Exponent = x.Exponent - 2 * pairs }
            let step (y: BigFloat) _ = half * (y + scaled / y)
            let root = Seq.fold step (BigFloat.Of(Math.Sqrt(scaled.ToFloat()))) (seq { 1..4 })
            { root with Exponent = root.Exponent + pairs }

    /// e^x: Taylor's series of x/2^k, squared k times. The few bits lost to squaring are far below what is asked for.
    let exp (x: BigFloat) =
        let halvings = max 0 (x.Exponent + int (x.Mantissa.GetBitLength())) + 8
        let small = { x with Exponent = x.Exponent - halvings }

        let rec series k (term: BigFloat) (sum: BigFloat) =
            let next = sum + term

            if next = sum || k > 200 then
                next
            else
                series (k + 1) (term * small / BigFloat.Of k) next

        Seq.fold (fun (y: BigFloat) _ -> y * y) (series 1 BigFloat.One BigFloat.Zero) (seq { 1..halvings })

    /// π by Machin's formula, 16 arctan(1/5) - 4 arctan(1/239).
    let pi =
        let arctangentOfInverse (n: int) =
            let x = BigFloat.One / BigFloat.Of n
            let square = x * x

            Seq.fold
                (fun (sum, power: BigFloat) k -> sum + power / BigFloat.Of(2 * k + 1), -(power * square))
                (BigFloat.Zero, x)
                (seq { 0..200 })
            |> fst

        BigFloat.Of 16 * arctangentOfInverse 5 - BigFloat.Of 4 * arctangentOfInverse 239

    /// Γ(k + ½) = √π (2k)! / (4^k k!).
    let gammaHalf k =
        sqrt pi
        * ratio (Combinatorics.factorial (2 * k)) (BigInteger.Pow(BigInteger 4, k) * Combinatorics.factorial k)
