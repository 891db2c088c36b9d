/// The limits of what is accepted: everything within gives finite numbers, everything beyond a sentence that says what is wrong.
module AniSoap.Tests.EdgeCaseTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private allFinite (projection: Projection) frame message =
    for map in
        [
            Expansion.coefficients projection [ frame ] |> sure
            Expansion.coefficientsWith RunOptions.defaults RadialForm.Raw projection [ frame ]
            |> sure
            PowerSpectrum.perParticle projection [ frame ] |> sure
            PowerSpectrum.mean projection [ frame ] |> sure
        ] do
        Expect.all (values map) Double.IsFinite message

let private monomial =
    projectionOf { Hypers.create 3 RadialBasis.Monomial 4.0 with MaxRadial = RadialCount.Uniform 1 }

let private ellipsoid kind at axes = Ellipsoid.create kind at (Quaternion.create 0.3 -0.2 0.9 0.4) axes |> sure

let private frames =
    let at x = Vector3.create x 0.0 0.0
    let body = Vector3.create 0.4 0.9 2.0

    testList "frames" [
        testCase "an empty frame has no rows per particle and a row of zeros as mean"
        <| fun () ->
            let empty = Frame.create Cell.none []
            let map = PowerSpectrum.perParticle small [ empty ] |> sure
            Expect.all map.Blocks (fun block -> block.Samples.Count = 0) "no samples"
            Expect.isTrue (map.Blocks |> Seq.forall (fun block -> block.Properties.Count > 0)) "all columns"

            let mean =
                PowerSpectrum.meanWith (Systems.numbered [ 5 ]) OrderedPairs small [ empty ]
                |> sure

            Expect.all mean.Blocks (fun block -> block.Samples.Count = 1) "one sample"
            Expect.all (values mean) ((=) 0.0) "zeros"
            Expect.isEmpty (NeighborList.create 3.0 empty |> sure) "no pairs"
            allFinite small empty "empty"

        testCase "no frames at all have every column and no rows"
        <| fun () ->
            for compute in [ Expansion.coefficients; PowerSpectrum.perParticle; PowerSpectrum.mean ] do
                let map = compute small [] |> sure
                Expect.all map.Blocks (fun block -> block.Samples.Count = 0 && block.Properties.Count > 0) "blocks"

        testCase "a lone particle has the coefficients of itself at r = 0, or zeros where the centre is left out"
        <| fun () ->
            let particle = ellipsoid 6 (at 100.0) body
            let frame = Frame.create Cell.none [ particle ]

            let expected = Coefficients.compute small particle Vector3.zero |> pairRow small

            let actual =
                (unflatten small (Array.head (coefficients small frame))).[1]
                |> Reference.Coefficients.flatten

            Close.toNorm 1e-13 actual expected "itself"

            let without = projectionOf { smallHypers with CenterDensity = CenterDensity.Absent }
            Expect.all (Array.concat (coefficients without frame)) ((=) 0.0) "nothing"
            allFinite without frame "lone"

        testCase "coincident particles count as neighbours at r = 0"
        <| fun () ->
            let particle = ellipsoid 6 (at 1.0) body
            let one = coefficients small (Frame.create Cell.none [ particle ])
            let three = coefficients small (Frame.create Cell.none [ particle; particle; particle ])

            for row in three do
                Close.toNorm 1e-13 row (Array.head one |> Array.map (fun c -> 3.0 * c)) "three times"

        testCase "a species that a frame lacks has zeros in its columns and no rows"
        <| fun () ->
            let frame = Frame.create Cell.none [ ellipsoid 6 (at 0.0) body; ellipsoid 8 (at 1.0) body ]
            let row = unflatten small (Array.head (coefficients small frame))
            Expect.all (Reference.Coefficients.flatten row[0]) ((=) 0.0) "species 1"
            Expect.exists (Reference.Coefficients.flatten row[1]) ((<>) 0.0) "species 6"
            let map = PowerSpectrum.perParticle small [ frame ] |> sure
            let block = map |> TensorMap.block [ "center_type", 7 ] |> sure
            Expect.equal block.Samples.Count 0 "samples of species 7"

        testCase "a species that the run does not know is refused by number, frame and particle"
        <| fun () ->
            let frame = Frame.create Cell.none [ ellipsoid 6 (at 0.0) body; ellipsoid 9 (at 1.0) body ]

            let sentence =
                Expansion.coefficientsWith (Systems.numbered [ 4 ]) RadialForm.Orthonormal small [ frame ]
                |> Tensors.sentence

            Expect.equal
                sentence
                "frame 4, particle 1: species = 9 cannot be used; accepted: the species of the run: 1, 6, 7, 8"
                "sentence"

        property "needles, discs and specks of any size give finite numbers in the GTO basis"
        <| fun (SomeFrame frame) (seed: int) ->
            let random = Random seed
            let axis () = Math.Pow(10.0, random.NextDouble() * 24.0 - 12.0)

            let odd (e: Ellipsoid) =
                Ellipsoid.create e.Species e.Position e.Orientation (Vector3.create (axis ()) (axis ()) (axis ()))
                |> sure

            allFinite small (Transform.particles odd frame) "semi-axes from 1e-12 to 1e12"

        testCase "semi-axes as small and as large as doubles go give finite numbers in the GTO basis"
        <| fun () ->
            for axes in
                [
                    Vector3.create 1e-12 1e-12 1e-12
                    Vector3.create 1e12 1e12 1e12
                    Vector3.create 1e-12 1.0 1e12
                    Vector3.create 1e-300 1e-300 1e300
                    Vector3.create Double.Epsilon Double.MaxValue 1.0
                ] do
                let frame = Frame.create Cell.none [ ellipsoid 1 (at 0.0) axes; ellipsoid 6 (at 2.0) axes ]
                allFinite small frame $"{axes}"

        testCase "a speck is a point: its coefficients are the functions' values there"
        <| fun () ->
            let r = Vector3.create 0.7 -1.1 0.4
            let speck = ellipsoid 6 r (Vector3.create 1e-12 1e-12 1e-12)
            let c = Coefficients.raw small speck r
            let harmonics = SolidHarmonics.evaluate 4 r
            let square = Vector3.squaredNorm r

            for l in 0..4 do
                for m in -l .. l do
                    for n in 0..2 do
                        let expected = pown square n * exp (-square / 4.5) * harmonics[l * l + l + m]
                        Close.within 1e-14 1.0 [| c[l, m, n] |] [| expected |] $"{l}, {m}, {n}"

        testCase "a semi-axis whose powers overflow is refused in the monomial basis, a large one is not"
        <| fun () ->
            let with' a = Frame.create Cell.none [ ellipsoid 6 (at 0.0) (Vector3.create 1.0 1.0 a) ]
            allFinite monomial (with' 1e12) "1e12"
            let sentence = Expansion.coefficients monomial [ with' 1e200 ] |> Tensors.sentence
            Expect.stringContains sentence "frame 0, particle 0: semi-axis = 1E+200" "sentence"

        testCase "particles too far away for doubles to place are refused, others have finite features"
        <| fun () ->
            let cube =
                Cell.create (at 3.0) (Vector3.create 0.0 3.0 0.0) (Vector3.create 0.0 0.0 3.0) {
                    A = true
                    B = false
                    C = true
                }
                |> sure

            for cell in [ Cell.none; cube ] do
                let frame x = Frame.create cell [ ellipsoid 1 (at 0.0) body; ellipsoid 6 x body ]

                for x in [ 1e6; -1e9; 2e9 ] do
                    allFinite small (frame (at x)) $"at {x}"

                for x in [ 1e13; 1e300; -1e15; Double.MaxValue ] do
                    for place in [ at x; Vector3.create 0.0 x 0.0 ] do
                        for sentence in
                            [
                                Expansion.coefficients small [ frame place ] |> Tensors.sentence
                                NeighborList.create 4.0 (frame place) |> Tensors.sentence
                            ] do
                            Expect.stringContains sentence "particle 1: position = (" $"at {x}"
                            Expect.stringContains sentence "accepted: coordinates up to 1e12 cutoff radii" $"at {x}"

            let sentence =
                Expansion.coefficients small [ Frame.create cube [ ellipsoid 1 (at 1e11) body ] ]
                |> Tensors.sentence

            Expect.stringContains sentence "a place at most 1e9 cell vectors away from the cell" "far from the cell"

        testCase "a cell that would have too many images within the cutoff is refused, a small one is not"
        <| fun () ->
            let cubic a repeats =
                Cell.create (at a) (Vector3.create 0.0 a 0.0) (Vector3.create 0.0 0.0 a) repeats
                |> sure

            let all = { A = true; B = true; C = true }
            let frame cell = Frame.create cell [ ellipsoid 1 Vector3.zero body ]
            allFinite small (frame (cubic 0.4 all)) "4,000 images"
            allFinite small (frame (cubic 0.001 { all with B = false; C = false })) "8,000 images in a row"

            for cell in [ cubic 1e-3 all; cubic 1e-9 { all with C = false }; cubic 1e-100 { all with A = false } ] do
                let sentence =
                    Expansion.coefficientsWith (Systems.numbered [ 2 ]) RadialForm.Orthonormal small [ frame cell ]
                    |> Tensors.sentence

                Expect.stringContains sentence "frame 2: cell = (" "sentence"
                Expect.stringContains sentence "at most 1e7 images within the cutoff radius 4" "sentence"
    ]

/// The sentence names the parameter, shows the value and says what is accepted.
let private refused parameter (value: string) accepted result =
    let sentence: string = Tensors.sentence result
    Expect.stringContains sentence $"{parameter} = {value} cannot be used; accepted: " "parameter and value"
    Expect.stringContains sentence accepted "what is accepted"

let private constructors =
    let x, y, z = Vector3.create 1.0 0.0 0.0, Vector3.create 0.0 1.0 0.0, Vector3.create 0.0 0.0 1.0
    let everywhere = { A = true; B = true; C = true }

    testList "constructors refuse" [
        testCase "positions, semi-axes and quaternions that cannot be"
        <| fun () ->
            for bad, text in [ nan, "NaN"; infinity, "Infinity"; -infinity, "-Infinity" ] do
                Ellipsoid.create 1 (Vector3.create 0.0 bad 0.0) Quaternion.identity x
                |> refused "position" $"(0, {text}, 0)" "three finite numbers"

                Ellipsoid.create 1 Vector3.zero Quaternion.identity (Vector3.create 1.0 1.0 bad)
                |> refused "semi-axes" $"(1, 1, {text})" "three finite numbers above zero"

                Ellipsoid.create 1 Vector3.zero (Quaternion.create 1.0 bad 0.0 0.0) (Vector3.create 1.0 1.0 1.0)
                |> refused "quaternion" $"(1, {text}, 0, 0)" "not all zero"

            for bad, text in [ 0.0, "0"; -1.0, "-1"; -0.0, "-0" ] do
                Ellipsoid.create 1 Vector3.zero Quaternion.identity (Vector3.create bad 1.0 1.0)
                |> refused "semi-axes" $"({text}, 1, 1)" "three finite numbers above zero"

                Ellipsoid.sphere 1 Vector3.zero bad
                |> refused "semi-axes" $"({text}, {text}, {text})" "above zero"

            Ellipsoid.create 1 Vector3.zero (Quaternion.create 0.0 0.0 0.0 0.0) (Vector3.create 1.0 1.0 1.0)
            |> refused "quaternion" "(0, 0, 0, 0)" "not all zero"

        testCase "cells that are not finite, singular, or zero along an axis that repeats"
        <| fun () ->
            for bad, text in [ nan, "NaN"; infinity, "Infinity" ] do
                Cell.create x (Vector3.create 0.0 bad 0.0) z everywhere
                |> refused "cell" $"(1, 0, 0), (0, {text}, 0), (0, 0, 1)" "finite numbers"

            Cell.create x Vector3.zero z everywhere
            |> refused "cell" "(1, 0, 0), (0, 0, 0), (0, 0, 1)" "not zero along every axis that repeats"

            for second in [ x; 3.0 * x; Vector3.create 1.0 1e-13 0.0 ] do
                Cell.create x second z everywhere
                |> Tensors.sentence
                |> fun sentence -> Expect.stringContains sentence "span a volume" "singular"

            Cell.create (x + y) (y + z) (x + 2.0 * y + z) everywhere
            |> Tensors.sentence
            |> fun sentence -> Expect.stringContains sentence "span a volume" "linearly dependent"

        testCase "hyperparameters that cannot work, each by its name"
        <| fun () ->
            let start = smallHypers
            let create hypers = Projection.create hypers [ 1 ]

            for bad, text in [ nan, "NaN"; infinity, "Infinity"; -infinity, "-Infinity"; 0.0, "0"; -2.0, "-2" ] do
                let positive name hypers = create hypers |> refused name text "a finite number above zero"
                positive "cutoff_radius" { start with CutoffRadius = bad }
                positive "radial_gaussian_width" { start with RadialBasis = RadialBasis.Gto bad }
                positive "basis_tol" { start with BasisTolerance = bad }

                create { start with Smoothing = Smoothing.ShiftedCosine bad }
                |> refused "cutoff_smoothing_width" text "above zero, at most the cutoff radius 4"

                let scaling = { Scale = 1.0; Rate = 1.0; Exponent = 1.0 }
                positive "radial_scaling scale" { start with RadialScaling = Some { scaling with Scale = bad } }
                positive "radial_scaling rate" { start with RadialScaling = Some { scaling with Rate = bad } }
                positive "radial_scaling exponent" { start with RadialScaling = Some { scaling with Exponent = bad } }

                NeighborList.create bad (Frame.create Cell.none [])
                |> refused "cutoff_radius" text "a finite number above zero"

            for bad, text in [ nan, "NaN"; infinity, "Infinity"; -1e-9, "-1E-09"; 1.0, "1" ] do
                create { start with BasisRcond = bad }
                |> refused "basis_rcond" text "a number from 0 to below 1"

            create { start with Smoothing = Smoothing.ShiftedCosine 4.5 }
            |> refused "cutoff_smoothing_width" "4.5" "at most"

            create { start with MaxAngular = -1 }
            |> refused "max_angular" "-1" "a whole number from 0 to"

            create { start with MaxRadial = RadialCount.Uniform -1 }
            |> refused "max_radial" "-1" "a whole number from 0"

            create { start with MaxRadial = RadialCount.PerAngular [ 1; 2 ] }
            |> refused "max_radial" "1,2" "5 numbers"

            create { start with MaxRadial = RadialCount.PerAngular [ 1; 2; -3; 0; 0 ] }
            |> refused "max_radial" "1,2,-3,0,0" "from 0"

            Projection.create start [] |> refused "species" "none" "at least one species"

        testCase "orders beyond what is right to 1e-10, never by overflow or a crash"
        <| fun () ->
            let create maxAngular maxRadial =
                Projection.create { Hypers.create maxAngular (RadialBasis.Gto 1.5) 5.0 with MaxRadial = maxRadial } [
                    1
                ]

            let last = Hypers.LargestMaxAngular

            for bad in [ last + 1; 1000; Int32.MaxValue ] do
                create bad (RadialCount.Uniform 0)
                |> refused "max_angular" (string bad) $"a whole number from 0 to {last}"

                create bad RadialCount.Coupled
                |> refused "max_angular" (string bad) $"a whole number from 0 to {last}"

            for bad in [ Hypers.LargestDegree / 2 + 1; 1_000_000; Int32.MaxValue ] do
                create 0 (RadialCount.Uniform bad)
                |> refused "max_radial" (string bad) $"numbers n with l + 2n up to {Hypers.LargestDegree}"

            ClebschGordan.create -1 |> refused "max_angular" "-1" "a whole number from 0"
    ]

[<Tests>]
let tests = testList "edge cases" [ frames; constructors ]
