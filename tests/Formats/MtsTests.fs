module AniSoap.Tests.MtsTests

open System
open System.IO
open System.IO.Compression
open System.Text
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.Tensors
open AniSoap.Formats

// --- the descriptions beside the references -----------------------------------------------------------------------

let ints (json: JsonElement) = [ for value in json.EnumerateArray() -> value.GetInt32() ]

let labelsOf (json: JsonElement) =
    let names = [ for name in json.GetProperty("names").EnumerateArray() -> string (name.GetString()) ]
    labels names [ for row in json.GetProperty("values").EnumerateArray() -> ints row ]

let rec private blockOf (json: JsonElement) : TensorBlock =
    let number (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.True -> 1.0
        | JsonValueKind.False -> 0.0
        | _ -> value.GetDouble()

    let values = [ for value in json.GetProperty("values").EnumerateArray() -> number value ]
    let components = [ for labels in json.GetProperty("components").EnumerateArray() -> labelsOf labels ]

    let samples, properties =
        labelsOf (json.GetProperty "samples"), labelsOf (json.GetProperty "properties")

    let block = TensorBlock.create samples components properties values |> ok
    Expect.sequenceEqual block.Shape (ints (json.GetProperty "shape")) "shape"

    (block, json.GetProperty("gradients").EnumerateObject())
    ||> Seq.fold (fun block gradient -> TensorBlock.withGradient gradient.Name (blockOf gradient.Value) block |> ok)

let private mapOf (json: JsonElement) =
    let info =
        Map [
            for entry in json.GetProperty("info").EnumerateObject() -> entry.Name, string (entry.Value.GetString())
        ]

    TensorMap.create (labelsOf (json.GetProperty "keys")) [
        for block in json.GetProperty("blocks").EnumerateArray() -> blockOf block
    ]
    |> ok
    |> TensorMap.withInfo info

let description (name: string) =
    use document = JsonDocument.Parse(TestData.text $"mts/{name}.json")
    document.RootElement.Clone()

let private reading bytes = Mts.readStream "test.mts" (new MemoryStream(bytes: byte[]))

let private writing precision map =
    use stream = new MemoryStream()
    Mts.writeStream precision stream map |> ok
    stream.ToArray()

// --- archives made by hand ----------------------------------------------------------------------------------------

let members (bytes: byte[]) =
    use archive = new ZipArchive(new MemoryStream(bytes))

    [
        for entry in archive.Entries do
            use stream = entry.Open()
            use memory = new MemoryStream()
            stream.CopyTo memory
            entry.FullName, memory.ToArray()
    ]

/// The same members with the same bytes. Their order is metatensor's hash table's for gradients: any.
let sameMembers (actual: byte[]) (expected: byte[]) message =
    let actual, expected = List.sortBy fst (members actual), List.sortBy fst (members expected)
    Expect.sequenceEqual (List.map fst actual) (List.map fst expected) $"{message}: names"

    for (name, mine), (_, theirs) in List.zip actual expected do
        Expect.isTrue (mine.AsSpan().SequenceEqual(ReadOnlySpan theirs)) $"{message}: {name}"

let archive level (members: (string * byte[]) list) =
    let memory = new MemoryStream()

    using (new ZipArchive(memory, ZipArchiveMode.Create, true)) (fun archive ->
        for name, bytes in members do
            use stream = archive.CreateEntry(name, (level: CompressionLevel)).Open()
            stream.Write(ReadOnlySpan bytes))

    memory.ToArray()

let replaced name (change: byte[] -> byte[]) bytes =
    members bytes
    |> List.map (fun (n, content) -> n, (if n = name then change content else content))
    |> archive CompressionLevel.NoCompression

let without name bytes =
    members bytes
    |> List.filter (fun (n, _) -> n <> name)
    |> archive CompressionLevel.NoCompression

/// An NPY array with a header as given, and its data.
let npy (header: string) (data: byte[]) =
    let text = header + "\n"

    [|
        0x93uy
        yield! "NUMPY"B
        1uy
        0uy
        byte text.Length
        0uy
        yield! Encoding.ASCII.GetBytes text
        yield! data
    |]

let private bigEndian (values: int seq) =
    values
    |> Seq.collect (fun value -> BitConverter.GetBytes value |> Array.rev)
    |> Seq.toArray

let private info () = TestData.bytes "mts/info.mts"

let private refused bytes (expected: string list) message =
    let text = sentence (reading bytes)

    for part in expected do
        Expect.stringContains text part message

let private realMaps = [
    for kind in [ "f8"; "f4"; "f2"; "i1"; "i2"; "i4"; "i8"; "u1"; "u2"; "u4"; "u8"; "b1" ] do
        $"dtype-{kind}"

    "empty-samples"
    "gradients"
    "info"
    "negative-labels"
]

[<Tests>]
let tests =
    testList "metatensor files" [
        for name in realMaps do
            testCase $"{name} reads as its description says"
            <| fun () -> sameMap (reading (TestData.bytes $"mts/{name}.mts") |> ok) (mapOf (description name)) name

        for name in [ "dtype-f8"; "empty-samples"; "gradients"; "info"; "negative-labels" ] do
            testCase $"{name} written again is the same file, byte for byte"
            <| fun () ->
                let original = TestData.bytes $"mts/{name}.mts"
                Expect.equal (reading original |> ok |> writing Precision.Double) original name

        testCase "single precision is written as metatensor writes it"
        <| fun () ->
            let original = TestData.bytes "mts/dtype-f4.mts"
            Expect.equal (reading original |> ok |> writing Precision.Single) original "dtype-f4"

        for kind in [ "c8"; "c16" ] do
            testCase $"values of type {kind} are no doubles: refused by name"
            <| fun () -> refused (TestData.bytes $"mts/dtype-{kind}.mts") [ kind; "real"; "blocks/0/values.npy" ] kind

        testCase "a single block reads as its description says"
        <| fun () ->
            let block = TestData.withFile "mts/block.mts" Mts.readBlock |> ok
            sameBlock block (blockOf ((description "block").GetProperty "block")) "block"

        testCase "bare labels read as their description says"
        <| fun () ->
            let labels = TestData.withFile "mts/labels.mts" Mts.readLabels |> ok
            Expect.equal labels (labelsOf ((description "labels").GetProperty "labels")) "labels"

        for case in TestData.cases "anisoap" do
            testCase $"every reference of {case} reads, and its members are written again the same"
            <| fun () ->
                let files = TestData.filesBelow $"anisoap/{case}" |> List.filter _.EndsWith(".mts")

                for file in files do
                    let original = TestData.bytes file
                    let map = reading original |> ok
                    Close.above map.Count 0 file
                    sameMembers (writing Precision.Double map) original file

        for case in TestData.cases "featomic" do
            testCase $"the gradients of {case} read and are written again the same"
            <| fun () ->
                for file in TestData.filesBelow $"featomic/{case}" |> List.filter _.EndsWith(".mts") do
                    let original = TestData.bytes file
                    sameMembers (reading original |> ok |> writing Precision.Double) original file

        testCase "compressed archives read the same"
        <| fun () ->
            let original = TestData.bytes "mts/gradients.mts"
            let compressed = original |> members |> archive CompressionLevel.Optimal
            sameMap (reading compressed |> ok) (reading original |> ok) "compressed"

        testCase "big-endian labels and values read the same"
        <| fun () ->
            let swapped =
                info ()
                |> replaced "blocks/0/samples.npy" (fun _ ->
                    npy
                        "{'descr': [('system', '>i4'), ('atom', '>i4')], 'fortran_order': False, 'shape': (3,)}"
                        (bigEndian [ 0; 0; 0; 1; 0; 2 ]))
                |> replaced "blocks/0/values.npy" (fun bytes ->
                    npy
                        "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 2, 2)}"
                        (bytes[128..] |> Array.chunkBySize 8 |> Array.collect Array.rev))

            sameMap (reading swapped |> ok) (reading (info ()) |> ok) "big-endian"

        testCase "headers of versions 2 and 3 read as well"
        <| fun () ->
            for version in [ 2uy; 3uy ] do
                let longer (bytes: byte[]) = [|
                    yield! bytes[..5]
                    version
                    0uy
                    yield! bytes[8..9]
                    0uy
                    0uy
                    yield! bytes[10..]
                |]

                let bytes = info () |> replaced "blocks/0/values.npy" longer
                sameMap (reading bytes |> ok) (reading (info ()) |> ok) $"version {version}"

        testCase "what is wrong with a file is said, with its name and the member's"
        <| fun () ->
            let values = "blocks/0/values.npy"
            let samples = "blocks/0/samples.npy"
            let cut (bytes: byte[]) = bytes[.. bytes.Length - 5]
            let header (text: string) (bytes: byte[]) = npy text bytes[128..]
            let good = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2, 2)}"

            refused
                (info () |> replaced values (header (good.Replace("False", "True"))))
                [ "fortran_order"; values ]
                "Fortran order"

            refused (info () |> replaced values cut) [ "test.mts"; values ] "too few data"

            refused
                (info () |> replaced values (fun b -> Array.append b [| 0uy |]))
                [ "more bytes"; values ]
                "trailing bytes"

            refused
                (info () |> replaced values (header (good.Replace("(3", "(3000000000000000000"))))
                [ "fewer bytes" ]
                "huge shape"

            refused
                (info () |> replaced values (header (good.Replace("3, 2, 2", "4, 3"))))
                [ "shape (4, 3)"; values ]
                "wrong shape"

            refused (info () |> replaced values (header (good.Replace("3, 2, 2", "12,")))) [ "1 axes" ] "too few axes"

            refused
                (info () |> replaced values (header "{'descr': '<f8'}"))
                [ "fortran_order"; values ]
                "incomplete header"

            refused (info () |> replaced values (header "{'descr': '<f8")) [ values ] "open string"
            refused (info () |> replaced values (header (String('[', 60)))) [ "deeper nesting" ] "nesting"
            refused (info () |> replaced values (fun b -> b[1..])) [ "magic number"; values ] "no magic number"
            refused (info () |> replaced values (fun b -> b[..40])) [ "end of the file"; values ] "cut in the header"
            refused (info () |> without values) [ values; "missing" ] "no values"
            refused (info () |> without samples) [ samples; "missing" ] "no samples"
            refused (info () |> without "blocks/0/components/0.npy") [ "components/0.npy" ] "no components"
            refused (info () |> without "keys.npy") [ "keys.npy" ] "no keys"

            refused
                (info () |> replaced "info.json" (fun _ -> "{\"a\": 1}"B))
                [ "info.json"; "texts" ]
                "info that is not text"

            refused (info () |> replaced "info.json" (fun _ -> "{"B)) [ "info.json" ] "broken info"

            let samplesOf descr count (rows: int list) =
                let bytes = rows |> Seq.collect (BitConverter.GetBytes: int -> byte[]) |> Seq.toArray
                let text = $"{{'descr': [{descr}], 'fortran_order': False, 'shape': ({count},)}}"
                info () |> replaced samples (fun _ -> npy text bytes)

            refused
                (samplesOf "('system', '<i4'), ('atom', '<i4')" 3 [ 0; 0; 0; 1; 0; 0 ])
                [ "label row 2"; samples ]
                "duplicate rows"

            refused
                (samplesOf "('system', '<i4'), ('system', '<i4')" 3 [ 0; 0; 0; 1; 0; 2 ])
                [ "differ"; samples ]
                "duplicate names"

            refused (samplesOf "('1', '<i4')" 3 [ 0; 1; 2 ]) [ "'1'"; samples ] "a name that is none"
            refused (samplesOf "" 3 []) [ samples ] "no names"
            refused (samplesOf "('a', '<i4'), ('b', '>i4')" 3 [ 0; 0; 0; 1; 0; 2 ]) [ "all fields" ] "mixed byte order"
            refused (samplesOf "('a', '<i8')" 3 [ 0; 0; 0; 1; 0; 2 ]) [ "<i8" ] "long integers"

        testCase "no cut of a file is read or throws"
        <| fun () ->
            let whole = TestData.bytes "mts/gradients.mts"

            for length in 0..97 .. whole.Length - 1 do
                sentence (reading whole[.. length - 1]) |> ignore

        testCase "a changed byte in any data is noticed by the checksum"
        <| fun () ->
            let whole = info ()
            // The last byte of the values: the samples' local header follows at once.
            let at = 190 + 30 + 19 + 20 + 224 - 1
            whole[at] <- whole[at] ^^^ 1uy
            refused whole [ "checksum"; "blocks/0/values.npy" ] "checksum"

        testCase "random bytes changed anywhere give a map or an error, never an exception"
        <| fun () ->
            let random = Random 5
            let original = TestData.bytes "mts/gradients.mts"

            for _ in 1..2000 do
                let bytes = Array.copy original

                for _ in 0 .. random.Next 4 do
                    bytes[random.Next bytes.Length] <- byte (random.Next 256)

                reading bytes |> ignore

        testCase "other kinds of file are told apart"
        <| fun () ->
            refused (TestData.bytes "mts/block.mts") [ "single TensorBlock" ] "a block"
            refused (TestData.bytes "mts/labels.mts") [ "test.mts" ] "labels"

            let old =
                info ()
                |> members
                |> List.map (fun (n, b) -> n.Replace("values.npy", "values/data.npy"), b)

            refused (archive CompressionLevel.NoCompression old) [ "equistore" ] "old layout"

        testCase "a file that is not there or is a directory is an error that names it"
        <| fun () ->
            Expect.stringContains (sentence (Mts.read "/no/such/file.mts")) "/no/such/file.mts" "missing"
            Expect.stringContains (sentence (Mts.read (Path.GetTempPath()))) "directory" "directory"

        testCase "random maps with gradients and info come back as they were"
        <| fun () ->
            for seed in 1..200 do
                let map = random seed
                sameMap (writing Precision.Double map |> reading |> ok) map $"seed {seed}"

        testCase "a value too large for single precision is refused"
        <| fun () ->
            let labels = Labels.range "n" 1 |> ok
            let map = TensorBlock.create labels [] labels [ 1e300 ] |> ok |> TensorMap.single
            let text = sentence (Mts.writeStream Precision.Single (new MemoryStream()) map)
            Expect.stringContains text "1E+300" text
    ]
