/// Parquet files by Parquet.Net, a library that is not ours, and our own read by it.
module AniSoap.Tests.FeatureFiles.ParquetForeignTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Parquet
open Parquet.Schema
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.FeatureFiles.RoundTripTests
open AniSoap.Tests.FeatureFiles.Hdf5ShapeTests
open AniSoap.Formats

let private wait (task: Task) = task.GetAwaiter().GetResult()

/// A column: its field, and what writes its part of a group.
type private Column = {
    Field: Field
    Write: ParquetRowGroupWriter -> DataField -> int -> int -> unit
    Values: float[]
}

let private column<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
    name
    mayBeMissing
    (values: 'T[])
    (toFloat: 'T -> float)
    = {
    Field = DataField<'T>(name, Nullable mayBeMissing)
    Write =
        fun group field start count ->
            let part = values[start .. start + count - 1]

            if mayBeMissing then
                wait (group.WriteAsync<'T>(field, ReadOnlyMemory(part |> Array.map Nullable)))
            else
                wait (group.WriteAsync<'T>(field, ReadOnlyMemory part))
    Values = Array.map toFloat values
}

let private write file compression (groups: int list) (columns: Column list) =
    let schema = ParquetSchema [| for column in columns -> column.Field |]
    use stream = File.Create file
    let options = ParquetOptions(CompressionMethod = compression)
    let writer = ParquetWriter.CreateAsync(schema, stream, options).GetAwaiter().GetResult()
    let mutable start = 0

    for rows in groups do
        use group = writer.CreateRowGroup()

        List.zip columns (List.ofArray schema.DataFields)
        |> List.iter (fun (column, field) -> column.Write group field start rows)

        start <- start + rows

    wait (writer.DisposeAsync().AsTask())

let private randomColumn (random: Random) name rows =
    let mayBeMissing = random.Next 2 = 0
    let spread = if random.Next 2 = 0 then 3 else 100
    let whole () = random.Next spread

    match random.Next 10 with
    | 0 -> column name mayBeMissing (Array.init rows (fun _ -> random.NextDouble() - 0.5)) id
    | 1 -> column name mayBeMissing (Array.init rows (fun _ -> float (whole ()))) id
    | 2 -> column name mayBeMissing (Array.init rows (fun _ -> random.NextSingle())) (fun (x: single) -> float x)
    | 3 -> column name mayBeMissing (Array.init rows (fun _ -> sbyte (whole () - 50))) float
    | 4 -> column name mayBeMissing (Array.init rows (fun _ -> byte (whole () + 150))) float
    | 5 -> column name mayBeMissing (Array.init rows (fun _ -> int16 (whole () - 20000))) float
    | 6 -> column name mayBeMissing (Array.init rows (fun _ -> uint16 (whole () + 60000))) float
    | 7 -> column name mayBeMissing (Array.init rows (fun _ -> uint32 (whole ()) + 4000000000u)) float
    | 8 -> column name mayBeMissing (Array.init rows (fun _ -> int64 (whole ()) - 1000000000000L)) float
    | _ -> column name mayBeMissing (Array.init rows (fun _ -> uint64 (whole ()) + 1000000000000UL)) float

[<Tests>]
let tests =
    testList "Parquet by others" [
        testCase "200 tables of random types, groups, compressions and places of the index are read (seed 7)"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let file = Path.Combine(folder, "a.parquet")
                let random = Random 7

                let compressions = [|
                    CompressionMethod.None
                    CompressionMethod.Snappy
                    CompressionMethod.Gzip
                    CompressionMethod.Brotli
                    CompressionMethod.Zstd
                    CompressionMethod.Lz4Raw
                |]

                for round in 1..200 do
                    let groups = [ for _ in 0 .. random.Next 3 -> 1 + random.Next 300 ]
                    let rows = List.sum groups
                    let count = 1 + random.Next 6
                    let features = [ for i in 0 .. count - 1 -> randomColumn random $"l={i} n=0" rows ]
                    let index = column "frame" (random.Next 2 = 0) (Array.init rows int64) float
                    let before = random.Next(count + 1)
                    let columns = features[.. before - 1] @ [ index ] @ features[before..]
                    write file compressions[random.Next compressions.Length] groups columns
                    let table = FeatureFile.read file |> ok |> tableOf
                    Expect.equal (table.Samples.Values.ToArray()) (Array.init rows id) $"round {round}: samples"

                    features
                    |> List.iteri (fun i column ->
                        let found = Array.init rows (fun row -> table.Row(row, 0)[i])
                        Expect.equal found column.Values $"round {round}: column {i}, {column.Field}"))

        testCase "pandas' unnamed index is left out beside a column that names the rows, and is one without"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let file = Path.Combine(folder, "a.parquet")
                let feature = column "l=0 n=0" false [| 0.5; 1.5 |] id
                let index = column "__index_level_0__" false [| 5L; 9L |] float
                let frame = column "frame" false [| 2uy; 3uy |] float

                let samples columns =
                    write file CompressionMethod.Snappy [ 2 ] columns
                    let table = FeatureFile.read file |> ok |> tableOf
                    Seq.toList table.Samples.Names, table.Samples.Values.ToArray() |> Array.toList

                Expect.equal (samples [ feature; frame; index ]) ([ "frame" ], [ 2; 3 ]) "beside frame"
                Expect.equal (samples [ feature; index ]) ([ "row" ], [ 5; 9 ]) "alone"
                Expect.equal (samples [ feature ]) ([ "row" ], [ 0; 1 ]) "no index")

        testCase "an empty table by pandas has no rows"
        <| fun () ->
            let table = FeatureFile.read (peer "empty.parquet") |> ok |> tableOf
            Expect.equal (table.Samples.Count, table.Properties.Count) (0, 1) "rows and columns"

        testCase "what has no number is refused by the column's name, in words"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let file = Path.Combine(folder, "a.parquet")
                let feature = column "l=0 n=0" false [| 0.5; 1.5 |] id

                let text = {
                    Field = DataField("symbol", typeof<string>)
                    Write = fun group field _ _ -> wait (group.WriteAsync(field, [ "H"; "O" ]))
                    Values = [||]
                }

                let missing = {
                    Field = DataField<int>("frame", Nullable true)
                    Write =
                        fun group field _ _ ->
                            wait (group.WriteAsync<int>(field, ReadOnlyMemory [| Nullable 1; Nullable() |]))
                    Values = [||]
                }

                let truth = column "is_rod" false [| true; false |] (fun _ -> 0.0)

                for column, parts in
                    [
                        text, [ "column 'symbol' of texts" ]
                        missing, [ "no value in row 1 of column 'frame'" ]
                        truth, [ "column 'is_rod' of truth values" ]
                    ] do
                    write file CompressionMethod.Snappy [ 2 ] [ feature; column ]
                    let found = sentence (FeatureFile.read file)

                    for part: string in parts do
                        Expect.stringContains found part found)

        testCase "what is written here is read by Parquet.Net, which finds no bounds beside NaN"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let file = Path.Combine(folder, "a.parquet")
                let properties = labels [ "l"; "n" ] [ [ 0; 0 ]; [ 0; 1 ]; [ 0; 2 ] ]
                let samples = labels [ "frame" ] [ [ 4 ]; [ 5 ]; [ 9 ] ]
                let values = [| 0.1; 2.0; 0.0; nan; -3.0; -0.0; 0.2; 1.0; 0.0 |]

                {
                    Content = FeatureContent.Table(TensorBlock.create samples [] properties values |> ok)
                    Metadata = Map [ "hypers", "{}" ]
                    Types = [ ScalarType.Float64 ]
                }
                |> FeatureFile.writeSet WriteOptions.replacing file
                |> ok
                |> ignore

                let reader = ParquetReader.CreateAsync(file).GetAwaiter().GetResult()
                Expect.equal reader.CustomMetadata["metadata"] """{"hypers":{}}""" "metadata"
                let fields = reader.Schema.DataFields
                Expect.equal [ for field in fields -> field.Name ] [ "frame"; "l=0 n=0"; "l=0 n=1"; "l=0 n=2" ] "names"
                use group = reader.OpenRowGroupReader 0
                let frames = Array.zeroCreate<int> 3
                wait (group.ReadAsync<int>(fields[0], Memory frames).AsTask())
                Expect.equal frames [| 4; 5; 9 |] "samples"

                let found =
                    Array.init 3 (fun c ->
                        let part = Array.zeroCreate<float> 3
                        wait (group.ReadAsync<float>(fields[c + 1], Memory part).AsTask())
                        part)

                let bits = Array.map BitConverter.DoubleToInt64Bits
                Expect.equal (Array.init 9 (fun i -> found[i % 3][i / 3]) |> bits) (bits values) "values"
                let bounds c = (nonNull ((nonNull (group.GetMetadata fields[c])).MetaData)).Statistics
                let has c = not (isNull (bounds c)) && not (isNull (nonNull (bounds c)).MaxValue)
                Expect.isFalse (has 1) "no bounds beside NaN"
                Expect.isTrue (has 0 && has 2 && has 3) "bounds without it"
                let of8 (bytes: byte[] | null) = BitConverter.ToDouble(nonNull bytes, 0)

                Expect.equal
                    (of8 (nonNull (bounds 2)).MinValue, of8 (nonNull (bounds 2)).MaxValue)
                    (-3.0, 2.0)
                    "bounds"

                Expect.isTrue (Double.IsNegative(of8 (nonNull (bounds 3)).MinValue)) "−0 is below 0")
    ]
