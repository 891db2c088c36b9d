/// Learners in files, and what features they may be used on.
module AniSoap.Tests.Learning.LearnedFileTests

open System
open System.Collections.Immutable
open System.IO
open Expecto
open AniSoap
open AniSoap.Formats
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport

let private x = random 31 12 5
let private y = random 32 12 2
let private kernel = Kernel.Gaussian 0.7
let private covariates = { Pcovr.defaults with Mixing = 0.4 }

let private columns =
    Labels.create [ "l"; "n" ] [
        for k in 0..4 ->
            seq {
                k / 2
                k
            }
    ]
    |> sure

let private metadata =
    Map [
        "hypers", """{"cutoff_radius":4,"max_angular":2,"rotation_key":"c_q"}"""
        "verb", "power-spectrum"
    ]

let private learners = [
    "ridge", lazy Learner.Ridge(Ridge.fit Ridge.defaults x y |> sure)
    "kernel", lazy Learner.KernelRidge(KernelRidge.fit { KernelRidge.defaults with Kernel = kernel } x y |> sure)
    "sparse",
    lazy
        (let points = Matrix.takeRows [ 0; 3; 7 ] x |> sure

         SparseKernel.fit { SparseKernel.defaults with Kernel = Kernel.Polynomial(3, 0.5, 1.5) } points x y
         |> sure
         |> Learner.SparseKernel)
    "pca", lazy Learner.Pca(Pca.fit 3 x |> sure)
    "pcovr", lazy Learner.Pcovr(Pcovr.fit covariates x y |> sure)
    "kpcovr",
    lazy
        (Learner.KernelPcovr(
            KernelPcovr.fit { KernelPcovr.defaults with Kernel = kernel; Covariates = covariates } x y
            |> sure
        ))
]

let private modelOf (learner: Learner) : LearnedModel = {
    Learner = learner
    Scaler = Scaler.fit Scaler.defaults x |> sure
    Columns = columns
    Metadata = metadata
    Targets = [ "energy"; "größe" ]
    PerParticle = true
}

