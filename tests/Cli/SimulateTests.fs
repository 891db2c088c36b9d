/// The verb simulate.
module AniSoap.Tests.Cli.SimulateTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Golden
open AniSoap.Tests.Cli.ProgramRun

/// A potential that pushes ellipsoids apart, and three of them in `start.extxyz`.
let private prepare folder =
    let hypers = {
        PairSupport.hypers with
            ContactShapes = [ ContactShape.Scaled 1.0 ]
            MaxAngular = 0
            MaxRadial = 0
            OwnMaxRadial = 0
            NeighborMaxRadial = 0
            OwnChannels = [ ContactChannel.Exponential 2.0 ]
            NeighborChannels = [ ContactChannel.Exponential 1.0 ]
            DeepestGap = -0.5
    }

    let basis = PairBasis.create hypers [ 1 ] |> sure
    let fit = { Frames = 1; Regularization = 0.0; HeldOut = 0.0 }

    let contact = ContactPotential(basis, Array.create basis.Length 0.5)
    let potential = Potential(Some contact, None, fit, [])

    PotentialFile.save Existing.Keep (Path.Combine(folder, "model.json")) potential
    |> sure

    let one x =
        Ellipsoid.create 1 (Vector3.create x 0.2 0.0) Quaternion.identity (Vector3.create 0.6 0.4 0.3)
        |> sure

    FrameFile.write (Path.Combine(folder, "start.extxyz")) [ Frame.create Cell.none (List.map one [ 0.0; 1.3; 2.7 ]) ]
    |> sure
    |> ignore

let private snapshots folder name = FrameFile.snapshots (Path.Combine(folder, name)) |> Seq.map sure |> Seq.toArray

[<Tests>]
let tests =
    testList "program: simulate" [
        testCase "writes a trajectory and a log, and goes on from its last frame as if it had not ended"
        <| fun () ->
            inFolder (fun folder ->
                prepare folder
                let common = "--model model.json --time-step 0.01 --every 10 --stats"

                let whole =
                    run
                        folder
                        (words
                            $"simulate start.extxyz -o whole.extxyz --log whole.csv --steps 40 --temperature 0.3 --seed 4 {common}")

                Expect.equal whole.ExitCode 0 whole.Errors
                Expect.stringContains whole.Errors "\"frames\":5" "statistics"
                let log = File.ReadAllLines(Path.Combine(folder, "whole.csv"))
                Expect.equal log[0] SimulationLog.header "header"
                let column k = log[1..] |> Array.map (fun line -> line.Split(',')[k])
                Expect.equal (column 0) [| "0"; "10"; "20"; "30"; "40" |] "steps"

                let total =
                    column 5
                    |> Array.map (fun text ->
                        System.Double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))

                Close.within 1e-3 1.0 total (Array.create 5 total[0]) "energy"
                let frames = snapshots folder "whole.extxyz"
                Expect.equal (frames |> Array.map _.Step) [| for k in 0L .. 4L -> Some(10L * k) |] "steps of frames"

                File.Delete(Path.Combine(folder, "start.extxyz"))
                let again = run folder (words $"simulate whole.extxyz --frames 2 -o half.extxyz --steps 20 {common}")
                Expect.equal again.ExitCode 0 again.Errors
                let last = (snapshots folder "half.extxyz" |> Array.last).Frame.Particles
                let expected = frames[4].Frame.Particles
                Close.within 1e-12 1.0 (last.Positions.ToArray()) (expected.Positions.ToArray()) "positions"
                Close.within 1e-12 1.0 (last.Orientations.ToArray()) (expected.Orientations.ToArray()) "orientations")

        testCase "a quiet run that keeps its energy says how well in the statistics, and nowhere else"
        <| fun () ->
            inFolder (fun folder ->
                prepare folder

                let common =
                    "simulate start.extxyz --model model.json --time-step 0.01 --steps 24 --every 1 --temperature 0.3 --stats"

                let quiet = run folder (words $"{common} -o quiet.extxyz --quiet")
                Expect.equal quiet.ExitCode 0 quiet.Errors
                Expect.equal (quiet.Errors.Trim().Split('\n').Length) 1 "one line"
                use statistics = System.Text.Json.JsonDocument.Parse quiet.Errors
                let energy = statistics.RootElement.GetProperty "total_energy"

                let kept =
                    [ "mean"; "standard_deviation"; "drift"; "drift_error" ]
                    |> List.map (fun name -> energy.GetProperty(name).GetDouble())

                Close.below kept[1] (1e-3 * abs kept[0]) "standard deviation"
                Close.below (abs kept[2]) (0.1 * abs kept[0]) "drift"

                let told = run folder (words $"{common} -o told.extxyz")
                Expect.stringContains told.Errors "anisoap: total energy" "in words"

                let warm = run folder (words $"{common} -o warm.extxyz --ensemble langevin --quiet")
                Expect.equal warm.ExitCode 0 warm.Errors
                Expect.isFalse (warm.Errors.Contains "total_energy") "a thermostat does not keep the energy")

        testCase "what cannot be is refused with one line and leaves nothing"
        <| fun () ->
            inFolder (fun folder ->
                prepare folder
                let before = Directory.GetFiles folder |> Array.sort

                for arguments, sentence in
                    [
                        "", "--steps is missing"
                        "--steps 9 --time-step -1", "--time-step = -1 cannot be used; accepted: a number above zero"
                        "--steps 9 --time-step 0.1 --ensemble langevin", "--temperature is missing"
                        "--steps 9 --time-step 1e200 --temperature 1 --model model.json --log l.csv",
                        "the time step may be too long"
                        "--steps 9 --time-step 0.1 --mass H=0", "--mass = H=0 cannot be used"
                    ] do
                    let outcome = run folder (words $"simulate start.extxyz -o out.extxyz {arguments}")
                    Expect.equal outcome.ExitCode 2 arguments
                    Expect.stringContains outcome.Errors sentence arguments
                    Expect.equal (outcome.Errors.Trim().Split('\n').Length) 1 "one line"

                Expect.equal (Directory.GetFiles folder |> Array.sort) before "files")
    ]
