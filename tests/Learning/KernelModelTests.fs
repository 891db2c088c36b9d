module AniSoap.Tests.Learning.KernelModelTests

open System.Collections.Immutable
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport

let private references = [
    "KernelRidge_rbf", Kernel.Gaussian 0.05
    "KernelRidge_poly", Kernel.Polynomial(2, 0.1, 1.0)
    "KernelRidge_linear", Kernel.Linear
]

[<Tests>]
let tests =
    testList "kernel models" [
        for name, kernel in references do
            testCase $"{name}: predictions are scikit-learn's"
            <| fun () ->
                let x, y = scaledX.Value, scaledY.Value
                let options = { KernelRidge.defaults with Kernel = kernel; Regularization = 1e-4 }
                let model = KernelRidge.fit options (rows 0 30 x) (rows 0 30 y) |> sure
                let found = KernelRidge.predict model (rows 30 40 x) |> sure
                Close.toLargest 1e-10 (flat found) (flat (golden [ name; "predict" ])) "predictions"

            testCase $"{name}: a sparse regression on all rows is the dense one"
            <| fun () ->
                let x, y = rows 0 30 scaledX.Value, rows 0 30 scaledY.Value
                let dense = { KernelRidge.defaults with Kernel = kernel; Regularization = 1e-4 }

                let sparse = {
                    SparseKernel.defaults with
                        Kernel = kernel
                        Ridge = { SparseKernel.defaults.Ridge with Regularization = 1e-4 }
                }

                let tested = rows 30 40 scaledX.Value
                let expected = KernelRidge.predict (KernelRidge.fit dense x y |> sure) tested |> sure
                let found = SparseKernel.predict (SparseKernel.fit sparse x x y |> sure) tested |> sure
                Close.toLargest 1e-7 (flat found) (flat expected) "predictions"

        testCase "the normalised kernel is scikit-matter's"
        <| fun () ->
            let x = scaledX.Value
            let kernel = Kernel.matrix (Kernel.Gaussian 0.05) x x |> sure
            let normalizer = KernelNormalizer.fit kernel |> sure
            let found = KernelNormalizer.transform normalizer kernel |> sure
            Close.toLargest 1e-10 (flat found) (flat (golden [ "KernelNormalizer" ])) "kernel"

        testCase "the normalised linear kernel of new rows is that of centred features"
        <| fun () ->
            let x, other = random 20 12 4, random 21 5 4
            let normalizer = KernelNormalizer.fit (Kernel.matrix Kernel.Linear x x |> sure) |> sure

            let found =
                KernelNormalizer.transform normalizer (Kernel.matrix Kernel.Linear other x |> sure)
                |> sure

            let scaler = Scaler.fit Scaler.defaults x |> sure
            let a, b = Scaler.transform scaler other |> sure, Scaler.transform scaler x |> sure
            Close.toLargest 1e-12 (flat found) (times a (Matrix.transpose b) |> flat) "kernel"

        testCase "kernels are what their formulas say"
        <| fun () ->
            let x, y = random 22 7 11, random 23 5 11
            let product i j = Seq.sum (seq { for k in 0..10 -> x[i, k] * y[j, k] })
            let distance i j = Seq.sum (seq { for k in 0..10 -> (x[i, k] - y[j, k]) ** 2.0 })
            let table f = Array.init 35 (fun n -> f (n / 5) (n % 5))
            let found kernel = Kernel.matrix kernel x y |> sure |> flat
            Close.toLargest 1e-14 (found Kernel.Linear) (table product) "linear"

            Close.toLargest
                1e-14
                (found (Kernel.Gaussian 0.3))
                (table (fun i j -> exp (-0.3 * distance i j)))
                "Gaussian"

            let cubic i j = (0.5 * product i j + 2.0) ** 3.0
            Close.toLargest 1e-14 (found (Kernel.Polynomial(3, 0.5, 2.0))) (table cubic) "polynomial"

        testCase "whitened features multiply to the kernel that the points span"
        <| fun () ->
            let points, x = random 24 10 3, random 25 20 3
            let kernel = Kernel.Gaussian 0.7
            let features = KernelFeatures.fit KernelFeatures.DefaultCut kernel points |> sure
            let phi = KernelFeatures.transform features points |> sure
            let expected = Kernel.matrix kernel points points |> sure
            Close.toLargest 1e-9 (times phi (Matrix.transpose phi) |> flat) (flat expected) "among points"
            let psi = KernelFeatures.transform features x |> sure

            Close.toLargest
                1e-9
                (times psi (Matrix.transpose phi) |> flat)
                (Kernel.matrix kernel x points |> sure |> flat)
                "others"

        testCase "a sparse regression solves its own normal equations, with weights"
        <| fun () ->
            let points, x, y = random 26 6 3, random 27 25 3, random 28 25 1
            let weights = Array.init 25 (fun i -> 0.5 + float (i % 3))
            let kernel = Kernel.Gaussian 1.0

            let options = {
                SparseKernel.defaults with
                    Kernel = kernel
                    Ridge = { Regularization = 1e-2; Intercept = false; Weights = ImmutableArray.CreateRange weights }
            }

            let model = SparseKernel.fit options points x y |> sure
            let kxm, kmm = Kernel.matrix kernel x points |> sure, Kernel.matrix kernel points points |> sure
            let sum f = Seq.sum (seq { for row in 0..24 -> weights[row] * f row })
            let a = Array2D.init 6 6 (fun i j -> sum (fun row -> kxm[row, i] * kxm[row, j]) + 1e-2 * kmm[i, j])
            let c = solve a (Array.init 6 (fun i -> sum (fun row -> kxm[row, i] * y[row, 0])))
            let tested = random 29 8 3
            let k = Kernel.matrix kernel tested points |> sure
            let expected = Array.init 8 (fun row -> Seq.sum (seq { for i in 0..5 -> k[row, i] * c[i] }))
            Close.toLargest 1e-9 (SparseKernel.predict model tested |> sure |> flat) expected "predictions"

        testCase "points that stand there twice are no harm"
        <| fun () ->
            let points, x, y = random 30 6 3, random 31 25 3, random 32 25 1

            let twice =
                Matrix.takeRows [ 0..5 ] points
                |> sure
                |> fun p -> Matrix.takeRows [ 0; 0; 1; 2; 3; 4; 5; 5 ] p |> sure

            let predict points =
                SparseKernel.predict (SparseKernel.fit SparseKernel.defaults points x y |> sure) x
                |> sure

            Close.toLargest 1e-6 (flat (predict twice)) (flat (predict points)) "predictions"

        testCase "a weight of two is a row that stands there twice in kernel ridge too"
        <| fun () ->
            let x, y = random 33 10 3, random 34 10 2
            let positions = [ 0..9 ] @ [ 4 ]
            let weights = ImmutableArray.CreateRange(Seq.init 10 (fun i -> if i = 4 then 2.0 else 1.0))
            let options = { KernelRidge.defaults with Regularization = 1e-2 }
            let weighted = KernelRidge.fit { options with Weights = weights } x y |> sure

            let twice =
                KernelRidge.fit options (Matrix.takeRows positions x |> sure) (Matrix.takeRows positions y |> sure)
                |> sure

            let tested = random 35 6 3

            Close.toLargest
                1e-10
                (KernelRidge.predict weighted tested |> sure |> flat)
                (KernelRidge.predict twice tested |> sure |> flat)
                "predictions"

        testCase "the search over regularisations of a sparse regression is that of its features"
        <| fun () ->
            let points, x, y = random 36 6 3, random 37 25 3, random 38 25 1

            let struct (model, search) =
                SparseKernel.search Folds.LeaveOneOut [ 1e-4; 1e-2; 1.0 ] SparseKernel.defaults points x y
                |> sure

            let options = {
                SparseKernel.defaults with
                    Ridge = { SparseKernel.defaults.Ridge with Regularization = search.Model.Regularization }
            }

            let expected = SparseKernel.fit options points x y |> sure
            Expect.equal (flat model.Ridge.Coefficients) (flat expected.Ridge.Coefficients) "coefficients"
    ]
