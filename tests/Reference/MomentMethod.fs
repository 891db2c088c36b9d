/// The method of the library written down plainly: the recursion of scaled moments and one contraction with all the
/// coefficients of |x|^{2n} times a solid harmonic, every pair by itself. Doubles throughout, so that its distance from
/// `HighPrecision` is what the method loses to cancellation.
module AniSoap.Reference.MomentMethod

open System.Numerics
open AniSoap
open AniSoap.Reference
open AniSoap.Reference.Combinatorics

let private place b c = (b + c) * (b + c + 1) / 2 + c
let private shellSize d = (d + 1) * (d + 2) / 2

/// One coefficient's polynomial: places within the shell of its degree, and K for scaled moments (a! b! c! in it).
[<NoEquality; NoComparison>]
type Row = { Places: int[]; Values: float[] }

/// Rows by [l][m + l][n].
type Table = Row[][][]

/// The polynomial of degree d on all monomials, times |x|².
let private timesSquare d (polynomial: BigInteger[]) =
    let result = Array.create (shellSize (d + 2)) BigInteger.Zero

    for rest in 0..d do
        for c in 0..rest do
            let b, value = rest - c, polynomial[place (rest - c) c]

            if not value.IsZero then
                for target in [ place b c; place (b + 2) c; place b (c + 2) ] do
                    result[target] <- result[target] + value

    result

/// The contraction for bare functions, each number rounded once.
let table (counts: int[]) : Table =
    let most = counts |> Array.mapi (fun l count -> l + 2 * (count - 1)) |> Array.max
    let factorials = Array.init (most + 1) factorial

    let row l m degree (polynomial: BigInteger[]) =
        let norm = RealHarmonics.normalisation l m * (if m = 0 then 1.0 else sqrt 2.0)

        let entries = [|
            for rest in 0..degree do
                for c in 0..rest do
                    let value = polynomial[place (rest - c) c]

                    if not value.IsZero then
                        let scaled = value * factorials[degree - rest] * factorials[rest - c] * factorials[c]
                        place (rest - c) c, norm * quotient scaled (BigInteger.One <<< l)
        |]

        { Places = Array.map fst entries; Values = Array.map snd entries }

    Array.init counts.Length (fun l ->
        Array.init (2 * l + 1) (fun index ->
            let m = index - l
            let polynomial = Array.create (shellSize l) BigInteger.Zero

            for struct (_, b, c), value in HighPrecision.solidHarmonic l m do
                polynomial[place b c] <- value

            let degrees = [ for n in 0 .. counts[l] - 1 -> l + 2 * n ]

            (polynomial, List.tail degrees)
            ||> List.scan (fun previous degree -> timesSquare (degree - 2) previous)
            |> List.map2 (row l m) degrees
            |> List.toArray))

/// Scaled moments w E[x^a y^b z^c] / (a! b! c!) by shells: [degree][place of (b, c)].
let moments degree (weight: float) (centre: Vector3) (v: Matrix3) : float[][] =
    let result = Array.init (degree + 1) (fun d -> Array.zeroCreate (shellSize d))
    result[0].[0] <- weight

    let at a b c =
        if a < 0 || b < 0 || c < 0 then
            0.0
        else
            result[a + b + c].[place b c]

    for d in 1..degree do
        for rest in 0..d do
            for c in 0..rest do
                let a, b = d - rest, rest - c

                result[d].[place b c] <-
                    if a > 0 then
                        let a = a - 1

                        (centre.X * at a b c
                         + v.Row1.X * at (a - 1) b c
                         + v.Row1.Y * at a (b - 1) c
                         + v.Row1.Z * at a b (c - 1))
                        / float (a + 1)
                    elif b > 0 then
                        let b = b - 1

                        (centre.Y * at 0 b c + v.Row2.Y * at 0 (b - 1) c + v.Row2.Z * at 0 b (c - 1))
                        / float (b + 1)
                    else
                        (centre.Z * at 0 0 (c - 1) + v.Row3.Z * at 0 0 (c - 2)) / float c

    result

/// Weight, centre and covariance of the Gaussian that multiplies the polynomial.
let gaussian radial (particle: Ellipsoid) (r: Vector3) =
    let turn = Quaternion.toMatrix particle.Orientation
    let a = particle.SemiAxes
    let squares = Vector3.create (a.X * a.X) (a.Y * a.Y) (a.Z * a.Z)

    match radial with
    | Monomial _ -> 1.0, r, Moments.turned turn squares
    | Gto width ->
        let s = width * width
        let inverse = Vector3.create (1.0 / (squares.X + s)) (1.0 / (squares.Y + s)) (1.0 / (squares.Z + s))
        let b = Moments.turned turn inverse
        let br = b * r

        let covariance =
            let row (one: Vector3) (ofB: Vector3) = s * one - (s * s) * ofB
            let one = Matrix3.identity
            Matrix3.ofRows (row one.Row1 b.Row1) (row one.Row2 b.Row2) (row one.Row3 b.Row3)

        let weight =
            s
            * width
            * sqrt (inverse.X * inverse.Y * inverse.Z)
            * exp (-0.5 * Vector3.dot r br)

        weight, s * br, covariance

/// Coefficients from moments.
let contract (table: Table) (moments: float[][]) : Coefficients =
    table
    |> Array.mapi (fun l ->
        Array.map (
            Array.mapi (fun n row ->
                let shell = moments[l + 2 * n]
                let mutable sum = 0.0

                for i in 0 .. row.Places.Length - 1 do
                    sum <- sum + row.Values[i] * shell[row.Places[i]]

                sum)
        ))

/// Bare pair coefficients.
let bare radial (table: Table) particle displacement : Coefficients =
    let degree = table |> Array.mapi (fun l block -> l + 2 * (block[0].Length - 1)) |> Array.max
    let weight, centre, covariance = gaussian radial particle displacement
    contract table (moments degree weight centre covariance)
