/// Files of features of every format: what is written comes back, and one format becomes another.
module AniSoap.Tests.FeatureFiles.RoundTripTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.RowTests
open AniSoap.Formats

let private path folder name = Path.Combine(folder, name)

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

let tableOf (features: FeatureSet) =
    match features.Content with
    | FeatureContent.Table table -> table
    | FeatureContent.Blocks _ -> failtest "a table was expected"

let mapOf (features: FeatureSet) =
    match features.Content with
    | FeatureContent.Blocks map -> map
    | FeatureContent.Table _ -> failtest "blocks were expected"

let private labelled = [ ".npz"; ".csv"; ".h5"; ".hdf5"; ".parquet" ]

/// A table of random numbers with labels like those of a power spectrum.
let randomTable (names: string list) rows columns seed =
    let random = Random(seed: int)

    let samples =
        labels names [
            for row in 0 .. rows - 1 -> [ for i in 0 .. names.Length - 1 -> if i = 0 then row else row % (i + 1) ]
        ]

    let properties =
        labels [ "l"; "n_1"; "neighbor_1_type" ] [ for c in 0 .. columns - 1 -> [ c / 4; c % 4; -c ] ]

    TensorBlock.create samples [] properties (Array.init (rows * columns) (fun _ -> random.NextDouble() * 8.0 - 4.0))
    |> ok

let private metadata =
    Map [
        "hypers", """{"max_angular":6}"""
        "inputs", """["ä.xyz"]"""
        "version", "0.1.0"
        "note", "quotes \" and \\"
    ]

let private features table = {
    Content = FeatureContent.Table table
    Metadata = metadata
    Types = [ ScalarType.Float64 ]
}

let private writing file features = FeatureFile.writeSet WriteOptions.replacing file features |> ok

