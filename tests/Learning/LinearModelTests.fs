module AniSoap.Tests.Learning.LinearModelTests

open System.Collections.Immutable
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport

let private weightsOf seed rows =
    let values = random seed rows 1
    Array.init rows (fun i -> 0.1 + abs values[i, 0])

let private immutable (values: 'a[]) = ImmutableArray.CreateRange values

let private scalers =
    testList "scalers" [
        testCase "one factor for all columns is scikit-matter's"
        <| fun () ->
            let x = golden [ "X" ]
            let scaler = Scaler.fit Scaler.defaults x |> sure
            let found = Scaler.transform scaler x |> sure
            Close.toLargest 1e-13 (flat found) (flat scaledX.Value) "scaled"
            Close.toLargest 1e-13 (Scaler.inverse scaler found |> sure |> flat) (flat x) "back"

        testCase "a factor for every column is scikit-matter's"
        <| fun () ->
            let y = golden [ "Y" ]
            let scaler = Scaler.fit { Scaler.defaults with PerColumn = true } y |> sure
            Close.toLargest 1e-13 (Scaler.transform scaler y |> sure |> flat) (flat scaledY.Value) "scaled"

        testCase "a weight of two is a row that stands there twice"
        <| fun () ->
            let x = random 1 6 3
            let twice = Matrix.takeRows [ 0; 1; 2; 2; 3; 4; 5; 5 ] x |> sure
            let weights = immutable [| 1.0; 1.0; 2.0; 1.0; 1.0; 2.0 |]

            for perColumn in [ true; false ] do
                let options = { Scaler.defaults with PerColumn = perColumn }
                let weighted = Scaler.fit { options with Weights = weights } x |> sure
                let expected = Scaler.fit options twice |> sure
                Close.toLargest 1e-14 (Seq.toArray weighted.Mean) (Seq.toArray expected.Mean) "mean"
                Close.toLargest 1e-14 (Seq.toArray weighted.Factors) (Seq.toArray expected.Factors) "factors"

        testCase "a column that does not vary is not divided"
        <| fun () ->
            let x = Matrix.ofRows [ [| 0.1; 1.0 |]; [| 0.1; 2.0 |]; [| 0.1; 4.0 |] ] |> sure
            let scaler = Scaler.fit { Scaler.defaults with PerColumn = true } x |> sure
            Expect.equal scaler.Factors[0] 1.0 "factor"
    ]

let private ridges =
    testList "ridge" [
        testCase "coefficients, intercept and predictions are scikit-learn's"
        <| fun () ->
            let x, y = golden [ "X" ], golden [ "Y" ]
            let options = { Ridge.defaults with Regularization = 1e-3 }
            let model = Ridge.fit options (rows 0 30 x) (rows 0 30 y) |> sure
            Close.toLargest 1e-10 (flat model.Coefficients) (flat (golden [ "Ridge"; "coef" ])) "coefficients"
            Close.within 1e-10 1.0 (Seq.toArray model.Intercept) (goldenVector [ "Ridge"; "intercept" ]) "intercept"
            let predicted = Ridge.predict model (rows 30 40 x) |> sure
            Close.toLargest 1e-10 (flat predicted) (flat (golden [ "Ridge"; "predict" ])) "predictions"

        testCase "with weights it solves the weighted normal equations"
        <| fun () ->
            for rows, columns, regularization in [ 30, 5, 1e-3; 12, 4, 0.0; 8, 15, 0.1 ] do
                let x, y = random 2 rows columns, random 3 rows 2
                let weights = weightsOf 4 rows

                let options: RidgeOptions = {
                    Regularization = regularization
                    Intercept = true
                    Weights = immutable weights
                }

                let model = Ridge.fit options x y |> sure

                for target in 0..1 do
                    let expected = normalEquations weights regularization x y target
                    let found = Array.append (model.Coefficients.Row(target).ToArray()) [| model.Intercept[target] |]
                    Close.toLargest 1e-10 found expected $"{rows} × {columns}, target {target}"

        testCase "a weight of zero leaves a row out"
        <| fun () ->
            let x, y = random 5 20 4, random 6 20 1
            let weights = Array.init 20 (fun i -> if i < 12 then 1.0 else 0.0)
            let all = Ridge.fit { Ridge.defaults with Weights = immutable weights } x y |> sure
            let few = Ridge.fit Ridge.defaults (rows 0 12 x) (rows 0 12 y) |> sure
            Close.toLargest 1e-11 (flat all.Coefficients) (flat few.Coefficients) "coefficients"

        testCase "without regularisation, of dependent features the shortest solution is found"
        <| fun () ->
            let x = random 7 20 3
            let doubled = Matrix.takeColumns [ 0; 1; 2; 0; 1; 2 ] x |> sure
            let y = random 8 20 1
            let options = { Ridge.defaults with Regularization = 0.0 }
            let single, model = Ridge.fit options x y |> sure, Ridge.fit options doubled y |> sure
            Expect.equal model.Rank 3 "rank"
            let half = flat single.Coefficients |> Array.map (fun w -> w / 2.0)
            Close.toLargest 1e-12 (flat model.Coefficients) (Array.append half half) "each copy has half"

        testCase "nearly dependent features keep what normal equations lose"
        <| fun () ->
            // Two columns that differ by 1e-9: XᵀX holds 1e-18 of the difference, beyond a double's digits.
            let base' = random 9 40 2

            let x =
                Matrix.ofArray2D (
                    Array2D.init 40 2 (fun i j -> base'[i, 0] + (if j = 1 then 1e-9 * base'[i, 1] else 0.0))
                )

            let y = Matrix.ofColumn [ for i in 0..39 -> 3.0 * x[i, 0] + 2.0 * (1e9 * (x[i, 1] - x[i, 0])) ]

            let model =
                Ridge.fit { Ridge.defaults with Regularization = 0.0; Intercept = false } x y
                |> sure

            Close.toLargest 1e-6 (Ridge.predict model x |> sure |> flat) (flat y) "predictions"
    ]

