module AniSoap.Tests.Learning.DecompositionTests

open System
open System.Threading.Tasks
open Expecto
open MathNet.Numerics
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport

let private check rows columns (x: Matrix) =
    let found = SingularValues.decompose rows (Products.columnsOf x)

    let value i j =
        Seq.sum (
            seq { for k in 0 .. found.Values.Length - 1 -> found.Left[k][i] * found.Values[k] * found.Right[k][j] }
        )

    Close.toLargest 1e-13 (Array.init (rows * columns) (fun n -> value (n / columns) (n % columns))) (flat x) "U S Vᵀ"

    for side in [ found.Left; found.Right ] do
        for i in 0 .. side.Length - 1 do
            for j in 0..i do
                let expected = if i = j then 1.0 else 0.0
                Close.within 1e-13 1.0 [| Array.sum (Array.map2 (*) side[i] side[j]) |] [| expected |] "orthonormal"

    for k in 1 .. found.Values.Length - 1 do
        Close.atMost found.Values[k] found.Values[k - 1] "descending"

    found

[<Tests>]
let tests =
    testList "decompositions" [
        testCase "singular values give the matrix back"
        <| fun () ->
            for rows, columns in [ 1, 1; 5, 1; 1, 5; 30, 17; 17, 30; 25, 25 ] do
                let found = check rows columns (random (60 + rows) rows columns)
                Expect.equal found.Values.Length (min rows columns) "rank"

        testCase "dependent columns lower the rank"
        <| fun () ->
            let x = times (random 70 20 4) (random 71 4 9)
            Expect.equal (check 20 9 x).Values.Length 4 "rank"

        testCase "singular values over sixty decades of scale keep their digits"
        <| fun () ->
            // Columns of a rotation, scaled: what they are is known.
            let angle = 0.3
            let scales = [| 1e140; 1e130 |]

            let x =
                Matrix.ofArray2D (
                    Array2D.init 2 2 (fun i j ->
                        scales[j]
                        * (if i = j then cos angle
                           elif i > j then sin angle
                           else -sin angle))
                )

            let found = SingularValues.decompose 2 (Products.columnsOf x)
            Close.toLargest 1e-14 [| found.Values[0] / 1e140; found.Values[1] / 1e130 |] [| 1.0; 1.0 |] "large"

            let small =
                SingularValues.decompose 2 (Products.columnsOf x |> Array.map (Array.map (fun v -> v * 1e-300)))

            Close.toLargest 1e-13 [| small.Values[0] / 1e-160; small.Values[1] / 1e-170 |] [| 1.0; 1.0 |] "small"

        testCase "threads change no bit of any model"
        <| fun () ->
            // So large that all loops are worth several threads.
            let x, y = random 80 800 260, random 81 800 3
            let points = rows 0 60 x

            let bits () = [
                let model = Ridge.fit Ridge.defaults x y |> sure
                yield! flat model.Coefficients

                yield!
                    flat (
                        SparseKernel.predict (SparseKernel.fit SparseKernel.defaults points x y |> sure) x
                        |> sure
                    )

                yield! flat (KernelRidge.predict (KernelRidge.fit KernelRidge.defaults x y |> sure) x |> sure)
                yield! flat (Pcovr.transform (Pcovr.fit Pcovr.defaults x y |> sure) x |> sure)
                yield! (Cur.features 1 4 x |> sure).Scores
                yield! (FarthestPoints.samples 0 9 x |> sure).Scores
            ]

            let many = bits () |> List.map BitConverter.DoubleToInt64Bits
            // A scheduler of one thread, for the loops here; MathNet's are its own.
            let alone = ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, 1).ExclusiveScheduler
            let degree = Control.MaxDegreeOfParallelism

            try
                Control.MaxDegreeOfParallelism <- 1
                let one = TaskFactory(alone).StartNew(Func<float list> bits).Result
                Expect.equal (one |> List.map BitConverter.DoubleToInt64Bits) many "bits"
            finally
                Control.MaxDegreeOfParallelism <- degree
    ]
