/// The verbs select, reduce and regress, and targets beside features.
module AniSoap.Tests.Cli.LearnerProgramTests

open System.Collections.Immutable
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

let private features folder frames output =
    place folder "dimers.extxyz" "potentials/dimers.extxyz"

    run
        folder
        (words
            $"power-spectrum dimers.extxyz --frames {frames} -o {output} --max-angular 2 --max-radial 2 --keep energy --threads 1 --quiet"
         @ words "--radial-gaussian-width 1.5 --cutoff-radius 8")
    |> succeeds
    |> ignore

let private json (text: string) (path: string list) =
    (JsonDocument.Parse(text).RootElement, path)
    ||> List.fold (fun element name -> element.GetProperty name)

let private matrixOf folder name =
    let struct (matrix, _) =
        FeatureFile.read (Path.Combine(folder, name))
        |> Result.bind Matrix.ofFeatures
        |> sure

    matrix

[<Tests>]
let tests =
    testList "program: learners" [
        testCase "learn kept energies, choose columns, and find the same on another file of them"
        <| fun () ->
            inFolder (fun folder ->
                features folder ":60" "f.npz"
                features folder "60:80" "g.csv"

                run folder (words "select f.npz -o columns.json --of features --count 12 --quiet")
                |> succeeds
                |> ignore

                let learnt =
                    run
                        folder
                        (words
                            "regress f.npz --selection columns.json --energy-key energy -o model.json --json - --quiet")
                    |> succeeds

                // The same by the library.
                let f = matrixOf folder "f.npz"
                let chosen = FarthestPoints.features 0 12 f |> sure
                let x = Matrix.takeColumns chosen.Positions f |> sure

                let energies =
                    FeatureFile.readMetadata (Path.Combine(folder, "f.npz"))
                    |> Result.bind FrameTargets.ofMetadata
                    |> sure
                    |> Option.get

                let y = Matrix.ofColumn (snd energies.Values.Head)
                let found = Regression.run Regression.defaults x y |> sure
                let expected = (Regression.errors found.Search.HeldOut y |> sure)[0]

                Expect.equal
                    ((json learnt.Output [ "targets"; "energy"; "held_out"; "rmse" ]).GetDouble())
                    expected.Rmse
                    "held-out error"

                Expect.stringContains
                    ((json learnt.Output [ "left_out" ]).GetString() |> nonNull)
                    "every row"
                    "left out"

                let inspected = run folder (words "inspect f.npz") |> succeeds
                Expect.stringContains inspected.Output "energy of 60 frames" "what is kept, not all of its numbers"

                // The model takes its columns out of all that the other file has, and knows its kept energies.
                let predicted =
                    run folder (words "regress g.csv --model model.json -o p.npz --json errors.json --quiet")
                    |> succeeds

                Expect.equal predicted.Output "" "nothing on standard output"
                let model = LearnedFile.load (Path.Combine(folder, "model.json")) |> sure
                let g = Matrix.takeColumns chosen.Positions (matrixOf folder "g.csv") |> sure

                Expect.equal
                    ((matrixOf folder "p.npz").Memory.ToArray())
                    ((LearnedModel.predict model g |> sure).Memory.ToArray())
                    "predictions"

                let errors = File.ReadAllText(Path.Combine(folder, "errors.json"))
                Expect.equal ((json errors [ "targets"; "energy"; "predicted"; "count" ]).GetInt32()) 20 "rows"

                // Targets of the frames themselves are the kept ones.
                let again =
                    run
                        folder
                        (words
                            "regress g.csv --model model.json -o q.npz --targets-from dimers.extxyz --json - --quiet")
                    |> succeeds

                Expect.equal again.Output errors "errors by frames")

        testCase "give coordinates, and those of a saved model on chosen rows"
        <| fun () ->
            inFolder (fun folder ->
                features folder ":40" "f.mts"

                for arguments in
                    [
                        "reduce f.mts -o map.npz --method pcovr --targets energy --per-particle --save-model map.json"
                        "select f.mts -o rows.csv --of samples --method cur --count 6 --json rows.json"
                        "reduce rows.csv -o some.csv --model map.json"
                        "reduce f.mts --selection rows.json -o same.csv --model map.json"
                    ] do
                    run folder (words (arguments + " --quiet")) |> succeeds |> ignore

                let positions = [
                    for one in
                        (json (File.ReadAllText(Path.Combine(folder, "rows.json"))) [ "positions" ]).EnumerateArray() ->
                        one.GetInt32()
                ]

                Expect.equal positions.Length 6 "rows"
                let all = matrixOf folder "map.npz"
                let some = matrixOf folder "some.csv"
                Expect.equal (some.Rows, some.Columns) (6, 2) "shape"

                Expect.equal
                    (some.Memory.ToArray())
                    ((Matrix.takeRows positions all |> sure).Memory.ToArray())
                    "coordinates"

                Expect.equal ((matrixOf folder "same.csv").Memory.ToArray()) (some.Memory.ToArray()) "by the selection")

        testCase "take targets of particles from columns of frames, and hold out whole frames"
        <| fun () ->
            inFolder (fun folder ->
                place folder "dimers.extxyz" "potentials/dimers.extxyz"

                run
                    folder
                    (words "power-spectrum dimers.extxyz --frames :20 -o f.npz --per-particle --quiet"
                     @ smallHypers)
                |> succeeds
                |> ignore

                let learnt =
                    run
                        folder
                        (words
                            "regress f.npz --targets forces --targets-from dimers.extxyz -o m.json --method sparse --points 10 --gamma 1 --json -")
                    |> succeeds

                Expect.equal
                    ((json learnt.Output [ "left_out" ]).GetString())
                    "8 parts of 20 frames in turn, rows of a frame together"
                    "left out"

                Expect.equal ((json learnt.Output [ "rows" ]).GetInt32()) 40 "rows")

        testCase "that cannot be are refused with one line and leave nothing"
        <| fun () ->
            inFolder (fun folder ->
                features folder ":12" "f.npz"
                File.WriteAllText(Path.Combine(folder, "y.csv"), "a,b\n1,2\n")
                let before = Directory.GetFiles folder |> Array.sort

                for arguments, sentence in
                    [
                        "regress f.npz --targets energy --energy-key energy -o m.json", "--energy-key = energy"
                        "regress f.npz --targets energie -o m.json", "what stands beside the features of f.npz: energy"
                        "regress f.npz --targets a --targets-from y.csv -o m.json",
                        "has 1 rows below its names; expected: 12"
                        "regress f.npz --targets energy --method sparse --points 13 -o m.json", "--points = 13"
                        "select f.npz --of features --count 4 -o f.npz --force", "is an input too"
                        "power-spectrum dimers.extxyz -o g.npy --keep energy",
                        "an output that holds more than the features"
                    ] do
                    let outcome =
                        run folder (words arguments @ (if arguments.StartsWith "power" then smallHypers else []))

                    Expect.equal outcome.ExitCode 2 arguments
                    Expect.stringContains outcome.Errors sentence arguments
                    Expect.equal (outcome.Errors.Trim().Split('\n').Length) 1 "one line"

                Expect.equal (Directory.GetFiles folder |> Array.sort) before "files")
    ]

