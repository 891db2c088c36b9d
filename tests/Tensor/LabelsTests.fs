module AniSoap.Tests.LabelsTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Tensors

[<Tests>]
let tests =
    testList "labels" [
        testCase "names that cannot name dimensions are refused"
        <| fun () ->
            for names in [ []; [ "" ]; [ "a b" ]; [ "1a" ]; [ "a"; "a" ]; [ "ä" ]; [ "a/b" ] ] do
                Expect.isError (Labels.create names []) $"{names}"

            for names in [ [ "_" ]; [ "a" ]; [ "A_1"; "b" ] ] do
                Expect.isOk (Labels.create names []) $"{names}"

        testCase "rows that occur twice are refused by their number, in order or not"
        <| fun () ->
            let error rows = sentence (Labels.create [ "a"; "b" ] (Seq.map Seq.ofList rows))
            Expect.stringContains (error [ [ 0; 1 ]; [ 0; 2 ]; [ 0; 2 ] ]) "label row 2 = (a=0, b=2)" "ascending"
            Expect.stringContains (error [ [ 5; 1 ]; [ 0; 2 ]; [ 5; 1 ] ]) "label row 2 = (a=5, b=1)" "any order"

        testCase "ragged rows and values that do not fill rows are refused"
        <| fun () ->
            Expect.isError (Labels.create [ "a"; "b" ] [ [ 1; 2 ]; [ 3 ] ]) "ragged"
            Expect.isError (Labels.ofValues [ "a"; "b" ] [ 1; 2; 3 ]) "incomplete"

        testCase "every row is found at its place and no other is"
        <| fun () ->
            for seed in 1..50 do
                let keys = (random seed).Keys

                for row in keys do
                    Expect.equal (keys.Position row.Values) row.Position $"seed {seed}, {row}"

                Expect.isFalse (Labels.contains [ 100; 100 ] keys) "not there"
                Expect.isFalse (Labels.contains [ 1 ] keys) "another width"

        testCase "a million rows are found, and one that occurs twice among them is refused"
        <| fun () ->
            let count = 1_000_000
            // In an order that is not ascending, so that the index does the check.
            let values =
                Array.init (2 * count) (fun i ->
                    if i % 2 = 0 then
                        (count - i / 2) / 1000
                    else
                        (count - i / 2) % 1000)

            let rows = Labels.ofValues [ "system"; "atom" ] values |> ok
            Expect.equal (Labels.position [ 777; 42 ] rows) (Some(count - 777_042)) "found"
            values[1] <- 7
            values[0] <- 7
            Expect.isError (Labels.ofValues [ "system"; "atom" ] values) "twice"

        testCase "the caller's array is copied"
        <| fun () ->
            let values = [| 1; 2 |]
            let labels = Labels.ofValues [ "a" ] values |> ok
            values[0] <- 5
            Expect.equal (labels[0][0]) 1 "copied"

        testCase "union, intersection and difference are those of sets"
        <| fun () ->
            let a, b = labels [ "x" ] [ [ 3 ]; [ 1 ]; [ 2 ] ], labels [ "x" ] [ [ 2 ]; [ 5 ]; [ 3 ] ]
            Expect.equal (Labels.union a b |> ok) (labels [ "x" ] [ [ 3 ]; [ 1 ]; [ 2 ]; [ 5 ] ]) "union"
            Expect.equal (Labels.intersection a b |> ok) (labels [ "x" ] [ [ 3 ]; [ 2 ] ]) "intersection"
            Expect.equal (Labels.difference a b |> ok) (labels [ "x" ] [ [ 1 ] ]) "difference"
            Expect.isError (Labels.union a (labels [ "y" ] [])) "other names"

        testCase "selection compares only the dimensions that it names"
        <| fun () ->
            let rows = labels [ "l"; "center_type" ] [ [ 0; 1 ]; [ 1; 1 ]; [ 0; 6 ]; [ 1; 6 ] ]
            Expect.equal (Labels.select (labels [ "l" ] [ [ 1 ] ]) rows |> ok) [| 1; 3 |] "one"

            Expect.equal
                (Labels.select (labels [ "center_type"; "l" ] [ [ 6; 0 ]; [ 1; 1 ] ]) rows |> ok)
                [| 1; 2 |]
                "two"

            Expect.stringContains (sentence (Labels.select (labels [ "m" ] [ [ 1 ] ]) rows)) "l, center_type" "unknown"

        testCase "columns, rows and predicates go by name"
        <| fun () ->
            let rows = labels [ "l"; "t" ] [ [ 0; 1 ]; [ 1; 6 ] ]
            Expect.sequenceEqual (Labels.column "t" rows |> ok) [ 1; 6 ] "column"
            Expect.isError (Labels.column "x" rows) "no such column"
            Expect.equal (rows |> Labels.filter (fun row -> row["t"] > 1)) (labels [ "l"; "t" ] [ [ 1; 6 ] ]) "filter"
            Expect.equal (string rows[1]) "l=1, t=6" "shown"

        testCase "taking refuses what is not there and what is taken twice; sorting orders rows"
        <| fun () ->
            let rows = labels [ "a" ] [ [ 3 ]; [ -1 ]; [ 2 ] ]
            Expect.equal (Labels.take [ 2; 0 ] rows |> ok) (labels [ "a" ] [ [ 2 ]; [ 3 ] ]) "taken"
            Expect.isError (Labels.take [ 3 ] rows) "out of range"
            Expect.isError (Labels.take [ 0; 0 ] rows) "twice"
            Expect.equal (Labels.sort rows) (labels [ "a" ] [ [ -1 ]; [ 2 ]; [ 3 ] ]) "sorted"

        testCase "equal labels have equal names and rows in the same order, and equal hash codes"
        <| fun () ->
            let make () = labels [ "a" ] [ [ 1 ]; [ 2 ] ]
            Expect.equal (make ()) (make ()) "equal"
            Expect.equal (hash (make ())) (hash (make ())) "hash"
            Expect.notEqual (make ()) (labels [ "a" ] [ [ 2 ]; [ 1 ] ]) "order"
            Expect.notEqual (make ()) (labels [ "b" ] [ [ 1 ]; [ 2 ] ]) "names"
    ]
