/// Rows of least squares of which R alone is kept.
module AniSoap.Tests.Learning.TriangularRowTests

open System
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.PotentialSupport

let private squares (rows: float[][]) =
    let columns = rows[0].Length

    Array.init (columns * columns) (fun i -> rows |> Array.sumBy (fun row -> row[i / columns] * row[i % columns]))

let private triangular (rows: float[][]) =
    let sums = TriangularRows rows[0].Length

    for row in rows do
        sums.Add(ReadOnlySpan row, 0, 1.0)

    sums

let private rowTests =
    testList "rows that are not kept" [
        for count, columns in [ 3, 1; 40, 7; 700, 23; 1100, 41 ] do
            testCase $"leave R with the products of {count} rows of {columns}, in two parts too"
            <| fun () ->
                let next = random (count + columns)

                let rows =
                    Array.init count (fun _ -> Array.init columns (fun j -> (next ()) * Math.Pow(10.0, float (j % 5))))

                let sums = triangular rows
                Close.toLargest 1e-13 (squares sums.Triangle) (squares rows) "products"

                for k in 0 .. columns - 1 do
                    Expect.all sums.Triangle[k].[.. k - 1] ((=) 0.0) "below the diagonal"

                let first, second = triangular rows[.. count / 2], triangular rows[count / 2 + 1 ..]
                first.Add second
                Close.toLargest 1e-13 (squares first.Triangle) (squares rows) "products of two parts"

        testCase "give the solution of ridge regression, and what it leaves"
        <| fun () ->
            let next = random 3
            let rows = Array.init 300 (fun _ -> Array.init 9 (fun _ -> next ()))
            let sums = triangular rows
            let x = rows |> Array.map (fun row -> row[..7]) |> Matrix.ofRows |> sure
            let y = rows |> Array.map (fun row -> row[8]) |> Matrix.ofColumn
            let norms = Array.init 8 (fun j -> sqrt (rows |> Array.sumBy (fun row -> row[j] * row[j])))
            let scaled = Matrix.init 300 8 (fun i j -> x[i, j] / norms[j])

            for lambda in [ 0.0; 1e-6; 1e-2 ] do
                let options = { Ridge.defaults with Intercept = false; Regularization = 8.0 * lambda }
                let model = Ridge.fit options scaled y |> sure
                let expected = Array.init 8 (fun j -> model.Coefficients[0, j] / norms[j])
                let packed = PackedTriangle(9, sums.Packed)
                let found = LeastSquares.ridge (TriangularRows 9) lambda packed
                Close.toLargest 1e-11 found expected $"coefficients at {lambda}"

                let left =
                    rows
                    |> Array.sumBy (fun row -> (row[8] - Seq.sum (Seq.init 8 (fun j -> found[j] * row[j]))) ** 2.0)

                Close.within 1e-12 left [| LeastSquares.squaredResidual found packed |] [| left |] "residual"
    ]

let private found (heldOut: float list) = {
    Lambda = 1e-10
    HeldOut = List.toArray heldOut
    HeldOutOfAll = List.average heldOut
}

let private choiceTests =
    testList "columns by held-out folds" [
        testCase "are better or worse where the folds agree, and nothing is said where they do not"
        <| fun () ->
            let known = found [ 1.0; 2.0; 1.5; 1.2 ]
            Expect.equal (RidgeChoice.compare known (found [ 0.5; 1.1; 0.7; 0.6 ])) 1 "half"
            Expect.equal (RidgeChoice.compare known (found [ 2.0; 4.1; 3.1; 2.3 ])) -1 "twice"
            Expect.equal (RidgeChoice.compare known (found [ 0.5; 4.0; 0.75; 2.4 ])) 0 "half and twice"

        testCase "are not worse for one fold of which much more is left"
        <| fun () ->
            let known = found [ 1.0; 1.0; 1.0; 1.0; 1.0; 1.0; 1.0; 1.0 ]
            let next = found [ 0.6; 0.7; 0.6; 0.7; 0.6; 0.7; 0.6; 6.0 ]
            Close.above next.HeldOutOfAll known.HeldOutOfAll "more is left of all"
            Expect.equal (RidgeChoice.compare known next) 0 "not worse"

        testCase
            "are taken where folds do not tell if rows are enough, the most of all if together they leave less besides"
        <| fun () ->
            let known = found [ 1.0; 1.0; 1.0; 1.0 ]
            let more, less = found [ 0.5; 3.0; 0.6; 1.5 ], found [ 0.5; 1.2; 0.6; 1.4 ]
            Expect.equal (RidgeChoice.compare known more, RidgeChoice.compare known less) (0, 0) "folds do not tell"

            for byRowsAlone, rows, next, expected in
                [
                    true, 12.0, more, true
                    true, 11.9, more, false
                    false, 12.0, more, false
                    false, 12.0, less, true
                    false, 11.9, less, false
                ] do
                Expect.equal
                    (RidgeChoice.isBetter byRowsAlone rows known next)
                    expected
                    $"{byRowsAlone}, {rows} rows, {next.HeldOutOfAll}"

            for byRowsAlone in [ true; false ] do
                Expect.isTrue (RidgeChoice.isBetter byRowsAlone 1.0 known (found [ 0.5; 0.6; 0.5; 0.6 ])) "better"
                Expect.isFalse (RidgeChoice.isBetter byRowsAlone 99.0 known (found [ 2.0; 2.1; 2.0; 2.1 ])) "worse"

        testCase "are kept where nothing is held out"
        <| fun () -> Expect.equal (RidgeChoice.compare (found [ 1.0 ]) (found [ 0.1 ])) -1 "one fold"
    ]

[<Tests>]
let tests = testList "potentials" [ rowTests; choiceTests ]
