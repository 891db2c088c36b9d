/// The verbs train, predict and evaluate.
module AniSoap.Tests.Cli.PotentialProgramTests

open System.IO
open System.Text.Json
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private dimers folder = place folder "dimers.extxyz" "potentials/dimers.extxyz"

let private hypers =
    """{"max_angular":2,"max_radial":2,"own_max_radial":1,"neighbor_max_radial":2,"radial_gaussian_width":1.5,"cutoff_radius":8,
"density_scale":0.6,"contact_shapes":[{"scale":1}],"own_channels":[{"rate":3},{"rate":6},{"rate":12}],"neighbor_channels":[{"rate":3},{"rate":6}],"deepest_gap":-1}"""

let private train folder more =
    File.WriteAllText(Path.Combine(folder, "hypers.json"), hypers)

    run
        folder
        (words "train dimers.extxyz --frames :120 --hypers hypers.json -o model.json --threads 1"
         @ more)

let private errors (text: string) (quantity: string) (measure: string) =
    JsonDocument.Parse(text).RootElement.GetProperty(quantity).GetProperty(measure).GetDouble()

[<Tests>]
let tests =
    testList "program: potentials" [
        testCase "of dimers are trained, evaluated, and predict what they are then found to be"
        <| fun () ->
            inFolder (fun folder ->
                dimers folder
                let trained = train folder [ "--report"; "report.json" ]
                Expect.equal trained.ExitCode 0 trained.Errors
                Expect.stringContains trained.Errors "120 frames" "what was done"
                let report = File.ReadAllText(Path.Combine(folder, "report.json"))
                Close.below (errors report "forces" "percent_of_rms") 15.0 "training forces"

                let found =
                    run folder (words "evaluate dimers.extxyz --frames 200: --model model.json --below 1 --quiet")

                Expect.equal found.ExitCode 0 found.Errors
                Expect.equal (errors found.Output "forces" "count") 600.0 "components"
                Close.below (errors found.Output "energy" "rmse") 0.4 "energy, of a standard deviation of 1.2"
                let below = JsonDocument.Parse(found.Output).RootElement.GetProperty "below"
                Expect.equal (below.GetProperty("threshold").GetDouble()) 1.0 "threshold"

                let predicted =
                    run
                        folder
                        (words "predict dimers.extxyz --frames 200: --model model.json -o predicted.extxyz --quiet")

                Expect.equal predicted.ExitCode 0 predicted.Errors
                let again = run folder (words "evaluate predicted.extxyz --model model.json --quiet")

                for quantity in [ "energy"; "forces"; "torques"; "virial" ] do
                    Close.below (errors again.Output quantity "rmse") 1e-12 quantity)

        testCase
            "are chosen with densities of another size, without own columns and of mixed species, which hypers cannot say too"
        <| fun () ->
            inFolder (fun folder ->
                dimers folder

                let trained =
                    run
                        folder
                        (words "train dimers.extxyz --frames :60 -o model.json --threads 1 --cutoff-radius 8"
                         @ words "--center-density none --density-scale 0.5 --species-channels 1,3")

                Expect.equal trained.ExitCode 0 trained.Errors

                let hypers =
                    JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "model.json"))).RootElement.GetProperty
                        "hypers"

                Expect.equal (hypers.GetProperty("density_scale").GetDouble()) 0.5 "density scale"
                Expect.equal (hypers.GetProperty("own_channels").GetArrayLength()) 0 "own columns"
                Expect.equal (hypers.GetProperty("species_mixing").GetProperty("seed").GetInt32()) 3 "mixing"
                let evaluated = run folder (words "evaluate dimers.extxyz --frames :20 --model model.json --quiet")
                Expect.equal evaluated.ExitCode 0 evaluated.Errors

                let refused =
                    run folder (words "train dimers.extxyz --hypers model.json -o other.json --density-scale 0.5")

                Expect.stringContains refused.Errors "--density-scale" "one or the other")

        testCase "of sites alone say that options of pair spectra did nothing"
        <| fun () ->
            inFolder (fun folder ->
                dimers folder
                let sites = words "train dimers.extxyz --frames :60 --sites 1 --force -o model.json"
                let trained = run folder (sites @ [ "--cutoff-radius"; "5" ])
                Expect.equal trained.ExitCode 0 trained.Errors
                Expect.stringContains trained.Errors "--cutoff-radius is for pair spectra" "said"
                let plain = run folder sites
                Expect.isFalse (plain.Errors.Contains "pair spectra, and") "not given")

        testCase "with a committee tell how sure they are, and without one say what is missing"
        <| fun () ->
            inFolder (fun folder ->
                dimers folder
                let trained = train folder [ "--committee"; "4" ]
                Expect.equal trained.ExitCode 0 trained.Errors

                let found =
                    run folder (words "evaluate dimers.extxyz --frames 200: --model model.json --spread --quiet")

                Expect.equal found.ExitCode 0 found.Errors
                Close.above (errors found.Output "spread" "force_rank_correlation") 0.5 "rank correlation"

                let predicted =
                    run
                        folder
                        (words "predict dimers.extxyz --frames 200:202 --model model.json --spread -o p.extxyz --quiet")

                Expect.equal predicted.ExitCode 0 predicted.Errors
                let text = File.ReadAllText(Path.Combine(folder, "p.extxyz"))

                for name in
                    [ "energy_spread="; "energy_deviation="; "leverage="; "force_spread:R:1"; "torque_spread:R:1" ] do
                    Expect.stringContains text name "labels"

                let without =
                    run folder (words "train dimers.extxyz --frames :50 --hypers hypers.json -o plain.json --quiet")

                Expect.equal without.ExitCode 0 without.Errors

                let refused =
                    run folder (words "predict dimers.extxyz --model plain.json --spread -o q.extxyz --quiet")

                Expect.equal refused.ExitCode 2 refused.Errors
                Expect.stringContains refused.Errors "train --committee" "message"
                Expect.isFalse (File.Exists(Path.Combine(folder, "q.extxyz"))) "no file")

        testCase "by OpenBLAS are refused where its file is not there, and where what was chosen before has none"
        <| fun () ->
            inFolder (fun folder ->
                dimers folder
                let refused = train folder [ "--linear-algebra"; "no-such-library.so" ]
                Expect.equal refused.ExitCode 2 refused.Errors
                Expect.stringContains refused.Errors "OpenBLAS (no-such-library.so) is missing" "message"
                Expect.isFalse (File.Exists(Path.Combine(folder, "model.json"))) "no file"
                let own = train folder [ "--linear-algebra"; "own" ]
                Expect.equal own.ExitCode 0 own.Errors

                let setup = run folder (words "train dimers.extxyz --frames :60 --choose -o setup.json --quiet")
                Expect.equal setup.ExitCode 0 setup.Errors

                let other =
                    run
                        folder
                        (words
                            "train dimers.extxyz --frames :60 --hypers setup.json --linear-algebra openblas -o o.json")

                Expect.equal other.ExitCode 2 other.Errors
                Expect.stringContains other.Errors "--linear-algebra = openblas cannot be used" "message")

        testCase "have a page of parity and of the learning curve, and say what was read"
        <| fun () ->
            inFolder (fun folder ->
                dimers folder
                let trained = train folder [ "--learning-curve"; "curve.json"; "--stats" ]
                Expect.equal trained.ExitCode 0 trained.Errors
                let statistics = JsonDocument.Parse(List.last trained.ErrorLines).RootElement
                let number (key: string) = statistics.GetProperty(key).GetInt64()
                Expect.equal (number "frames", number "particles", number "pairs") (120L, 240L, 240L) "all within 8"
                let curve = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "curve.json"))).RootElement
                Expect.equal (curve.GetProperty("held_out").GetInt32()) 24 "every fifth"

                let points = [
                    for point in curve.GetProperty("points").EnumerateArray() ->
                        point.GetProperty("frames").GetInt32(),
                        point.GetProperty("errors").GetProperty("forces").GetProperty("percent_of_rms").GetDouble()
                ]

                Expect.equal (List.map fst points) [ 12; 24; 48; 96 ] "frames"
                Close.below (snd points[3] / snd points[0]) 0.5 "more frames, smaller errors"

                let found =
                    run
                        folder
                        (words
                            "evaluate dimers.extxyz --frames 200:220 --model model.json --page page.html --learning-curve curve.json --json errors.json --stats")

                Expect.equal (found.ExitCode, found.Output) (0, "") found.Errors
                let page = File.ReadAllText(Path.Combine(folder, "page.html"))

                for text in [ "energy, reference"; "torques, found"; "frames learnt from"; "Plotly.newPlot" ] do
                    Expect.stringContains page text "page"

                // A pair is two directed ones: more than one is too many.
                let refused =
                    run
                        folder
                        (words
                            "evaluate dimers.extxyz --frames 200:202 --model model.json --page other.html --max-pairs 1")

                Expect.equal refused.ExitCode 2 refused.Errors
                Expect.stringContains refused.Errors "pairs of a frame" "sentence"
                Expect.isFalse (File.Exists(Path.Combine(folder, "other.html"))) "no page")

        testCase "that cannot be are refused with one line and leave nothing"
        <| fun () ->
            inFolder (fun folder ->
                dimers folder

                for arguments, sentence in
                    [
                        "evaluate dimers.extxyz --model none.json", "none.json: does not exist"
                        "evaluate dimers.extxyz", "--model is missing"
                        "predict dimers.extxyz --model dimers.extxyz -o p.extxyz", "expected: JSON"
                        "train dimers.extxyz -o m.json --energy-key none --forces-key none --torques-key none",
                        "targets: energies, forces, torques or virials of the frames is missing"
                        "train dimers.extxyz -o m.json --folds 0", "folds = 0"
                        "train dimers.extxyz -o m.txt", "the ending .txt cannot be written"
                        "train dimers.extxyz -o m.json --report none/r.json", "there is no such directory"
                        "train dimers.extxyz -o m.json --max-memory 10000", "rows of 2 particles"
                    ] do
                    let outcome = run folder (words arguments)
                    Expect.equal outcome.ExitCode 2 arguments
                    Expect.stringContains outcome.Errors sentence arguments
                    Expect.equal (outcome.Errors.Trim().Split('\n').Length) 1 "one line"

                Expect.equal (Directory.GetFiles folder |> Array.map Path.GetFileName) [| "dimers.extxyz" |] "files")
    ]
