/// Forward derivatives by orientation against differences in numbers of 115 digits.
module AniSoap.Tests.TurnDigitsTests

open System
open Expecto
open AniSoap
open AniSoap.Reference
open AniSoap.Tests.Golden

/// The derivatives of a centre's coefficients by the orientation of its one neighbour of species 6, as (l, axis, m, n).
let private turns form (projection: Projection) (neighbor: Ellipsoid) =
    let center = Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure

    let map =
        AniSoap.Features.withGradients
            RunOptions.defaults
            (ExpansionCoefficients form)
            [ GradientParameter.Orientations ]
            projection
            [ Frame.create Cell.none [ center; neighbor ] ]
        |> sure

    [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let block =
                map
                |> TensorMap.block [ "o3_lambda", l; "o3_sigma", 1; "center_type", 1 ]
                |> sure

            let gradient = block.Gradients["orientations"]
            let row = gradient.Samples |> Seq.findIndex (fun sample -> sample[2] = 1)
            let length = gradient.Values.Length / gradient.Samples.Count
            let values = gradient.Values.Slice(row * length, length).ToArray()
            let columns = block.Properties.Count

            for place in 0 .. 3 * (2 * l + 1) - 1 do
                for column in block.Properties do
                    if column["neighbor_type"] = 6 then
                        values[place * columns + column.Position]
    |]

/// The same by differences, for bare functions or others.
let private exact width counts functions (neighbor: Ellipsoid) =
    let matrices = HighPrecision.matrices width counts functions

    let byAxis =
        [| 0..2 |]
        |> Array.map (fun axis ->
            HighPrecision.bareTurns width counts neighbor.SemiAxes neighbor.Orientation neighbor.Position axis
            |> HighPrecision.combine matrices)

    [|
        for l in 0 .. counts.Length - 1 do
            for axis in 0..2 do
                for m in 0 .. 2 * l do
                    yield! byAxis[axis].[l].[m]
    |]

let private shapes = [ Vector3.create 0.5 0.5 1.5; Vector3.create 1.5 1.4 0.3; Vector3.create 0.3 0.2 2.5 ]

[<Tests>]
let tests =
    testList "derivatives by orientation have the digits of their formula" [
        for maxAngular, maxRadial in [ 4, 3; 6, 4 ] do
            testCase $"at l {maxAngular}, n {maxRadial}, near and far, of long and flat ellipsoids"
            <| fun () ->
                let width = 1.5

                let hypers = {
                    Hypers.create maxAngular (RadialBasis.Gto width) 4.0 with
                        MaxRadial = RadialCount.Uniform maxRadial
                }

                let projection = Projection.create hypers [ 1; 6 ] |> sure
                let counts = Settings.uniform maxAngular maxRadial
                let random = Random 7

                for axes in shapes do
                    for distance in [ 0.4; 1.6; 3.9 ] do
                        let part () = random.NextDouble() - 0.5

                        let at =
                            let direction = Vector3.create (part ()) (part ()) (part ())
                            (distance / Vector3.norm direction) * direction

                        let turn = Quaternion.create 1.0 (part ()) (part ()) (part ())
                        let neighbor = Ellipsoid.create 6 at turn axes |> sure
                        let what = $"semi-axes {axes}, distance {distance}"
                        // Of bare functions each l by itself: numbers of different degrees have different sizes.
                        let bare = turns RadialForm.Raw projection neighbor
                        let bareExact = exact width counts Bare neighbor
                        let mutable start = 0

                        for l in 0..maxAngular do
                            for n in 0..maxRadial do
                                let own (all: float[]) = [|
                                    for place in 0 .. 3 * (2 * l + 1) - 1 -> all[start + place * (maxRadial + 1) + n]
                                |]

                                if l > 0 then
                                    Close.toLargest 1e-13 (own bare) (own bareExact) $"bare l {l}, n {n}, {what}"

                            start <- start + 3 * (2 * l + 1) * (maxRadial + 1)

                        // Orthonormal functions are differences of bare ones: S^{-1/2} amplifies rounding of these by up to 1/√(smallest eigenvalue).
                        Close.toLargest
                            1e-12
                            (turns RadialForm.Orthonormal projection neighbor)
                            (exact width counts (Orthonormal 1e-8) neighbor)
                            $"orthonormal, {what}"
    ]
