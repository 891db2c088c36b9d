module AniSoap.Tests.Learning.ComparisonTests

open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport

let private kernels = [
    "linear", Kernel.Linear, (fun (a: float[]) (b: float[]) -> Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b)
    "gaussian",
    Kernel.Gaussian 0.3,
    (fun a b -> exp (-0.3 * Array.fold2 (fun sum x y -> sum + (x - y) * (x - y)) 0.0 a b))
    "polynomial",
    Kernel.Polynomial(3, 0.5, 1.0),
    (fun a b -> pown (0.5 * Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b + 1.0) 3)
]

let private row (matrix: Matrix) i = (matrix.Row i).ToArray()

[<Tests>]
let tests =
    testList "comparisons" [
        for name, kernel, direct in kernels do
            testCase $"distances and similarities of the {name} kernel are those of the formulas, pair by pair"
            <| fun () ->
                let x, y = random 31 7 11, random 32 5 11
                let k a b = direct a b
                let distances = Comparison.distances kernel x y |> sure
                let similarities = Comparison.similarities kernel x y |> sure

                let expected f = [|
                    for i in 0 .. x.Rows - 1 do
                        for j in 0 .. y.Rows - 1 -> f (row x i) (row y j)
                |]

                Close.toLargest
                    1e-12
                    (flat distances)
                    (expected (fun a b -> sqrt (k a a + k b b - 2.0 * k a b)))
                    "distances"

                Close.toLargest
                    1e-12
                    (flat similarities)
                    (expected (fun a b -> k a b / sqrt (k a a * k b b)))
                    "similarities"

            testCase $"a row is at no distance from itself and wholly like itself ({name})"
            <| fun () ->
                let x = random 33 6 9
                let distances = Comparison.distances kernel x x |> sure
                let similarities = Comparison.similarities kernel x x |> sure

                for i in 0 .. x.Rows - 1 do
                    Close.within 1e-7 1.0 [| distances[i, i] |] [| 0.0 |] "distance"
                    Close.within 1e-14 1.0 [| similarities[i, i] |] [| 1.0 |] "similarity"

        // √(2 (1 − exp(−γ d²))) ≈ d √(2 γ)
        for name, kernel in [ "linear", Kernel.Linear; "gaussian", Kernel.Gaussian 0.5 ] do
            testCase $"rows that are nearly the same keep the digits of their distance ({name})"
            <| fun () ->
                let small = System.Math.ScaleB(1.0, -30)
                let one = Matrix.ofRows [ [| 1.0; 2.0; 3.0 |] ] |> sure
                let other = Matrix.ofRows [ [| 1.0; 2.0; 3.0 + small |] ] |> sure
                let found = Comparison.distances kernel one other |> sure
                Close.within 1e-12 small (flat found) [| small |] "distance"

        testCase "rows divided by their lengths are as far apart as the angle between them says"
        <| fun () ->
            let x = random 34 6 8
            let unit = Comparison.normalize x |> sure
            let distances = Comparison.distances Kernel.Linear unit unit |> sure
            let cosines = Comparison.similarities Kernel.Linear x x |> sure
            let squares = flat distances |> Array.map (fun d -> d * d)
            let expected = flat cosines |> Array.map (fun c -> 2.0 - 2.0 * c)
            Close.within 1e-14 4.0 squares expected "2 (1 − cos)"

        testCase "rows of zeros, other columns and wrong kernels are refused by name"
        <| fun () ->
            let zero = Matrix.ofRows [ [| 1.0; 0.0 |]; [| 0.0; 0.0 |] ] |> sure
            let refusal result = Result.mapError AniSoapError.describe result |> Result.map (fun _ -> ())

            Expect.equal
                (refusal (Comparison.normalize zero))
                (Error "length of row 1 = 0 cannot be used; accepted: a row that is not all zeros")
                "zeros"

            Expect.isError (Comparison.similarities Kernel.Linear zero zero) "zeros"
            Expect.isError (Comparison.distances Kernel.Linear zero (random 1 2 3)) "columns"
            Expect.isError (Comparison.distances (Kernel.Gaussian -1.0) zero zero) "gamma"
    ]
