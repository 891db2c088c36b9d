module AniSoap.Tests.Learning.LearningRefusalTests

open System.Collections.Immutable
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests.Learning.LearningSupport

let private refused (result: Result<'a, AniSoapError>) (text: string) name =
    testCase name
    <| fun () ->
        match result with
        | Ok _ -> failtest "was accepted"
        | Error error -> Expect.stringContains (AniSoapError.describe error) text "sentence"

let private x = random 90 10 3
let private y = random 91 10 1
let private empty = Matrix.create 0 3 [] |> sure
let private constant = Matrix.create 10 3 (Array.create 30 0.1) |> sure

let private spoiled value =
    Matrix.create 10 3 (flat x |> Array.mapi (fun i v -> if i = 7 then value else v))
    |> sure

let private weights (values: float list) = { Ridge.defaults with Weights = ImmutableArray.CreateRange values }
let private groups count = ImmutableArray.CreateRange(Seq.init 10 (fun i -> i % count))
let private pcovr mixing components : PcovrOptions = { Pcovr.defaults with Mixing = mixing; Components = components }

[<Tests>]
let tests =
    testList "refusals of models" [
        refused (Ridge.fit Ridge.defaults empty y) "shape of x = 0 × 3 cannot be used" "no rows"
        refused
            (Ridge.fit Ridge.defaults (spoiled nan) y)
            "x[row 2, column 1] = NaN cannot be used"
            "NaN among features"
        refused
            (Ridge.fit Ridge.defaults (spoiled infinity) y)
            "x[row 2, column 1] = Infinity"
            "infinity among features"
        refused
            (Ridge.fit Ridge.defaults x (Matrix.ofColumn [ for i in 0..9 -> if i = 4 then nan else 1.0 ]))
            "y[row 4, column 0] = NaN"
            "NaN among targets"
        refused
            (Ridge.fit Ridge.defaults x (rows 0 9 y))
            "rows of y = 9 cannot be used; accepted: 10"
            "fewer targets than rows"
        refused (Ridge.fit Ridge.defaults constant y) "rank of x = 0" "features that do not vary"
        refused
            (Ridge.fit { Ridge.defaults with Regularization = -1.0 } x y)
            "regularization = -1"
            "a regularisation below zero"
        refused
            (Ridge.fit { Ridge.defaults with Regularization = nan } x y)
            "regularization = NaN"
            "a regularisation of NaN"
        refused
            (Ridge.fit (weights [ for i in 0..9 -> if i = 3 then -0.5 else 1.0 ]) x y)
            "weight of row 3 = -0.5"
            "a weight below zero"
        refused
            (Ridge.fit (weights [ 1.0; 2.0 ]) x y)
            "number of weights = 2 cannot be used; accepted: 10"
            "too few weights"
        refused (Ridge.fit (weights (List.replicate 10 0.0)) x y) "all weights = 0" "no weight above zero"
        refused
            (Ridge.predict (Ridge.fit Ridge.defaults x y |> sure) y)
            "columns of x = 1 cannot be used; accepted: 3"
            "rows of other features"
        refused (RidgeSearch.run Folds.LeaveOneOut [] Ridge.defaults x y) "regularizations = none" "an empty grid"
        refused
            (RidgeSearch.run (Folds.Groups(groups 2, 3)) [ 1.0 ] Ridge.defaults x y)
            "folds = 3 cannot be used; accepted: 2 to 2"
            "fewer groups than folds"
        refused
            (RidgeSearch.run (Folds.Groups(ImmutableArray.Create 1, 2)) [ 1.0 ] Ridge.defaults x y)
            "number of groups = 1"
            "too few groups"
        refused (Scaler.fit Scaler.defaults constant) "variance of x = 0" "nothing to scale"
        refused (Kernel.matrix (Kernel.Gaussian 0.0) x x) "gamma = 0" "a Gaussian of no width"
        refused (Kernel.matrix (Kernel.Polynomial(0, 1.0, 1.0)) x x) "degree = 0" "a power of zero"
        refused (KernelNormalizer.fit x) "kernel = 10 × 3" "a kernel that is not square"
        refused
            (KernelRidge.fit { KernelRidge.defaults with Regularization = 0.0 } x y)
            "regularization = 0"
            "a kernel without regularisation"
        refused
            (SparseKernel.fit { SparseKernel.defaults with Cut = 2.0 } x x y)
            "cut = 2"
            "a cut above all eigenvalues"
        refused
            (SparseKernel.fit SparseKernel.defaults x (rows 0 9 x) y)
            "rows of y = 10"
            "targets that do not fit a sparse regression"
        refused (Pca.fit 4 x) "components = 4 cannot be used; accepted: 1 to 3" "more components than features"
        refused (Pca.fit 1 constant) "rank of x = 0" "rows that do not vary"
        refused (Pcovr.fit (pcovr 1.5 2) x y) "mixing = 1.5 cannot be used; accepted: 0 to 1" "a mixing above 1"
        refused (Pcovr.fit (pcovr nan 2) x y) "mixing = NaN" "a mixing of NaN"
        refused
            (Pcovr.fit (pcovr 0.5 4) x y)
            "components = 4 cannot be used; accepted: 1 to 3"
            "more covariates than the rank"
        refused
            (KernelPcovr.fit { KernelPcovr.defaults with Covariates = pcovr -0.1 2 } x y)
            "mixing = -0.1"
            "a mixing below 0"
        refused
            (FarthestPoints.samples 10 2 x)
            "first = 10 cannot be used; accepted: 0 to 9"
            "a first point that is not there"
        refused
            (Cur.features 4 1 x)
            "vectors = 4 cannot be used; accepted: 1 to 3"
            "more singular vectors than there are"
        refused (Matrix.ofRows [ [| 1.0 |]; [| 1.0; 2.0 |] ]) "length of row 1 = 2" "rows of different lengths"
        refused (Matrix.create 2 2 [ 1.0 ]) "number of values = 1" "values that do not fill a matrix"
    ]
