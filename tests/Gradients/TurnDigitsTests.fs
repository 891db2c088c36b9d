/// Forward derivatives by orientation against differences in numbers of 115 digits.
module AniSoap.Tests.TurnDigitsTests

open System
open Expecto
open AniSoap
open AniSoap.Reference
open AniSoap.Tests.Golden

/// The derivatives of a centre's coefficients by something of its one neighbour of species 6, as (l, axis, m, n).
let private derivatives (parameter: GradientParameter) form (projection: Projection) (neighbor: Ellipsoid) =
    let center = Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure

    let map =
        AniSoap.Features.withGradients RunOptions.defaults (ExpansionCoefficients form) [ parameter ] projection [
            Frame.create Cell.none [ center; neighbor ]
        ]
        |> sure

    [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let block =
                map
                |> TensorMap.block [ "o3_lambda", l; "o3_sigma", 1; "center_type", 1 ]
                |> sure

            let gradient = block.Gradients[GradientParameter.name parameter]
            let row = gradient.Samples |> Seq.findIndex (fun sample -> sample[2] = 1)
            let length = gradient.Values.Length / gradient.Samples.Count
            let values = gradient.Values.Slice(row * length, length).ToArray()
            let columns = block.Properties.Count

            for place in 0 .. 3 * (2 * l + 1) - 1 do
                for column in block.Properties do
                    if column["neighbor_type"] = 6 then
                        values[place * columns + column.Position]
    |]

let private turns form projection neighbor = derivatives GradientParameter.Orientations form projection neighbor

/// r × ∂c/∂r, one of the two terms whose difference a derivative by orientation is (DerivativeLanes.fs), as (l, axis, m, n).
let private crossed form (projection: Projection) (neighbor: Ellipsoid) =
    let moved = derivatives GradientParameter.Positions form projection neighbor
    let r = [| neighbor.Position.X; neighbor.Position.Y; neighbor.Position.Z |]
    let mutable start = 0

    [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let length = (2 * l + 1) * projection.RadialCount l
            let by axis place = moved[start + axis * length + place]

            for axis in 0..2 do
                let next, last = (axis + 1) % 3, (axis + 2) % 3

                for place in 0 .. length - 1 do
                    r[next] * by last place - r[last] * by next place

            start <- start + 3 * length
    |]

/// For each l and n how far bare coefficients are from those to all digits.
let private errors width counts (projection: Projection) (neighbor: Ellipsoid) =
    let center = Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure
    let frame = Frame.create Cell.none [ center; neighbor ]

    let map =
        Expansion.coefficientsWith RunOptions.defaults RadialForm.Raw projection [ frame ]
        |> sure

    let exact = HighPrecision.primitive width counts Bare neighbor neighbor.Position

    [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let block =
                map
                |> TensorMap.block [ "o3_lambda", l; "o3_sigma", 1; "center_type", 1 ]
                |> sure

            let columns =
                block.Properties
                |> Seq.filter (fun column -> column["neighbor_type"] = 6)
                |> Seq.map _.Position
                |> Seq.toArray

            let values = block.Values.ToArray()

            columns
            |> Array.mapi (fun n column ->
                Seq.max [ for m in 0 .. 2 * l -> abs (values[m * block.Properties.Count + column] - exact[l].[m].[n]) ])
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

/// A neighbour at a distance, in a direction and turned at random.
let private neighborAt (random: Random) distance axes =
    let part () = random.NextDouble() - 0.5

    let at =
        let direction = Vector3.create (part ()) (part ()) (part ())
        (distance / Vector3.norm direction) * direction

    let turn = Quaternion.create 1.0 (part ()) (part ()) (part ())
    Ellipsoid.create 6 at turn axes |> sure

/// The numbers of one l and n, by axis and m, where those of this l begin at `start`.
let private numbersOf maxRadial start l n (all: float[]) = [|
    for place in 0 .. 3 * (2 * l + 1) - 1 -> all[start + place * (maxRadial + 1) + n]
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
                        let neighbor = neighborAt random distance axes
                        let what = $"semi-axes {axes}, distance {distance}"
                        // Of bare functions each l by itself: numbers of different degrees have different sizes.
                        let bare = turns RadialForm.Raw projection neighbor
                        let bareExact = exact width counts Bare neighbor
                        let mutable start = 0

                        for l in 0..maxAngular do
                            for n in 0..maxRadial do
                                let own = numbersOf maxRadial start l n

                                if l > 0 then
                                    Close.toLargest 1e-13 (own bare) (own bareExact) $"bare l {l}, n {n}, {what}"

                            start <- start + 3 * (2 * l + 1) * (maxRadial + 1)

                        // Orthonormal functions are differences of bare ones: S^{-1/2} amplifies rounding of these by up to 1/√(smallest eigenvalue).
                        Close.toLargest
                            1e-12
                            (turns RadialForm.Orthonormal projection neighbor)
                            (exact width counts (Orthonormal 1e-8) neighbor)
                            $"orthonormal, {what}"

        testCase "of nearly round ellipsoids as many as are left of their terms and of the coefficients"
        <| fun () ->
            // ∂c/∂ω = E[(x × ∇)P] − r × ∂c/∂r is zero for a sphere: far away it is a hundredth of either term, which have all their digits. Near the centre c itself has lost
            // some: at l = 6 moments of a nearly round Gaussian cancel in a solid harmonic down to 10⁻⁴ of what they are.
            let width = 1.5
            let maxAngular, maxRadial = 6, 4

            let hypers = {
                Hypers.create maxAngular (RadialBasis.Gto width) 4.0 with
                    MaxRadial = RadialCount.Uniform maxRadial
            }

            let projection = Projection.create hypers [ 1; 6 ] |> sure
            let counts = Settings.uniform maxAngular maxRadial
            let random = Random 8
            let ratios = ResizeArray<float>()

            for axes in [ Vector3.create 0.8 0.8 0.81; Vector3.create 1.2 1.19 1.2 ] do
                for distance in [ 0.4; 1.6; 3.9 ] do
                    let neighbor = neighborAt random distance axes
                    let bare = turns RadialForm.Raw projection neighbor
                    let terms = crossed RadialForm.Raw projection neighbor
                    let bareExact = exact width counts Bare neighbor
                    let errors = errors width counts projection neighbor
                    let mutable start = 0

                    for l in 0..maxAngular do
                        for n in 0..maxRadial do
                            let own = numbersOf maxRadial start l n

                            if l > 0 then
                                let size = own terms |> Array.map abs |> Array.max
                                let largest = own bareExact |> Array.map abs |> Array.max
                                ratios.Add(size / largest)

                                Close.within
                                    1.0
                                    (1e-14 * size + 20.0 * errors[l].[n])
                                    (own bare)
                                    (own bareExact)
                                    $"l {l}, n {n}, semi-axes {axes}, distance {distance}"

                        start <- start + 3 * (2 * l + 1) * (maxRadial + 1)

            // Not for being loose: the terms are that much larger.
            Close.above (Seq.max ratios) 20.0 "how much larger the terms are"
    ]
