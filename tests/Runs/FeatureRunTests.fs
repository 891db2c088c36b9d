/// The library does what the program does: trajectories to files of features that say how they were made.
module AniSoap.Tests.Runs.FeatureRunTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

let private usual = {
    Hypers.create 3 (RadialBasis.Gto 1.5) 3.5 with
        MaxRadial = RadialCount.PerAngular [ 3; 2; 2; 1 ]
        Smoothing = Smoothing.ShiftedCosine 1.0
}

let private usualWords =
    words
        "--max-angular 3 --max-radial 3,2,2,1 --radial-gaussian-width 1.5 --cutoff-radius 3.5 --cutoff-smoothing-width 1"

let private succeeds folder arguments =
    let outcome = run folder arguments
    Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") (String.concat " " arguments)

let private inside folder name = Path.Combine(folder, name)

/// The program writes the inputs as it was given them: relative to its folder.
let private trajectory folder = place folder "frames.xyz" "anisoap/three-species-cluster/frames17.extxyz"

let private sameBytes one other what =
    Expect.isTrue (ReadOnlySpan(File.ReadAllBytes one).SequenceEqual(ReadOnlySpan(File.ReadAllBytes other))) what

/// The library takes paths as the program does: the metadata say them as they were given.
let private here folder action =
    let inputs = Path.GetRelativePath(Directory.GetCurrentDirectory(), inside folder "frames.xyz")
    action inputs

