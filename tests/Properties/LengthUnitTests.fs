/// The unit of length is the user's: whatever it is, coefficients and features are the same numbers times a power of it.
module AniSoap.Tests.LengthUnitTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

/// All lengths of the hyperparameters multiplied by s.
let private scaledHypers s (hypers: Hypers) : Hypers = {
    hypers with
        CutoffRadius = s * hypers.CutoffRadius
        RadialBasis =
            match hypers.RadialBasis with
            | RadialBasis.Gto width -> RadialBasis.Gto(s * width)
            | RadialBasis.Monomial -> RadialBasis.Monomial
        Smoothing =
            match hypers.Smoothing with
            | Smoothing.Step -> Smoothing.Step
            | Smoothing.ShiftedCosine width -> Smoothing.ShiftedCosine(s * width)
        RadialScaling = hypers.RadialScaling |> Option.map (fun r -> { r with Scale = s * r.Scale })
}

let private scaledFrame (s: float) (frame: Frame) =
    let v = frame.Cell.Vectors

    let cell =
        Cell.create (s * v.Row1) (s * v.Row2) (s * v.Row3) frame.Cell.Periodicity
        |> sure

    frame.Particles
    |> Seq.map (fun e ->
        Ellipsoid.create e.Species (s * e.Position) e.Orientation (s * e.SemiAxes)
        |> sure)
    |> Frame.create cell

let private largest (values: float[]) = values |> Array.fold (fun m v -> max m (abs v)) 0.0

/// `actual`, divided by a power of s (given by its decimal logarithm), within 1e-12 of the largest of `expected`, or of `floor` where by
/// symmetry there is nothing but rounding.
let private sameTo floor logarithm power (actual: float[]) (expected: float[]) message =
    // In two steps: the power of s alone may lie outside double precision where the product does not.
    let half = Math.Pow(10.0, -0.5 * logarithm * power)
    let actual = actual |> Array.map (fun x -> x * half * half)
    let scale = max floor (largest expected)
    Close.within 1e-12 (if scale > 0.0 then scale else 1e-300) actual expected message

let private same logarithm power actual expected message = sameTo 0.0 logarithm power actual expected message

let private gradients parameter (map: TensorMap) = [|
    for block in map.Blocks do
        yield! block.Gradients[GradientParameter.name parameter].Values.ToArray()
|]

let private vectors (list: Vector3 seq) = [|
    for v in list do
        v.X
        v.Y
        v.Z
|]

/// 10^-12 to 10^12, the ends now and then.
let private logarithmOf (number: int) =
    match (number &&& 0xFFFF) % 10 with
    | 0 -> -12.0
    | 1 -> 12.0
    | _ -> 24.0 * float ((number &&& 0xFFFFF) * 7919 % 100003) / 100003.0 - 12.0

let private property' name test = propertyTimes 60 name test


// No pair of a drawn frame is likely to be just at the cutoff.
let private awkward (projection: Projection) = { projection.Hypers with CutoffRadius = 3.0371 }