[<Tests>]
let kept =
    testList "targets beside features" [
        testCase "of several files are numbered on as their rows are when the files become one"
        <| fun () ->
            inFolder (fun folder ->
                let path name = Path.Combine(folder, name)
                let properties = Labels.range "p" 2 |> sure

                let write name first (energies: float list) inputs =
                    let targets: FrameTargets = {
                        Frames = ImmutableArray.CreateRange [ first .. first + energies.Length - 1 ]
                        Particles = ImmutableArray.CreateRange(energies |> List.map (fun _ -> 3))
                        Values = [ "energy", ImmutableArray.CreateRange energies ]
                    }

                    let samples = Labels.create [ "frame" ] (targets.Frames |> Seq.map Seq.singleton) |> sure

                    let block =
                        TensorBlock.create samples [] properties (Seq.init (2 * energies.Length) float)
                        |> sure

                    FeatureFile.writeSet WriteOptions.defaults (path name) {
                        Content = FeatureContent.Table block
                        Metadata = FrameTargets.addTo (Map [ "inputs", inputs ]) targets
                        Types = [ ScalarType.Float64 ]
                    }
                    |> sure
                    |> ignore

                write "a.npz" 0 [ 1.0; 2.0 ] "[\"a\"]"
                write "b.npz" 0 [ 3.0 ] "[\"b\"]"
                write "c.npz" 1 [ 4.0; 5.0 ] "[\"b\"]"

                for output in [ "all.npz"; "all.csv"; "all.mts" ] do
                    FeatureFile.merge Existing.Keep (path output) (List.map path [ "a.npz"; "b.npz"; "c.npz" ])
                    |> sure

                    let targets =
                        FeatureFile.readMetadata (path output)
                        |> Result.bind FrameTargets.ofMetadata
                        |> sure
                        |> Option.get

                    Expect.equal (Seq.toList targets.Frames) [ 0..4 ] output
                    Expect.equal (Seq.toList (snd targets.Values.Head)) [ 1.0 .. 5.0 ] output)

        testCase "that are damaged are refused"
        <| fun () ->
            for text in
                [
                    "{"
                    "[]"
                    """{"frames":[0],"particles":[1]}"""
                    """{"frames":[0],"particles":[1,2],"values":{}}"""
                    """{"frames":[0,0],"particles":[1,2],"values":{}}"""
                    """{"frames":[0],"particles":[1],"values":{"e":["x"]}}"""
                ] do
                Expect.isTrue (Result.isError (FrameTargets.ofMetadata (Map [ FrameTargets.Entry, text ]))) text
    ]
