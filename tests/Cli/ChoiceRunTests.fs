/// `--lambda`, `--select-centers` and `--select-columns` of the program against the library and against whole runs, and what they refuse.
module AniSoap.Tests.Cli.ChoiceRunTests

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

let private hypers =
    words "--max-angular 2 --max-radial 1 --radial-gaussian-width 1.5 --cutoff-radius 3.5"

let private projectionOf frames =
    Projection.ofFrames { Hypers.create 2 (RadialBasis.Gto 1.5) 3.5 with MaxRadial = RadialCount.Uniform 1 } frames
    |> ok

/// The same labels, gradients in any order of their samples, and the same numbers.
let rec private same (actual: TensorBlock) (expected: TensorBlock) message =
    Expect.equal actual.Components expected.Components $"{message}: components"
    Expect.equal actual.Properties expected.Properties $"{message}: properties"
    Expect.equal (set (Seq.map string actual.Samples)) (set (Seq.map string expected.Samples)) $"{message}: samples"
    let size = expected.ComponentCount * expected.Properties.Count
    let values = expected.Values.ToArray()

    let ordered = [|
        for row in actual.Samples do
            yield! Array.sub values (size * expected.Samples.Position row.Values) size
    |]

    if Array.forall ((=) 0.0) ordered then
        Expect.equal (actual.Values.ToArray()) ordered message
    else
        Close.toLargest 1e-13 (actual.Values.ToArray()) ordered message

    for KeyValue(parameter, gradient) in expected.Gradients do
        same actual.Gradients[parameter] gradient $"{message}, {parameter}"

