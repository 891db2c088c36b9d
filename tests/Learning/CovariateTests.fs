module AniSoap.Tests.Learning.CovariateTests

open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport

let private column k (matrix: Matrix) = Array.init matrix.Rows (fun row -> matrix[row, k])

[<Tests>]
let tests =
    testList "components and covariates" [
        testCase "PCA: coordinates and variance ratios are scikit-learn's"
        <| fun () ->
            let model = Pca.fit 4 scaledX.Value |> sure
            let found = Pca.transform model scaledX.Value |> sure
            Close.toLargest 1e-10 (flat found |> Array.map abs) (flat (golden [ "PCA"; "abs_transform" ])) "coordinates"

            Close.toLargest
                1e-10
                (Seq.toArray model.VarianceRatios)
                (goldenVector [ "PCA"; "explained_variance_ratio" ])
                "ratios"

        testCase "PCA of matrices is that of blocks, signs and all"
        <| fun () ->
            for rows, columns in [ 30, 6; 8, 20 ] do
                let x = random 40 rows columns
                let samples, properties = Labels.range "sample" rows |> sure, Labels.range "property" columns |> sure
                let block = TensorBlock.create samples [] properties (flat x) |> sure
                let expected = PrincipalComponents.fit 3 block |> sure
                let found = Pca.fit 3 (Matrix.ofBlock block |> sure) |> sure

                for k in 0..2 do
                    Close.toLargest 1e-9 (found.Axes.Row(k).ToArray()) (expected.Axis(k).ToArray()) $"axis {k}"

                Close.toLargest 1e-12 (Seq.toArray found.Variances) (Seq.toArray expected.Variances) "variances"

        testCase "PCA: all components give the rows back, and small variances keep their digits"
        <| fun () ->
            let shape = random 41 20 3
            let x = Matrix.ofArray2D (Array2D.init 20 3 (fun i j -> shape[i, j] * [| 1.0; 1e-5; 1e-10 |][j]))
            let model = Pca.fit 3 x |> sure
            let back = Pca.inverse model (Pca.transform model x |> sure) |> sure
            Close.toLargest 1e-14 (flat back) (flat x) "rows"
            // The smallest component is the third column without what the others explain of it: of its size.
            Close.within 0.9 1e-20 [| model.Variances[2] |] [| 3e-21 |] "smallest variance"

        for mixing in [ "0.0"; "0.5"; "1.0" ] do
            testCase $"PCovR at mixing {mixing}: coordinates and predictions are scikit-matter's"
            <| fun () ->
                let options: PcovrOptions = { Components = 3; Mixing = float mixing; Regularization = 1e-6 }
                let x = scaledX.Value
                let model = Pcovr.fit options x scaledY.Value |> sure
                let found = Pcovr.transform model x |> sure
                let expected = golden [ $"PCovR_{mixing}"; "abs_transform" ]

                for k in 0..2 do
                    // At mixing 0 there are two directions, and the reference's third is rounding.
                    let tolerance = if mixing = "0.0" && k = 2 then 1e-6 else 1e-10
                    Close.within tolerance 1.0 (column k found |> Array.map abs) (column k expected) $"component {k}"

                let predicted = Pcovr.predict model x |> sure
                Close.toLargest 1e-10 (flat predicted) (flat (golden [ $"PCovR_{mixing}"; "predict" ])) "predictions"

        testCase "KPCovR with a linear kernel is PCovR, on rows not seen too"
        <| fun () ->
            let train, tested = rows 0 30 (golden [ "X" ]), rows 30 40 (golden [ "X" ])
            let y = rows 0 30 (golden [ "Y" ])
            let scaler = Scaler.fit Scaler.defaults train |> sure
            let scale x = Scaler.transform scaler x |> sure

            for mixing in [ 0.0; 0.3; 1.0 ] do
                let options: PcovrOptions = { Components = 2; Mixing = mixing; Regularization = 1e-4 }
                let linear = Pcovr.fit options (scale train) y |> sure
                // The kernel centres and scales by itself.
                let kernel =
                    KernelPcovr.fit { KernelPcovr.defaults with Kernel = Kernel.Linear; Covariates = options } train y
                    |> sure

                for part in [ train; tested ] do
                    let expected = Pcovr.transform linear (scale part) |> sure
                    let found = KernelPcovr.transform kernel part |> sure

                    Close.toLargest
                        1e-9
                        (flat found |> Array.map abs)
                        (flat expected |> Array.map abs)
                        $"coordinates, {mixing}"

                    let expected = Pcovr.predict linear (scale part) |> sure

                    Close.toLargest
                        1e-9
                        (KernelPcovr.predict kernel part |> sure |> flat)
                        (flat expected)
                        $"predictions, {mixing}"

        testCase "KPCovR decomposes the mixture of the kernel and the predictions of its ridge"
        <| fun () ->
            let x, y = rows 0 25 scaledX.Value, rows 0 25 scaledY.Value
            let kernel = Kernel.Gaussian 0.5
            let covariates: PcovrOptions = { Components = 3; Mixing = 0.4; Regularization = 1e-3 }

            let model =
                KernelPcovr.fit { KernelPcovr.defaults with Kernel = kernel; Covariates = covariates } x y
                |> sure

            let t = KernelPcovr.transform model x |> sure
            // The dense way: Ŷ = K (K + λ)⁻¹ Y of the normalised kernel, and K̃ T = T Λ with Λ = Tᵀ T.
            let dense = Kernel.matrix kernel x x |> sure
            let k = KernelNormalizer.transform (KernelNormalizer.fit dense |> sure) dense |> sure
            let mean target = Seq.average (seq { for row in 0..24 -> y[row, target] })
            let shifted = Array2D.init 25 25 (fun i j -> k[i, j] + (if i = j then 1e-3 else 0.0))

            let duals = [
                for target in 0..1 -> solve shifted (Array.init 25 (fun row -> y[row, target] - mean target))
            ]

            let predicted =
                Array2D.init 25 2 (fun i target -> Seq.sum (seq { for j in 0..24 -> k[i, j] * duals[target][j] }))
                |> Matrix.ofArray2D

            let outer = times predicted (Matrix.transpose predicted)
            let mixed = Matrix.ofArray2D (Array2D.init 25 25 (fun i j -> 0.4 * k[i, j] + 0.6 * outer[i, j]))
            let turned = times mixed t

            for c in 0..2 do
                let square = column c t |> Array.sumBy (fun value -> value * value)
                Close.toLargest 1e-8 (column c turned) (column c t |> Array.map ((*) square)) $"component {c}"

            let gram = times (Matrix.transpose t) t
            Close.within 1e-9 gram[0, 0] [| gram[0, 1]; gram[0, 2]; gram[1, 2] |] [| 0.0; 0.0; 0.0 |] "orthogonal"
            Close.atLeast gram[0, 0] gram[1, 1] "descending"
            let trace = Seq.sum (seq { for i in 0..24 -> mixed[i, i] })
            Close.above (gram[0, 0] + gram[1, 1] + gram[2, 2]) (0.5 * trace) "the largest"
    ]