[<Tests>]
let tests =
    testList "length unit" [
        property' "coefficients go as length^(-3/2) and spectra as length^(-3), from 1e-12 to 1e12"
        <| fun (SmallFrame frame) (number: int) ->
            let logarithm = logarithmOf number
            let s = Math.Pow(10.0, logarithm)
            let hypers = awkward (pick number)
            let one, other = projectionOf hypers, projectionOf (scaledHypers s hypers)
            let frames, scaled = [ frame ], [ scaledFrame s frame ]
            let check power compute message = same logarithm power (compute other scaled) (compute one frames) message
            check -1.5 (fun p f -> Expansion.coefficients p f |> sure |> values) "coefficients"

            check -1.5 (fun p f -> Expansion.pairCoefficients p f |> sure |> values) "pairs"
            check -3.0 (fun p f -> PowerSpectrum.perParticle p f |> sure |> values) "spectra"
            check -3.0 (fun p f -> PowerSpectrum.mean p f |> sure |> values) "means"

        property' "derivatives by lengths have one power more, forwards and in reverse, those by angles and strain none"
        <| fun (SmallFrame frame) (number: int) ->
            let logarithm = logarithmOf number
            let s = Math.Pow(10.0, logarithm)
            let hypers = awkward (pick number)
            let one, other = projectionOf hypers, projectionOf (scaledHypers s hypers)
            let frames, scaled = [ frame ], [ scaledFrame s frame ]

            for kind, power in [ ExpansionCoefficients RadialForm.Orthonormal, -1.5; MeanSpectra OrderedPairs, -3.0 ] do
                let unscaled =
                    Features.withGradients RunOptions.defaults kind GradientParameter.all one frames
                    |> sure

                let given =
                    Features.withGradients RunOptions.defaults kind GradientParameter.all other scaled
                    |> sure

                for parameter in GradientParameter.all do
                    let more =
                        match parameter with
                        | GradientParameter.Positions
                        | GradientParameter.SemiAxes -> 1.0
                        | GradientParameter.Orientations
                        | GradientParameter.Strain -> 0.0

                    sameTo
                        (largest (values unscaled))
                        logarithm
                        (power - more)
                        (gradients parameter given)
                        (gradients parameter unscaled)
                        $"{kind} by {parameter}"

            let size = (PowerSpectrum.mean one frames |> sure |> values).Length
            let cotangent = Array.init size (fun i -> sin (float i))

            let pulled p f =
                Features.pullback
                    RunOptions.defaults
                    OrderedPairs
                    [ GradientParameter.SemiAxes ]
                    p
                    f
                    (OfMean(ReadOnlyMemory cotangent))
                |> sure

            let expected, actual = pulled one frame, pulled other scaled.Head
            let floor = largest (expected.Values.ToArray())
            same logarithm -3.0 (actual.Values.ToArray()) (expected.Values.ToArray()) "values"

            let check power (part: FrameGradient -> Vector3 seq) message =
                sameTo floor logarithm power (vectors (part actual)) (vectors (part expected)) message

            check -4.0 (fun g -> g.Positions) "positions in reverse"
            check -4.0 (fun g -> g.SemiAxes) "semi-axes in reverse"
            check -3.0 (fun g -> g.Orientations) "orientations in reverse"
            check -3.0 (fun g -> [ g.Strain.Row1; g.Strain.Row2; g.Strain.Row3 ]) "strain in reverse"

        testCase "three particles of 1e-10 with high orders have finite coefficients, those of ordinary lengths"
        <| fun () ->
            let hypers = {
                Hypers.create 17 (RadialBasis.Gto 1.0) 3.0 with
                    MaxRadial = RadialCount.Uniform 8
                    BasisTolerance = 1e-3
            }

            let particle species x y z a b c =
                Ellipsoid.create
                    species
                    (Vector3.create x y z)
                    (Quaternion.create 0.8 0.0 0.6 0.0)
                    (Vector3.create a b c)
                |> sure

            let frame =
                Frame.create Cell.none [
                    particle 1 0.0 0.0 0.0 0.5 0.3 0.3
                    particle 1 1.0 0.2 0.1 0.5 0.3 0.3
                    particle 1 0.3 1.1 0.4 0.5 0.3 0.3
                ]

            let expected =
                Expansion.coefficients (Projection.create hypers [ 1 ] |> sure) [ frame ]
                |> sure
                |> values

            for logarithm in [ -10.0; -12.0; 12.0 ] do
                let s = Math.Pow(10.0, logarithm)

                let actual =
                    Expansion.coefficients (Projection.create (scaledHypers s hypers) [ 1 ] |> sure) [
                        scaledFrame s frame
                    ]
                    |> sure
                    |> values

                Expect.all actual Double.IsFinite "finite"
                let power = Math.Pow(s, 1.5)
                // Orders at the limit of accuracy: rounding of the lengths is amplified.
                Close.toLargest 1e-10 (actual |> Array.map (fun x -> x * power)) expected $"s = 1e{logarithm}"

        testCase "raw coefficients that double precision cannot hold are refused by name, everywhere"
        <| fun () ->
            let frame s = scaledFrame s (Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ])

            let projection basis s =
                let hypers = { Hypers.create 17 basis 3.0 with MaxRadial = RadialCount.Uniform 7 }
                Projection.create (scaledHypers s hypers) [ 1 ] |> sure

            for basis, name in [ RadialBasis.Gto 1.0, "radial_gaussian_width"; RadialBasis.Monomial, "cutoff_radius" ] do
                for s in [ 1e-12; 1e12 ] do
                    let p, frames = projection basis s, [ frame s ]
                    let refused result = Expect.stringContains (Tensors.sentence result) name $"{basis}, {s}"
                    refused (Expansion.coefficientsWith RunOptions.defaults RadialForm.Raw p frames)
                    refused (Expansion.pairCoefficientsWith RunOptions.defaults RadialForm.Raw p frames)

                    refused (
                        Features.withGradients
                            RunOptions.defaults
                            (ExpansionCoefficients RadialForm.Raw)
                            [ GradientParameter.Positions ]
                            p
                            frames
                    )

                    let c = Expansion.coefficients p frames |> sure
                    refused (Features.pullbackCoefficients RunOptions.defaults RadialForm.Raw [] p (frame s) c)

            // Where they fit they are the unscaled ones times s^(l + 2n).
            let values s =
                let p =
                    Projection.create (scaledHypers s (Hypers.create 2 (RadialBasis.Gto 1.0) 3.0)) [ 1 ]
                    |> sure

                let map =
                    Expansion.coefficientsWith RunOptions.defaults RadialForm.Raw p [ frame s ]
                    |> sure

                map
                |> TensorMap.block [ "o3_lambda", 0; "center_type", 1 ]
                |> sure
                |> _.Values.ToArray()

            Close.within 1e-14 1.0 [| (values 1e-9)[1] / 1e-18 / (values 1.0)[1] |] [| 1.0 |] "r² at 1e-9"

        testCase "a basis whose features leave double precision is refused by name"
        <| fun () ->
            for width in [ 1e-100; 1e100 ] do
                let hypers = Hypers.create 2 (RadialBasis.Gto width) (3.0 * width)

                Expect.stringContains
                    (Tensors.sentence (Projection.create hypers [ 1 ]))
                    "radial_gaussian_width"
                    "GTO width"

                let hypers = Hypers.create 2 RadialBasis.Monomial width
                Expect.stringContains (Tensors.sentence (Projection.create hypers [ 1 ])) "cutoff_radius" "cutoff"

        property' "neighbours are the same at any size"
        <| fun (SomeFrame frame) (number: int) ->
            let s = Math.Pow(10.0, logarithmOf number)
            let pairs s frame = NeighborList.create (s * 3.0371) frame |> sure |> Seq.toArray
            let expected, actual = pairs 1.0 frame, pairs s (scaledFrame s frame)
            let label (p: NeighborPair) = struct (p.First, p.Second, p.ShiftA, p.ShiftB, p.ShiftC)
            Expect.equal (actual |> Array.map label) (expected |> Array.map label) "pairs"

            Close.within
                1e-12
                1.0
                (actual |> Seq.map (fun p -> 1.0 / s * p.Displacement) |> vectors)
                (expected |> Seq.map _.Displacement |> vectors)
                "displacements"

        testCase "an enormous cell holds its particles"
        <| fun () ->
            for size in [ 1e60; 1e90 ] do
                let x, y, z = Vector3.create size 0.0 0.0, Vector3.create 0.0 size 0.0, Vector3.create 0.0 0.0 size
                let cell = Cell.create x y z { A = true; B = true; C = true } |> sure
                let at x = Ellipsoid.sphere 1 (Vector3.create x 0.0 0.0) 0.5 |> sure
                let pairs = NeighborList.create 2.0 (Frame.create cell [ at 0.0; at 1.0 ]) |> sure
                Expect.equal pairs.Length 2 $"pairs in a cell of {size}"
    ]
