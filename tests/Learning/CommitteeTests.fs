/// What a potential knows of its own errors.
module AniSoap.Tests.Learning.CommitteeTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Formats
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.PotentialSupport

let private trainedWith threads =
    PotentialTraining.train
        {
            PotentialTraining.defaults with
                Hypers = Some dimerPotential.Value.Contact.Value.Basis.Hypers
                Regularization = Some 1e-12
                Committee = 10
                Threads = threads
        }
        (dimers.Value[..199] |> Seq.map Ok)
    |> sure

let private potential = lazy (trainedWith 1)

let private spreadOf potential (frame: Frame) = (SpreadEngine.Create(potential, 1) |> sure).Evaluate frame |> sure

let private leverageTests =
    testList "leverage" [
        for lambda in [ 0.0; 1e-3 ] do
            testCase $"is x (RᵀR + λ)⁻¹ x, as by the normal equations, λ = {lambda}"
            <| fun () ->
                let next = random 5
                let columns = 6
                let rows = Array.init 40 (fun _ -> Array.init (columns + 1) (fun j -> next () * Math.Pow(3.0, float j)))
                let sums = TriangularRows(columns + 1)

                for row in rows do
                    sums.Add(ReadOnlySpan row, 0, 1.0)

                let work, packed = TriangularRows(columns + 1), PackedTriangle(columns + 1, sums.Packed)
                let struct (scales, triangle) = LeastSquares.regularized work lambda packed
                let x = Array.init columns (fun _ -> next ())
                let product j k = rows |> Array.sumBy (fun row -> row[j] * row[k])

                let normal =
                    MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.Dense(
                        columns,
                        columns,
                        // λ n counts in units of the columns' squared norms.
                        fun j k -> product j k * (if j = k then 1.0 + lambda * float columns else 1.0)
                    )

                let vector = MathNet.Numerics.LinearAlgebra.Vector<float>.Build.Dense x
                let expected = vector * normal.Solve vector

                let found =
                    PotentialUncertainty.LeverageOf(
                        scales[.. columns - 1],
                        triangle[.. columns - 1] |> Array.map (fun row -> row[.. columns - 1]),
                        ReadOnlySpan x
                    )

                Close.toLargest 1e-10 [| found |] [| expected |] "leverage"
    ]

let private committeeTests =
    testList "a committee" [
        testCase "has members of half of the folds each, every second one the complement of the one before"
        <| fun () ->
            for folds in [ 4; 8; 9 ] do
                let halves = CommitteeTraining.halves 10 folds
                Expect.equal halves.Length 10 "members"

                for k in 0..2..8 do
                    Expect.equal (Array.append halves[k] halves[k + 1] |> Array.sort) [| 0 .. folds - 1 |] "both halves"
                    Expect.equal halves[k].Length (folds / 2) "a half"

        testCase "knows where dimers that it has not seen are predicted badly"
        <| fun () ->
            let found =
                SpreadErrors.measure 1 potential.Value (dimers.Value[200..] |> Seq.map Ok)
                |> sure

            Close.above found.EnergyRank 0.5 "rank correlation of energies"
            Close.above found.ForceRank 0.8 "rank correlation of forces"
            Close.above found.WorstFound 0.8 "the worst twentieth within the fifth of the largest spreads"
            Close.above found.WithinOne 0.6 "within one spread"
            Close.below found.WithinOne 0.85 "within one spread"
            Expect.equal found.Frames (dimers.Value.Length - 200) "frames"

        testCase "is the same numbers on three threads"
        <| fun () ->
            let other = trainedWith 3

            let first, second =
                potential.Value.Contact.Value.Uncertainty.Value, other.Contact.Value.Uncertainty.Value

            for k in 0 .. first.Count - 1 do
                Expect.equal (first.Weights(k).ToArray()) (second.Weights(k).ToArray()) "weights"

            Expect.equal
                (first.Scales.Energy, first.Scales.Forces, first.Noise, first.LargestLeverage)
                (second.Scales.Energy, second.Scales.Forces, second.Noise, second.LargestLeverage)
                "calibration"

        testCase "says the same after a file has kept it"
        <| fun () ->
            let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".json")

            try
                PotentialFile.save Existing.Keep path potential.Value |> sure
                let kept = PotentialFile.load path |> sure
                let frame = dimers.Value[250].Frame
                let first, second = spreadOf potential.Value frame, spreadOf kept frame

                Expect.equal
                    (first.Energy, first.EnergySpread, first.EnergyDeviation, first.Leverage)
                    (second.Energy, second.EnergySpread, second.EnergyDeviation, second.Leverage)
                    "spread"

                Expect.sequenceEqual first.ForceSpreads second.ForceSpreads "forces"
            finally
                File.Delete path

        testCase "finds a frame unlike all of the training's: a dimer pushed together far beyond them"
        <| fun () ->
            let frame = dimers.Value[0].Frame
            Close.below (spreadOf potential.Value frame).Leverage 1.0000001 "a training frame"
            let first, second = frame.Particles[0], frame.Particles[1]
            let middle = 0.7 * first.Position + 0.3 * second.Position

            let pushed =
                Ellipsoid.create second.Species middle second.Orientation second.SemiAxes
                |> sure

            Close.above (spreadOf potential.Value (Frame.create frame.Cell [ first; pushed ])).Leverage 1.0 "pushed"

        testCase "labels frames with numbers that a file keeps, in place of earlier ones"
        <| fun () ->
            let frame = dimers.Value[250].Frame
            let found = spreadOf potential.Value frame
            let once = Snapshot.ofFrame frame |> PotentialSpread.label found |> sure
            let twice = PotentialSpread.label found once |> sure

            Expect.equal
                (twice.Info |> List.filter (fun (name, _) -> name = "energy_spread"))
                [ "energy_spread", InfoValue.Real found.EnergySpread ]
                "info"

            Expect.equal (twice.Columns |> List.filter (fun c -> c.Name = "force_spread")).Length 1 "columns"
    ]

