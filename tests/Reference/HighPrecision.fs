/// Pair coefficients of the GTO basis with 115 digits: the method of moments, in which doubles cancel more and more as
/// l and n grow, run with so many digits that cancellation does not matter.
module AniSoap.Reference.HighPrecision

open System.Numerics
open AniSoap
open AniSoap.Reference
open AniSoap.Reference.Combinatorics

/// A homogeneous polynomial, or the moments of one degree d: the value at (a, b, c), a + b + c = d, is at this place.
let private place b c = (b + c) * (b + c + 1) / 2 + c

let private shellSize d = (d + 1) * (d + 2) / 2

/// All (a, b, c) of degree d, in the order of their places.
let private shell d : struct (int * int * int)[] = [|
    for rest in 0..d do
        for c in 0..rest do
            struct (d - rest, rest - c, c)
|]

/// The integer coefficients of 2^l |x|^l P_l^|m| {cos, sin}(|m|φ) on monomials, zeros left out, from
///
///     |x|^l P_l^m e^{imφ} = (x + iy)^m Σ_k (-1)^k 2^-l C(l,k) C(2l-2k, l) (l-2k)!/(l-2k-m)! |x|^{2k} z^{l-2k-m}
let solidHarmonic l m : (struct (int * int * int) * BigInteger) list =
    let size = abs m

    // (x + iy)^|m| as powers of y: real part from the even ones, imaginary part from the odd ones.
    let azimuthal = [
        for p in (if m < 0 then 1 else 0) .. 2 .. size do
            p,
            binomial size p
            * (if p / 2 % 2 = 0 then
                   BigInteger.One
               else
                   BigInteger.MinusOne)
    ]

    let terms = [
        for k in 0 .. (l - size) / 2 do
            let legendre =
                binomial l k * binomial (2 * l - 2 * k) l * factorial (l - 2 * k)
                / factorial (l - 2 * k - size)
                * (if k % 2 = 0 then BigInteger.One else BigInteger.MinusOne)

            for i in 0..k do
                for j in 0 .. k - i do
                    let multinomial = factorial k / (factorial i * factorial j * factorial (k - i - j))

                    for p, sign in azimuthal do
                        let c = l - 2 * k - size + 2 * (k - i - j)
                        struct (size - p + 2 * i, p + 2 * j, c), legendre * multinomial * sign
    ]

    terms
    |> List.groupBy fst
    |> List.map (fun (powers, same) -> powers, same |> List.sumBy snd)
    |> List.filter (fun (_, value) -> not value.IsZero)

/// √((2l+1)/4π (l-|m|)!/(l+|m|)!), times √2 where m is not zero, times 2^-l.
let private harmonicNorm l m =
    let factor =
        if m = 0 then
            BigInteger(2 * l + 1)
        else
            BigInteger(2 * (2 * l + 1))

    BigFloat.sqrt (
        BigFloat.ratio (factor * factorial (l - abs m)) (factorial (l + abs m))
        / (BigFloat.Of 4 * BigFloat.pi)
    )
    * BigFloat.power BigFloat.half l

/// The exact rotation matrix of a quaternion of doubles, which need not be of unit length.
let private rotation (q: Quaternion) : BigFloat[][] =
    let w, x, y, z = BigFloat.Of q.W, BigFloat.Of q.X, BigFloat.Of q.Y, BigFloat.Of q.Z
    let two = BigFloat.Of 2
    let square = w * w + x * x + y * y + z * z

    [|
        [| w * w + x * x - y * y - z * z; two * (x * y - w * z); two * (x * z + w * y) |]
        [| two * (x * y + w * z); w * w - x * x + y * y - z * z; two * (y * z - w * x) |]
        [| two * (x * z - w * y); two * (y * z + w * x); w * w - x * x - y * y + z * z |]
    |]
    |> Array.map (Array.map (fun element -> element / square))

/// The moments w E[x^a y^b z^c] of all degrees up to `degree`, by the recursion of Gaussian integration by parts,
/// E[x_k f] = c_k E[f] + Σ_j V_kj E[∂f/∂x_j].
let private moments degree (weight: BigFloat) (centre: BigFloat[]) (covariance: BigFloat[][]) : BigFloat[][] =
    let result = Array.init (degree + 1) (fun d -> Array.create (shellSize d) BigFloat.Zero)
    result[0].[0] <- weight

    for d in 1..degree do
        for struct (a, b, c) in shell d do
            // The first variable that occurs is the one taken off.
            let k =
                if a > 0 then 0
                elif b > 0 then 1
                else 2

            let powers = [| a; b; c |]
            powers[k] <- powers[k] - 1
            let mutable sum = centre[k] * result[d - 1].[place powers[1] powers[2]]

            for j in 0..2 do
                if powers[j] > 0 then
                    let lower = Array.copy powers
                    lower[j] <- lower[j] - 1

                    sum <-
                        sum
                        + BigFloat.Of powers[j]
                          * covariance[k].[j]
                          * result[d - 2].[place lower[1] lower[2]]

            result[d].[place b c] <- sum

    result

/// |x|² times: the values of degree d to those of degree d - 2.
let private trace d (values: BigFloat[]) : BigFloat[] =
    shell (d - 2)
    |> Array.map (fun (struct (_, b, c)) -> values[place b c] + values[place (b + 2) c] + values[place b (c + 2)])

