/// Matrices of the references and made-up ones, and slow twins of what the models do.
module AniSoap.Tests.Learning.LearningSupport

open System
open System.Text.Json
open AniSoap
open AniSoap.Learning
open AniSoap.Tests

let sure result = Golden.sure result

let private references = lazy JsonDocument.Parse(TestData.text "learning/references.json")

let private element (path: string list) =
    (references.Value.RootElement, path)
    ||> List.fold (fun (element: JsonElement) name -> element.GetProperty name)

/// A matrix of scikit-learn's or scikit-matter's.
let golden (path: string list) : Matrix =
    [
        for row in (element path).EnumerateArray() -> [| for number in row.EnumerateArray() -> number.GetDouble() |]
    ]
    |> Matrix.ofRows
    |> sure

let goldenVector (path: string list) : float[] = [|
    for number in (element path).EnumerateArray() -> number.GetDouble()
|]

let goldenPositions (path: string list) : int list = [
    for number in (element path).EnumerateArray() -> number.GetInt32()
]

let scaledX = lazy golden [ "StandardFlexibleScaler" ]
let scaledY = lazy golden [ "StandardFlexibleScalerColumnWiseY" ]
let rows first last (matrix: Matrix) = Matrix.takeRows [ first .. last - 1 ] matrix |> sure
let flat (matrix: Matrix) = matrix.Memory.ToArray()

/// Numbers between −1 and 1, always the same.
let random seed rows columns : Matrix =
    let source = Random(seed: int)

    Matrix.create rows columns (Array.init (rows * columns) (fun _ -> 2.0 * source.NextDouble() - 1.0))
    |> sure

let times (a: Matrix) (b: Matrix) : Matrix =
    Matrix.ofArray2D (
        Array2D.init a.Rows b.Columns (fun i j -> Seq.sum (seq { for k in 0 .. a.Columns - 1 -> a[i, k] * b[k, j] }))
    )

/// Gaussian elimination with the largest pivot: the tests' own way to solve.
let solve (a: float[,]) (b: float[]) : float[] =
    let n = b.Length
    let a, x = Array2D.copy a, Array.copy b

    for k in 0 .. n - 1 do
        let pivot = Seq.maxBy (fun i -> abs a[i, k]) (seq { k .. n - 1 })

        for j in 0 .. n - 1 do
            let value = a[k, j]
            a[k, j] <- a[pivot, j]
            a[pivot, j] <- value

        let value = x[k]
        x[k] <- x[pivot]
        x[pivot] <- value

        for i in k + 1 .. n - 1 do
            let factor = a[i, k] / a[k, k]
            x[i] <- x[i] - factor * x[k]

            for j in k .. n - 1 do
                a[i, j] <- a[i, j] - factor * a[k, j]

    for k in n - 1 .. -1 .. 0 do
        for j in k + 1 .. n - 1 do
            x[k] <- x[k] - a[k, j] * x[j]

        x[k] <- x[k] / a[k, k]

    x

/// Weighted ridge by its normal equations with the intercept as one more unknown: coefficients of a target, the intercept last.
let normalEquations (weights: float[]) regularization (x: Matrix) (y: Matrix) target : float[] =
    let p = x.Columns
    let feature row j = if j = p then 1.0 else x[row, j]
    let sum f = Seq.sum (seq { for row in 0 .. x.Rows - 1 -> weights[row] * f row })

    let a =
        Array2D.init (p + 1) (p + 1) (fun i j ->
            sum (fun row -> feature row i * feature row j)
            + (if i = j && i < p then regularization else 0.0))

    solve a (Array.init (p + 1) (fun i -> sum (fun row -> feature row i * y[row, target])))
