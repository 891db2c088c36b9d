/// Files of features that are broken or made to harm: an error that names the file, never an exception, other numbers of rows
/// than declared, or memory that the file does not deserve.
module AniSoap.Tests.FeatureFiles.HostileTests

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.MtsTests
open AniSoap.Tests.FeatureFiles.RoundTripTests
open AniSoap.Formats

let private endings = [ ".npz"; ".npy"; ".csv"; ".mts"; ".h5"; ".parquet" ]

/// More than any of these small files needs, much less than a lying length asks for.
let private enough = 40L <<< 20

let private small =
    lazy
        (endings
         |> List.map (fun ending ->
             let folder = Directory.CreateTempSubdirectory "anisoap-test-"

             try
                 let file = Path.Combine(folder.FullName, "a" + ending)

                 {
                     Content = FeatureContent.Table(randomTable [ "frame"; "particle" ] 5 6 1)
                     Metadata = Map [ "hypers", """{"max_angular":6}""" ]
                     Types = [ ScalarType.Float64 ]
                 }
                 |> FeatureFile.writeSet WriteOptions.replacing file
                 |> ok
                 |> ignore

                 ending, File.ReadAllBytes file
             finally
                 folder.Delete true)
         |> Map)

/// Reads the bytes as a file; checks what any outcome must keep to.
let private reading folder ending (bytes: byte[]) (what: string) =
    let file = Path.Combine(folder, "a" + ending)
    File.WriteAllBytes(file, bytes)
    let before = GC.GetAllocatedBytesForCurrentThread()
    let outcome = FeatureFile.read file
    let allocated = GC.GetAllocatedBytesForCurrentThread() - before
    Close.below allocated enough $"{ending}, {what}: memory"

    match outcome with
    | Error error ->
        Expect.stringContains (AniSoapError.describe error) ("a" + ending) $"{ending}, {what}: the file's name"
    | Ok _ -> ()

    outcome

