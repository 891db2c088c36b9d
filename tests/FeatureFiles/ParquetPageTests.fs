/// Parquet as no library here writes it: half-precision numbers and pages of the second kind, byte by byte.
module AniSoap.Tests.FeatureFiles.ParquetPageTests

open System
open System.IO
open System.IO.Compression
open System.IO.Hashing
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.FeatureFiles.RoundTripTests
open AniSoap.Formats

/// How the values of the file below are stored.
type private Storage = {
    /// 0 as they are, 2 gzip.
    Codec: int
    /// What a page says of itself: pages of the second kind may be left unpacked.
    IsPacked: bool
    /// Whether values may be missing: pages then begin with what is there.
    MayBeMissing: bool
    /// Added to the checksum of each page.
    Error: int
}

let private gzip (bytes: byte[]) =
    use memory = new MemoryStream()

    (use zip = new GZipStream(memory, CompressionLevel.Optimal, true)
     zip.Write(ReadOnlySpan bytes))

    memory.ToArray()

/// A page of the second kind with so many values, all there.
let private page storage (count: int) (values: byte[]) =
    let levels =
        if storage.MayBeMissing then
            [| byte (count <<< 1); 1uy |] // one run of ones
        else
            [||]

    let stored =
        if storage.Codec = 2 && storage.IsPacked then
            gzip values
        else
            values

    let body = Array.append levels stored
    use memory = new MemoryStream()
    let thrift = ThriftWriter memory
    thrift.Int32(1, 3)
    thrift.Int32(2, levels.Length + values.Length)
    thrift.Int32(3, body.Length)
    thrift.Int32(4, int (Crc32.HashToUInt32(ReadOnlySpan body)) + storage.Error)
    thrift.Begin 8
    thrift.Int32(1, count)
    thrift.Int32(2, 0)
    thrift.Int32(3, count)
    thrift.Int32(4, 0)
    thrift.Int32(5, levels.Length)
    thrift.Int32(6, 0)
    // Field 7, true or false: the type is the value.
    memory.WriteByte(if storage.IsPacked then 0x11uy else 0x12uy)
    thrift.End()
    thrift.End()
    memory.Write(ReadOnlySpan body)
    memory.ToArray()

/// A file with a column of integers and one of halves, each of two pages.
let private file storage (frames: int[]) (halves: Half[]) =
    let cut (values: 'a[]) = [ values[.. values.Length / 2 - 1]; values[values.Length / 2 ..] ]

    let columns = [
        "frame",
        1,
        cut frames
        |> List.map (fun part -> part.Length, part |> Array.collect (fun (value: int) -> BitConverter.GetBytes value))
        "l=0 n_1=0",
        7,
        cut halves
        |> List.map (fun part -> part.Length, part |> Array.collect (fun (value: Half) -> BitConverter.GetBytes value))
    ]

    use memory = new MemoryStream()
    memory.Write(ReadOnlySpan "PAR1"B)

    let chunks = [
        for name, kind, pages in columns do
            let start = memory.Position

            for count, values in pages do
                memory.Write(ReadOnlySpan(page storage count values))

            name, kind, start, memory.Position - start
    ]

    let start = memory.Position
    let thrift = ThriftWriter memory
    thrift.Int32(1, 2)
    thrift.List(2, 3, 12)
    thrift.BeginElement()
    thrift.Text(4, "schema")
    thrift.Int32(5, 2)
    thrift.End()

    for name, kind, _ in columns do
        thrift.BeginElement()
        thrift.Int32(1, kind)

        if kind = 7 then
            thrift.Int32(2, 2)

        thrift.Int32(3, if storage.MayBeMissing then 1 else 0)
        thrift.Text(4, name)

        if kind = 7 then
            // The logical type: half precision, a structure without fields.
            thrift.Begin 10
            thrift.Begin 15
            thrift.End()
            thrift.End()

        thrift.End()

    thrift.Int64(3, int64 frames.Length)
    thrift.List(4, 1, 12)
    thrift.BeginElement()
    thrift.List(1, 2, 12)

    for name, kind, start, length in chunks do
        thrift.BeginElement()
        thrift.Int64(2, start)
        thrift.Begin 3
        thrift.Int32(1, kind)
        thrift.List(2, 1, 5)
        thrift.Element 0
        thrift.List(3, 1, 8)
        thrift.Element name
        thrift.Int32(4, storage.Codec)
        thrift.Int64(5, int64 frames.Length)
        thrift.Int64(6, length)
        thrift.Int64(7, length)
        thrift.Int64(9, start)
        thrift.End()
        thrift.End()

    thrift.Int64(2, memory.Position)
    thrift.Int64(3, int64 frames.Length)
    thrift.End()
    thrift.Text(6, "a test")
    thrift.End()
    let length = int (memory.Position - start)
    memory.Write(ReadOnlySpan(BitConverter.GetBytes length))
    memory.Write(ReadOnlySpan "PAR1"B)
    memory.ToArray()

let private frames = [| 3; 1; 4; 15; 9 |]

let private half (value: float32) : Half = Half.op_Explicit value

let private halves = [| 0.5f; -2.25f; 65504.0f; 6e-8f; -0.0f |] |> Array.map half

let private reading storage =
    let mutable result = Error(Inaccessible("", ""))

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "a.parquet")
        File.WriteAllBytes(path, file storage frames halves)
        result <- FeatureFile.read path)

    result

[<Tests>]
let tests =
    testList "Parquet, byte by byte" [
        for codec, isPacked in [ 0, true; 0, false; 2, true; 2, false ] do
            for mayBeMissing in [ false; true ] do
                let storage = { Codec = codec; IsPacked = isPacked; MayBeMissing = mayBeMissing; Error = 0 }
                let name = $"codec {codec}, packed {isPacked}, missing values {mayBeMissing}"

                testCase $"halves in pages of the second kind are read: {name}"
                <| fun () ->
                    let table = reading storage |> ok |> tableOf
                    Expect.equal (table.Samples.Values.ToArray()) frames "frames"

                    Expect.equal
                        (table.Values.ToArray() |> Array.map BitConverter.DoubleToInt64Bits)
                        (halves |> Array.map (fun value -> BitConverter.DoubleToInt64Bits(float value)))
                        "values, bit for bit"

                testCase $"another checksum of such a page is refused: {name}"
                <| fun () -> Expect.stringContains (sentence (reading { storage with Error = 1 })) "checksum" "refused"
    ]
