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

/// Takes the values of a column out of its pages: the checksums, compressions and encodings of the Parquet format.
module internal ParquetPages =
    let private fail (found: string) : 'a = raise (InvalidDataException found)

    let private codecName codec =
        match codec with
        | 3 -> "LZO"
        | 5 -> "LZ4 of Hadoop"
        | _ -> string codec

    /// Whether pages so compressed are read.
    let isKnown codec = List.contains codec [ 0; 1; 2; 4; 6; 7 ]

    let unknown codec = codecName codec

    let private gunzip (packed: byte[]) (target: byte[]) =
        try
            use stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)
            let got = stream.ReadAtLeast(Span target, target.Length, false)
            if stream.ReadByte() >= 0 then target.Length + 1 else got
        with :? InvalidDataException ->
            -1

    let private unsnap (packed: byte[]) (target: byte[]) =
        try
            Snappier.Snappy.Decompress(ReadOnlySpan packed, Span target)
        with
        | :? InvalidDataException
        | :? ArgumentException -> -1

    let private unzstd (packed: byte[]) (target: byte[]) =
        try
            use decompressor = new ZstdSharp.Decompressor()
            decompressor.Unwrap(ReadOnlySpan packed, Span target)
        with :? ZstdSharp.ZstdException ->
            -1

    let private decompress codec (packed: ReadOnlySpan<byte>) (target: byte[]) : unit =
        let got =
            match codec with
            | 0 when packed.Length = target.Length ->
                packed.CopyTo(Span target)
                target.Length
            | 0 -> packed.Length
            | 1 -> unsnap (packed.ToArray()) target
            | 2 -> gunzip (packed.ToArray()) target
            | 4 ->
                let mutable written = 0

                if BrotliDecoder.TryDecompress(packed, Span target, &written) then
                    written
                else
                    -1
            | 6 -> unzstd (packed.ToArray()) target
            | 7 -> LZ4Codec.Decode(packed, Span target)
            | other -> fail $"a page compressed by {codecName other}"

        if got <> target.Length then
            fail (
                if got < 0 then
                    "a page that is not as it was compressed"
                else
                    $"a page of {string got} bytes that says it has {string target.Length}"
            )

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

    // --- encodings ----------------------------------------------------------------------------------------------------

    let private early () : 'a = fail "a page that ends early"

    let private varint (bytes: byte[]) (at: byref<int>) finish =
        let mutable value = 0UL
        let mutable shift = 0
        let mutable going = true

        while going do
            if at >= finish || shift > 63 then
                early ()

            value <- value ||| (uint64 (bytes[at] &&& 0x7Fuy) <<< shift)
            shift <- shift + 7
            going <- bytes[at] &&& 0x80uy <> 0uy
            at <- at + 1

        value

    /// Bits of a number, from a bit on; those behind the end are zeros.
    let private bits (bytes: byte[]) (start: int64) width finish =
        let mutable value = 0UL

        for i in 0 .. width - 1 do
            let bit = start + int64 i
            let index = int (bit >>> 3)

            if index < finish && (bytes[index] >>> int (bit &&& 7L)) &&& 1uy <> 0uy then
                value <- value ||| (1UL <<< i)

        value

    /// Runs of equal numbers, and groups of eight packed bit by bit, of so many bits each.
    let private hybrid (bytes: byte[]) start finish width (target: int[]) =
        let mutable at = start
        let mutable filled = 0

        if width < 0 || width > 32 then
            fail $"numbers of {string width} bits"

        while filled < target.Length do
            let head = varint bytes &at finish

            if head &&& 1UL = 0UL then
                let count = int (min (head >>> 1) (uint64 (target.Length - filled)))
                let size = (width + 7) / 8

                if at + size > finish || count = 0 then
                    early ()

                let mutable value = 0

                for i in size - 1 .. -1 .. 0 do
                    value <- (value <<< 8) ||| int bytes[at + i]

                at <- at + size
                Array.Fill(target, value, filled, count)
                filled <- filled + count
            else
                let groups = head >>> 1
                let size = groups * uint64 width

                if groups = 0UL || groups > uint64 Int32.MaxValue then
                    early ()

                // The last group may end with the page.
                let count = int (min (8UL * groups) (uint64 (target.Length - filled)))

                if int64 (finish - at) * 8L < int64 count * int64 width then
                    early ()

                for i in 0 .. count - 1 do
                    target[filled + i] <- int (uint32 (bits bytes (int64 at * 8L + int64 i * int64 width) width finish))

                filled <- filled + count
                at <- int (min (uint64 at + size) (uint64 finish))

    /// Integers as differences in blocks, in as many bits as the differences of each small block need.
    let private deltas (bytes: byte[]) start finish (target: int64[]) =
        let mutable at = start
        let zigzag value = int64 (value >>> 1) ^^^ -(int64 (value &&& 1UL))
        let block = varint bytes &at finish
        let parts = varint bytes &at finish
        let total = varint bytes &at finish
        let mutable value = zigzag (varint bytes &at finish)

        if
            block = 0UL
            || block > 1048576UL
            || parts = 0UL
            || block % parts <> 0UL
            || total <> uint64 target.Length
        then
            fail "a page of differences whose blocks do not fit"

        let length = int (block / parts)
        let mutable filled = 0

        if target.Length > 0 then
            target[0] <- value
            filled <- 1

        while filled < target.Length do
            let least = zigzag (varint bytes &at finish)

            if at + int parts > finish then
                early ()

            let widths = bytes[at .. at + int parts - 1]
            at <- at + int parts

            for width in widths do
                if filled < target.Length then
                    let width = int width
                    let count = min length (target.Length - filled)

                    if width > 64 || int64 (finish - at) * 8L < int64 count * int64 width then
                        early ()

                    for i in 0 .. count - 1 do
                        let difference = bits bytes (int64 at * 8L + int64 i * int64 width) width finish
                        value <- value + least + int64 difference
                        target[filled + i] <- value

                    filled <- filled + count
                    at <- int (min (int64 at + int64 length * int64 width / 8L) (int64 finish))

    /// Numbers one after another as doubles.
    let private plain (numbers: ParquetNumbers) (bytes: ReadOnlySpan<byte>) (target: Span<float>) =
        if bytes.Length < target.Length * numbers.Stored then
            early ()

        let bytes = bytes.Slice(0, target.Length * numbers.Stored)

        let stored =
            match numbers.Scalar, numbers.Stored with
            | ScalarType.UInt32, 4 -> ScalarType.UInt32
            | (ScalarType.Float32 | ScalarType.Float64 | ScalarType.Float16 | ScalarType.UInt64), _ -> numbers.Scalar
            | _, 4 -> ScalarType.Int32
            | _ -> ScalarType.Int64

        match ScalarConversion.toFloats stored bytes target with
        | -1 -> ()
        | i ->
            let text = ScalarConversion.showInteger stored (bytes.Slice(8 * i, 8))
            fail $"the integer {text}, which no double is equal to"

    let private unsplit size (bytes: byte[]) start count : byte[] =
        if bytes.Length - start < size * count then
            early ()

        let target = Array.zeroCreate<byte>(size * count)

        for part in 0 .. size - 1 do
            for i in 0 .. count - 1 do
                target[i * size + part] <- bytes[start + part * count + i]

        target

    let private fromIntegers (numbers: ParquetNumbers) (values: int64[]) (target: Span<float>) =
        if numbers.Stored = 4 then
            let narrow = values |> Array.map int
            plain numbers (MemoryMarshal.AsBytes(ReadOnlySpan narrow)) target
        else
            plain numbers (MemoryMarshal.AsBytes(ReadOnlySpan values)) target

    let private decode numbers encoding (table: float[]) (bytes: byte[]) start (target: Span<float>) =
        let count = target.Length

        match encoding with
        | 0 -> plain numbers (ReadOnlySpan(bytes, start, bytes.Length - start)) target
        | 2
        | 8 when count > 0 ->
            if start >= bytes.Length then
                early ()

            let places = Array.zeroCreate<int> count
            hybrid bytes (start + 1) bytes.Length (int bytes[start]) places

            for i in 0 .. count - 1 do
                if places[i] < 0 || places[i] >= table.Length then
                    fail $"value {string places[i]} of a dictionary of {string table.Length}"

                target[i] <- table[places[i]]
        | 2
        | 8 -> ()
        | 5 ->
            let values = Array.zeroCreate<int64> count
            deltas bytes start bytes.Length values
            fromIntegers numbers values target
        | 9 -> plain numbers (ReadOnlySpan(unsplit numbers.Stored bytes start count)) target
        | other -> fail $"a page of the encoding {string other}"

    // --- a column -----------------------------------------------------------------------------------------------------

    /// Which row has no value, if one has none: all levels are 1 where all have one.
    let private checkLevels (bytes: byte[]) start finish (firstRow: int64) name count =
        let levels = Array.zeroCreate<int> count
        hybrid bytes start finish 1 levels

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
                decompress chunk.Codec stored full
                table <- Array.zeroCreate<float> count
                plain numbers (ReadOnlySpan full) (Span table)
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
                        decompress chunk.Codec stored full

                        if column.MayBeMissing && count > 0 then
                            if full.Length < 4 then
                                early ()

                            let length = BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan full)

                            if length < 0 || length > full.Length - 4 then
                                early ()

                            checkLevels full 4 (4 + length) (firstRow + int64 filled) name count
                            4 + length
                        else
                            0
                    else
                        let levels = page.LevelBytes

                        if levels < 0L || levels > page.Packed || levels > page.Full then
                            early ()

                        let levels = int levels
                        let body = Array.zeroCreate<byte>(full.Length - levels)
                        let rest = stored.Slice levels
                        decompress (if page.IsPacked then chunk.Codec else 0) rest body
                        stored.Slice(0, levels).CopyTo(Span full)
                        body.CopyTo(full, levels)

                        if column.MayBeMissing && count > 0 && levels > 0 then
                            checkLevels full 0 levels (firstRow + int64 filled) name count

                        levels

                decode numbers page.Encoding table full behind (Span(values, filled, count))
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