[<Tests>]
let tests =
    testList "files of features" [
        for ending in labelled do
            testCase $"a {ending} table of any size reads back with its labels and metadata, in both precisions"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    for rows, columns in [ 0, 3; 1, 1; 7, 3; 1000, 40; 3, 3000 ] do
                        let file = path folder ("a" + ending)
                        let table = randomTable [ "frame"; "particle" ] rows columns (rows + columns)
                        Expect.isEmpty (writing file (features table)) "nothing is lost"
                        let back = FeatureFile.read file |> ok
                        sameBlock (tableOf back) table $"{rows} × {columns}"
                        Expect.equal back.Metadata metadata "metadata"
                        Expect.equal (FeatureFile.readMetadata file |> ok) metadata "metadata alone"

                        FeatureFile.writeSet
                            { WriteOptions.replacing with Precision = Precision.Single }
                            file
                            (features table)
                        |> ok
                        |> ignore

                        let rounded = (FeatureFile.read file |> ok |> tableOf).Values.ToArray()
                        let expected = table.Values.ToArray() |> Array.map (fun x -> float (float32 x))

                        if ending = ".csv" then
                            Expect.equal (rounded |> Array.map float32) (expected |> Array.map float32) "rounded"
                        else
                            Expect.equal rounded expected "rounded"
                            let types = (FeatureFile.read file |> ok).Types
                            Expect.equal types [ ScalarType.Float32 ] "the type of single precision")

            testCase $"numbers that are hard to print come back from {ending}, bit for bit"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let file = path folder ("a" + ending)
                    let rows = randomRows 5 300 perParticle
                    write FeatureFile.rows file perParticle rows
                    let table = FeatureFile.read file |> ok |> tableOf
                    Expect.equal (bits (table.Values.ToArray())) (bits (rows |> List.map snd |> Array.concat)) "values"
                    Expect.equal (table.Samples.Values.ToArray()) (rows |> List.map fst |> Array.concat) "samples"
                    Expect.equal table.Properties perParticle.Properties "properties")

        testCase "long tables go through many chunks and groups"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for ending in [ ".h5"; ".parquet" ] do
                    let file = path folder ("a" + ending)
                    let columns = 500

                    let layout = {
                        perParticle with
                            Properties = Labels.range "n" columns |> ok
                            SampleNames = [ "frame" ]
                    }

                    let row i = Array.init columns (fun c -> sin (float (i * columns + c)))

                    using (FeatureFile.rows Existing.Replace file layout |> ok) (fun writer ->
                        for i in 0..9999 do
                            writer.Append(ReadOnlySpan [| i |], ReadOnlySpan(row i)) |> ok

                        writer.Complete() |> ok)

                    let table = FeatureFile.read file |> ok |> tableOf
                    Expect.equal table.Samples.Count 10000 "rows"

                    for i in [ 0; 1; 261; 262; 263; 8387; 8388; 8389; 9999 ] do
                        Expect.equal (table.Row(i, 0).ToArray()) (row i) $"row {i} of {ending}")

        testCase "random maps with gradients and info come back from HDF5 as they were"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for seed in 1..60 do
                    let file = path folder "a.h5"
                    let map = random seed

                    writing file { features (randomTable [ "frame" ] 1 1 1) with Content = FeatureContent.Blocks map }
                    |> fun lost -> Expect.isEmpty lost "nothing is lost"

                    sameMap (FeatureFile.read file |> ok |> mapOf) map $"seed {seed}")

        testCase "an .npy array reads as counted rows and columns, and says what it does not hold"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let file = path folder "a.npy"
                let table = randomTable [ "frame" ] 4 3 2
                let lost = writing file (features table)
                Expect.equal lost [ "the names of rows and columns"; "the metadata" ] "lost"
                let back = FeatureFile.read file |> ok |> tableOf
                Expect.equal (back.Values.ToArray()) (table.Values.ToArray()) "values"
                Expect.sequenceEqual back.Samples.Names [ "row" ] "rows"
                Expect.sequenceEqual back.Properties.Names [ "column" ] "columns")

        testCase "every format becomes every other and comes back with the same numbers"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let table = randomTable [ "frame"; "particle" ] 12 8 3

                for first in labelled do
                    for second in labelled do
                        let a, b = path folder ("a" + first), path folder ("b" + second)
                        writing a (features table) |> ignore
                        writing b (FeatureFile.read a |> ok) |> ignore
                        let back = FeatureFile.read b |> ok
                        sameBlock (tableOf back) table $"{first} to {second}"
                        Expect.equal back.Metadata metadata $"{first} to {second}")

        testCase "an ending that is none of features is an error that lists them"
        <| fun () ->
            for result in
                [
                    FeatureFile.read "a.xyz" |> Result.map ignore
                    FeatureFile.rows Existing.Replace "a" perParticle |> Result.map ignore
                ] do
                Expect.stringContains (sentence result) ".parquet" "endings"

        testCase "a Parquet table without columns of features is refused"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let file = path folder "a.parquet"
                let layout = { perParticle with Properties = Labels.create [ "l" ] [] |> ok }

                Expect.stringContains
                    (sentence (FeatureFile.rows Existing.Replace file layout |> Result.map ignore))
                    "properties"
                    "refused")
    ]

let private spectrumLabels types = [
    for l in 0..2 do
        for t in types do
            for u in types -> [ l; 0; t; 0; u ]
]

let private spectrumNames = [ "l"; "n_1"; "neighbor_1_type"; "n_2"; "neighbor_2_type" ]

