module AniSoap.Tests.ResultTests

open Expecto
open AniSoap

let private missing name = Missing(name, "supply it", Place.Unknown)

[<Tests>]
let tests =
    testList "results" [
        testCase "the functions of FSharp.Core's Result stay beside the library's"
        <| fun () ->
            let five: Result<int, AniSoapError> = Ok 4 |> Result.map ((+) 1)
            Expect.equal (Result.orFail five) 5 "both are called Result"

        testCase "an error becomes an exception with the sentence that describes it"
        <| fun () ->
            let fail () = Error(missing "a cutoff") |> Result.orFail |> ignore

            Expect.throwsC fail (fun thrown ->
                Expect.equal thrown.Message (AniSoapError.describe (missing "a cutoff")) "the sentence")

        testCase "a traverse keeps the order and ends at the first error"
        <| fun () ->
            let tried = ResizeArray<int>()

            let f item =
                tried.Add item
                if item = 3 then Error(missing "three") else Ok(10 * item)

            Expect.equal (Result.traverse f [ 1; 2 ]) (Ok [| 10; 20 |]) "in order"
            Expect.equal (Result.traverse f []) (Ok [||]) "nothing"
            tried.Clear()
            Expect.equal (Result.traverse f (seq { 2..5 })) (Error(missing "three")) "the first error"
            Expect.sequenceEqual tried [ 2; 3 ] "and nothing behind it"

        testCase "a fold over results and a check end at the first error"
        <| fun () ->
            let add sum item = if item < 0 then Error item else Ok(sum + item)
            Expect.equal (Result.fold add 0 [ 1; 2; 3 ]) (Ok 6) "the sum"
            Expect.equal (Result.fold add 0 [ 1; -2; -3 ]) (Error -2) "the first"
            let check item = if item < 0 then Error item else Ok()
            Expect.equal (Result.check check [ 1; 2 ]) (Ok()) "all pass"
            Expect.equal (Result.check check [ 1; -2; -3 ]) (Error -2) "the first"
    ]
