/// `.npz` tables as NumPy makes them of others': arrays in Fortran order, labels of eight bytes and others; and tables
/// without rows as blocks.
module AniSoap.Tests.NumpyTableTests

open System
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.MtsTests
open AniSoap.Formats

let private bytes (values: 'T[]) = (MemoryMarshal.AsBytes(ReadOnlySpan values)).ToArray()

let private array kind fortran (shape: string) (data: byte[]) =
    let order = if fortran then "True" else "False"
    npy ($"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".PadRight 117) data

let private texts (names: string list) =
    let data = Array.concat [ for name in names -> Text.Encoding.UTF32.GetBytes(name.PadRight(5, '\000')) ]
    array "<U5" false $"({names.Length},)" data

/// Values 0 … 5 of three rows and two columns, and the samples 7, 8, 9.
let private table values samples properties (check: Result<TensorBlock, AniSoapError> -> unit) =
    TestData.inFolder (fun folder ->
        let file = Path.Combine(folder, "a.npz")

        let members = [
            "values.npy", values
            "samples.npy", samples
            "sample_names.npy", texts [ "frame" ]
            "properties.npy", properties
            "property_names.npy", texts [ "l"; "n" ]
        ]

        File.WriteAllBytes(file, archive CompressionLevel.Fastest members)
        check (Npz.read file |> Result.map fst))

let private plainValues = array "<f8" false "(3, 2)" (bytes [| 0.0 .. 5.0 |])
let private plainSamples = array "<i4" false "(3, 1)" (bytes [| 7; 8; 9 |])
let private plainProperties = array "<i4" false "(2, 2)" (bytes [| 0; 1; 2; 3 |])

let private isWhole (read: Result<TensorBlock, AniSoapError>) =
    let block = ok read
    Expect.equal (block.Values.ToArray()) [| 0.0 .. 5.0 |] "values"
    Expect.equal (block.Samples.Values.ToArray()) [| 7; 8; 9 |] "samples"
    Expect.equal (block.Properties.Values.ToArray()) [| 0; 1; 2; 3 |] "properties"

[<Tests>]
let tests =
    testList "tables of NumPy" [
        testCase "members in Fortran order, as picking columns by a list gives them, are read in C order"
        <| fun () ->
            let values = array "<f8" true "(3, 2)" (bytes [| 0.0; 2.0; 4.0; 1.0; 3.0; 5.0 |])

            let singles =
                array
                    ">f4"
                    true
                    "(3, 2)"
                    (bytes [| 0.0f; 2.0f; 4.0f; 1.0f; 3.0f; 5.0f |]
                     |> Array.chunkBySize 4
                     |> Array.collect Array.rev)

            let properties = array "<i4" true "(2, 2)" (bytes [| 0; 2; 1; 3 |])
            let samples = array "<i4" true "(3, 1)" (bytes [| 7; 8; 9 |])
            table values plainSamples plainProperties isWhole
            table singles samples properties isWhole

        for kind, data in
            [
                "<i8", bytes [| 7L; 8L; 9L |]
                ">i8", bytes [| 7L; 8L; 9L |] |> Array.chunkBySize 8 |> Array.collect Array.rev
                "<u8", bytes [| 7UL; 8UL; 9UL |]
                "<i2", bytes [| 7s; 8s; 9s |]
                "<u4", bytes [| 7u; 8u; 9u |]
                "|u1", [| 7uy; 8uy; 9uy |]
                "|i1", [| 7uy; 8uy; 9uy |]
            ] do
            testCase $"labels of type {kind} are read"
            <| fun () -> table plainValues (array kind false "(3, 1)" data) plainProperties isWhole

        testCase "labels that four bytes do not hold, or that are no integers, are refused"
        <| fun () ->
            table plainValues (array "<i8" false "(3, 1)" (bytes [| 7L; 8L; 1L <<< 40 |])) plainProperties (fun read ->
                Expect.stringContains (sentence read) "1099511627776" "the value")

            table plainValues (array "<f8" false "(3, 1)" (bytes [| 7.0; 8.0; 9.0 |])) plainProperties (fun read ->
                Expect.stringContains (sentence read) "<f8" "the type")

        testCase
            "a table of particles without rows becomes a block without samples that keeps its columns, and comes back"
        <| fun () ->
            let properties = labels [ "l"; "n" ] [ [ 0; 0 ]; [ 0; 1 ]; [ 1; 0 ] ]
            let samples = labels [ "frame"; "particle"; "center_type" ] []
            let table = TensorBlock.create samples [] properties [||] |> ok
            let map = FeatureTable.toTensorMap Map.empty table |> ok
            Expect.equal map.Count 1 "a block"
            Expect.equal map[0].Properties properties "columns"
            let back, _ = FeatureTable.ofTensorMap map |> ok
            sameBlock back table "and back"

            let known = FeatureTable.toTensorMap (Map [ "species", "[1,6]" ]) table |> ok
            Expect.equal (known.Count, known[1].Properties) (2, properties) "a block for each species that is known"
    ]
