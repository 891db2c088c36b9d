/// What is suggested, and the numbers that it is suggested from.
module AniSoap.Tests.SuggestionTests

open System
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Tests
open AniSoap.Tests.Golden

let private nematic = lazy (FrameFile.readAll (Repository.gayBerne "nematic") |> sure)

let private random seed =
    let source = Random(seed: int)
    fun low high -> low + (high - low) * source.NextDouble()

/// A centre at the origin and neighbours of any shape around it.
let private cluster seed count species =
    let draw = random seed

    let particle k =
        let q =
            Quaternion.create (draw -1.0 1.0) (draw -1.0 1.0) (draw -1.0 1.0) (draw -1.0 1.0)
            |> Quaternion.tryNormalize
            |> sure

        let place =
            if k = 0 then
                Vector3.zero
            else
                Vector3.create (draw -1.5 1.5) (draw -1.5 1.5) (draw -1.5 1.5)

        Ellipsoid.create (1 + k % species) place q (Vector3.create (draw 0.4 1.2) (draw 0.4 1.2) (draw 0.4 1.2))
        |> sure

    Frame.create Cell.none (List.init (count + 1) particle)

let private held width maxAngular maxRadial (clusters: Frame[]) =
    let hypers = { Hypers.gto maxAngular maxRadial width 5.0 with CenterDensity = CenterDensity.Absent }

    let projection = Projection.ofFrames hypers clusters |> sure
    DensityShare.byAngular projection clusters |> sure |> Array.sum

/// Faces of a cube filled with spheres that touch at distance 1.
let private faceCentred =
    let edge = sqrt 2.0

    let places = [
        for a in 0..2 do
            for b in 0..2 do
                for c in 0..2 do
                    for x, y, z in [ 0.0, 0.0, 0.0; 0.5, 0.5, 0.0; 0.5, 0.0, 0.5; 0.0, 0.5, 0.5 ] do
                        edge * Vector3.create (float a + x) (float b + y) (float c + z)
    ]

    let along x y z = 3.0 * edge * Vector3.create x y z

    let cell =
        Cell.create (along 1.0 0.0 0.0) (along 0.0 1.0 0.0) (along 0.0 0.0 1.0) { A = true; B = true; C = true }
        |> sure

    Frame.create cell (places |> List.map (fun place -> Ellipsoid.sphere 1 place 0.5 |> sure))

let private suggest frames = Suggestion.ofFrames { Suggestion.defaults with Threads = 1 } frames |> sure

