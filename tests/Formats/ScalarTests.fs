/// Numbers of every type, in metatensor's files and in NumPy's.
module AniSoap.Tests.ScalarTests

open System
open System.IO
open System.IO.Compression
open System.Numerics
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.Tensors
open AniSoap.Tests.MtsTests
open AniSoap.Formats

let private types = [ "b1"; "c16"; "c8"; "f2"; "f4"; "f8"; "i1"; "i2"; "i4"; "i8"; "u1"; "u2"; "u4"; "u8" ]

let private reading bytes = MtsFile.readStream "test.mts" (new MemoryStream(bytes: byte[]))

let private writing file =
    use stream = new MemoryStream()
    MtsFile.writeStream stream file |> ok
    stream.ToArray()

/// What the description says the values are, all as complex numbers.
let private expectedValues (block: JsonElement) = [|
    for value in block.GetProperty("values").EnumerateArray() ->
        match value.ValueKind with
        | JsonValueKind.True -> Complex.One
        | JsonValueKind.False -> Complex.Zero
        | JsonValueKind.Array -> Complex(value[0].GetDouble(), value[1].GetDouble())
        | _ -> Complex(value.GetDouble(), 0.0)
|]

let rec private sameAsDescription (block: MtsBlock) (json: JsonElement) message =
    Expect.sequenceEqual block.Values.Shape (ints (json.GetProperty "shape")) $"{message}: shape"
    let dtype = string (json.GetProperty("dtype").GetString())
    Expect.equal (ScalarType.name block.Values.Type) (dtype.Substring 1) $"{message}: type"
    Expect.equal (ScalarArray.toComplex block.Values |> ok) (expectedValues json) $"{message}: values"
    Expect.equal block.Samples (labelsOf (json.GetProperty "samples")) $"{message}: samples"
    Expect.equal block.Properties (labelsOf (json.GetProperty "properties")) $"{message}: properties"
    let components = [ for axis in json.GetProperty("components").EnumerateArray() -> labelsOf axis ]
    Expect.sequenceEqual block.Components components $"{message}: components"
    let gradients = json.GetProperty("gradients").EnumerateObject() |> Seq.toList
    Expect.equal block.Gradients.Count gradients.Length $"{message}: number of gradients"

    for gradient in gradients do
        sameAsDescription block.Gradients[gradient.Name] gradient.Value $"{message}, {gradient.Name}"

let private sameFileAsDescription (file: MtsFile) (json: JsonElement) name =
    match file.Content with
    | TensorMapOf(keys, blocks, info) ->
        Expect.equal keys (labelsOf (json.GetProperty "keys")) $"{name}: keys"
        let described = json.GetProperty("blocks").EnumerateArray() |> Seq.toList
        Expect.equal blocks.Length described.Length $"{name}: number of blocks"
        List.iter2 (fun block json -> sameAsDescription block json name) blocks described

        let entries =
            Map [
                for entry in json.GetProperty("info").EnumerateObject() -> entry.Name, string (entry.Value.GetString())
            ]

        Expect.equal info entries $"{name}: info"
    | TensorBlockOf block -> sameAsDescription block (json.GetProperty "block") name
    | LabelsOf labels -> Expect.equal labels (labelsOf (json.GetProperty "labels")) name

let private npyIn fortran (scalarType: string) order (data: byte[]) =
    npy ($"{{'descr': '{order}{scalarType}', 'fortran_order': {fortran}, 'shape': (2, 3), }}".PadRight 117) data

let private npyOf scalarType order data = npyIn false scalarType order data

let private files = [
    for kind in types do
        $"dtype-{kind}"

    "block"
    "empty-samples"
    "gradients"
    "info"
    "labels"
    "negative-labels"
]