/// Bare coefficients [l][m + l][n] to all digits, of an ellipsoid with this rotation matrix.
let private turnedDigits
    (width: float)
    (counts: int[])
    (semiAxes: Vector3)
    (turn: BigFloat[][])
    (displacement: Vector3)
    =
    let sigma2 = BigFloat.Of width * BigFloat.Of width
    let r = [| displacement.X; displacement.Y; displacement.Z |] |> Array.map BigFloat.Of

    let inverseSums =
        [| semiAxes.X; semiAxes.Y; semiAxes.Z |]
        |> Array.map (fun a -> BigFloat.One / (BigFloat.Of a * BigFloat.Of a + sigma2))

    let sum f = List.fold (fun total k -> total + f k) BigFloat.Zero [ 0..2 ]

    let b =
        Array.init 3 (fun i -> Array.init 3 (fun j -> sum (fun k -> turn[i].[k] * inverseSums[k] * turn[j].[k])))

    let br = Array.init 3 (fun i -> sum (fun j -> b[i].[j] * r[j]))
    let centre = br |> Array.map (fun x -> sigma2 * x)

    let covariance =
        Array.init 3 (fun i ->
            Array.init 3 (fun j -> (if i = j then sigma2 else BigFloat.Zero) - sigma2 * sigma2 * b[i].[j]))

    let weight =
        BigFloat.sqrt (sigma2 * sigma2 * sigma2 * Array.reduce (*) inverseSums)
        * BigFloat.exp (-BigFloat.half * sum (fun i -> r[i] * br[i]))

    let degree = counts |> Array.mapi (fun l count -> l + 2 * (count - 1)) |> Array.max
    let untraced = moments degree weight centre covariance
    // traced[n][l]: the moments of degree l + 2n times |x|^{2n}, of degree l.
    let most = Array.max counts

    let traced =
        (untraced, [ 1 .. most - 1 ])
        ||> List.scan (fun previous _ ->
            Array.init (max 0 (previous.Length - 2)) (fun d -> trace (d + 2) previous[d + 2]))
        |> List.toArray

    Array.init counts.Length (fun l ->
        Array.init (2 * l + 1) (fun index ->
            let m = index - l
            let polynomial = solidHarmonic l m |> List.map (fun (powers, value) -> powers, BigFloat.Of value)
            let norm = harmonicNorm l m

            Array.init counts[l] (fun n ->
                polynomial
                |> List.fold
                    (fun total (struct (_, b, c), value) -> total + value * traced[n].[l].[place b c])
                    BigFloat.Zero
                |> (*) norm)))

/// Bare coefficients [l][m + l][n] to all digits.
let bareDigits width counts semiAxes (quaternion: Quaternion) displacement =
    turnedDigits width counts semiAxes (rotation quaternion) displacement

/// What bare coefficients change by when the ellipsoid turns about an axis of the frame (0 to 2), by a difference over so small an angle that forty digits are right.
let bareTurns width counts semiAxes (quaternion: Quaternion) displacement (axis: int) =
    let angle = BigFloat.Of(BigInteger.One, -128)
    let turn = rotation quaternion
    let one, other = (axis + 1) % 3, (axis + 2) % 3

    // sin and cos to the third order: δ³ is 10⁻¹¹⁵.
    let turnedBy (angle: BigFloat) =
        let cosine = BigFloat.One - BigFloat.half * angle * angle

        Array.init 3 (fun i ->
            Array.init 3 (fun j ->
                if i = one then
                    cosine * turn[one].[j] - angle * turn[other].[j]
                elif i = other then
                    angle * turn[one].[j] + cosine * turn[other].[j]
                else
                    turn[i].[j]))

    let scale = BigFloat.One / (angle + angle)

    (turnedDigits width counts semiAxes (turnedBy angle) displacement,
     turnedDigits width counts semiAxes (turnedBy -angle) displacement)
    ||> Array.map2 (Array.map2 (Array.map2 (fun up down -> scale * (up - down))))

/// What takes bare functions to other ones, for each l, to all digits. Worth keeping where it is used again: 21 radial
/// functions up to l = 40 take longer than a pair does.
let matrices width (counts: int[]) functions : BigFloat[,][] =
    let diagonal count (f: int -> BigFloat) = Array2D.init count count (fun n k -> if n = k then f n else BigFloat.Zero)

    counts
    |> Array.mapi (fun l count ->
        match functions with
        | Bare -> diagonal count (fun _ -> BigFloat.One)
        | Normalised -> diagonal count (fun n -> RadialBasis.bigNormalisation (Gto width) (l + 2 * n))
        | Orthonormal rcond -> RadialBasis.bigOrthonormal (Gto width) rcond l count)

/// The digits of bare coefficients as coefficients for other functions, rounded at the end: c_n = Σ_k c_k X_kn.
let combine (matrices: BigFloat[,][]) (digits: BigFloat[][][]) : Coefficients =
    let row (x: BigFloat[,]) (c: BigFloat[]) =
        Array.init c.Length (fun n ->
            Seq.fold (fun sum k -> sum + c[k] * x[k, n]) BigFloat.Zero (seq { 0 .. c.Length - 1 }))

    Array.map2 (fun x block -> Array.map (row x) block) matrices digits
    |> Array.map (Array.map (Array.map _.ToFloat()))

/// Pair coefficients of the GTO basis, each the double nearest to the true value for exactly these doubles. The
/// particle's own position plays no part.
let primitive width counts functions (particle: Ellipsoid) (displacement: Vector3) : Coefficients =
    bareDigits width counts particle.SemiAxes particle.Orientation displacement
    |> combine (matrices width counts functions)
