module AniSoap.Tests.RowTests

open System
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.Tensors
open AniSoap.Formats

let private properties =
    labels [ "l"; "n_1"; "neighbor_1_type" ] [ [ 0; 0; 1 ]; [ 0; 0; 6 ]; [ 1; 0; 1 ] ]

let private layout names : TableLayout = {
    SampleNames = names
    Properties = properties
    Precision = Precision.Double
    Metadata = Map [ "hypers", """{"max_angular": 6}"""; "inputs", """["ä.xyz"]"""; "version", "0.1.0" ]
}

let perParticle = layout [ "frame"; "particle"; "center_type" ]

let single (layout: TableLayout) = { layout with Precision = Precision.Single }

/// Rows of random numbers from a seed, among them ones that are hard to print.
let randomRows seed count (layout: TableLayout) =
    let random = Random(seed: int)
    let hard = [| 0.0; -0.0; 0.1; 1e-300; -5e-324; Math.PI; 1.0 / 3.0; 1e22; -2.2250738585072014E-308 |]

    [
        for row in 0 .. count - 1 ->
            [|
                yield row / 3
                yield! Array.init (layout.SampleNames.Length - 1) (fun i -> if i = 0 then row % 3 else 6)
            |],
            Array.init layout.Properties.Count (fun column ->
                // One of ordinary size: rows that are all too small for single precision are refused in it.
                if column > 0 && random.Next 3 = 0 then
                    hard[random.Next hard.Length]
                else
                    random.NextDouble() - 0.5)
    ]

let append (writer: TableWriter) (rows: (int[] * float[]) list) =
    for sample, values in rows do
        writer.Append(ReadOnlySpan sample, ReadOnlySpan values) |> ok

let write start path (layout: TableLayout) rows =
    use writer: TableWriter = start Existing.Keep path layout |> ok
    append writer rows
    writer.Complete() |> ok

let private valuesOf rows = rows |> List.map snd |> Array.concat

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

let private rounded values = values |> Array.map (fun (value: float) -> float (float32 value))

let internal byCenter = {
    Keys = labels [ "center_type" ] [ [ 1 ]; [ 6 ]; [ 8 ] ]
    Dimension = "center_type"
    Components = []
}

