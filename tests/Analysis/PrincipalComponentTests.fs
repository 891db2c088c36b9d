module AniSoap.Tests.PrincipalComponentTests

open System
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Tests.Golden

let private blockOf (rows: float[][]) =
    let samples = Labels.range "sample" rows.Length |> sure
    let properties = Labels.range "property" rows[0].Length |> sure
    TensorBlock.create samples [] properties (Array.concat rows) |> sure

let private rowsOf (block: TensorBlock) = [| for row in 0 .. block.Samples.Count - 1 -> block.Row(row, 0).ToArray() |]

/// Rows that vary by 10, 10/2, 10/3, … along random directions.
let private someRows seed rows columns =
    let random = Random(seed: int)
    let directions = Array.init columns (fun _ -> Array.init columns (fun _ -> random.NextDouble() - 0.5))

    Array.init rows (fun _ ->
        let weights = Array.init columns (fun k -> 10.0 / float (k + 1) * (random.NextDouble() - 0.5))

        Array.init columns (fun j ->
            3.0
            + Array.sum (Array.mapi (fun k (d: float[]) -> weights[k] * d[j]) directions)))

let private references = lazy JsonDocument.Parse(TestData.text "learning/references.json")

let private matrix (path: string list) : float[][] =
    let element =
        (references.Value.RootElement, path)
        ||> List.fold (fun (element: JsonElement) name -> element.GetProperty name)

    [|
        for row in element.EnumerateArray() -> [| for number in row.EnumerateArray() -> number.GetDouble() |]
    |]

let private vector (path: string list) : float[] =
    let element =
        (references.Value.RootElement, path)
        ||> List.fold (fun (element: JsonElement) name -> element.GetProperty name)

    [| for number in element.EnumerateArray() -> number.GetDouble() |]

let private variances (components: PrincipalComponents) = Seq.toArray components.Variances

[<Tests>]
let tests =
    testList "principal components" [
        testCase "are scikit-learn's"
        <| fun () ->
            // The reference is of the scaled matrix.
            let block = blockOf (matrix [ "StandardFlexibleScaler" ])
            let components = PrincipalComponents.fit 4 block |> sure
            let expected = matrix [ "PCA"; "abs_transform" ]
            let found = PrincipalComponents.project components block |> sure |> rowsOf

            Close.toLargest
                1e-12
                (found |> Array.concat |> Array.map abs)
                (Array.concat expected)
                "coordinates up to their signs"

            Close.toLargest
                1e-12
                (Seq.toArray components.VarianceRatios)
                (vector [ "PCA"; "explained_variance_ratio" ])
                "variance ratios"

        testCase "are the same through either of the two matrices"
        <| fun () ->
            // 12 rows of 30 features go through the matrix of rows; the same rows, padded by copies to 36, through that of features.
            let rows = someRows 3 12 30
            let few = PrincipalComponents.fit 5 (blockOf rows) |> sure
            let many = PrincipalComponents.fit 5 (blockOf (Array.concat [ rows; rows; rows ])) |> sure

            for k in 0..4 do
                Close.within 1e-10 1.0 (few.Axis(k).ToArray()) (many.Axis(k).ToArray()) $"axis {k}"

            Close.toLargest
                1e-12
                (variances few |> Array.map (fun v -> v * 11.0 * 3.0 / 35.0))
                (variances many)
                "variances"

        testCase "are orthonormal, with uncorrelated coordinates whose variances they state"
        <| fun () ->
            for rows, columns in [ 40, 7; 9, 25 ] do
                let block = blockOf (someRows 11 rows columns)
                let components = PrincipalComponents.fit 6 block |> sure
                let coordinates = PrincipalComponents.project components block |> sure |> rowsOf
                Expect.equal components.Count 6 "components"

                for i in 0..5 do
                    for j in 0..5 do
                        let a, b = components.Axis(i).ToArray(), components.Axis(j).ToArray()
                        let expected = if i = j then 1.0 else 0.0
                        Close.within 1e-12 1.0 [| Array.sum (Array.map2 (*) a b) |] [| expected |] "axes"

                        let covariance = (coordinates |> Array.sumBy (fun row -> row[i] * row[j])) / float (rows - 1)

                        let variance = if i = j then components.Variances[i] else 0.0
                        Close.within 1e-12 components.Variances[0] [| covariance |] [| variance |] "coordinates"

        testCase "have their largest weight positive, so that the order of rows does not matter"
        <| fun () ->
            let rows = someRows 5 20 6
            let components = PrincipalComponents.fit 3 (blockOf rows) |> sure
            let reversed = PrincipalComponents.fit 3 (blockOf (Array.rev rows)) |> sure

            for k in 0..2 do
                let axis = components.Axis(k).ToArray()
                Close.above (Array.maxBy abs axis) 0.0 $"axis {k}"
                Close.within 1e-12 1.0 (reversed.Axis(k).ToArray()) axis $"axis {k}"

        testCase "are no more than the directions in which rows vary"
        <| fun () ->
            let line = Array.init 10 (fun i -> [| float i; 2.0 * float i; -1.0 |])
            let components = PrincipalComponents.fit 3 (blockOf line) |> sure
            Expect.equal components.Count 1 "a line has one"
            Close.within 1e-12 1.0 (Seq.toArray components.VarianceRatios) [| 1.0 |] "it explains everything"
            let constant = PrincipalComponents.fit 2 (blockOf (Array.replicate 4 [| 1.0; 2.0 |])) |> sure
            Expect.equal constant.Count 0 "equal rows have none"

        testCase "are refused where there is nothing to vary or to project on"
        <| fun () ->
            let isError result = Result.isError result
            Expect.isTrue (isError (PrincipalComponents.fit 2 (blockOf [| [| 1.0; 2.0 |] |]))) "one row"
            let block = blockOf (someRows 1 5 4)
            Expect.isTrue (isError (PrincipalComponents.fit 0 block)) "no components"
            let components = PrincipalComponents.fit 2 block |> sure
            let other = blockOf (someRows 1 5 3)
            Expect.isTrue (isError (PrincipalComponents.project components other)) "other features"
    ]
