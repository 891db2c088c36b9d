/// One byte of a file is another: an error, or nothing that is read has changed.
module AniSoap.Tests.FeatureFiles.FlippedByteTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.FeatureFiles.RoundTripTests
open AniSoap.Formats

let private small precision ending (file: string) =
    {
        Content = FeatureContent.Table(randomTable [ "frame"; "particle" ] 5 6 1)
        Metadata = Map [ "hypers", """{"max_angular":6,"max_radial":[3,2]}""" ]
        Types = [ ScalarType.Float64 ]
    }
    |> FeatureFile.writeSet { WriteOptions.replacing with Precision = precision } (file + ending)
    |> ok
    |> ignore

    File.ReadAllBytes(file + ending)

let private content (features: FeatureSet) =
    let table = tableOf features

    Seq.toList table.Samples.Names,
    table.Samples.Values.ToArray(),
    Seq.toList table.Properties.Names,
    table.Properties.Values.ToArray(),
    table.Values.ToArray() |> Array.map BitConverter.DoubleToInt64Bits,
    features.Metadata

let private smallMap (path: string) =
    let map =
        TensorMap.create (labels [ "center_type" ] [ [ 1 ]; [ 8 ] ]) [
            for rows in [ 2; 3 ] do
                TensorBlock.create
                    (labels [ "system"; "atom" ] [ for row in 1..rows -> [ 0; row ] ])
                    [ labels [ "o3_mu" ] [ [ -1 ]; [ 0 ]; [ 1 ] ] ]
                    (labels [ "n" ] [ [ 0 ]; [ 1 ] ])
                    (Array.init (rows * 6) (fun i -> 0.1 + float i))
                |> ok
        ]
        |> ok

    {
        Content = FeatureContent.Blocks map
        Metadata = Map [ "hypers", """{"max_angular":6}""" ]
        Types = [ ScalarType.Float64 ]
    }
    |> FeatureFile.writeSet WriteOptions.replacing path
    |> ok
    |> ignore

    File.ReadAllBytes path

let private mapContent (features: FeatureSet) =
    let map = mapOf features
    let rows (labels: Labels) = Seq.toList labels.Names, labels.Values.ToArray() |> Array.toList

    rows map.Keys,
    [
        for block in map.Blocks ->
            rows block.Samples,
            [ for one in block.Components -> rows one ],
            rows block.Properties,
            block.Values.ToArray()
            |> Array.map BitConverter.DoubleToInt64Bits
            |> Array.toList
    ],
    features.Metadata

[<Tests>]
let maps =
    testList "a flipped byte" [
        testCase "anywhere in an .mts file is an error or changes nothing"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.mts")
                let whole = smallMap path
                let expected = FeatureFile.read path |> ok |> mapContent
                let random = Random 29

                for at in 0 .. whole.Length - 1 do
                    let bytes = Array.copy whole
                    bytes[at] <- bytes[at] ^^^ byte (1 <<< random.Next 8)
                    File.WriteAllBytes(path, bytes)

                    match FeatureFile.read path with
                    | Error _ -> ()
                    | Ok other when mapContent other = expected -> ()
                    | Ok _ -> failtest $"byte {at} of {whole.Length}: {whole[at]} is read as {bytes[at]}")
    ]

[<Tests>]
let tests =
    testList "a flipped byte" [
        for ending in [ ".h5"; ".parquet"; ".npz" ] do
            for precision in [ Precision.Double; Precision.Single ] do
                testCase $"anywhere in a {ending} file of {precision} precision is an error or changes nothing"
                <| fun () ->
                    TestData.inFolder (fun folder ->
                        let file = Path.Combine(folder, "a")
                        let whole = small precision ending file
                        let expected = FeatureFile.read (file + ending) |> ok |> content
                        let random = Random 23
                        let mutable refused = 0

                        for at in 0 .. whole.Length - 1 do
                            let bytes = Array.copy whole
                            bytes[at] <- bytes[at] ^^^ byte (1 <<< random.Next 8)

                            if random.Next 2 = 0 then
                                bytes[at] <- whole[at] + byte (1 + random.Next 255)

                            File.WriteAllBytes(file + ending, bytes)

                            match FeatureFile.read (file + ending) with
                            | Error _ -> refused <- refused + 1
                            | Ok other when content other = expected -> ()
                            | Ok _ -> failtest $"byte {at} of {whole.Length}: {whole[at]} is read as {bytes[at]}"

                        Close.above refused (whole.Length / 4) "most bytes are guarded")
    ]