let private refusals =
    testList "committees that cannot work are refused:" [
        let refused options count name =
            match
                PotentialTraining.train
                    { options with Committee = 10 }
                    (dimers.Value |> Seq.truncate count |> Seq.map Ok)
            with
            | Ok _ -> failtest "was trained"
            | Error error -> Expect.stringContains (AniSoapError.describe error) name "message"

        testCase "of three frames"
        <| fun () -> refused PotentialTraining.defaults 3 "folds of a committee = 3"

        testCase "of two folds"
        <| fun () -> refused { PotentialTraining.defaults with Folds = 2 } 40 "folds of a committee = 2"

        testCase "of one member"
        <| fun () ->
            match PotentialTraining.train { options with Committee = 1 } (made 8 |> Seq.map Ok) with
            | Ok _ -> failtest "was trained"
            | Error error -> Expect.stringContains (AniSoapError.describe error) "committee = 1" "message"

        testCase "spreads of a potential without one"
        <| fun () ->
            match SpreadEngine.Create(trained.Value, 1) with
            | Ok _ -> failtest "has spreads"
            | Error error -> Expect.stringContains (AniSoapError.describe error) "--committee" "message"
    ]

let private measureTests =
    testList "spreads and errors" [
        testCase "have the rank correlation of ranks, equal numbers sharing theirs"
        <| fun () ->
            // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: r = 4.5 / √(4.5 · 5).
            Close.toLargest
                1e-14
                [|
                    SpreadErrors.rankCorrelation [| 1.0; 2.0; 2.0; 5.0 |] [| 0.1; 0.7; 0.3; 9.0 |]
                    SpreadErrors.rankCorrelation [| 1.0; 2.0; 3.0 |] [| 9.0; 4.0; 1.0 |]
                |]
                [| 4.5 / sqrt (4.5 * 5.0); -1.0 |]
                "ties, and the opposite order"
    ]

let private valueTests =
    testList "pair spectra without derivatives" [
        testCase "are those with them"
        <| fun () ->
            let values = PairSpectrumValues basis

            for seed in 1..3 do
                let frame = skew seed 11
                values.Compute frame |> sure
                Close.toLargest 1e-13 (values.Values.ToArray()) ((rowsOf basis frame).Values.ToArray()) "columns"
    ]

[<Tests>]
let tests = testList "committees" [ leverageTests; committeeTests; refusals; measureTests; valueTests ]
