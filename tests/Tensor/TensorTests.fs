module AniSoap.Tests.TensorTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Tensors

let private range name count = Labels.range name count |> ok

/// Values that tell their place: sample, component, property.
let private block samples (mu: int) properties =
    let values = [
        for s in 0 .. Labels.count samples - 1 do
            for m in 0 .. mu - 1 do
                for p in 0 .. Labels.count properties - 1 -> float (100 * s + 10 * m + p)
    ]

    TensorBlock.create samples [ range "o3_mu" mu ] properties values |> ok

let private small () = block (range "atom" 3) 2 (range "n" 4)

let private withPositions (block: TensorBlock) =
    let samples = labels [ "sample"; "atom" ] [ [ 0; 0 ]; [ 0; 2 ]; [ 2; 1 ] ]
    let components = [ range "xyz" 3; yield! block.Components ]
    let count = samples.Count * 3 * block.ComponentCount * block.Properties.Count

    let gradient =
        TensorBlock.create samples components block.Properties (Seq.init count float)
        |> ok

    TensorBlock.withGradient "positions" gradient block |> ok

[<Tests>]
let tests =
    testList "tensor blocks and maps" [
        testCase "values are found by sample, component and property"
        <| fun () ->
            let block = small ()
            Expect.equal (block[2, 1, 3]) 213.0 "by place"
            Expect.equal (block.Row(1, 0).ToArray()) [| 100.0; 101.0; 102.0; 103.0 |] "row"
            Expect.sequenceEqual block.Shape [ 3; 2; 4 ] "shape"

        testCase "values that do not fit the labels are refused"
        <| fun () ->
            let text = sentence (TensorBlock.create (range "a" 3) [ range "m" 2 ] (range "n" 4) [ 1.0; 2.0 ])
            Expect.stringContains text "3 × 2 × 4" text

            Expect.isError
                (TensorBlock.create (range "a" 1) [ range "m" 1; range "m" 1 ] (range "n" 1) [ 1.0 ])
                "m twice"

        testCase "gradients that do not belong to the block are refused"
        <| fun () ->
            let block = small ()

            let gradient samples components properties =
                let size = Seq.fold (fun n labels -> n * Labels.count labels) 1 (samples :: components @ [ properties ])

                let made = TensorBlock.create samples components properties (Array.zeroCreate size) |> ok
                TensorBlock.withGradient "positions" made block

            let mu = range "o3_mu" 2
            Expect.isOk (gradient (range "sample" 2) [ range "xyz" 3; mu ] (range "n" 4)) "right"
            Expect.isError (gradient (range "row" 2) [ range "xyz" 3; mu ] (range "n" 4)) "samples"
            Expect.isError (gradient (range "sample" 4) [ range "xyz" 3; mu ] (range "n" 4)) "no such sample"
            Expect.isError (gradient (range "sample" 2) [ mu; range "xyz" 3 ] (range "n" 4)) "components"
            Expect.isError (gradient (range "sample" 2) [] (range "n" 4)) "no components"
            Expect.isError (gradient (range "sample" 2) [ mu ] (range "n" 3)) "properties"
            Expect.isError (TensorBlock.withGradient "a/b" (small ()) block) "name"

        testCase "taking samples takes the rows of their gradients and counts them anew"
        <| fun () ->
            let taken = small () |> withPositions |> TensorBlock.takeSamples [ 2; 1 ] |> ok
            Expect.equal (taken[0, 1, 3]) 213.0 "values"
            Expect.equal taken.Samples (labels [ "atom" ] [ [ 2 ]; [ 1 ] ]) "samples"

            Expect.equal
                taken.Gradients["positions"].Samples
                (labels [ "sample"; "atom" ] [ [ 0; 1 ] ])
                "gradient's samples"

            Expect.equal (taken.Gradients["positions"][0, 0, 0]) (float (2 * 24)) "gradient's values"

        testCase "samples cut in two and joined again are the same, with their gradients"
        <| fun () ->
            for seed in 1..100 do
                let map = random seed
                let random = Random seed

                // Joining sorts the rows of gradients, as random maps have them sorted already.
                let halves =
                    map
                    |> TensorMap.toSeq
                    |> Seq.map (fun (_, block) ->
                        let cut = random.Next(block.Samples.Count + 1)
                        let first = TensorBlock.takeSamples [ 0 .. cut - 1 ] block |> ok
                        first, TensorBlock.takeSamples [ cut .. block.Samples.Count - 1 ] block |> ok)
                    |> Seq.toList

                let half part =
                    TensorMap.create map.Keys (List.map part halves)
                    |> ok
                    |> TensorMap.withInfo map.Info

                sameMap (TensorMap.joinSamples [ half fst; half snd ] |> ok) map $"seed {seed}"

        testCase "properties cut in two and joined again are the same, with their gradients"
        <| fun () ->
            for seed in 1..100 do
                let map = random seed

                let half first =
                    map
                    |> TensorMap.mapBlocks (fun _ block ->
                        let count, cut = block.Properties.Count, block.Properties.Count / 2
                        TensorBlock.takeProperties (if first then [ 0 .. cut - 1 ] else [ cut .. count - 1 ]) block)
                    |> ok

                sameMap (TensorMap.joinProperties [ half true; half false ] |> ok) map $"seed {seed}"

        testCase "what cannot be joined is refused"
        <| fun () ->
            let map block = TensorMap.single block
            let a = map (small ())
            Expect.isError (TensorMap.joinSamples [ a; a ]) "same samples"
            Expect.isError (TensorMap.joinProperties [ a; a ]) "same properties"

            Expect.isError
                (TensorMap.joinSamples [ a; map (block (labels [ "atom" ] [ [ 7 ] ]) 2 (range "n" 3)) ])
                "properties"

            Expect.isError
                (TensorMap.joinSamples [ a; map (block (labels [ "atom" ] [ [ 7 ] ]) 3 (range "n" 4)) ])
                "components"

            Expect.isError (TensorMap.joinSamples [ a; map (block (range "system" 1) 2 (range "n" 4)) ]) "sample names"
            Expect.isError (TensorMap.joinSamples [ a; map (small () |> withPositions) ]) "gradients"
            Expect.isError (TensorMap.joinSamples []) "nothing"
            Expect.isError (TensorMap.joinKeys [ a; a ]) "same keys"

        testCase "blocks are found by some or all of their keys"
        <| fun () ->
            let keys = labels [ "o3_lambda"; "center_type" ] [ [ 0; 1 ]; [ 1; 1 ]; [ 0; 6 ]; [ 1; 6 ] ]
            let blocks = [ for i in 1..4 -> block (range "atom" i) 1 (range "n" 2) ]
            let map = TensorMap.create keys blocks |> ok
            let found = TensorMap.block [ "center_type", 6; "o3_lambda", 1 ] map |> ok
            Expect.equal found.Samples.Count 4 "one block"
            Expect.equal (TensorMap.select [ "o3_lambda", 0 ] map |> ok).Count 2 "two blocks"
            Expect.stringContains (sentence (TensorMap.block [ "o3_lambda", 0 ] map)) "2 of 4" "several"
            Expect.stringContains (sentence (TensorMap.block [ "o3_lambda", 5 ] map)) "0 of 4" "none"
            Expect.stringContains (sentence (TensorMap.block [ "l", 0 ] map)) "o3_lambda, center_type" "unknown name"
            let filtered = map |> TensorMap.filterKeys (fun key -> key["center_type"] = 1)

            Expect.equal
                [ for key, block in TensorMap.toSeq filtered -> key["o3_lambda"], block.Samples.Count ]
                [ 0, 1; 1, 2 ]
                "filtered"

        testCase "blocks that differ in names are refused"
        <| fun () ->
            let keys = range "a" 2
            Expect.isError (TensorMap.create keys [ small (); block (range "system" 1) 2 (range "n" 4) ]) "sample names"
            Expect.isError (TensorMap.create keys [ small (); small () |> withPositions ]) "gradients"
            Expect.isError (TensorMap.create keys [ small () ]) "too few"

        testCase "keys become properties, with zeros for samples that a block has not got"
        <| fun () ->
            let keys = labels [ "l"; "neighbor_type" ] [ [ 0; 6 ]; [ 0; 1 ]; [ 1; 1 ] ]
            let at rows = block (labels [ "atom" ] rows) 1 (range "n" 2)

            let map =
                TensorMap.create keys [ at [ [ 3 ]; [ 1 ] ]; at [ [ 1 ]; [ 2 ] ]; at [ [ 0 ] ] ]
                |> ok

            let moved = TensorMap.keysToProperties [ "neighbor_type" ] map |> ok
            Expect.equal moved.Keys (range "l" 2) "keys"
            let first = moved[0]
            Expect.equal first.Samples (labels [ "atom" ] [ [ 1 ]; [ 2 ]; [ 3 ] ]) "samples"

            Expect.equal
                first.Properties
                (labels [ "neighbor_type"; "n" ] [ [ 6; 0 ]; [ 6; 1 ]; [ 1; 0 ]; [ 1; 1 ] ])
                "properties"

            Expect.equal
                (first.Values.ToArray())
                [| 100.0; 101.0; 0.0; 1.0; 0.0; 0.0; 100.0; 101.0; 0.0; 1.0; 0.0; 0.0 |]
                "values"

            let all = TensorMap.keysToProperties [ "neighbor_type"; "l" ] map |> ok
            Expect.equal all.Keys Labels.single "all keys moved"
            Expect.isError (TensorMap.keysToProperties [ "m" ] map) "unknown"
            Expect.isError (TensorMap.keysToProperties [] map) "none"

        testCase "keys become samples, sorted, and gradients follow their samples"
        <| fun () ->
            let keys = range "center_type" 2

            let map =
                TensorMap.create keys [ small () |> withPositions; small () |> withPositions ]
                |> ok

            let moved = TensorMap.keysToSamples [ "center_type" ] map |> ok
            let only = moved[0]

            Expect.equal
                only.Samples
                (labels [ "atom"; "center_type" ] [ [ 0; 0 ]; [ 0; 1 ]; [ 1; 0 ]; [ 1; 1 ]; [ 2; 0 ]; [ 2; 1 ] ])
                "samples"

            Expect.equal (only[5, 1, 3]) 213.0 "values"
            let gradient = only.Gradients["positions"]

            Expect.equal
                gradient.Samples
                (labels [ "sample"; "atom" ] [ [ 0; 0 ]; [ 0; 2 ]; [ 1; 0 ]; [ 1; 2 ]; [ 4; 1 ]; [ 5; 1 ] ])
                "gradient's samples"

            Expect.equal (gradient[4, 0, 0]) (gradient[5, 0, 0]) "both blocks had the same gradient"

        testCase "keys moved to properties and taken apart again are the blocks"
        <| fun () ->
            for seed in 1..100 do
                let map = random seed
                let moved = TensorMap.keysToProperties [ "a"; "b" ] map
                // Random blocks have different components as often as not, and then cannot be merged.
                match moved with
                | Error _ ->
                    Expect.isTrue
                        (map.Blocks
                         |> Seq.exists (fun b ->
                             not (Seq.forall2 (fun (x: Labels) y -> x.Equals y) b.Components map[0].Components)))
                        "components differ"
                | Ok moved ->
                    for key, block in TensorMap.toSeq map do
                        let wanted = Labels.ofValues key.Names (key.Values.ToArray()) |> ok
                        let part = moved[0] |> TensorBlock.selectProperties wanted |> ok

                        let rows =
                            block.Samples
                            |> Seq.map (fun row -> part.Samples.Position row.Values)
                            |> Seq.toArray

                        let part = part |> TensorBlock.takeSamples rows |> ok
                        Expect.equal (part.Values.ToArray()) (block.Values.ToArray()) $"seed {seed}, {key}"

                        for KeyValue(name, gradient) in block.Gradients do
                            let sum (b: TensorBlock) = Array.sumBy abs (b.Values.ToArray())

                            Close.within
                                1e-14
                                (1.0 + sum gradient)
                                [| sum part.Gradients[name] |]
                                [| sum gradient |]
                                $"{name}"

        testCase "scaling scales gradients, mapping leaves them out"
        <| fun () ->
            let block = small () |> withPositions
            let scaled = (TensorBlock.scale 2.0 block).Gradients["positions"]
            Expect.equal (scaled[1, 0, 1]) 50.0 "scaled"
            let mapped = block |> TensorBlock.map (fun x -> x * x)
            Expect.isTrue mapped.Gradients.IsEmpty "no gradients"
            Expect.equal (mapped[1, 0, 1]) (101.0 * 101.0) "mapped"
    ]
