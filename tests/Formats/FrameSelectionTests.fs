module AniSoap.Tests.FrameSelectionTests

open Expecto
open FsCheck
open FsCheck.FSharp
open AniSoap

/// What Python's slice takes from 0 … count − 1, by walking as its documentation says.
let private pythonSlice count (first: int option) (stop: int option) step =
    let fromEnd value = if value < 0 then value + count else value

    if step > 0 then
        let first = first |> Option.map fromEnd |> Option.defaultValue 0 |> max 0
        let stop = stop |> Option.map fromEnd |> Option.defaultValue count |> min count
        Seq.unfold (fun i -> if i < stop then Some(i, i + step) else None) first
    else
        let first =
            first
            |> Option.map fromEnd
            |> Option.defaultValue (count - 1)
            |> min (count - 1)

        let stop = stop |> Option.map fromEnd |> Option.defaultValue -1 |> max -1
        Seq.unfold (fun i -> if i > stop then Some(i, i + step) else None) first
    |> Set.ofSeq

let private get result =
    match result with
    | Ok value -> value
    | Error error -> failtestf "%s" (AniSoap.AniSoapError.describe error)

let private taken selection count =
    let ranges = FrameSelection.resolve (Some count) selection

    Set.ofList [
        for i in 0 .. count - 1 do
            if FrameSelection.contains ranges i then
                i
    ]

type private Part = { First: int option; Stop: int option; Step: int }

let private parts =
    gen {
        let bound = Gen.optionOf (Gen.choose (-12, 12))
        let! first = bound
        let! stop = bound
        let! step = Gen.choose (-5, 5) |> Gen.filter (fun step -> step <> 0)
        return { First = first; Stop = stop; Step = step }
    }

let private cases =
    Gen.zip (Gen.choose (0, 10)) (Gen.choose (1, 3) |> Gen.bind (fun n -> Gen.listOfLength n parts))

let private text part =
    let number = Option.map string >> Option.defaultValue ""
    $"{number part.First}:{number part.Stop}:{string part.Step}"

let private expected count part = pythonSlice count part.First part.Stop part.Step

let private config = { FsCheckConfig.defaultConfig with maxTest = 3000; replay = Some(4711UL, 17UL, None) }

[<Tests>]
let tests =
    testList "frame selection" [
        testPropertyWithConfig config "slices take what Python's slices take, in union"
        <| Prop.forAll (Arb.fromGen cases) (fun (count, parts) ->
            let selection = parts |> List.map text |> String.concat "," |> FrameSelection.parse |> get
            let union = parts |> List.map (expected count) |> Set.unionMany
            Expect.equal (taken selection count) union "frames")

        testPropertyWithConfig config "slices that do not need the count take the same without it"
        <| Prop.forAll (Arb.fromGen cases) (fun (count, parts) ->
            let selection = parts |> List.map text |> String.concat "," |> FrameSelection.parse |> get

            if not (FrameSelection.needsCount selection) then
                let ranges = FrameSelection.resolve None selection

                let without =
                    Set.ofList [
                        for i in 0 .. count - 1 do
                            if FrameSelection.contains ranges i then
                                i
                    ]

                Expect.equal without (taken selection count) "frames"
                Expect.isTrue (Set.forall (fun i -> i < FrameSelection.finish ranges) without) "finish")

        testCase "single numbers are frames, from the end too"
        <| fun () ->
            Expect.equal (taken (get (FrameSelection.parse "3")) 6) (set [ 3 ]) "3"
            Expect.equal (taken (get (FrameSelection.parse "-1")) 6) (set [ 5 ]) "-1"
            Expect.equal (taken (get (FrameSelection.parse "-2")) 6) (set [ 4 ]) "-2"
            Expect.equal (taken (get (FrameSelection.parse "7")) 6) Set.empty "7"

        testCase "step zero and what is no slice are refused"
        <| fun () ->
            for text in [ "1:5:0"; ""; "a"; "1:2:3:4"; "1.5"; "1:x"; "2147483648"; "0:1,"; "-2147483648" ] do
                Expect.isTrue (FrameSelection.parse text).IsError $"'{text}'"
    ]