[<Tests>]
let conversions =
    testList "tables and blocks of features" [
        testCase "means: blocks by species become columns and come back"
        <| fun () ->
            let types = [ 1; 6 ]
            let random = Random 7
            let properties = labels spectrumNames (spectrumLabels types)
            let samples = labels [ "system" ] [ for i in 0..4 -> [ i ] ]

            let block () =
                TensorBlock.create
                    samples
                    []
                    properties
                    (Array.init (5 * properties.Count) (fun _ -> random.NextDouble()))
                |> ok

            let map =
                TensorMap.create (labels [ "center_type" ] [ [ 1 ]; [ 6 ] ]) [ block (); block () ]
                |> ok
                |> TensorMap.withInfo metadata

            let table, lost = FeatureTable.ofTensorMap map |> ok
            Expect.isEmpty lost "lost"
            Expect.sequenceEqual table.Samples.Names [ "frame" ] "samples"
            Expect.sequenceEqual table.Properties.Names ("center_type" :: spectrumNames) "properties"
            Expect.equal table.Properties.Count (2 * properties.Count) "columns of both species side by side"

            Expect.equal
                (table.Row(3, 0).ToArray())
                (Array.append (map[0].Row(3, 0).ToArray()) (map[1].Row(3, 0).ToArray()))
                "a row"

            sameMap (FeatureTable.toTensorMap metadata table |> ok) map "and back"

        testCase "rows of particles: blocks by species become rows and come back, one without rows too"
        <| fun () ->
            let random = Random 8
            let properties = labels spectrumNames (spectrumLabels [ 1; 6; 8 ])

            let block rows =
                TensorBlock.create
                    (labels [ "system"; "atom" ] rows)
                    []
                    properties
                    (Array.init (rows.Length * properties.Count) (fun _ -> random.NextDouble()))
                |> ok

            let info = metadata |> Map.add "species" "[1,6,8]"

            let map =
                TensorMap.create (labels [ "center_type" ] [ [ 1 ]; [ 6 ]; [ 8 ] ]) [
                    block [ [ 0; 1 ]; [ 1; 0 ] ]
                    block [ [ 0; 0 ]; [ 0; 2 ] ]
                    block []
                ]
                |> ok
                |> TensorMap.withInfo info

            let table, lost = FeatureTable.ofTensorMap map |> ok
            Expect.isEmpty lost "lost"
            Expect.sequenceEqual table.Samples.Names [ "frame"; "particle"; "center_type" ] "samples"

            Expect.equal (table.Samples.Values.ToArray()) [| 0; 0; 6; 0; 1; 1; 0; 2; 6; 1; 0; 1 |] "particles in order"

            sameMap (FeatureTable.toTensorMap info table |> ok) map "and back"

        testCase "an expansion becomes a table: components and keys are columns, gradients are said to be lost"
        <| fun () ->
            let axis = labels [ "o3_mu" ] [ [ -1 ]; [ 0 ]; [ 1 ] ]
            let samples = labels [ "system"; "atom" ] [ [ 0; 0 ]; [ 0; 1 ] ]
            let properties = labels [ "n"; "neighbor_type" ] [ [ 0; 1 ]; [ 1; 1 ] ]
            let values = Array.init 12 float
            let block = TensorBlock.create samples [ axis ] properties values |> ok
            let gradientSamples = labels [ "sample" ] [ [ 0 ] ]

            let gradient =
                TensorBlock.create gradientSamples [ Labels.range "xyz" 3 |> ok; axis ] properties (Array.zeroCreate 18)
                |> ok

            let block = TensorBlock.withGradient "strain" gradient block |> ok

            let map =
                TensorMap.create (labels [ "o3_lambda"; "center_type" ] [ [ 1; 6 ] ]) [ block ]
                |> ok

            let table, lost = FeatureTable.ofTensorMap map |> ok
            Expect.equal lost [ "gradients (strain)" ] "lost"
            Expect.sequenceEqual table.Samples.Names [ "frame"; "particle"; "center_type" ] "samples"
            Expect.sequenceEqual table.Properties.Names [ "o3_lambda"; "o3_mu"; "n"; "neighbor_type" ] "columns"
            Expect.equal (table.Properties[0].Values.ToArray()) [| 1; -1; 0; 1 |] "first column"
            Expect.equal (table.Values.ToArray()) values "values"

        testCase "references of upstream become tables of the same numbers"
        <| fun () ->
            for file in [ "coefficients.mts"; "power_spectrum.mts"; "pairs.mts" ] do
                let map = TestData.withFile $"anisoap/triclinic/{file}" Mts.read |> ok
                let table, _ = FeatureTable.ofTensorMap map |> ok
                let sum (values: float seq) = values |> Seq.sumBy (fun x -> x * x)
                let all = map.Blocks |> Seq.sumBy (fun block -> sum (block.Values.ToArray()))
                Close.toLargest 1e-12 [| sum (table.Values.ToArray()) |] [| all |] file
    ]