[<Tests>]
let tests =
    testList "numbers of every type" [
        testCase "every reference of metatensor is among those tested"
        <| fun () ->
            let all =
                TestData.cases "mts"
                |> List.filter _.EndsWith(".mts")
                |> List.map (fun n -> n.Replace(".mts", ""))

            Expect.equal (List.sort all) (List.sort files) "references"

        for name in files do
            testCase $"{name}: the lossless reader finds what the description says, and the bytes of the file"
            <| fun () ->
                let original = TestData.bytes $"mts/{name}.mts"
                let file = reading original |> ok
                sameFileAsDescription file (description name) name
                Expect.equal (writing file) original "written again"

            if name <> "labels" then
                testCase $"{name}, deflated: the same members are written again"
                <| fun () ->
                    let original = TestData.bytes $"mts/{name}.mts"
                    let deflated = original |> members |> archive CompressionLevel.Optimal
                    let file = reading deflated |> ok
                    sameFileAsDescription file (description name) name
                    Expect.equal (members (writing file)) (members original) "members"

            testCase $"{name}: a file made from what was read is metatensor's, byte for byte"
            <| fun () ->
                let original = TestData.bytes $"mts/{name}.mts"
                let made = (reading original |> ok).Content |> MtsFile.create |> ok |> writing

                if name = "labels" then
                    Expect.equal made original "bytes"
                else
                    sameMembers made original name

        testCase "headers, byte orders and info of other programs are written again as they were"
        <| fun () ->
            let foreign =
                TestData.bytes "mts/info.mts"
                |> replaced "info.json" (fun _ -> "{\"b\":\"1\",   \"a\": \"2\"}"B)
                |> replaced "blocks/0/samples.npy" (fun _ ->
                    npy "{'descr': [('system', '>i4'), ('atom', '>i4')], 'fortran_order': False, 'shape': (3,)}" [|
                        for value in [ 0; 0; 0; 1; 0; 2 ] do
                            yield! Array.rev (BitConverter.GetBytes value)
                    |])
                |> replaced "blocks/0/values.npy" (fun bytes ->
                    npy
                        "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 2, 2)}"
                        (bytes[128..] |> Array.chunkBySize 8 |> Array.collect Array.rev))

            let file = reading foreign |> ok
            Expect.equal (members (writing file)) (members foreign) "members"
            let map = MtsFile.toTensorMap file |> ok

            let original =
                Mts.readStream "info.mts" (new MemoryStream(TestData.bytes "mts/info.mts"))
                |> ok

            sameMap map (TensorMap.withInfo (Map [ "a", "2"; "b", "1" ]) original) "values"

        testCase "random maps go through the lossless form and come back"
        <| fun () ->
            for seed in 1..100 do
                let map = random seed

                sameMap
                    (MtsFile.ofTensorMap map |> writing |> reading |> ok |> MtsFile.toTensorMap |> ok)
                    map
                    $"seed {seed}"

        testCase "blocks and labels are written alone as metatensor writes them"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.mts")

                Mts.writeBlock WriteOptions.replacing path (TestData.withFile "mts/block.mts" Mts.readBlock |> ok)
                |> ok

                sameMembers (File.ReadAllBytes path) (TestData.bytes "mts/block.mts") "block"

                Mts.writeLabels Existing.Replace path (TestData.withFile "mts/labels.mts" Mts.readLabels |> ok)
                |> ok

                Expect.equal (File.ReadAllBytes path) (TestData.bytes "mts/labels.mts") "labels")

        for scalarType in ScalarType.all do
            for order in [ "<"; ">"; "|" ] do
                let name = ScalarType.name scalarType

                if order <> "|" || ScalarType.size scalarType = 1 then
                    testCase $"NPY arrays of {order}{name} are written again the same, in both orders of axes"
                    <| fun () ->
                        TestData.inFolder (fun folder ->
                            let path, copy = Path.Combine(folder, "a.npy"), Path.Combine(folder, "b.npy")
                            let random = Random 11
                            let data = Array.zeroCreate<byte>(6 * ScalarType.size scalarType)
                            random.NextBytes data

                            for fortran in [ false; true ] do
                                let bytes = npyIn fortran name order data
                                File.WriteAllBytes(path, bytes)
                                let array = Npy.readArray path |> ok
                                Expect.equal array.Type scalarType "type"
                                Expect.sequenceEqual array.Shape [ 2; 3 ] "shape"
                                Npy.writeArray Existing.Replace copy array |> ok
                                Expect.equal (File.ReadAllBytes copy) bytes "bytes")

        testCase "values of every type come back from arrays made here"
        <| fun () ->
            let back (values: 'T[]) =
                let array = ScalarArray.ofValues [ 1; values.Length ] (ReadOnlySpan values) |> ok
                Expect.equal (ScalarArray.toValues<'T> array |> ok) values (string typeof<'T>)
                array

            let floats array = ScalarArray.toFloats array |> ok
            Expect.equal (back [| 1.5; Double.Epsilon; -0.0 |] |> floats) [| 1.5; Double.Epsilon; -0.0 |] "f8"
            Expect.equal (back [| 0.1f; Single.MaxValue |] |> floats) [| float 0.1f; float Single.MaxValue |] "f4"
            Expect.equal (back [| Half.MaxValue; Half.Epsilon |] |> floats) [| 65504.0; 2.0 ** -24.0 |] "f2"
            Expect.equal (back [| -128y; 127y |] |> floats) [| -128.0; 127.0 |] "i1"
            Expect.equal (back [| Int16.MinValue; 5s |] |> floats) [| -32768.0; 5.0 |] "i2"
            Expect.equal (back [| Int32.MinValue; Int32.MaxValue |] |> floats) [| -2147483648.0; 2147483647.0 |] "i4"
            Expect.equal (back [| Int64.MinValue; 1L <<< 53 |] |> floats) [| -(2.0 ** 63.0); 2.0 ** 53.0 |] "i8"
            Expect.equal (back [| 0uy; 255uy |] |> floats) [| 0.0; 255.0 |] "u1"
            Expect.equal (back [| 65535us |] |> floats) [| 65535.0 |] "u2"
            Expect.equal (back [| UInt32.MaxValue |] |> floats) [| 4294967295.0 |] "u4"
            Expect.equal (back [| 1UL <<< 63 |] |> floats) [| 2.0 ** 63.0 |] "u8"
            Expect.equal (back [| true; false |] |> floats) [| 1.0; 0.0 |] "b1"
            let complex = [| Complex(1.0, -2.0); Complex(0.5, 0.25) |]
            Expect.equal (back complex |> ScalarArray.toComplex |> ok) complex "c16"

        testCase "no number is rounded: integers that no double is equal to are refused with their value"
        <| fun () ->
            let refuses (values: 'T[]) (text: string) =
                let array = ScalarArray.ofValues [ values.Length ] (ReadOnlySpan values) |> ok
                Expect.stringContains (sentence (ScalarArray.toFloats array)) text text

            refuses [| 0L; (1L <<< 53) + 1L |] "9007199254740993"
            refuses [| Int64.MaxValue |] "9223372036854775807"
            refuses [| -(1L <<< 53) - 1L |] "-9007199254740993"
            refuses [| 1UL; UInt64.MaxValue |] "18446744073709551615"
            refuses [| Complex.One |] "c16"

        testCase "arrays refuse shapes that their bytes do not fill, and other types than their own"
        <| fun () ->
            for shape in [ [ 2 ]; [ -1; -3 ]; [ 65536; 65536; 65536; 65536 ]; [] ] do
                Expect.isError (ScalarArray.ofValues shape (ReadOnlySpan [| 1.0; 2.0; 3.0 |])) $"{shape}"

            let array = ScalarArray.ofValues [ 3 ] (ReadOnlySpan [| 1.0; 2.0; 3.0 |]) |> ok
            Expect.stringContains (sentence (ScalarArray.toValues<int> array)) "f8" "another type"

        testCase "an archive of any arrays reads, by name and in order"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.npz")

                let integers = [|
                    for i in 1..6 do
                        yield! BitConverter.GetBytes(int64 i)
                |]

                let text = [|
                    for c in "ab" do
                        yield! BitConverter.GetBytes(int c)
                |]

                [
                    "arr_0.npy", npyOf "i8" "<" integers
                    "names.npy", npy ("{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }".PadRight 117) text
                    "keys.npy",
                    (members (TestData.bytes "mts/info.mts")
                     |> List.find (fst >> (=) "keys.npy")
                     |> snd)
                ]
                |> archive CompressionLevel.Optimal
                |> fun bytes -> File.WriteAllBytes(path, bytes)

                match Npz.readArrays path |> ok with
                | [ "arr_0", NpyContent.Numbers numbers
                    "names", NpyContent.Texts(shape, texts)
                    "keys", NpyContent.Records _ ] ->
                    Expect.equal (ScalarArray.toValues<int64> numbers |> ok) [| 1L; 2L; 3L; 4L; 5L; 6L |] "numbers"
                    Expect.sequenceEqual shape [ 2 ] "shape of texts"
                    Expect.sequenceEqual texts [ "a"; "b" ] "texts"
                | other -> failtestf "other content: %A" (List.map fst other))
    ]