[<Tests>]
let tests =
    testList "tables written row by row" [
        testCase "an .npy table of any number of rows reads back, in both precisions"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for count in [ 0; 1; 7; 1000 ] do
                    let path = Path.Combine(folder, $"{count}.npy")
                    let rows = randomRows count count perParticle
                    write Npy.rows path perParticle rows
                    let array = Npy.read path |> ok
                    Expect.sequenceEqual array.Shape [ count; 3 ] "shape"
                    Expect.equal (bits (array.Values.ToArray())) (bits (valuesOf rows)) "values"
                    write Npy.rows (path + "4.npy") (single perParticle) rows
                    let array = Npy.read (path + "4.npy") |> ok
                    Expect.equal (bits (array.Values.ToArray())) (bits (rounded (valuesOf rows))) "rounded values")

        testCase "an .npz table reads back with samples, properties and metadata"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for count in [ 0; 1; 7; 1000 ] do
                    for layout in [ perParticle; layout [ "frame"; "particle" ] ] do
                        let path = Path.Combine(folder, $"{count}-{layout.SampleNames.Length}.npz")
                        let rows = randomRows count count layout
                        write Npz.rows path layout rows
                        let block, metadata = Npz.read path |> ok

                        Expect.equal
                            block.Samples
                            (Labels.create layout.SampleNames (rows |> Seq.map (fst >> Seq.ofArray)) |> ok)
                            "samples"

                        Expect.equal block.Properties properties "properties"
                        Expect.equal (bits (block.Values.ToArray())) (bits (valuesOf rows)) "values"
                        let expected = layout.Metadata |> Map.add "hypers" """{"max_angular":6}"""
                        Expect.equal metadata expected "metadata"
                        Expect.equal (FeatureFile.readMetadata path |> ok) expected "metadata alone")

        testCase "an .npz archive has the members that are promised, stored, with right checksums"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.npz")
                write Npz.rows path perParticle (randomRows 1 5 perParticle)
                use archive = ZipFile.OpenRead path

                Expect.equal
                    [ for entry in archive.Entries -> entry.FullName ]
                    [
                        for name in [ "values"; "samples"; "sample_names"; "properties"; "property_names"; "metadata" ] ->
                            name + ".npy"
                    ]
                    "members"

                for entry in archive.Entries do
                    use stream = entry.Open()
                    use memory = new MemoryStream()
                    stream.CopyTo memory
                    Expect.equal entry.CompressedLength entry.Length "stored"

                    Expect.equal
                        (IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan(memory.ToArray())))
                        entry.Crc32
                        entry.FullName)

        testCase "a .csv table is names and numbers that read back exactly, its metadata beside it"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.csv")
                let rows = randomRows 3 50 perParticle
                write Csv.rows path perParticle rows
                let lines = File.ReadAllLines path

                Expect.equal
                    lines[0]
                    "frame,particle,center_type,l=0 n_1=0 neighbor_1_type=1,l=0 n_1=0 neighbor_1_type=6,l=1 n_1=0 neighbor_1_type=1"
                    "names"

                Expect.equal lines.Length 51 "a line a row"

                for line, (sample, values) in List.zip (List.ofArray lines[1..]) rows do
                    let fields = line.Split ','
                    Expect.equal (fields[..2] |> Array.map int) sample line

                    let parsed =
                        fields[3..]
                        |> Array.map (fun f -> Double.Parse(f, Globalization.CultureInfo.InvariantCulture))

                    Expect.equal (bits parsed) (bits values) line

                Expect.equal (FeatureFile.readMetadata path |> ok).["version"] "0.1.0" "metadata")

        testCase "an .mts table sorts rows into the blocks of their centers, and a center without rows has an empty one"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.mts")
                let layout = layout [ "system"; "atom"; "center_type" ]

                let rows = [
                    [| 0; 0; 6 |], [| 1.0; 2.0; 3.0 |]
                    [| 0; 1; 1 |], [| 4.0; 5.0; 6.0 |]
                    [| 1; 0; 6 |], [| 7.0; 8.0; 9.0 |]
                ]

                write (Mts.rows byCenter) path layout rows
                let map = Mts.read path |> ok

                let block center rows values =
                    TensorBlock.create (labels [ "system"; "atom" ] rows) center properties values
                    |> ok

                let expected =
                    TensorMap.create byCenter.Keys [
                        block [] [ [ 0; 1 ] ] [ 4.0; 5.0; 6.0 ]
                        block [] [ [ 0; 0 ]; [ 1; 0 ] ] [ 1.0; 2.0; 3.0; 7.0; 8.0; 9.0 ]
                        block [] [] []
                    ]
                    |> ok
                    |> TensorMap.withInfo layout.Metadata

                sameMap map expected "per particle"
                Expect.equal (FeatureFile.readMetadata path |> ok) layout.Metadata "info"

                // The same, written whole, is the same file.
                let whole = Path.Combine(folder, "b.mts")
                Mts.write whole expected |> ok
                Expect.equal (File.ReadAllBytes path) (File.ReadAllBytes whole) "the file")

        testCase "an .mts table may have more key dimensions and components of one entry"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.mts")

                let byKey = {
                    Keys = labels [ "order_nu"; "types_center" ] [ [ 2; 1 ]; [ 2; 6 ] ]
                    Dimension = "types_center"
                    Components = [ labels [ "spherical_harmonics_m" ] [ [ 0 ] ] ]
                }

                write (Mts.rows byKey) path (layout [ "type"; "types_center" ]) [ [| 4; 6 |], [| 1.0; 2.0; 3.0 |] ]
                let map = Mts.read path |> ok
                let block = TensorMap.block [ "types_center", 6 ] map |> ok
                Expect.sequenceEqual block.Shape [ 1; 1; 3 ] "shape"
                Expect.equal block.Samples (labels [ "type" ] [ [ 4 ] ]) "samples"

                let started byKey =
                    Mts.rows byKey Existing.Replace path (layout [ "type"; "types_center" ])
                    |> Result.map ignore

                Expect.isError (started { byKey with Dimension = "x" }) "no such dimension"

                Expect.isError
                    (started { byKey with Dimension = "types_center"; Keys = labels [ "a" ] [ [ 1 ] ] })
                    "not in the keys"

                Expect.isError (started { byKey with Dimension = "type" }) "not in the keys"

                Expect.isError
                    (started { byKey with Components = [ labels [ "m" ] [ [ 0 ]; [ 1 ] ] ] })
                    "long components"

                let twice = labels [ "order_nu"; "types_center" ] [ [ 1; 1 ]; [ 2; 1 ] ]
                Expect.isError (started { byKey with Keys = twice }) "two keys for one center")

        testCase "a center type that is no key is an error, and nothing can be completed after it"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.mts")
                let layout = layout [ "system"; "center_type" ]
                use writer = Mts.rows byCenter Existing.Keep path layout |> ok
                let text = sentence (writer.Append(ReadOnlySpan [| 0; 7 |], ReadOnlySpan [| 1.0; 2.0; 3.0 |]))
                Expect.stringContains text "center_type = 7" text
                Expect.isError (writer.Complete()) "not completed")

        testCase "an .npz table without a member, or with one that does not fit, is an error"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.npz")
                write Npz.rows path perParticle (randomRows 1 5 perParticle)

                let changed name (change: byte[] -> byte[] option) =
                    let copy = Path.Combine(folder, "b.npz")
                    File.Copy(path, copy, true)

                    using (ZipFile.Open(copy, ZipArchiveMode.Update)) (fun archive ->
                        let entry = archive.GetEntry(name) |> Option.ofObj |> Option.get
                        use memory = new MemoryStream()
                        using (entry.Open()) (fun stream -> stream.CopyTo memory)
                        entry.Delete()

                        change (memory.ToArray())
                        |> Option.iter (fun bytes ->
                            use stream = archive.CreateEntry(name).Open()
                            stream.Write(ReadOnlySpan bytes)))

                    sentence (Npz.read copy)

                for name in [ "values"; "samples"; "sample_names"; "properties"; "property_names" ] do
                    Expect.stringContains (changed $"{name}.npy" (fun _ -> None)) name "missing"

                    Expect.stringContains
                        (changed $"{name}.npy" (fun bytes -> Some bytes[.. bytes.Length - 2]))
                        name
                        "cut"

                let sampleNames (bytes: byte[]) =
                    Some [|
                        yield! bytes[..127]
                        yield!
                            bytes[128..].AsSpan().ToArray()
                            |> Array.map (fun b -> if b = byte 'f' then byte '-' else b)
                    |]

                Expect.stringContains (changed "sample_names.npy" sampleNames) "-rame" "a name that is none"

                Expect.stringContains
                    (changed "metadata.npy" (fun bytes -> Some [| yield! bytes[..127]; 0x5Buy; yield! bytes[129..] |]))
                    "metadata"
                    "broken JSON")
    ]
