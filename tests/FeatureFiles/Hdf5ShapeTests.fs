/// HDF5 files that h5py wrote: chunks of all shapes, filters and types of numbers are read right, and what is not read is
/// refused in one sentence.
module AniSoap.Tests.FeatureFiles.Hdf5ShapeTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.FeatureFiles.RoundTripTests
open AniSoap.Formats

/// A copy of a file of `data/peers`.
let peer name = Path.Combine(AppContext.BaseDirectory, "data", "peers", name)

let private flat (features: FeatureSet) =
    match features.Content with
    | FeatureContent.Table table -> table
    | FeatureContent.Blocks map -> FeatureTable.ofTensorMap map |> ok |> fst

let private array name path =
    Npz.readArrays path
    |> ok
    |> List.pick (fun (found, content) ->
        match content with
        | NpyContent.Numbers numbers when found = name -> Some numbers
        | _ -> None)

let private values table = (table: TensorBlock).Values.ToArray()

[<Tests>]
let tests =
    testList "HDF5 by h5py" [
        testCase "80 files of random chunk shapes, filters and types of numbers hold what h5py put there (seed 1)"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let names =
                    TestData.filesBelow "h5py"
                    |> List.filter (fun path ->
                        path.EndsWith ".h5"
                        && not (path.Contains "refused")
                        && not (path.Contains "older"))

                Expect.equal names.Length 80 "files"

                for path in names do
                    let file = Path.Combine(folder, "a.h5")
                    let expected = Path.Combine(folder, "a.npz")
                    File.WriteAllBytes(file, TestData.bytes path)
                    File.WriteAllBytes(expected, TestData.bytes (path.Replace(".h5", ".npz")))
                    let table = FeatureFile.read file |> ok |> flat
                    let wanted = array "values" expected |> ScalarArray.toFloats |> ok
                    Expect.equal (values table) wanted $"{path}: values"
                    let samples = array "samples" expected |> ScalarArray.toValues<int> |> ok
                    Expect.equal (table.Samples.Values.ToArray()) samples $"{path}: samples")

        for name in [ "table"; "earliest"; "v108" ] do
            testCase $"the older structure, h5py's default, is read: {name}"
            <| fun () ->
                TestData.withFile $"h5py/older/{name}.h5" (fun file ->
                    let features = FeatureFile.read file |> ok
                    let table = tableOf features
                    Expect.equal (values table) (Array.init 30 (fun i -> float i / 8.0)) "values"
                    let samples = [| for i in 0..4 -> [| i; 2 * i |] |] |> Array.concat
                    Expect.equal (table.Samples.Values.ToArray()) samples "samples"
                    Expect.equal (List.ofSeq table.Samples.Names) [ "frame"; "particle" ] "names of samples"
                    Expect.equal (List.ofSeq table.Properties.Names) [ "l"; "n" ] "names of properties"
                    Expect.equal features.Metadata (Map [ "hypers", "{}"; "version", "0.1.0" ]) "metadata"
                    Expect.equal (FeatureFile.readMetadata file |> ok) features.Metadata "metadata alone")

        testCase "a group of 300 members, whose tree has two levels, is read"
        <| fun () ->
            TestData.withFile "h5py/older/many.h5" (fun file ->
                match (FeatureFile.read file |> ok).Content with
                | FeatureContent.Table _ -> failtest "blocks were expected"
                | FeatureContent.Blocks map ->
                    Expect.equal map.Count 300 "blocks"

                    for i in 0..299 do
                        Expect.equal (values map[i]) [| float i; -(float i) |] $"block {i}")

        testCase
            "trees that are none are refused: entries out of order or twice the same, addresses and levels that are others"
        <| fun () ->
            TestData.withFile "h5py/older/table.h5" (fun file ->
                let whole = File.ReadAllBytes file

                let find (letters: string) =
                    ReadOnlySpan(whole).IndexOf(ReadOnlySpan(Text.Encoding.ASCII.GetBytes letters))
                // The tree of the root's members, and the list of them behind it.
                let members, list = find "TREE", find "SNOD"
                // The tree of chunks: its kind is 1.
                let chunks = ReadOnlySpan(whole).IndexOf(ReadOnlySpan [| yield! "TREE"B; 1uy; 0uy |])

                let refused what (changes: (int * byte) list) =
                    let bytes = Array.copy whole

                    for at, value in changes do
                        bytes[at] <- value

                    let other = Path.Combine(Path.GetDirectoryName file |> nonNull, "b.h5")
                    File.WriteAllBytes(other, bytes)
                    Expect.stringContains (sentence (FeatureFile.read other)) "b.h5" what

                let swapped at width =
                    [ 0 .. width - 1 ]
                    |> List.collect (fun i -> [ at + i, whole[at + width + i]; at + width + i, whole[at + i] ])

                refused "members in another order" (swapped (list + 8) 40)
                refused "members twice the same" [ for i in 0..39 -> list + 48 + i, whole[list + 8 + i] ]
                refused "another level of the members' tree" [ members + 5, 1uy ]

                let itself = List.init 8 (fun i -> members + 32 + i, whole[0x50 + i])
                refused "a tree that leads to itself" ((members + 5, 1uy) :: itself)
                refused "another kind of tree" [ members + 4, 1uy ]
                // Of three axes a key has 32 bytes, and the address of a chunk follows it.
                refused "chunks in another order" (swapped (chunks + 24) 40)
                refused "a chunk off the grid" [ chunks + 24 + 8, 1uy ]
                refused "a chunk outside the array" [ chunks + 24 + 8, 200uy ]
                refused "a chunk of another length" [ chunks + 24, 1uy ]
                refused "a chunk behind the end" [ chunks + 24 + 32 + 3, 255uy ])

        testCase "layout messages of HDF5 2.0 (version 5) and 8-byte labels are read"
        <| fun () ->
            for name in [ "latest.h5"; "int64.h5" ] do
                let table = FeatureFile.read (peer name) |> ok |> tableOf
                Expect.equal (values table) [| 0.0 .. 5.0 |] name
                Expect.equal (table.Samples.Values.ToArray()) [| 0; 1; 2 |] name
                Expect.equal (List.ofSeq table.Properties.Names) [ "l"; "n" ] name

        for name, found, accepted in
            [
                "grow", "an array that may grow", "without maxshape"
                "link", "a soft or external link", "links to objects of the file"
                "scaleoffset", "the filter scale-offset", "Fletcher-32 and lzf"
                "text", "texts of 2 bytes", "floating-point numbers or integers"
                "complex", "records of 16 bytes (such as complex numbers)", "floating-point numbers or integers"
                "bool", "truth values", "floating-point numbers or integers"
            ] do
            testCase $"what is not read is refused in one sentence that says so: {name}"
            <| fun () ->
                TestData.withFile $"h5py/refused/{name}.h5" (fun file ->
                    let text = sentence (FeatureFile.read file)
                    Expect.stringContains text found "what was found"
                    Expect.stringContains text accepted "what is accepted"
                    Expect.stringContains text $"{name}.h5" "the file"
                    Expect.isFalse (text |> Seq.exists Char.IsControl) "no character that nobody sees"
                    Expect.isFalse (text.Contains "PureHDF") "no name of a library")

        testCase "Fletcher's sum is that of HDF5: of nothing, of odd bytes, and of more than its words at once"
        <| fun () ->
            // By hand: words 0x0102, 0x0300; sums 0x0402 and 0x0102 + 0x0402.
            Expect.equal (Hdf5Checksum.fletcher32 (ReadOnlySpan [| 1uy; 2uy; 3uy |])) 0x05040402u "three bytes"
            Expect.equal (Hdf5Checksum.fletcher32 (ReadOnlySpan [||])) 0u "nothing"
            let bytes = Array.create 100_000 0xFFuy
            // All words are 0xFFFF, which is 0 in the sums' arithmetic and stands as 0xFFFF.
            Expect.equal (Hdf5Checksum.fletcher32 (ReadOnlySpan bytes)) 0xFFFFFFFFu "50,000 words"
    ]