[<Tests>]
let tests =
    testList "hostile files of features" [
        for ending in endings do
            testCase $"no cut of a {ending} file is read as if it were whole"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let whole = small.Value[ending]
                    let expected = reading folder ending whole "whole" |> ok

                    for length in 0 .. whole.Length - 1 do
                        match reading folder ending whole[.. length - 1] $"cut at {length}" with
                        | Error _ -> ()
                        | Ok cut when ending = ".csv" ->
                            // A text may end behind any digit, or between lines: nothing says how many there are.
                            match cut.Content with
                            | FeatureContent.Table table -> Close.atMost table.Samples.Count 5 "rows"
                            | FeatureContent.Blocks _ -> failtest "a table was expected"
                        | Ok _ -> failtest $"{ending} cut at {length} of {whole.Length} is read"

                    match expected.Content with
                    | FeatureContent.Table table -> Expect.equal table.Samples.Count 5 "rows"
                    | FeatureContent.Blocks map -> Expect.equal map[0].Samples.Count 5 "rows")

            testCase $"lying integers anywhere in a {ending} file cost neither an exception nor memory"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let whole = small.Value[ending]
                    let random = Random 17
                    let lies = [| -1L; 0L; 1L <<< 31; 1L <<< 62; int64 Int32.MaxValue; 0xFFFFL; Int64.MinValue |]

                    for _ in 1..1500 do
                        let bytes = Array.copy whole
                        let at = random.Next(bytes.Length - 8)
                        let lie = lies[random.Next lies.Length]
                        let width = [| 2; 4; 8 |][random.Next 3]
                        let written = Array.zeroCreate<byte> 8
                        BinaryPrimitives.WriteInt64LittleEndian(Span written, lie)
                        Array.Copy(written, 0, bytes, at, width)
                        reading folder ending bytes $"{lie} in {width} bytes at {at}" |> ignore)

            testCase $"random bytes anywhere in a {ending} file cost neither an exception nor memory"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let whole = small.Value[ending]
                    let random = Random 19

                    for round in 1..1500 do
                        let bytes = Array.copy whole

                        for _ in 0 .. random.Next 3 do
                            bytes[random.Next bytes.Length] <- byte (random.Next 256)

                        reading folder ending bytes $"round {round}" |> ignore)

        testCase
            "no cut and no lie in an HDF5 file of the older structure costs an exception or memory, nor is a cut read"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let whole = TestData.bytes "h5py/older/table.h5"
                let random = Random 23
                let lies = [| -1L; 0L; 1L <<< 31; 1L <<< 62; int64 Int32.MaxValue; 0xFFFFL; Int64.MinValue |]

                for length in 0..7 .. whole.Length - 1 do
                    match reading folder ".h5" whole[.. length - 1] $"cut at {length}" with
                    | Error _ -> ()
                    | Ok _ -> failtest $"cut at {length} of {whole.Length} is read"

                for round in 1..1500 do
                    let bytes = Array.copy whole
                    let at = random.Next(bytes.Length - 8)
                    let written = Array.zeroCreate<byte> 8
                    BinaryPrimitives.WriteInt64LittleEndian(Span written, lies[random.Next lies.Length])
                    Array.Copy(written, 0, bytes, at, [| 1; 2; 4; 8 |][random.Next 4])
                    reading folder ".h5" bytes $"round {round}" |> ignore)

        testCase "archives with names that lead out of a folder, or twice the same, are refused by name"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for ending in [ ".mts"; ".npz" ] do
                    let good = members small.Value[ending]

                    for stray in [ "../keys.npy"; "/etc/passwd"; "a/../../b.npy"; "..\\b.npy" ] do
                        let bytes = archive CompressionLevel.NoCompression ((stray, [| 1uy |]) :: good)
                        let text = sentence (reading folder ending bytes stray)
                        Expect.stringContains text stray "the member's name"

                    let twice = archive CompressionLevel.NoCompression (List.head good :: good)

                    Expect.stringContains
                        (sentence (reading folder ending twice "twice"))
                        (fst (List.head good))
                        "the member's name")

        testCase "members that inflate without end are refused, whether their header agrees or not"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let good = members small.Value[".mts"]

                for rows in [ 5; 12_000_000 ] do
                    let header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, 6), }}".PadRight 117
                    let zeros = npy header (Array.zeroCreate (100 <<< 20))

                    let bytes =
                        good
                        |> List.map (fun (name, bytes) ->
                            name, (if name = "blocks/0/values.npy" then zeros else bytes))
                        |> archive CompressionLevel.SmallestSize

                    Close.below bytes.Length (1 <<< 20) "a small file"
                    let text = sentence (reading folder ".mts" bytes $"{rows} rows")
                    Expect.stringContains text "blocks/0/values.npy" "the member's name"
                    Expect.stringContains text "200-fold" "the reason")

        testCase "an array of zeros that is long but harmless is read from a compressed archive"
        <| fun () ->
            let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 2), }".PadRight 117
            let array = npy header (Array.zeroCreate 16_000_000)

            TestData.inFolder (fun folder ->
                let file = Path.Combine(folder, "a.npz")
                File.WriteAllBytes(file, archive CompressionLevel.Optimal [ "a.npy", array ])

                match Npz.readArrays file |> ok with
                | [ "a", NpyContent.Numbers numbers ] -> Expect.equal numbers.Count 2_000_000 "numbers"
                | _ -> failtest "another content")

        testCase "labels that repeat and shapes that do not match are refused in HDF5 and Parquet"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let layout: TableLayout = {
                    SampleNames = [ "frame" ]
                    Properties = Labels.range "n" 2 |> ok
                    Precision = Precision.Double
                    Metadata = Map.empty
                }

                for ending in [ ".h5"; ".parquet"; ".csv"; ".npz" ] do
                    let file = Path.Combine(folder, "a" + ending)

                    using (FeatureFile.rows Existing.Replace file layout |> ok) (fun writer ->
                        for _ in 1..2 do
                            writer.Append(ReadOnlySpan [| 7 |], ReadOnlySpan [| 1.0; 2.0 |]) |> ok

                        writer.Complete() |> ok)

                    let text = sentence (FeatureFile.read file)
                    Expect.stringContains text "frame=7" ending
                    Expect.stringContains text ("a" + ending) ending)

        testCase "a chunk of HDF5 that inflates to more than its shape is refused"
        <| fun () ->
            use packed = new MemoryStream()

            using (new ZLibStream(packed, CompressionLevel.Fastest, true)) (fun stream ->
                stream.Write(ReadOnlySpan(Array.zeroCreate<byte> 1000)))

            let deflate: Hdf5Filter list = [ { Id = 1; Name = ""; Values = [ 1u ] } ]
            let unpack size () = Hdf5Filters.decode deflate 0u 8 size (packed.ToArray()) |> ignore
            unpack 1000 () // as long as it is
            Expect.throwsT<InvalidDataException> (unpack 999) "longer"
            Expect.throwsT<InvalidDataException> (unpack 1001) "shorter"

        testCase "the checksum of HDF5's heads is that of its specification"
        <| fun () ->
            // The values that B. Jenkins publishes with the function.
            let text = "Four score and seven years ago"B
            Expect.equal (Hdf5Checksum.lookup3 text text.Length) 0x17770551u "lookup3"
            Expect.equal (Hdf5Checksum.lookup3 [||] 0) 0xDEADBEEFu "nothing"

        testCase "descriptions in Thrift with counts and lengths beyond their end are refused"
        <| fun () ->
            let walk (bytes: byte[]) () = ThriftCompact(bytes, bytes.Length).Skip(12, 0)
            walk [| 0x15uy; 2uy; 0uy |] () // a field of four bytes, and the end

            for wrong in
                [
                    [||]
                    [| 0x15uy |]
                    [| 0x18uy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 7uy |] // a text of 2^31 bytes
                    [| 0x19uy; 0xF5uy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 7uy |] // a list of 2^31 integers
                    [| 0x1Buy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 7uy; 0x55uy |] // a map
                    Array.create 1000 0x1Cuy // structures in structures
                    [| 0x1Fuy; 0uy |] // no type
                ] do
                Expect.throwsT<InvalidDataException> (walk wrong) $"{wrong[.. min 6 (wrong.Length - 1)]}"
    ]
