module AniSoap.Tests.GeometryTests

open Expecto
open AniSoap

let private isError result =
    match result with
    | Ok _ -> false
    | Error _ -> true

[<Tests>]
let tests =
    testList "geometry" [
        testCase "the zero quaternion and quaternions with NaN or infinities are refused"
        <| fun () ->
            for q in
                [
                    Quaternion.create 0.0 0.0 0.0 0.0
                    Quaternion.create nan 0.0 0.0 1.0
                    Quaternion.create 1.0 0.0 infinity 0.0
                ] do
                Expect.isTrue (isError (Quaternion.tryNormalize q)) $"{q}"
    ]