let private inFile (action: string -> 'a) =
    let folder = Directory.CreateTempSubdirectory "anisoap-learned-"

    try
        action (Path.Combine(folder.FullName, "model.json"))
    finally
        folder.Delete true

let private written learner =
    inFile (fun path ->
        LearnedFile.save Existing.Keep path (modelOf learner) |> sure
        File.ReadAllBytes path)

let private load (bytes: byte[]) =
    inFile (fun path ->
        File.WriteAllBytes(path, bytes)
        LearnedFile.load path)

let private used (model: LearnedModel) =
    match LearnedModel.methodOf model with
    | "pca" -> LearnedModel.transform model x
    | "pcovr"
    | "kpcovr" ->
        LearnedModel.transform model x
        |> Result.bind (fun _ -> LearnedModel.predict model x)
    | _ -> LearnedModel.predict model x

let private refusal (result: Result<'a, AniSoapError>) =
    match result with
    | Ok _ -> failtest "is refused"
    | Error error -> AniSoapError.describe error

[<Tests>]
let tests =
    testList "learners in files" [
        for name, learner in learners do
            testCase $"{name}: gives the same bits once it has been written and read"
            <| fun () ->
                let model = modelOf learner.Value
                let again = load (written learner.Value) |> sure
                Expect.equal (LearnedModel.methodOf again) name "method"
                Expect.equal (again.Columns, again.Targets) (columns, model.Targets) "columns and targets"
                Expect.equal (again.Metadata, again.PerParticle) (metadata, true) "metadata"
                Expect.equal (flat (used again |> sure)) (flat (used model |> sure)) "numbers"

        testCase "are refused where the file is cut or another number stands in it"
        <| fun () ->
            for _, learner in learners do
                let whole = written learner.Value

                for part in 1..20 do
                    let cut = whole[.. whole.Length * part / 21]
                    Expect.isTrue (Result.isError (load cut)) "a cut file"

            let text = Text.Encoding.UTF8.GetString(written (snd learners[0]).Value)

            for before, after, sentence in
                [
                    "\"version\":1", "\"version\":2", "version 2"
                    "\"format\":\"anisoap learner\"", "\"format\":\"anisoap potential\"", "no learner"
                    "\"method\":\"ridge\"", "\"method\":\"lasso\"", "ridge, kernel, sparse"
                    "\"rows\":2", "\"rows\":3", "rows × columns"
                    "\"factors\":[", "\"factors\":[1,", "a mean and a factor for each column"
                ] do
                let changed = text.Replace(before, after)
                Expect.notEqual changed text before
                Expect.stringContains (refusal (load (Text.Encoding.UTF8.GetBytes changed))) sentence before

        testCase "say which hyperparameter or column other features differ in"
        <| fun () ->
            let model = modelOf (snd learners[0]).Value
            let places columns metadata = LearnedModel.columnsIn "f.npz" columns metadata model
            let other = metadata.Add("hypers", """{"cutoff_radius":5,"max_angular":2,"rotation_key":"q"}""")
            let named = metadata.Add("hypers", """{"cutoff_radius":4,"max_angular":2,"rotation_key":"q"}""")

            let more =
                Labels.create [ "l"; "n" ] [
                    for k in 6..-1..0 ->
                        seq {
                            k / 2
                            k
                        }
                ]
                |> sure

            let fewer =
                Labels.create [ "l"; "n" ] [
                    for k in 0..3 ->
                        seq {
                            k / 2
                            k
                        }
                ]
                |> sure

            let renamed =
                Labels.create [ "l"; "m" ] [
                    for k in 0..4 ->
                        seq {
                            k / 2
                            k
                        }
                ]
                |> sure

            Expect.equal (places columns named |> sure) [| 0..4 |] "the name of an input's column does not count"
            Expect.equal (places more metadata |> sure) [| 6..-1..2 |] "more columns of the same hyperparameters"

            for found, sentence in
                [
                    places columns other, "cutoff_radius = 5 cannot be used; accepted: 4"
                    places fewer metadata, "4 without l=2 n=4"
                    places renamed metadata, "names of columns = l, m"
                    places more Map.empty, "columns = 7"
                ] do
                Expect.stringContains (refusal found) sentence "sentence"
                Expect.stringContains (refusal found) "f.npz" "file"

        testCase "without targets predict nothing, and regressions have no coordinates"
        <| fun () ->
            Expect.stringContains (refusal (LearnedModel.predict (modelOf (snd learners[3]).Value) x)) "pca" "pca"
            Expect.stringContains (refusal (LearnedModel.transform (modelOf (snd learners[0]).Value) x)) "ridge" "ridge"
    ]

[<Tests>]
let regressions =
    let groups = ImmutableArray.CreateRange [ for row in 0..11 -> row / 3 ]

    let options method' = {
        Regression.defaults with
            Method = method'
            Regularizations = [ 1e-4; 1e-2; 1.0 ]
            Folds = Folds.Groups(groups, 2)
            Intercept = false
    }

    testList "regressions" [
        testCase "by kernels of all rows hold out what kernel ridge regressions without the rows predict"
        <| fun () ->
            let found = Regression.run (options (RegressionMethod.Kernel [ kernel ])) x y |> sure
            let scaled = Scaler.transform found.Scaler x |> sure

            for fold in 0..1 do
                let held = [
                    for row in 0..11 do
                        if row / 3 % 2 = fold then
                            row
                ]

                let seen = [
                    for row in 0..11 do
                        if row / 3 % 2 <> fold then
                            row
                ]

                let take rows matrix = Matrix.takeRows rows matrix |> sure

                let refit =
                    KernelRidge.fit
                        {
                            KernelRidge.defaults with
                                Kernel = kernel
                                Regularization = found.Search.Regularizations[found.Search.Best]
                        }
                        (take seen scaled)
                        (take seen y)
                    |> sure

                let expected = KernelRidge.predict refit (take held scaled) |> sure
                Close.toLargest 1e-9 (flat (take held found.Search.HeldOut)) (flat expected) "predictions"

        testCase "take the kernel and the regularisation that leave least of held-out rows"
        <| fun () ->
            let kernels = [ Kernel.Gaussian 1e-3; Kernel.Gaussian 1.0; Kernel.Linear ]

            let score kernels =
                let found = Regression.run (options (RegressionMethod.Kernel kernels)) x y |> sure
                found.Kernel, found.Search.Scores[found.Search.Best]

            let single = kernels |> List.map (fun kernel -> score [ kernel ])
            Expect.equal (score kernels) (List.minBy snd single) "the best of all"

        testCase "by some rows take those farthest from each other"
        <| fun () ->
            let found = Regression.run (options (RegressionMethod.Sparse([ kernel ], 4))) x y |> sure
            let scaled = Scaler.transform found.Scaler x |> sure
            let points = FarthestPoints.samples 0 4 scaled |> sure

            match found.Learner with
            | Learner.SparseKernel model ->
                Expect.equal
                    (flat model.Features.Points)
                    (flat (Matrix.takeRows points.Positions scaled |> sure))
                    "points"
            | _ -> failtest "a sparse model"

        testCase "refuse no kernels, and targets of another number of rows"
        <| fun () ->
            Expect.stringContains
                (refusal (Regression.run (options (RegressionMethod.Kernel [])) x y))
                "kernels = none"
                "kernels"

            Expect.stringContains (refusal (Regression.run Regression.defaults x (random 33 11 1))) "rows of y" "rows"
    ]
