/// Pair spectra of small frames, for tests.
module AniSoap.Tests.PairSupport

open System
open AniSoap
open AniSoap.Tests.Golden

/// Semi-axes of a second contact shape, for the species of the generated frames.
let shapes =
    Map [ 1, Vector3.create 0.5 0.5 0.4; 6, Vector3.create 0.3 0.4 0.6; 8, Vector3.create 0.7 0.2 0.5 ]

let hypers: PairHypers = {
    MaxAngular = 3
    MaxRadial = 2
    OwnMaxRadial = 1
    NeighborMaxRadial = 1
    RadialGaussianWidth = 0.9
    CutoffRadius = 3.3
    Smoothing = Smoothing.ShiftedCosine 0.7
    DensityScale = 0.6
    ContactShapes = [ ContactShape.Scaled 1.0; ContactShape.BySpecies shapes ]
    OwnChannels = [ ContactChannel.Exponential 1.0; ContactChannel.Power(6.0, 13.0) ]
    NeighborChannels = [ ContactChannel.Exponential 0.7; ContactChannel.Power(2.5, 15.0) ]
    SpeciesMixing = None
    DeepestGap = -12.0
}

let basis = PairBasis.create hypers [ 1; 6; 8 ] |> sure

/// Few columns, for potentials.
let small = {
    hypers with
        ContactShapes = [ ContactShape.Scaled 1.0 ]
        DeepestGap = -3.0
        MaxAngular = 2
        MaxRadial = 1
}

let smallBasis = PairBasis.create small [ 1; 6; 8 ] |> sure

/// Rows of a frame by a basis.
let rowsOf (basis: PairBasis) (frame: Frame) =
    let rows = PairSpectrumRows basis
    rows.Compute frame |> sure
    rows

let values (basis: PairBasis) frame = (rowsOf basis frame).Values.ToArray()

let private axis (random: Random) size =
    let one () = size * (2.0 * random.NextDouble() - 1.0)
    Vector3.create (one ()) (one ()) (one ())

let turned (v: Vector3) =
    let angle = Vector3.norm v

    if angle = 0.0 then
        Quaternion.identity
    else
        let s = sin (0.5 * angle) / angle
        Quaternion.create (cos (0.5 * angle)) (s * v.X) (s * v.Y) (s * v.Z)

/// A dense frame in a skew cell that is smaller than the cutoff, no two particles nearer than 0.4.
let skew (seed: int) count : Frame =
    let random = Random seed

    let cell =
        Cell.create (Vector3.create 2.9 0.0 0.0) (Vector3.create 0.6 3.1 0.0) (Vector3.create -0.4 0.7 3.0) {
            A = true
            B = true
            C = false
        }
        |> sure

    let rec add (placed: Ellipsoid list) =
        if placed.Length = count then
            List.rev placed
        else
            let position = axis random 1.5

            if
                placed
                |> List.exists (fun other -> Vector3.norm (other.Position - position) < 0.4)
            then
                add placed
            else
                let axes = Vector3.create 0.6 0.4 0.25 + axis random 0.1
                let one = Ellipsoid.create [| 1; 6; 8 |].[placed.Length % 3] position (turned (axis random 3.0)) axes
                add (sure one :: placed)

    Frame.create cell (add [])