[<Tests>]
let lambda =
    testList "program: --lambda" [
        for case in [ "triclinic"; "three-species-cluster" ] do
            testCase $"writes the library's λ-SOAP with its derivatives, {case}"
            <| fun () ->
                inFolder (fun folder ->
                    place folder "frames.xyz" $"anisoap/{case}/frames17.extxyz"
                    let arguments = words "power-spectrum frames.xyz --frames 0:1 --lambda 2,0 -o"

                    for threads in [ "1"; "3" ] do
                        runs
                            folder
                            (arguments
                             @ [ $"{threads}.mts"; "--gradients"; "positions,strain"; "--threads"; threads ]
                             @ hypers)

                    Expect.equal
                        (File.ReadAllBytes(inside folder "1.mts"))
                        (File.ReadAllBytes(inside folder "3.mts"))
                        "any number of threads"

                    let found = Mts.read (inside folder "1.mts") |> ok

                    let all = FrameFile.read (inside folder "frames.xyz") |> Seq.map ok |> Seq.toArray

                    let expected =
                        AniSoap.Features.withGradients
                            RunOptions.defaults
                            (ExpansionCoefficients RadialForm.Orthonormal)
                            [ GradientParameter.Positions; GradientParameter.Strain ]
                            (projectionOf all)
                            [ all[0] ]
                        |> Result.bind (Product.lambdaSoap (ClebschGordan.create 2 |> ok) 2)
                        |> ok

                    let wanted =
                        expected
                        |> TensorMap.toSeq
                        |> Seq.filter (fun (key, _) -> key["o3_lambda"] <> 1)
                        |> Seq.toList

                    Expect.sequenceEqual found.Keys.Names [ "o3_lambda"; "o3_sigma"; "center_type" ] "names of keys"
                    Expect.equal found.Count wanted.Length "blocks"

                    Seq.iter2
                        (fun (key: LabelsRow, actual) (of': LabelsRow, expected) ->
                            Expect.equal (string key) (string of') "keys"
                            same actual expected (string key))
                        (TensorMap.toSeq found)
                        wanted)

        testCase "refuses what it cannot go with, in words"
        <| fun () ->
            inFolder (fun folder ->
                place folder "frames.xyz" "anisoap/triclinic/frames17.extxyz"

                let refused arguments said =
                    let outcome = run folder (words $"power-spectrum frames.xyz {arguments}" @ hypers)
                    Expect.equal outcome.ExitCode 2 arguments
                    Expect.stringContains outcome.Errors said arguments

                refused "--lambda 1 -o out.npz" ".mts"
                refused "--lambda 1,x -o out.mts" "whole numbers"
                refused "--lambda 5 -o out.mts" "0 to 4"
                refused "--lambda 1 --compact -o out.mts" "--compact"
                refused "--lambda 1 --labels anisoap -o out.mts" "--labels metatensor")
    ]

[<Tests>]
let selections =
    testList "program: --select-centers and --select-columns" [
        testCase "compute what select has chosen, and it alone"
        <| fun () ->
            inFolder (fun folder ->
                place folder "frames.xyz" "anisoap/three-species-cluster/frames17.extxyz"
                let frames = words "frames.xyz --frames 0:3"
                let compute verb arguments = runs folder (verb :: frames @ words arguments @ hypers)
                let read name = FeatureFile.read (inside folder name) |> ok
                let select arguments = runs folder ("select" :: words arguments)

                let table name =
                    match (read name).Content with
                    | FeatureContent.Table table -> table
                    | FeatureContent.Blocks map -> FeatureTable.ofTensorMap map |> ok |> fst

                compute "power-spectrum" "--per-particle -o all.npz"
                select "all.npz --of samples --count 4 -o rows.json"
                select "all.npz --of samples --count 4 -o rows.npz"
                select "rows.npz --of features --count 5 -o columns.json"
                select "rows.npz --of features --count 5 -o expected.npz"

                for name in [ "few.npz"; "few.mts" ] do
                    compute
                        "power-spectrum"
                        $"--per-particle --select-centers rows.json --select-columns columns.json -o {name}"

                    let found, expected = table name, table "expected.npz"
                    Expect.equal found.Properties expected.Properties "columns"
                    Expect.equal found.Samples.Count 4 "rows"

                    for row in found.Samples do
                        Close.toLargest
                            1e-13
                            (found.Row(row.Position, 0).ToArray())
                            (expected.Row(expected.Samples.Position row.Values, 0).ToArray())
                            (string row)

                compute "expansion" "-o all.mts"
                compute "expansion" "--select-centers rows.json -o few2.mts"
                let all, few = table "all.mts", table "few2.mts"
                Expect.equal few.Samples.Count 4 "centres"

                for row in few.Samples do
                    Expect.equal
                        (few.Row(row.Position, 0).ToArray())
                        (all.Row(all.Samples.Position row.Values, 0).ToArray())
                        (string row)

                compute "power-spectrum" "--compact -o means.npz"
                select "means.npz --of features --count 3 -o mean.json"
                select "means.npz --of features --count 3 -o mean.npz"
                compute "power-spectrum" "--compact --select-columns mean.json -o chosen.npz"
                let found, expected = table "chosen.npz", table "mean.npz"
                Expect.equal found.Properties expected.Properties "columns of means"
                Close.toLargest 1e-13 (found.Values.ToArray()) (expected.Values.ToArray()) "means"

                let refused verb arguments said =
                    let outcome = run folder (verb :: frames @ words arguments @ hypers)
                    Expect.equal outcome.ExitCode 2 arguments
                    Expect.stringContains outcome.Errors said arguments

                refused "power-spectrum" "--select-centers rows.json -o no.npz" "--per-particle"
                refused "power-spectrum" "--per-particle --select-centers columns.json -o no.npz" "--of samples"
                refused "power-spectrum" "--per-particle --select-columns rows.json -o no.npz" "--of features"
                refused "power-spectrum" "--per-particle --select-columns mean.json -o no.npz" "are of means"
                refused "power-spectrum" "--lambda 0 --select-columns columns.json -o no.mts" "--lambda"
                refused "expansion" "--pairs --select-centers rows.json -o no.mts" "pairs"

                // Particles that are in no frame of this run.
                File.WriteAllText(
                    inside folder "stray.json",
                    File.ReadAllText(inside folder "rows.json").Replace("\"labels\": [", "\"labels\": [[1,4000,1],")
                )

                refused "power-spectrum" "--per-particle --select-centers stray.json -o no.npz" "frame 1")
    ]
