/// The verbs suggest and compare.
module AniSoap.Tests.Cli.SuggestTests

open System
open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Formats
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private sure result = Golden.sure result

let private succeeds (outcome: Outcome) =
    Expect.equal outcome.ExitCode 0 outcome.Errors
    outcome

let private copy folder phase = File.Copy(Repository.gayBerne phase, Path.Combine(folder, phase + ".extxyz.gz"))

/// The first frames of two phases, and the rows of both by the library: means, each pair of columns once.
let private twoPhases folder =
    copy folder "nematic"
    copy folder "isotropic"

let private hypers =
    words "--max-angular 3 --max-radial 2 --radial-gaussian-width 1.5 --cutoff-radius 2.5"

let private rowsOf frames phase =
    let read name = FrameFile.readAll (Repository.gayBerne name) |> sure
    let projection = Projection.create (Hypers.gto 3 2 1.5 2.5) [ 1 ] |> sure

    let block = (PowerSpectrum.mean projection (Array.truncate frames (read phase)) |> sure).Blocks[0]
    [ for row in 0 .. block.Samples.Count - 1 -> block.Row(row, 0).ToArray() ]

let private matrixOf folder name =
    let struct (matrix, block) =
        FeatureFile.read (Path.Combine(folder, name))
        |> Result.bind Matrix.ofFeatures
        |> sure

    matrix.Memory.ToArray(), block

[<Tests>]
let suggest =
    testList "program: suggest" [
        testCase "prints a command that runs, and hyperparameters that are its own" (fun () ->
            inFolder (fun folder ->
                copy folder "nematic"

                let outcome =
                    run folder (words "suggest nematic.extxyz.gz --frames 0:2 --json --threads 1 --max-columns 200")
                    |> succeeds

                use document = JsonDocument.Parse outcome.Output
                let get (name: string) = document.RootElement.GetProperty name
                let command = nonNull ((get "command").GetString())

                Expect.stringStarts
                    command
                    "anisoap power-spectrum nematic.extxyz.gz --frames 0:2 -o features.npz "
                    ""

                let hypers = Hypers.ofJson ((get "hypers").GetRawText()) |> sure
                Expect.equal ((get "frames").GetInt64()) 2L "frames"
                Expect.equal ((get "reasons").EnumerateObject() |> Seq.length) 4 "reasons"

                run folder (words command |> List.tail) |> succeeds |> ignore
                Expect.equal (Hypers.load (Path.Combine(folder, "features.npz")) |> sure) hypers "hyperparameters"

                let _, block = matrixOf folder "features.npz"
                Expect.equal (int64 block.Properties.Count) ((get "columns").GetInt64()) "columns"))

        testCase "prints a table with a reason for each value, and the command below" (fun () ->
            inFolder (fun folder ->
                copy folder "nematic"

                let outcome =
                    run folder (words "suggest nematic.extxyz.gz --frames 0 --max-columns 100")
                    |> succeeds

                for name in
                    [ "cutoff_radius"; "radial_gaussian_width"; "max_radial"; "max_angular"; "memory"; "time" ] do
                    Expect.stringContains outcome.Output name "a row"

                let last = outcome.Output.TrimEnd().Split '\n' |> Array.last

                Expect.stringStarts
                    last
                    "anisoap power-spectrum nematic.extxyz.gz --frames 0 -o features.npz"
                    "command"))
    ]

[<Tests>]
let compare =
    testList "program: compare" [
        testCase "distances of frames of two files are those of a direct computation" (fun () ->
            inFolder (fun folder ->
                twoPhases folder

                run
                    folder
                    (words
                        "compare nematic.extxyz.gz isotropic.extxyz.gz --frames 0:3 --frames 6:9 -o distances.npz --quiet"
                     @ hypers)
                |> succeeds
                |> ignore

                let found, block = matrixOf folder "distances.npz"

                let expected = [|
                    for a in rowsOf 3 "nematic" do
                        for b in rowsOf 3 "isotropic" ->
                            sqrt (Array.fold2 (fun sum x y -> sum + (x - y) * (x - y)) 0.0 a b)
                |]

                Close.toLargest 1e-9 found expected "distances"
                Expect.equal (block.Samples.Count, block.Properties.Count) (3, 3) "rows and columns"))

        testCase "similarities of a file's rows with each other are cosines" (fun () ->
            inFolder (fun folder ->
                twoPhases folder

                run folder (words "power-spectrum nematic.extxyz.gz --frames 0:3 -o features.npz" @ hypers)
                |> succeeds
                |> ignore

                run folder (words "compare features.npz --measure similarity -o cosines.csv")
                |> succeeds
                |> ignore

                let found, _ = matrixOf folder "cosines.csv"
                let rows = rowsOf 3 "nematic"
                let dot a b = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

                let expected = [|
                    for a in rows do
                        for b in rows -> dot a b / sqrt (dot a a * dot b b)
                |]

                Close.toLargest 1e-12 found expected "cosines"))

        testCase "a matrix that fits is printed, with the names of its rows and columns" (fun () ->
            inFolder (fun folder ->
                twoPhases folder

                let outcome =
                    run
                        folder
                        (words
                            "compare nematic.extxyz.gz isotropic.extxyz.gz --frames 0:2 --frames 6:8 --normalize-rows"
                         @ hypers)
                    |> succeeds

                Expect.stringContains outcome.Output "rows of length 1" "title"
                Expect.stringContains outcome.Output "isotropic" "a column"))

        testCase "particles are compared too, and drawn" (fun () ->
            inFolder (fun folder ->
                copy folder "nematic"

                let outcome =
                    run
                        folder
                        (words
                            "compare nematic.extxyz.gz --frames 0 --per-particle --kernel gaussian --measure kernel -o kernel.html"
                         @ hypers)
                    |> succeeds

                Expect.stringContains outcome.Output "500 × 500" "a summary of what does not fit"
                let page = File.ReadAllText(Path.Combine(folder, "kernel.html"))
                Expect.stringContains page "\"heatmap\"" "a picture"))

        testCase "features of other hyperparameters are refused" (fun () ->
            inFolder (fun folder ->
                copy folder "nematic"

                for name, cutoff in [ "a.npz", "2.5"; "b.npz", "3" ] do
                    let options =
                        words
                            $"--max-angular 1 --max-radial 1 --radial-gaussian-width 1.5 --cutoff-radius {cutoff} --quiet"

                    run folder (words $"power-spectrum nematic.extxyz.gz --frames 0:2 -o {name}" @ options)
                    |> succeeds
                    |> ignore

                let outcome = run folder (words "compare a.npz b.npz")
                Expect.equal outcome.ExitCode 2 outcome.Output
                Expect.stringContains outcome.Errors "cutoff_radius" "what differs"))
    ]
