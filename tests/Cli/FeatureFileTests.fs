/// What the program does with files of features: writing, inspecting, converting, reading hyperparameters back.
module AniSoap.Tests.Cli.FeatureFileTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

let private inside folder name = Path.Combine(folder, name)

let private succeeds folder arguments =
    let outcome = run folder arguments
    Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") (String.concat " " arguments)
    outcome

let private spectrum folder output more =
    succeeds
        folder
        ([ "power-spectrum"; "frames.xyz"; "-o"; output; "--hypers"; "hypers.json" ]
         @ more)
    |> ignore

let private table file =
    match (FeatureFile.read file |> ok).Content with
    | FeatureContent.Table table -> table
    | FeatureContent.Blocks map -> FeatureTable.ofTensorMap map |> ok |> fst

[<Tests>]
let tests =
    testList "program: files of features" [
        for more in [ []; [ "--per-particle" ]; [ "--dtype"; "f4" ] ] do
            let options = String.concat " " more

            testCase $"every format holds the same table {options}" (fun () ->
                inCase "three-species-cluster" (fun folder ->
                    spectrum folder "a.npz" more
                    let expected = table (inside folder "a.npz")

                    for ending in [ "h5"; "hdf5"; "parquet"; "csv"; "mts" ] do
                        spectrum folder $"a.{ending}" more
                        let actual = table (inside folder $"a.{ending}")
                        Expect.equal actual.Samples expected.Samples $"samples of .{ending}"
                        Expect.equal actual.Properties expected.Properties $"columns of .{ending}"

                        // Text has as many digits as single precision needs: read as doubles they are others.
                        if ending <> "csv" || not (List.contains "f4" more) then
                            sameBlock actual expected $".{ending}"))

        testCase "hyperparameters are read from HDF5 and Parquet" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "first.npz" []

                for ending in [ "h5"; "parquet" ] do
                    spectrum folder $"a.{ending}" []

                    succeeds folder (words $"power-spectrum frames.xyz -o {ending}.npz --hypers a.{ending}")
                    |> ignore

                    sameBlock (table (inside folder $"{ending}.npz")) (table (inside folder "first.npz")) ending))

        testCase "blocks become a table, the table blocks again, the same file" (fun () ->
            inCase "three-species-cluster" (fun folder ->
                for more in [ []; [ "--per-particle" ] ] do
                    spectrum folder "a.mts" ("--force" :: more)
                    succeeds folder (words "convert a.mts -o a.parquet --force") |> ignore
                    succeeds folder (words "convert a.parquet -o b.h5 --force") |> ignore
                    succeeds folder (words "convert b.h5 -o b.mts --force") |> ignore

                    Expect.equal
                        (File.ReadAllBytes(inside folder "b.mts"))
                        (File.ReadAllBytes(inside folder "a.mts"))
                        "bytes"))

        testCase "an expansion goes to HDF5 and back as it is" (fun () ->
            inCase "triclinic" (fun folder ->
                succeeds folder (words "expansion frames.xyz -o a.mts --hypers hypers.json")
                |> ignore

                succeeds folder (words "convert a.mts -o a.h5") |> ignore
                succeeds folder (words "convert a.h5 -o b.mts") |> ignore

                Expect.equal
                    (File.ReadAllBytes(inside folder "b.mts"))
                    (File.ReadAllBytes(inside folder "a.mts"))
                    "bytes"))

        testCase "what a format cannot hold is said on standard error" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "a.h5" []
                let outcome = run folder (words "convert a.h5 -o a.npy")
                Expect.equal outcome.ExitCode 0 "exit code"
                Expect.equal outcome.ErrorLines.Length 2 "lines"
                Expect.stringContains outcome.Errors "metadata" "metadata"
                Expect.stringContains outcome.Errors "names of rows and columns" "names"))

        testCase "inspect says what is in a file of features, one table for each" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "a.h5" [ "--dtype"; "f4" ]
                spectrum folder "a.mts" [ "--per-particle" ]
                let shown = (succeeds folder [ "inspect"; "a.h5"; "a.mts" ]).Output

                for part in
                    [ "table of features"; "rows"; "columns"; "f4"; "max_angular"; "TensorMap"; "center_type"; "f8" ] do
                    Expect.stringContains shown part part))

        testCase "frames and features do not become each other" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "a.npz" []

                let refused arguments (parts: string list) =
                    let outcome = run folder (words arguments)
                    Expect.equal outcome.ExitCode 2 arguments
                    Expect.equal outcome.ErrorLines.Length 1 arguments

                    for part in parts do
                        Expect.stringContains outcome.Errors part arguments

                refused "convert a.npz -o a.xyz" [ "a.xyz"; "features" ]
                refused "convert frames.xyz -o b.npz" [ "b.npz" ]
                refused "convert a.npz a.npz -o b.h5" [ "one file" ]
                refused "inspect a.npz frames.xyz" [ "frames.xyz" ]
                refused "power-spectrum a.npz -o b.npz --hypers hypers.json" [ "a.npz" ]
                File.WriteAllText(inside folder "no.h5", "nothing")
                refused "inspect no.h5" [ "no.h5"; "HDF5" ]
                File.WriteAllText(inside folder "no.parquet", "nothing")
                refused "convert no.parquet -o b.npz" [ "no.parquet"; "Parquet" ]
                Expect.isFalse (File.Exists(inside folder "b.npz")) "nothing is written"))
    ]
