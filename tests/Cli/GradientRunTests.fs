/// `--gradients` of the program against the library, and what it refuses.
module AniSoap.Tests.Cli.GradientRunTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

let private runs folder arguments =
    let outcome = run folder arguments
    Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") "exit code and standard error"

let private inside folder name = Path.Combine(folder, name)

let private frames case =
    TestData.withFile $"anisoap/{case}/frames17.extxyz" (fun path -> FrameFile.read path |> Seq.map ok |> Seq.toArray)

/// Runs with a smooth cutoff, and the same projection for the library.
let private hypers =
    words
        "--max-angular 3 --max-radial 2 --radial-gaussian-width 1.5 --cutoff-radius 3.5 --cutoff-smoothing-width 1 --radial-scaling 2,1,3"

let private projectionOf frames =
    Projection.ofFrames
        {
            Hypers.create 3 (RadialBasis.Gto 1.5) 3.5 with
                MaxRadial = RadialCount.Uniform 2
                Smoothing = Smoothing.ShiftedCosine 1.0
                RadialScaling = Some { Scale = 2.0; Rate = 1.0; Exponent = 3.0 }
        }
        frames
    |> ok

let private withoutInfo (map: TensorMap) = TensorMap.withInfo Map.empty map

let private all = "positions,orientations,semiaxes,strain"

let private isLibrary name arguments kind =
    testCase $"{name}"
    <| fun () ->
        for case in [ "triclinic"; "three-species-cluster" ] do
            inFolder (fun folder ->
                place folder "frames.xyz" $"anisoap/{case}/frames17.extxyz"
                runs folder (arguments @ words $"frames.xyz -o out.mts --gradients {all}" @ hypers)
                let found = Mts.read (inside folder "out.mts") |> ok
                let frames = frames case

                let expected =
                    AniSoap.Features.withGradients
                        (RunOptions.threads 2)
                        kind
                        GradientParameter.all
                        (projectionOf frames)
                        frames
                    |> ok

                Expect.isNonEmpty found.Info "the run is described"
                sameMap (withoutInfo found) expected case)

[<Tests>]
let outputs =
    testList "program: --gradients writes what the library gives" [
        isLibrary "for mean power spectra" [ "power-spectrum" ] (MeanSpectra OrderedPairs)
        isLibrary
            "for power spectra of particles"
            (words "power-spectrum --per-particle")
            (ParticleSpectra OrderedPairs)
        isLibrary "for compact power spectra" (words "power-spectrum --compact") (MeanSpectra UnorderedPairs)
        isLibrary "for coefficients" [ "expansion" ] (ExpansionCoefficients RadialForm.Orthonormal)
        isLibrary "for raw coefficients" (words "expansion --raw") (ExpansionCoefficients RadialForm.Raw)

        testCase "for pairs"
        <| fun () ->
            inFolder (fun folder ->
                place folder "frames.xyz" "anisoap/triclinic/frames17.extxyz"
                runs folder (words $"expansion --pairs frames.xyz -o out.mts --gradients {all}" @ hypers)
                let frames = frames "triclinic"

                let expected =
                    AniSoap.Features.pairsWithGradients
                        RunOptions.defaults
                        RadialForm.Orthonormal
                        GradientParameter.all
                        (projectionOf frames)
                        frames
                    |> ok

                sameMap (withoutInfo (Mts.read (inside folder "out.mts") |> ok)) expected "pairs")

        testCase "of the parameters asked for alone, in single precision, and its hyperparameters are read back"
        <| fun () ->
            inFolder (fun folder ->
                place folder "frames.xyz" "anisoap/triclinic/frames17.extxyz"

                runs
                    folder
                    (words "expansion frames.xyz -o out.mts --dtype f4 --gradients strain,positions"
                     @ hypers)

                let map = Mts.read (inside folder "out.mts") |> ok

                for block in map.Blocks do
                    Expect.sequenceEqual block.Gradients.Keys [ "positions"; "strain" ] "gradients"

                runs
                    folder
                    (words "expansion frames.xyz -o again.mts --dtype f4 --gradients positions,strain --hypers out.mts")

                let again = Mts.read (inside folder "again.mts") |> ok
                sameMap (withoutInfo again) (withoutInfo map) "again")

        testCase "and counts the same pairs as a run without"
        <| fun () ->
            inFolder (fun folder ->
                place folder "frames.xyz" "anisoap/triclinic/frames17.extxyz"

                let pairs more =
                    let outcome = run folder (words "power-spectrum frames.xyz --stats --quiet" @ hypers @ more)
                    Expect.equal outcome.ExitCode 0 outcome.Errors
                    let stats = System.Text.Json.JsonDocument.Parse(List.last outcome.ErrorLines).RootElement
                    (stats.GetProperty "pairs").GetInt64(), (stats.GetProperty "features").GetInt64()

                let pairsAlone, _ = pairs (words "-o plain.mts")
                let pairsWith, features = pairs (words "-o out.mts --gradients positions")
                Expect.equal pairsWith pairsAlone "pairs"
                Close.above features 0L "features")
    ]

let private refuses name arguments (texts: string list) =
    testCase name
    <| fun () ->
        inFolder (fun folder ->
            place folder "frames.xyz" "anisoap/triclinic/frames17.extxyz"
            let outcome = run folder (arguments @ hypers)
            Expect.equal outcome.ExitCode 2 outcome.Errors
            Expect.equal outcome.ErrorLines.Length 1 "one line"

            for text in texts do
                Expect.stringContains outcome.Errors text "what is wrong, and what is accepted"

            Expect.equal (Directory.GetFiles folder).Length 1 "no output")

[<Tests>]
let refusals =
    testList "program: --gradients is refused" [
        refuses
            "for what nothing is differentiated by"
            (words "power-spectrum frames.xyz -o out.mts --gradients positions,cell")
            [ "cell"; "positions, orientations, semiaxes, strain" ]
        refuses "when it is empty" (words "power-spectrum frames.xyz -o out.mts --gradients ,") [ "--gradients" ]
        refuses "for outputs without room for it" (words "power-spectrum frames.xyz -o out.npz --gradients positions") [
            "out.npz"
            ".mts"
        ]
        refuses
            "with upstream's labels"
            (words "expansion frames.xyz -o out.mts --gradients positions --labels anisoap")
            [ "--labels anisoap" ]
    ]