[<Tests>]
let tests =
    testList "suggestions" [
        testCase "a density that is a function of the basis is held whole"
        <| fun () ->
            // A sphere of the basis's width where the centre is: the first function itself.
            let frame =
                Frame.create Cell.none [
                    Ellipsoid.sphere 1 Vector3.zero 0.3 |> sure
                    Ellipsoid.sphere 1 Vector3.zero 0.8 |> sure
                ]

            Close.within 1e-12 1.0 [| held 0.8 2 1 [| frame |] / DensityShare.norm frame |] [| 1.0 |] "share"

        testCase "the square of a density is the sum over pairs of neighbours of one species"
        <| fun () ->
            // By the rectangle rule on a grid, which is exact for Gaussians up to exp(−(π a/h)²).
            let frame = cluster 7 3 2

            let density species =
                let terms = [|
                    for k in 1 .. frame.Particles.Length - 1 do
                        if frame.Particles[k].Species = species then
                            DensityField.exact
                                (Projection.create (Hypers.gto 1 1 1.0 50.0) [ 1; 2 ] |> sure)
                                (Frame.create Cell.none [ frame.Particles[k] ])
                                0
                                species
                            |> sure,
                            frame.Particles[k].Position
                |]

                fun (point: Vector3) -> terms |> Array.sumBy (fun (field, place) -> field (point - place))

            let step = 0.25
            let points = [| for k in -28 .. 28 -> step * float k |]

            let summed =
                [ 1; 2 ]
                |> List.sumBy (fun species ->
                    let density = density species

                    points
                    |> Array.sumBy (fun x ->
                        points
                        |> Array.sumBy (fun y ->
                            points |> Array.sumBy (fun z -> pown (density (Vector3.create x y z)) 2))))

            Close.within 1e-7 1.0 [| DensityShare.norm frame |] [| summed * step * step * step |] "∫ρ²"

        for seed in 1..4 do
            testCase $"no basis holds more than there is, and a larger one holds no less (seed {seed})"
            <| fun () ->
                let clusters = [| cluster seed 4 2 |]
                let total = DensityShare.norm clusters[0]

                let held =
                    [ 2, 1; 4, 2; 6, 4; 9, 6 ]
                    |> List.map (fun (l, n) -> held 0.9 l n clusters / total)

                Expect.equal held (List.sort held) "ascending"
                Close.below (List.last held) (1.0 + 1e-10) "share"

        testCase "the first shell of a close packing is within the cutoff, and the second is not"
        <| fun () ->
            let found = suggest [ faceCentred ]
            Close.above found.Hypers.CutoffRadius 1.0 "cutoff"
            Close.below found.Hypers.CutoffRadius 1.6 "cutoff"
            Expect.equal found.Cost.Particles 108L "particles"

        testCase "lengths ten times as long ask for a cutoff and a width ten times as long"
        <| fun () ->
            let frame = nematic.Value[0]

            let scaled =
                let v = frame.Cell.Vectors

                Frame.create
                    (Cell.create (10.0 * v.Row1) (10.0 * v.Row2) (10.0 * v.Row3) frame.Cell.Periodicity
                     |> sure)
                    [
                        for one in frame.Particles ->
                            Ellipsoid.create one.Species (10.0 * one.Position) one.Orientation (10.0 * one.SemiAxes)
                            |> sure
                    ]

            let one, ten = (suggest [ frame ]).Hypers, (suggest [ scaled ]).Hypers

            let width (hypers: Hypers) =
                match hypers.RadialBasis with
                | Gto width -> width
                | Monomial -> nan

            Close.within 1e-12 10.0 [| ten.CutoffRadius; width ten |] [| 10.0 * one.CutoffRadius; 10.0 * width one |] ""
            Expect.equal (ten.MaxAngular, ten.MaxRadial) (one.MaxAngular, one.MaxRadial) "orders"

        testCase "a liquid crystal: values that compute, reasons, and a cost that is right"
        <| fun () ->
            let frames = nematic.Value
            let found = suggest frames
            let hypers = found.Hypers
            let projection = Projection.ofFrames hypers frames |> sure

            let pairs =
                frames
                |> Array.sumBy (fun frame -> (NeighborList.create hypers.CutoffRadius frame |> sure).Length)

            Close.within 0.05 (float pairs) [| float found.Cost.Pairs |] [| float pairs |] "pairs"
            Expect.equal found.Cost.Frames (int64 frames.Length) "frames"

            Expect.equal
                found.Cost.Columns
                (int64 (SpectrumColumns.meanProperties OrderedPairs projection).Count)
                "columns"

            Expect.equal found.Cost.OutputBytes (8L * found.Cost.Columns * found.Cost.Frames) "bytes"
            Close.above found.Cost.Seconds 0.0 "seconds"
            Close.above found.Share 0.3 "share"
            Close.below found.Share (1.0 + 1e-12) "share"

            Expect.equal
                [ for value in found.Values -> value.Name ]
                [ "cutoff_radius"; "radial_gaussian_width"; "max_radial"; "max_angular" ]
                "values"

            for l in 0 .. hypers.MaxAngular do
                Expect.equal (projection.RadialFunctions.Rank l) (projection.RadialCount l) "independent functions"

            Expect.isEmpty (Suspicion.ofFrames projection frames) "nothing to warn of"

        testCase "few columns are kept to"
        <| fun () ->
            let found =
                Suggestion.ofFrames { Suggestion.defaults with MostColumns = 60; Threads = 1 } nematic.Value
                |> sure

            Close.below (float found.Cost.Columns) 61.0 "columns"

        testCase "particles that see nobody have a suggestion too"
        <| fun () ->
            let alone = Frame.create Cell.none [ Ellipsoid.sphere 3 Vector3.zero 0.5 |> sure ]
            let found = suggest [ alone; alone ]
            Expect.equal (Seq.toList found.Species) [ 3 ] "species"
            Close.within 1e-12 1.0 [| found.Hypers.CutoffRadius |] [| 1.5 |] "cutoff"

        testCase "without particles, or without columns, there is none"
        <| fun () ->
            let describe result = Result.mapError AniSoapError.describe result |> Result.map ignore

            Expect.equal
                (describe (Suggestion.ofFrames Suggestion.defaults [ Frame.create Cell.none [] ]))
                (Error "frames = 1 cannot be used; accepted: frames with particles")
                "no particles"

            Expect.equal
                (describe (Suggestion.ofFrames { Suggestion.defaults with MostColumns = 0 } [ faceCentred ]))
                (Error "most columns = 0 cannot be used; accepted: a whole number from 1")
                "no columns"
    ]
