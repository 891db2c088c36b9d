/// The smooth cutoff: features and their first derivatives have no step where a neighbour crosses it.
module AniSoap.Tests.SmoothCutoffTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

let private projectionOf smoothing scaling =
    Projection.create
        {
            Hypers.create 3 (RadialBasis.Gto 1.5) 3.5 with
                MaxRadial = RadialCount.Uniform 2
                Smoothing = smoothing
                RadialScaling = scaling
        }
        [ 1 ]
    |> sure

/// The spectrum of two particles at a distance along a direction, with all its derivatives.
let private at projection (a: Ellipsoid) (b: Ellipsoid) (direction: Vector3) (distance: float) =
    let frame = Frame.create Cell.none [ a; Transform.move (distance * direction) b ]

    let map =
        AniSoap.Features.withGradients RunOptions.defaults (MeanSpectra OrderedPairs) GradientParameter.all projection [
            frame
        ]
        |> sure

    let block = map[0]
    // Beyond the cutoff the other particle is not listed: its rows are zero.
    let rows name =
        let gradient = block.Gradients[name]
        let size = gradient.ComponentCount * gradient.Properties.Count
        let result = Array.zeroCreate<float>(2 * size)

        for row in gradient.Samples do
            let place = if name = "strain" then 0 else row[2]
            gradient.Values.Slice(row.Position * size, size).CopyTo(Span(result, place * size, size))

        result

    block.Values.ToArray(),
    [| "positions"; "orientations"; "semiaxes"; "strain" |]
    |> Array.map rows
    |> Array.concat

let private largest (values: float[]) = values |> Array.fold (fun m v -> max m (abs v)) 0.0

[<Tests>]
let tests =
    testList "with a smooth cutoff" [
        for scaling in [ None; Some { Scale = 2.0; Rate = 1.0; Exponent = 3.0 } ] do
            for edge in [ 3.5; 2.3 ] do
                property
                    $"features and derivatives are continuous at {edge}, radial scaling {scaling.IsSome}"
                    (fun (SomeEllipsoid a) (SomeEllipsoid b) (SomeRotation q) ->
                        let projection = projectionOf (Smoothing.ShiftedCosine 1.2) scaling
                        let direction = (Quaternion.toMatrix q).Row1

                        let one species (e: Ellipsoid) =
                            Ellipsoid.create species e.Position e.Orientation e.SemiAxes |> sure

                        let at = at projection (one 1 a) (one 1 b) direction
                        let h = 1e-7
                        let values, derivatives = at (edge - h)
                        let values', derivatives' = at (edge + h)
                        let inside, slopes = at (edge - 0.3)
                        // Steps of h change continuous functions by about h times their slope.
                        Close.within 1e-5 (largest inside) values values' "values"
                        Close.within 1e-5 (largest slopes + largest inside) derivatives derivatives' "derivatives")

        testCase "the check notices a step: without smoothing features jump at the cutoff"
        <| fun () ->
            let a =
                Ellipsoid.create 1 Vector3.zero Quaternion.identity (Vector3.create 1.0 1.5 2.0)
                |> sure

            let at = at (projectionOf Smoothing.Step None) a a (Vector3.create 1.0 0.0 0.0)
            let inside, _ = at (3.5 - 1e-7)
            let outside, _ = at (3.5 + 1e-7)
            let jump = Array.map2 (fun i o -> abs (i - o)) inside outside |> Array.max
            Close.above jump (1e-3 * largest inside) "jump"

        property "the weight's slope is its logarithmic derivative" (fun (SomeDisplacement r) (number: int) ->
            let scaling =
                if number % 2 = 0 then
                    None
                else
                    Some { Scale = 1.7; Rate = 0.8; Exponent = 2.5 }

            let hypers = (projectionOf (Smoothing.ShiftedCosine 1.2) scaling).Hypers
            let r = Vector3.norm r
            let h = 1e-4

            // Away from the ends of the smooth step, where the second derivative jumps, and from zero.
            let isNear edge = abs (r - edge) < 2.0 * h

            if r > 0.01 && r < 3.5 && not (isNear 3.5) && not (isNear 2.3) then
                let weight x = PairGaussian.neighborWeight hypers x
                let central h = (weight (r + h) - weight (r - h)) / (2.0 * h)
                let slope = (4.0 * central (0.5 * h) - central h) / 3.0
                let expected = weight r * PairGaussian.neighborWeightSlope hypers r
                Close.within 1e-9 1.0 [| expected |] [| slope |] $"slope at {r}")
    ]
