/// Expansions of equal spheres by featomic, given the same radial basis.
module AniSoap.Tests.FeatomicTests

open Expecto
open AniSoap
open AniSoap.Tests.Golden

[<Tests>]
let tests =
    testList "featomic's references" [
        testCase "there are two cases"
        <| fun () -> Expect.equal (TestData.cases "featomic").Length 2 "cases"
        for case in TestData.cases "featomic" do
            testCase $"every coefficient of {case} is featomic's"
            <| fun () ->
                let frames, projection = load $"featomic/{case}"
                let ours = Expansion.coefficients projection frames |> sure
                let theirs = map $"featomic/{case}/coefficients.mts"
                let scale = largest theirs

                for key, block in TensorMap.toSeq theirs do
                    let mine =
                        ours
                        |> TensorMap.block [ "o3_lambda", key["o3_lambda"]; "center_type", key["center_type"] ]
                        |> sure

                    let columns =
                        mine.Properties
                        |> Labels.positionsWhere (fun row -> row["neighbor_type"] = key["neighbor_type"])

                    let mine = mine |> TensorBlock.takeProperties columns |> sure
                    let expected = rowsBySample block
                    let actual = rowsBySample mine
                    Expect.sequenceEqual (Map.keys actual) (Map.keys expected) "samples"

                    for KeyValue(sample, row) in expected do
                        Close.within 1e-11 scale actual[sample] row $"{key}, sample {sample}"
    ]