[<Tests>]
let tests =
    testList "features of files, in the library" [
        test "a dozen lines take a trajectory to a file whose hyperparameters load again, here and in the program" {
            inFolder (fun folder ->
                trajectory folder

                for ending in Endings.withHypers do
                    let input, output = inside folder "frames.xyz", inside folder ("features" + ending)
                    // --- from here
                    let hypers = Hypers.create 3 (RadialBasis.Gto 1.5) 3.5

                    let done' =
                        FeatureRun.meanSpectra FeatureRun.defaults hypers [ input ] output
                        |> Result.orFail

                    let again = Hypers.load output |> Result.orFail
                    // --- to here
                    Close.above done'.Frames 0L "frames"
                    Expect.equal again hypers $"hyperparameters of {ending}"
                    let name = "features" + ending
                    succeeds folder [ "power-spectrum"; "frames.xyz"; "-o"; "again.npz"; "--force"; "--hypers"; name ]

                    let read file = FeatureFile.readMap (inside folder file) |> ok |> TensorMap.withInfo Map.empty

                    if ending <> ".mts" then
                        sameMap (read "again.npz") (read name) ending)
        }

        for ending in Endings.ofFeatures @ [ ".json"; ".json.gz" ] do
            testCase $"the library's {ending} is the program's, byte for byte" (fun () ->
                inFolder (fun folder ->
                    trajectory folder

                    here folder (fun input ->
                        for name in [ "ours"; "theirs" ] do
                            Directory.CreateDirectory(inside folder name) |> ignore

                        for perParticle in [ false; true ] do
                            // Of one name: chemiscope's files say it.
                            let ours = Path.Combine(folder, "ours", "a" + ending)
                            let theirs = Path.Combine(folder, "theirs", "a" + ending)

                            let options = {
                                FeatureRun.defaults with
                                    Columns = UnorderedPairs
                                    Write = { WriteOptions.replacing with Precision = Precision.Single }
                            }

                            let write =
                                if perParticle then
                                    FeatureRun.particleSpectra
                                else
                                    FeatureRun.meanSpectra

                            write options usual [ input ] ours |> ok |> ignore

                            // The program runs in the folder of the tests: its input has the same name.
                            let outcome =
                                run
                                    (Directory.GetCurrentDirectory())
                                    ([
                                        "power-spectrum"
                                        input
                                        "-o"
                                        theirs
                                        "--force"
                                        "--compact"
                                        "--dtype"
                                        "f4"
                                     ]
                                     @ (if perParticle then [ "--per-particle" ] else [])
                                     @ usualWords)

                            Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") "the program"

                            sameBytes ours theirs $"{ending}, per particle: {perParticle}"

                            if ending = ".csv" then
                                sameBytes (ours + "-metadata.json") (theirs + "-metadata.json") "beside the table")))

        test "coefficients and gradients are the program's, byte for byte" {
            inFolder (fun folder ->
                trajectory folder

                here folder (fun input ->
                    let ours, theirs = inside folder "ours.mts", inside folder "theirs.mts"
                    let parameters = Set [ GradientParameter.Positions; GradientParameter.Strain ]

                    let compare write verb more =
                        let options = {
                            FeatureRun.defaults with
                                Gradients = parameters
                                Write = WriteOptions.replacing
                        }

                        write options usual [ input ] ours |> ok |> ignore

                        let outcome =
                            run
                                (Directory.GetCurrentDirectory())
                                ([ verb; input; "-o"; theirs; "--force"; "--gradients"; "positions,strain" ]
                                 @ more
                                 @ usualWords)

                        Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") verb
                        sameBytes ours theirs verb

                    compare FeatureRun.coefficients "expansion" []
                    compare FeatureRun.meanSpectra "power-spectrum" []
                    compare FeatureRun.particleSpectra "power-spectrum" [ "--per-particle" ]))
        }

        test "what is wrong with a frame names its file and its number there, and nothing is left" {
            inFolder (fun folder ->
                trajectory folder
                let bad = inside folder "bad.xyz"

                File.WriteAllText(
                    bad,
                    "1\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3\nX 0 0 0 0 0 0 0 1 1 1\n"
                )

                let output = inside folder "x.npz"
                let options = { FeatureRun.defaults with Species = Some [ 1; 6; 7; 8 ]; Run = RunOptions.defaults }

                let text =
                    sentence (
                        FeatureRun.meanSpectra options usual [ inside folder "frames.xyz"; bad ] output
                        |> Result.map ignore
                    )

                Expect.stringContains text bad text
                Expect.isFalse (File.Exists output) "nothing")
        }

        test "a projection that is ready makes the same file of files, and the same rows of frames as they come" {
            inFolder (fun folder ->
                trajectory folder
                let input, at = inside folder "frames.xyz", inside folder
                let options = { FeatureRun.defaults with Run = RunOptions.defaults }
                let frames = FrameFile.readAll input |> ok

                let projection =
                    Projection.create usual [ 99 ]
                    |> Result.bind (Projection.withSpeciesOf frames)
                    |> ok

                for kind, whole in
                    [
                        MeanSpectra options.Columns, FeatureRun.meanSpectra
                        ParticleSpectra options.Columns, FeatureRun.particleSpectra
                    ] do
                    let name = string kind.IsMeanSpectra
                    whole options usual [ input ] (at $"{name}-whole.npz") |> ok |> ignore

                    FeatureRun.ofFiles options kind projection [ input ] (at $"{name}-files.npz")
                    |> ok
                    |> ignore

                    let done' =
                        FeatureRun.ofFrames options kind projection frames (at $"{name}-frames.npz")
                        |> ok

                    Expect.equal done'.Frames (int64 frames.Length) "all frames"
                    sameBytes (at $"{name}-whole.npz") (at $"{name}-files.npz") "of files"
                    // Frames that come from nowhere name no inputs.
                    let rows from =
                        FeatureFile.readMap (at $"{name}-{from}.npz")
                        |> ok
                        |> TensorMap.withInfo Map.empty

                    sameMap (rows "files") (rows "frames") "of frames")
        }

        test "an output's ending is looked at before a frame is read, and frames from nowhere are no chemiscope's" {
            inFolder (fun folder ->
                let none = inside folder "no-such-file.xyz"

                let text =
                    sentence (
                        FeatureRun.meanSpectra FeatureRun.defaults usual [ none ] (inside folder "x.doc")
                        |> Result.map ignore
                    )

                Expect.stringContains text "ending" text
                let json = inside folder "x.json"
                (FeatureRun.start WriteOptions.defaults json |> Result.orFail).Dispose()
                Expect.isError (FeatureRun.startOfFrames WriteOptions.defaults json) "these cannot be"

                (FeatureRun.startOfFrames WriteOptions.defaults (inside folder "x.npz")
                 |> Result.orFail)
                    .Dispose()

                Expect.isFalse (File.Exists(inside folder "x.npz")) "nothing is there")
        }

        test "an output that cannot be written is an error before a frame is read, and one that exists is kept" {
            inFolder (fun folder ->
                trajectory folder
                let output = inside folder "x.npz"
                File.WriteAllText(output, "mine")
                let input = inside folder "frames.xyz"

                let text =
                    sentence (
                        FeatureRun.meanSpectra FeatureRun.defaults usual [ input ] output
                        |> Result.map ignore
                    )

                Expect.stringContains text "exists" text
                Expect.equal (File.ReadAllText output) "mine" "kept"
                let gradients = { FeatureRun.defaults with Gradients = Set [ GradientParameter.Positions ] }

                let text =
                    sentence (
                        FeatureRun.meanSpectra gradients usual [ input ] (inside folder "y.npz")
                        |> Result.map ignore
                    )

                Expect.stringContains text ".mts" text)
        }
    ]