let private searches =
    testList "choice of the regularisation" [
        testCase "leaving one out is what refits without each row give"
        <| fun () ->
            for count, columns, intercept in [ 25, 6, true; 9, 14, true; 20, 5, false ] do
                let x, y = random 10 count columns, random 11 count 2
                let weights = weightsOf 12 count
                let grid = [ 1e-4; 1e-2; 1.0 ]
                let options: RidgeOptions = { Regularization = 0.0; Intercept = intercept; Weights = immutable weights }
                let search = RidgeSearch.run Folds.LeaveOneOut grid options x y |> sure

                for i in 0..2 do
                    let held =
                        Matrix.ofArray2D (
                            let found = [
                                for row in 0 .. count - 1 ->
                                    let seen = [
                                        for other in 0 .. count - 1 do
                                            if other <> row then
                                                other
                                    ]

                                    let refit = {
                                        options with
                                            Regularization = grid[i]
                                            Weights = immutable [| for other in seen -> weights[other] |]
                                    }

                                    let model =
                                        Ridge.fit
                                            refit
                                            (Matrix.takeRows seen x |> sure)
                                            (Matrix.takeRows seen y |> sure)
                                        |> sure

                                    Ridge.predict model (rows row (row + 1) x) |> sure
                            ]

                            Array2D.init count 2 (fun row target -> found[row][0, target])
                        )

                    let error target =
                        sqrt (
                            Array.sum (
                                Array.init count (fun row -> weights[row] * (held[row, target] - y[row, target]) ** 2.0)
                            )
                            / Array.sum weights
                        )

                    Close.toLargest 1e-9 (search.Errors.Row(i).ToArray()) [| error 0; error 1 |] $"errors at {grid[i]}"

                    if search.Best = i then
                        Close.toLargest 1e-9 (flat search.HeldOut) (flat held) "predictions of rows left out"

        testCase "folds keep groups together and are what explicit refits give"
        <| fun () ->
            let x, y = random 13 24 4, random 14 24 1
            // Frames 7, 3, 9, 5 of six rows: ascending 3, 5, 7, 9, dealt to two folds 3, 7 and 5, 9.
            let groups = Array.init 24 (fun row -> [| 7; 3; 9; 5 |][row / 6])
            let fold = groups |> Array.map (fun group -> if group = 3 || group = 7 then 0 else 1)

            let search =
                RidgeSearch.run (Folds.Groups(immutable groups, 2)) [ 1e-2 ] Ridge.defaults x y
                |> sure

            for number in 0..1 do
                let seen = [
                    for row in 0..23 do
                        if fold[row] <> number then
                            row
                ]

                let held = [
                    for row in 0..23 do
                        if fold[row] = number then
                            row
                ]

                let model =
                    Ridge.fit
                        { Ridge.defaults with Regularization = 1e-2 }
                        (Matrix.takeRows seen x |> sure)
                        (Matrix.takeRows seen y |> sure)
                    |> sure

                let expected = Ridge.predict model (Matrix.takeRows held x |> sure) |> sure

                Close.toLargest
                    1e-12
                    (Matrix.takeRows held search.HeldOut |> sure |> flat)
                    (flat expected)
                    $"fold {number}"

        testCase "of equal scores the largest regularisation is taken, and its model is the fit to all rows"
        <| fun () ->
            let x, y = random 15 15 3, random 16 15 1
            let search = RidgeSearch.run Folds.LeaveOneOut [ 0.1; 0.1 ] Ridge.defaults x y |> sure
            Expect.equal search.Best 0 "the first of equal ones"
            // Targets that features cannot say: the more is held down, the better.
            let noise = RidgeSearch.run Folds.LeaveOneOut [ 1e-6; 1e6 ] Ridge.defaults x y |> sure
            Expect.equal noise.Best 1 "noise"
            let model = Ridge.fit { Ridge.defaults with Regularization = 1e6 } x y |> sure
            Expect.equal (flat noise.Model.Coefficients) (flat model.Coefficients) "model"

        testCase "a regularisation that leaves a row's prediction open is not chosen"
        <| fun () ->
            // The last column is zero in all rows but one: without that row nothing is known of it.
            let x =
                Matrix.ofArray2D (Array2D.init 8 2 (fun i j -> if j = 0 then float i else (if i = 7 then 1.0 else 0.0)))

            let y = Matrix.ofColumn [ for i in 0..7 -> float (i * i) ]
            let search = RidgeSearch.run Folds.LeaveOneOut [ 0.0; 1e-3 ] Ridge.defaults x y |> sure
            Expect.equal search.Scores[0] infinity "score"
            Expect.equal search.Best 1 "best"
    ]

[<Tests>]
let tests = testList "linear models" [ scalers; ridges; searches ]
