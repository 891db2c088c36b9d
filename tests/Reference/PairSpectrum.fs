/// Pair spectra as a dense sum: every pair by itself, coefficients by quadrature, the contact gap by the inverse of a matrix.
module AniSoap.Reference.PairSpectrum

open System
open AniSoap
open AniSoap.Reference

/// What the sum is of.
[<NoEquality; NoComparison>]
/// exp(−rate h), or (1 + h/length)^(−power).
type Channel =
    | Decay of rate: float
    | Inverse of power: float * length: float

type Wishes = {
    Settings: Settings
    /// Radial functions of the centre's own density, and of a neighbour's beside itself.
    OwnCount: int
    NeighborCount: int
    DensityScale: float
    /// The semi-axes of a particle's contact shapes.
    Shapes: (Ellipsoid -> Vector3) list
    /// Contact channels, of the gap.
    OwnChannels: Channel list
    NeighborChannels: Channel list
    DeepestGap: float
}

let private squared (turn: Quaternion) (a: Vector3) =
    let r = Quaternion.toMatrix turn
    let rows = [| r.Row1; r.Row2; r.Row3 |]
    let weighted (v: Vector3) = Vector3.create (a.X * a.X * v.X) (a.Y * a.Y * v.Y) (a.Z * a.Z * v.Z)
    Array2D.init 3 3 (fun i j -> Vector3.dot rows[i] (weighted rows[j]))

/// By Cramer's rule.
let private solve (m: float[,]) (b: float[]) =
    let determinant (m: float[,]) =
        m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
        - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
        + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])

    Array.init 3 (fun k ->
        determinant (Array2D.init 3 3 (fun i j -> if j = k then b[i] else m[i, j]))
        / determinant m)

/// |r| − |r| √(2/u), u = r·(A + B)⁻¹ r; at r = 0 for its mean over all directions.
let gap (first: Ellipsoid) (firstAxes: Vector3) (second: Ellipsoid) (secondAxes: Vector3) (r: Vector3) =
    let a, b = squared first.Orientation firstAxes, squared second.Orientation secondAxes
    let sum = Array2D.init 3 3 (fun i j -> a[i, j] + b[i, j])

    if Vector3.norm r < 1e-9 then
        let trace =
            Seq.sum (Seq.init 3 (fun k -> (solve sum (Array.init 3 (fun i -> if i = k then 1.0 else 0.0)))[k]))

        -sqrt(6.0 / trace)
    else
        let x = solve sum [| r.X; r.Y; r.Z |]
        let u = r.X * x[0] + r.Y * x[1] + r.Z * x[2]
        Vector3.norm r * (1.0 - sqrt (2.0 / u))

let private channel deepest kind h =
    let at, logarithmicSlope =
        match kind with
        | Decay rate -> exp (-rate * max h deepest), -rate
        | Inverse(power, length) -> (length / (length + max h deepest)) ** power, -power / (length + deepest)

    if h >= deepest then
        at
    else
        at * (1.0 + logarithmicSlope * (h - deepest))

let private dense (wishes: Wishes) (particle: Ellipsoid) =
    match
        Ellipsoid.create
            particle.Species
            particle.Position
            particle.Orientation
            (wishes.DensityScale * particle.SemiAxes)
    with
    | Ok thin -> thin
    | Error error -> failwith (AniSoapError.describe error)

/// Columns of one pair: own × neighbour by channel, even l, n, n'; then neighbour × itself by channel, l, n ≤ n'.
let pair (wishes: Wishes) (first: Ellipsoid) (second: Ellipsoid) (r: Vector3) : float[] =
    let settings = wishes.Settings

    let coefficients particle displacement =
        PairCoefficients.primitive
            settings.Radial
            settings.RadialCounts
            settings.Functions
            (dense wishes particle)
            displacement

    let c = coefficients second r
    let d = coefficients first Vector3.zero
    let f = settings.PairWeight(Vector3.norm r)

    let gaps =
        wishes.Shapes
        |> List.map (fun axes -> gap first (axes first) second (axes second) r)

    let product (a: Coefficients) (b: Coefficients) l n1 n2 =
        Seq.sum (
            seq {
                for m in 0 .. 2 * l do
                    a[l].[m].[n1] * b[l].[m].[n2]
            }
        )

    [|
        for h in gaps do
            for kind in wishes.OwnChannels do
                for l in 0..2 .. settings.MaxAngular do
                    for n1 in 0 .. wishes.OwnCount - 1 do
                        for n2 in 0 .. settings.RadialCounts[l] - 1 do
                            channel wishes.DeepestGap kind h * f * product d c l n1 n2

        for h in gaps do
            for kind in wishes.NeighborChannels do
                for l in 0 .. settings.MaxAngular do
                    for n1 in 0 .. wishes.NeighborCount - 1 do
                        for n2 in n1 .. wishes.NeighborCount - 1 do
                            Math.Pow(channel wishes.DeepestGap kind h * f, 2.0) * product c c l n1 n2
    |]

/// The sum over all centres and their neighbours, by directed pairs of the species.
let frame (wishes: Wishes) (species: int[]) (frame: Frame) : float[] =
    let particles = Seq.toArray frame.Particles

    let pairs = [
        for i in 0 .. particles.Length - 1 do
            for j, r in Expansion.neighbours wishes.Settings frame i do
                i, j, r
    ]

    let length =
        let one =
            match Ellipsoid.sphere species[0] Vector3.zero 1.0 with
            | Ok sphere -> sphere
            | Error error -> failwith (AniSoapError.describe error)

        (pair wishes one one (Vector3.create 1.0 0.0 0.0)).Length

    [|
        for center in species do
            for neighbor in species do
                let sum = Array.zeroCreate<float> length

                for i, j, r in pairs do
                    if particles[i].Species = center && particles[j].Species = neighbor then
                        pair wishes particles[i] particles[j] r
                        |> Array.iteri (fun k value -> sum[k] <- sum[k] + value)

                yield! sum
    |]
