/// What single precision cannot hold is judged by the numbers themselves.
module AniSoap.Tests.SingleRangeTests

open System
open System.IO
open AniSoap
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.RowTests
open AniSoap.Formats

let private check (values: float list) =
    let range = SingleRange()
    range.Add(ReadOnlySpan(List.toArray values))
    range.Check()

let private writers: (string * (Existing -> string -> TableLayout -> Result<TableWriter, AniSoapError>)) list = [
    for ending in [ ".npz"; ".npy"; ".csv"; ".h5"; ".parquet" ] do
        yield ending, FeatureFile.rows

    yield ".mts", Mts.rows byCenter
]

[<Tests>]
let tests =
    testList "single precision" [
        testCase "holds numbers that are small beside others, and refuses where all are too small"
        <| fun () ->
            for values in
                [
                    []
                    [ 0.0; -0.0 ]
                    [ 1.0; 1e-60 ]
                    [ -1e-30; 1e-40 ]
                    [ 1e-37; -2e-38 ]
                    [ nan; 1.0 ]
                    // Exact in single precision, however small.
                    [ float (BitConverter.Int32BitsToSingle 5); 0.0 ]
                ] do
                Expect.equal (check values) (Ok()) $"{values}"

            for values in [ [ 1e-60 ]; [ 0.0; -1e-40 ]; [ 1e-32; 1e-39 ]; [ 1e-300; 0.0; 1e-200 ]; [ nan; 1e-50 ] ] do
                Expect.stringContains
                    (sentence (check values))
                    "in single precision numbers of 1.2e-38 and more"
                    $"{values}"

        testCase "no file of any format comes to be of numbers that it would make zeros of"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for ending, start in writers do
                    let path = Path.Combine(folder, "a" + ending)

                    let rows size =
                        randomRows 3 20 perParticle
                        |> List.map (fun (s, v) -> s, v |> Array.map (fun _ -> size))

                    // A row of them, though others are of ordinary size.
                    (use writer = start Existing.Replace path (single perParticle) |> ok
                     append writer (rows 1.0)
                     let sample, values = List.last (rows 3e-42)
                     let text = sentence (writer.Append(ReadOnlySpan sample, ReadOnlySpan values))
                     Expect.stringContains text "3E-42" ending
                     Expect.stringContains text "particle 1" "which row"
                     Expect.isError (writer.Complete()) "nor is the file completed")

                    Expect.isFalse (File.Exists path) "no file"

                    // All of them, where digits are lost though no row vanishes.
                    (use writer = start Existing.Replace path (single perParticle) |> ok

                     append
                         writer
                         (rows 0.0
                          |> List.map (fun (s, v) -> s, v |> Array.mapi (fun i _ -> if i = 0 then 2e-38 else 3e-42)))

                     Expect.stringContains (sentence (writer.Complete())) "3E-42" ending)

                    Expect.isFalse (File.Exists path) "no file"

                    let mixed =
                        rows 0.0
                        |> List.map (fun (s, v) -> s, v |> Array.mapi (fun i _ -> if i = 0 then 1.0 else 3e-42))

                    write start path (single perParticle) (rows 0.0 @ mixed)
                    Expect.isTrue (File.Exists path) "beside larger numbers, and zeros")

        testCase "blocks of a map, and their gradients, are judged each for itself"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let block size =
                    TensorBlock.create (labels [ "a" ] [ [ 0 ] ]) [] (labels [ "n" ] [ [ 0 ] ]) [ size ]
                    |> ok

                let keys = labels [ "key" ] [ [ 0 ]; [ 1 ] ]

                let gradient size =
                    TensorBlock.create
                        (labels [ "sample" ] [ [ 0 ] ])
                        [ labels [ "xyz" ] [ [ 0 ] ] ]
                        (labels [ "n" ] [ [ 0 ] ])
                        [ size ]
                    |> ok

                let withGradient size = TensorBlock.withGradient "strain" (gradient size) (block 1.0) |> ok

                for ending in [ ".mts"; ".h5" ] do
                    let path = Path.Combine(folder, "a" + ending)

                    let write blocks =
                        {
                            Content = FeatureContent.Blocks(TensorMap.create keys blocks |> ok)
                            Metadata = Map.empty
                            Types = []
                        }
                        |> FeatureFile.writeSet { WriteOptions.replacing with Precision = Precision.Single } path
                        |> Result.map ignore

                    for blocks in [ [ block 1.0; block 1e-41 ]; [ withGradient 0.0; withGradient 1e-41 ] ] do
                        Expect.stringContains (sentence (write blocks)) "1E-41" ending
                        Expect.isFalse (File.Exists path) "no file"

                    write [ withGradient 1.0; withGradient 0.0 ] |> ok
                    File.Delete path

                let path = Path.Combine(folder, "a.mts")

                let alone =
                    Mts.writeBlock { WriteOptions.replacing with Precision = Precision.Single } path (block 1e-41)

                Expect.stringContains (sentence alone) "1E-41" "a block alone")

        testCase "maps of numbers that are all too small are refused"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.mts")

                let block size =
                    TensorBlock.create (labels [ "a" ] [ [ 0 ] ]) [] (labels [ "n" ] [ [ 0 ] ]) [ size ]
                    |> ok

                let map size = TensorMap.single (block size)

                Expect.stringContains
                    (sentence (
                        Mts.writeWith { WriteOptions.replacing with Precision = Precision.Single } path (map 1e-41)
                    ))
                    "1E-41"
                    "map"

                Expect.isFalse (File.Exists path) "no file"

                Mts.writeWith { WriteOptions.replacing with Precision = Precision.Single } path (map 1e-37)
                |> ok

                Mts.writeWith WriteOptions.replacing path (map 1e-300) |> ok)
    ]
