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

                    (use writer = start Existing.Replace path (single perParticle) |> ok
                     append writer (rows 3e-42)
                     Expect.stringContains (sentence (writer.Complete())) "3E-42" ending)

                    Expect.isFalse (File.Exists path) "no file"
                    write start path (single perParticle) (rows 3e-42 @ rows 1.0)
                    Expect.isTrue (File.Exists path) "beside larger numbers")

        testCase "maps of numbers that are all too small are refused, derivatives judged with them"
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
