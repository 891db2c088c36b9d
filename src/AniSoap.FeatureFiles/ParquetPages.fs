namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Hashing
open System.IO.Compression
open System.Numerics
open System.Runtime.InteropServices
open K4os.Compression.LZ4
open AniSoap

/// A row of a column that has no value.
exception internal ParquetMissing of row: int64 * column: string

/// Takes the values of a column out of its pages: pages, their checksums and levels.
module internal ParquetPages =
    // --- headers ------------------------------------------------------------------------------------------------------

    /// The kinds of pages.
    let private data, private dictionary, private data2 = 0, 2, 3

    [<Struct; NoEquality; NoComparison>]
    type private Header = {
        Length: int
        Kind: int
        Full: int64
        Packed: int64
        Sum: uint32 voption
        Values: int64
        Encoding: int
        LevelBytes: int64
        IsPacked: bool
    }

    let private header (bytes: byte[]) at finish : Header =
        let reader = ThriftCompact(bytes, at, finish)
        let mutable kind, full, packed, values, encoding = -1, -1L, -1L, -1L, -1L
        let mutable sum = ValueNone
        let mutable levels, repeats, isPacked = 0L, 0L, true

        let part v2 =
            reader.Struct(
                1,
                fun number fieldKind ->
                    match number, fieldKind with
                    | 1, 5 -> values <- reader.Integer()
                    | 2, 5 when not v2 -> encoding <- reader.Integer()
                    | 4, 5 when v2 -> encoding <- reader.Integer()
                    | 5, 5 when v2 -> levels <- reader.Integer()
                    | 6, 5 when v2 -> repeats <- reader.Integer()
                    | 7, (1 | 2) when v2 -> isPacked <- (fieldKind = 1)
                    | _ -> reader.Skip(fieldKind, 1)
            )

        reader.Struct(
            0,
            fun number fieldKind ->
                match number, fieldKind with
                | 1, 5 -> kind <- int (min 100L (max -1L (reader.Integer())))
                | 2, 5 -> full <- reader.Integer()
                | 3, 5 -> packed <- reader.Integer()
                | 4, 5 -> sum <- ValueSome(uint32 (reader.Integer()))
                | (5 | 7), 12 -> part false
                | 8, 12 -> part true
                | _ -> reader.Skip(fieldKind, 0)
        )

        if repeats <> 0L then
            fail "a page of lists"

        {
            Length = reader.Position - at
            Kind = kind
            Full = full
            Packed = packed
            Sum = sum
            Values = values
            Encoding = int (min 100L (max -1L encoding))
            LevelBytes = levels
            IsPacked = isPacked
        }

    // --- a column -----------------------------------------------------------------------------------------------------

    /// Which row has no value, if one has none: all levels are 1 where all have one.
    let private checkLevels (bytes: byte[]) start finish (firstRow: int64) name count =
        let levels = Array.zeroCreate<int> count
        ParquetEncodings.hybrid bytes start finish 1 levels

        match Array.IndexOf(levels, 0) with
        | -1 -> ()
        | i -> raise (ParquetMissing(firstRow + int64 i, name))

    /// The values of a column in a group of rows as doubles. `isOurs`: the pages are those that this program writes.
    let read isOurs (stream: Stream) (column: ParquetColumn) numbers (chunk: ParquetChunk) (firstRow: int64) : float[] =
        let rows = int chunk.Values
        let name = column.Name
        let values = Array.zeroCreate<float> rows
        let bytes = Array.zeroCreate<byte>(int chunk.Size)
        stream.Position <- chunk.Start
        stream.ReadExactly(bytes, 0, bytes.Length)
        let longest = 16L * int64 rows + 65536L
        let mutable table = Array.empty<float>
        let mutable at = 0
        let mutable filled = 0

        while at < bytes.Length do
            let page = header bytes at bytes.Length
            let start = at + page.Length
            let left = int64 (bytes.Length - start)

            if page.Packed < 0L || page.Packed > left || page.Full < 0L || page.Full > longest then
                fail (
                    "a page of "
                    + string page.Packed
                    + " bytes for "
                    + string page.Full
                    + " in column '"
                    + name
                    + "', which has "
                    + string left
                    + " left"
                )

            if page.Values < 0L || page.Values > int64 rows then
                fail (
                    string page.Values
                    + " values in a page of column '"
                    + name
                    + "' of "
                    + string rows
                    + " rows"
                )

            let packed = int page.Packed
            let stored = ReadOnlySpan(bytes, start, packed)

            match page.Sum with
            | ValueSome sum when sum <> Crc32.HashToUInt32 stored ->
                fail $"a page of column '{name}' with another checksum"
            | ValueNone when isOurs -> fail $"a page of column '{name}' without its checksum"
            | _ -> ()

            if isOurs && (page.Kind <> data || page.Encoding <> 0 || page.Values <> int64 rows) then
                fail $"a page of column '{name}' of another kind"

            let full = Array.zeroCreate<byte>(int page.Full)

            let count = int page.Values

            if page.Kind = dictionary then
                ParquetCodecs.decompress chunk.Codec stored full
                table <- Array.zeroCreate<float> count
                ParquetEncodings.plain numbers (ReadOnlySpan full) (Span table)
            elif page.Kind = data || page.Kind = data2 then
                if filled + count > rows then
                    fail (
                        "more values in the pages of column '"
                        + name
                        + "' than its "
                        + string rows
                        + " rows"
                    )

                let behind =
                    if page.Kind = data then
                        ParquetCodecs.decompress chunk.Codec stored full

                        if column.MayBeMissing && count > 0 then
                            if full.Length < 4 then
                                ParquetEncodings.early ()

                            let length = BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan full)

                            if length < 0 || length > full.Length - 4 then
                                ParquetEncodings.early ()

                            checkLevels full 4 (4 + length) (firstRow + int64 filled) name count
                            4 + length
                        else
                            0
                    else
                        let levels = page.LevelBytes

                        if levels < 0L || levels > page.Packed || levels > page.Full then
                            ParquetEncodings.early ()

                        let levels = int levels
                        let body = Array.zeroCreate<byte>(full.Length - levels)
                        let rest = stored.Slice levels
                        ParquetCodecs.decompress (if page.IsPacked then chunk.Codec else 0) rest body
                        stored.Slice(0, levels).CopyTo(Span full)
                        body.CopyTo(full, levels)

                        if column.MayBeMissing && count > 0 && levels > 0 then
                            checkLevels full 0 levels (firstRow + int64 filled) name count

                        levels

                ParquetEncodings.decode numbers page.Encoding table full behind (Span(values, filled, count))
                filled <- filled + count

            at <- start + packed

        if filled <> rows then
            fail (
                string filled
                + " values in the pages of column '"
                + name
                + "' of "
                + string rows
                + " rows"
            )

        values
