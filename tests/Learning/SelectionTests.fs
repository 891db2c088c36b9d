module AniSoap.Tests.Learning.SelectionTests

open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport

let private positions (result: Result<Selection, AniSoapError>) = (sure result).Positions |> Seq.toList

[<Tests>]
let tests =
    testList "selections" [
        testCase "farthest points and CUR are scikit-matter's"
        <| fun () ->
            let x = scaledX.Value

            Expect.equal
                (positions (FarthestPoints.features 0 6 x))
                (goldenPositions [ "FPS_features" ])
                "FPS of features"

            Expect.equal (positions (FarthestPoints.samples 0 8 x)) (goldenPositions [ "FPS_samples" ]) "FPS of samples"
            Expect.equal (positions (Cur.features 1 6 x)) (goldenPositions [ "CUR_features" ]) "CUR of features"

        testCase "CUR of samples is that of the features of the transposed matrix"
        <| fun () ->
            let x = random 50 9 14
            Expect.equal (positions (Cur.samples 1 5 x)) (positions (Cur.features 1 5 (Matrix.transpose x))) "positions"

        testCase "CUR goes on from what the chosen columns leave, whichever Gram matrix is smaller"
        <| fun () ->
            for rows, columns in [ 20, 6; 6, 20 ] do
                let x = random 51 rows columns
                let all = positions (Cur.features 2 4 x)
                // The slow way: leverages from singular values of the columns without their projection on those chosen.
                let mutable left = Array.init columns (fun j -> Array.init rows (fun i -> x[i, j]))
                let found = ResizeArray<int>()

                for _ in 1..4 do
                    let singular = SingularValues.decompose rows left
                    let score j = singular.Right[0][j] ** 2.0 + singular.Right[1][j] ** 2.0

                    let best =
                        [ 0 .. columns - 1 ]
                        |> List.filter (fun j -> not (found.Contains j))
                        |> List.maxBy score

                    found.Add best
                    let c = left[best]
                    let square = c |> Array.sumBy (fun v -> v * v)

                    left <-
                        left
                        |> Array.map (fun column ->
                            let part = Array.sum (Array.map2 (*) c column) / square
                            Array.map2 (fun value chosen -> value - part * chosen) column c)

                Expect.equal all (Seq.toList found) $"{rows} × {columns}"

        testCase "of equally far points the lowest number comes first, and distances are given"
        <| fun () ->
            let x = Matrix.ofRows [ [| 0.0 |]; [| 2.0 |]; [| -2.0 |]; [| 1.0 |] ] |> sure
            let found = FarthestPoints.samples 0 3 x |> sure
            Expect.equal (Seq.toList found.Positions) [ 0; 1; 2 ] "positions"
            Expect.equal (Seq.toList found.Scores) [ infinity; 2.0; 2.0 ] "distances"

        testCase "no more are chosen than differ or are independent"
        <| fun () ->
            let x =
                Matrix.ofRows [ [| 1.0; 2.0; 3.0 |]; [| 1.0; 2.0; 3.0 |]; [| 0.0; 0.0; 1.0 |] ]
                |> sure

            let refused result = AniSoapError.describe (Expect.wantError result "refused")

            Expect.stringContains
                (refused (FarthestPoints.samples 0 3 x))
                "count = 3 cannot be used; accepted: 1 to 2"
                "FPS"

            Expect.stringContains (refused (Cur.features 1 3 x)) "count = 3 cannot be used; accepted: 1 to 2" "CUR"
    ]
