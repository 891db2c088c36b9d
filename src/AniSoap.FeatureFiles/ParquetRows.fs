namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.Globalization
open System.IO
open System.IO.Hashing
open System.Runtime.InteropServices
open AniSoap

/// A part of a column that has been written: where, how long, and the bytes of its least and greatest value, if it has them.
[<Struct>]
type internal ParquetPart = { Start: int64; Full: int; Packed: int; Least: int64; Greatest: int64; HasBounds: bool }

/// Writes a table a row at a time: a column for each name of the sample (32-bit integers) and for each property (floating-point
/// numbers, called after its labels), in groups of rows that are all that memory holds. Metadata are the file's own
/// (`metadata`, a JSON object). Every page has the format's checksum, and the description at the end one of its own.
[<Sealed>]
type internal ParquetRows(layout: TableLayout, file: AtomicFile) =
    inherit TableWriter(layout, file)

    /// Bytes of the numbers that wait until their group is full: larger groups compress better, and have fewer parts.
    static let groupBytes = 32 <<< 20

    /// The numbers of the format: types, the compression Zstandard, the encoding of numbers as they are and that of levels.
    static let intKind, singleKind, doubleKind, zstandard, plain, levels = 1, 4, 5, 6, 0, 3

    let columns, width = layout.Properties.Count, layout.SampleNames.Length
    let size = if layout.Precision = Precision.Double then 8 else 4
    let capacity = Math.Clamp(groupBytes / (8 * columns + 4 * width), 1, 1 <<< 20)
    let values = Array.zeroCreate<float>(capacity * columns)
    let samples = Array.zeroCreate<int>(capacity * width)
    let mutable waiting = 0
    let groups = List<int * ParquetPart[]>()
    let compressor = new ZstdSharp.Compressor(1)
    let page = Array.zeroCreate<byte>(8 * capacity)
    let packed = Array.zeroCreate<byte>(ZstdSharp.Compressor.GetCompressBound(8 * capacity))
    let header = new MemoryStream()
    do file.Stream.Write(ReadOnlySpan "PAR1"B)

    /// One page with all values of a column in a group, which stand at the start of `page`.
    let writePage length =
        let got = compressor.Wrap(ReadOnlySpan(page, 0, length), Span packed)
        let start = file.Stream.Position
        header.SetLength 0L
        let thrift = ThriftWriter header
        thrift.Int32(1, 0)
        thrift.Int32(2, length)
        thrift.Int32(3, got)
        thrift.Int32(4, int (Crc32.HashToUInt32(ReadOnlySpan(packed, 0, got))))
        thrift.Begin 5
        thrift.Int32(1, waiting)
        thrift.Int32(2, plain)
        thrift.Int32(3, levels)
        thrift.Int32(4, levels)
        thrift.End()
        thrift.End()
        file.Stream.Write(header.GetBuffer(), 0, int header.Length)
        file.Stream.Write(packed, 0, got)

        {
            Start = start
            Full = int header.Length + length
            Packed = int header.Length + got
            Least = 0L
            Greatest = 0L
            HasBounds = false
        }

    let writeSamples column =
        let target = MemoryMarshal.Cast<byte, int>(Span page)
        let mutable least, greatest = Int32.MaxValue, Int32.MinValue

        for row in 0 .. waiting - 1 do
            let value = samples[row * width + column]
            target[row] <- value
            least <- min least value
            greatest <- max greatest value

        {
            writePage (4 * waiting) with
                Least = int64 least
                Greatest = int64 greatest
                HasBounds = true
        }

    let bitsOf (value: float) =
        if size = 8 then
            BitConverter.DoubleToInt64Bits value
        else
            int64 (BitConverter.SingleToInt32Bits(float32 value))

    /// NaN is neither less nor greater than anything: readers leave out groups by their bounds, so that a group with one
    /// has none. Zeros of either sign are both among the values if one is.
    let writeValues column =
        let doubles = MemoryMarshal.Cast<byte, float>(Span page)
        let singles = MemoryMarshal.Cast<byte, float32>(Span page)
        let mutable least, greatest, isNumber = infinity, -infinity, true

        for row in 0 .. waiting - 1 do
            let value = values[row * columns + column]

            if size = 8 then
                doubles[row] <- value
            else
                singles[row] <- float32 value

            if value < least then
                least <- value

            if value > greatest then
                greatest <- value

            isNumber <- isNumber && not (Double.IsNaN value)

        {
            writePage (size * waiting) with
                Least = bitsOf (if least = 0.0 then -0.0 else least)
                Greatest = bitsOf (if greatest = 0.0 then 0.0 else greatest)
                HasBounds = isNumber
        }

    let writeGroup () =
        let parts = Array.zeroCreate<ParquetPart>(width + columns)

        for i in 0 .. width - 1 do
            parts[i] <- writeSamples i

        for i in 0 .. columns - 1 do
            parts[width + i] <- writeValues i

        groups.Add((waiting, parts))
        waiting <- 0

    let names = [|
        yield! layout.SampleNames
        for property in layout.Properties do
            TableColumns.nameOf property
    |]

    let kindOf column =
        if column < width then intKind
        elif size = 8 then doubleKind
        else singleKind

    let writeBounds (thrift: ThriftWriter) column (part: ParquetPart) =
        let bytes = Array.zeroCreate<byte> 8
        let length = if column < width then 4 else size

        let write number (value: int64) =
            BinaryPrimitives.WriteInt64LittleEndian(Span bytes, value)
            thrift.Bytes(number, ReadOnlySpan(bytes, 0, length))

        thrift.Begin 12
        thrift.Int64(3, 0L)

        if part.HasBounds then
            write 5 part.Greatest
            write 6 part.Least

        thrift.End()

    let writePart (thrift: ThriftWriter) rows column (part: ParquetPart) =
        thrift.BeginElement()
        thrift.Int64(2, part.Start)
        thrift.Begin 3
        thrift.Int32(1, kindOf column)
        thrift.List(2, 2, 5)
        thrift.Element plain
        thrift.Element levels
        thrift.List(3, 1, 8)
        thrift.Element(names[column])
        thrift.Int32(4, zstandard)
        thrift.Int64(5, int64 (rows: int))
        thrift.Int64(6, int64 part.Full)
        thrift.Int64(7, int64 part.Packed)
        thrift.Int64(9, part.Start)
        writeBounds thrift column part
        thrift.End()
        thrift.End()

    /// The description at the end, with a checksum of it that has been taken while zeros stood in its place.
    let describe (stream: Stream) (rows: int64) (sum: string) =
        let thrift = ThriftWriter stream
        thrift.Int32(1, 1)
        thrift.List(2, names.Length + 1, 12)
        thrift.BeginElement()
        thrift.Text(4, "features")
        thrift.Int32(5, names.Length)
        thrift.End()

        for column in 0 .. names.Length - 1 do
            thrift.BeginElement()
            thrift.Int32(1, kindOf column)
            thrift.Int32(3, 0)
            thrift.Text(4, names[column])
            thrift.End()

        thrift.Int64(3, rows)
        thrift.List(4, groups.Count, 12)

        for count, parts in groups do
            thrift.BeginElement()
            thrift.List(1, parts.Length, 12)
            parts |> Array.iteri (fun column part -> writePart thrift count column part)
            thrift.Int64(2, parts |> Array.sumBy (fun part -> int64 part.Full))
            thrift.Int64(3, int64 count)
            thrift.End()

        thrift.List(5, 2, 12)

        for key, value in [ "metadata", Metadata.toJson layout.Metadata; ParquetFooter.sumEntry, sum ] do
            thrift.BeginElement()
            thrift.Text(1, key)
            thrift.Text(2, value)
            thrift.End()

        thrift.Text(6, ParquetFooter.writer + ParquetFooter.writtenBy)
        // The bounds are those of the columns' own order.
        thrift.List(7, names.Length, 12)

        for _ in names do
            thrift.BeginElement()
            thrift.Begin 1
            thrift.End()
            thrift.End()

        thrift.End()

    override _.Write(sample, row) =
        sample.CopyTo(Span(samples, waiting * width, width))
        row.CopyTo(Span(values, waiting * columns, columns))
        waiting <- waiting + 1

        let checkedRow = Precision.check layout.Precision row

        if checkedRow.IsOk && waiting = capacity then
            Foreign.writing "Parquet" file.Path (fun () -> Ok(writeGroup ()))
        else
            checkedRow

    override rows.Finish() =
        Foreign.writing "Parquet" file.Path (fun () ->
            if waiting > 0 then
                writeGroup ()

            // Written twice: once with zeros in place of its checksum, which is taken of that.
            let start = file.Stream.Position
            describe file.Stream rows.Rows ParquetFooter.noSum
            let length = file.Stream.Position - start
            file.Stream.Position <- start
            let sum = Crc32()
            sum.Append file.Stream
            file.Stream.Position <- start
            describe file.Stream rows.Rows (sum.GetCurrentHashAsUInt32().ToString("x8", CultureInfo.InvariantCulture))

            if length > int64 Int32.MaxValue then
                Error(AniSoapError.invalid "columns" names.Length "fewer: their description is too long for Parquet")
            else
                let ending = Array.zeroCreate<byte> 8
                BinaryPrimitives.WriteInt32LittleEndian(Span ending, int length)
                "PAR1"B.CopyTo(ending, 4)
                file.Stream.Write(ReadOnlySpan ending)
                Ok())

    override _.Release() = compressor.Dispose()
