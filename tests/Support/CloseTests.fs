/// The tests' own comparisons: NaN passes none of them, and no test uses others.
module AniSoap.Tests.CloseTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto

let private fails (check: unit -> unit) name =
    testCase name
    <| fun () ->
        let failed =
            try
                check ()
                false
            with :? AssertException ->
                true

        Expect.isTrue failed "the check fails"

[<Tests>]
let tests =
    testList "the tests' comparisons" [
        for compare, name in
            [ Close.below, "below"; Close.atMost, "at most"; Close.above, "above"; Close.atLeast, "at least" ] do
            fails (fun () -> compare nan 1.0 "NaN") $"NaN is not {name} a number"
            fails (fun () -> compare 1.0 nan "NaN") $"no number is {name} NaN"

        fails (fun () -> Close.within 1e-3 1.0 [| nan |] [| 1.0 |] "NaN") "NaN is not close to a number"
        fails (fun () -> Close.within 1e-3 1.0 [| 1.0 |] [| nan |] "NaN") "no number is close to NaN"
        fails (fun () -> Close.within 1e300 1.0 [| nan |] [| nan |] "NaN") "NaN is not close to NaN"

        testCase "the numbers on the right side pass"
        <| fun () ->
            Close.below 1 2 "1 < 2"
            Close.atMost 2.0 2.0 "2 ≤ 2"
            Close.above 2L 1L "2 > 1"
            Close.atLeast 2.0 2.0 "2 ≥ 2"

        testCase "no test uses Expecto's comparisons, which hold for NaN"
        <| fun () ->
            let forbidden = Regex @"Expect\.(is(Less|Greater)Than|floatClose|floatLess|floatGreater)"

            let found =
                Directory.EnumerateFiles(Path.Combine(Repository.root, "tests"), "*.fs", SearchOption.AllDirectories)
                |> Seq.filter (fun path -> not (path.Contains "/obj/") && Path.GetFileName path <> "CloseTests.fs")
                |> Seq.filter (fun path -> forbidden.IsMatch(File.ReadAllText path))
                |> Seq.toList

            Expect.equal found [] "files that do"
    ]
