namespace AniSoap

open System
open System.Buffers.Binary
open System.IO
open System.Text
open Parquet

/// Checks the structure of a Parquet file before a library takes it for granted: that descriptions end where they say, and
/// that every page is inside the file and as long as its numbers need.
module internal ParquetCheck =
    let private refuse found = Error(Malformed(found, "an intact Parquet file", Place.Unknown))

    let private checking action =
        try
            Ok(action ())
        with
        | :? InvalidDataException as e -> refuse (SystemReason.ofData e)
        | :? EndOfStreamException -> refuse "the end of the file"

    let private fail (found: string) : 'a = raise (InvalidDataException found)

    // --- parquet.thrift, as far as its readers rely on it --------------------------------------------------------------

    let private int32s numbers = [ for number in numbers -> number, Kind 5 ]
    let private int64s numbers = [ for number in numbers -> number, Kind 6 ]
    let private texts numbers = [ for number in numbers -> number, Kind 8 ]
    let private structure fields = Structure(Map(List.concat fields))
    let private pairs = Series(structure [ texts [ 1; 2 ] ])

    let private statistics = structure [ texts [ 1; 2; 5; 6 ]; int64s [ 3; 4 ]; [ 7, Truth; 8, Truth ] ]

    let private columnMetadata =
        structure [
            int32s [ 1; 4; 15 ]
            int64s [ 5; 6; 7; 9; 10; 11; 14 ]
            [
                2, Series(Kind 5)
                3, Series(Kind 8)
                8, pairs
                12, statistics
                13, Series(structure [ int32s [ 1; 2; 3 ] ])
            ]
        ]

    let private columnChunk =
        structure [ texts [ 1; 9 ]; int64s [ 2; 4; 6 ]; int32s [ 5; 7 ]; [ 3, columnMetadata ] ]

    let private rowGroup = structure [ int64s [ 2; 3; 5; 6 ]; [ 1, Series columnChunk; 7, Kind 4 ] ]
    let private schemaElement = structure [ int32s [ 1; 2; 3; 5; 6; 7; 8; 9 ]; texts [ 4 ] ]

    let private fileMetadata =
        structure [
            int32s [ 1 ]
            int64s [ 3 ]
            texts [ 6; 9 ]
            [ 2, Series schemaElement; 4, Series rowGroup; 5, pairs ]
        ]

    let private pageHeader =
        structure [
            int32s [ 1; 2; 3; 4 ]
            [
                5, structure [ int32s [ 1; 2; 3; 4 ]; [ 5, statistics ] ]
                7, structure [ int32s [ 1; 2 ]; [ 3, Truth ] ]
                8, structure [ int32s [ 1..6 ]; [ 7, Truth; 8, statistics ] ]
            ]
        ]

    // --------------------------------------------------------------------------------------------------------------------

    /// The description at the end of the file. The stream is left at its start.
    let footer (stream: Stream) : Result<unit, AniSoapError> =
        checking (fun () ->
            let ends = Array.zeroCreate<byte> 12

            if stream.Length < 12L then
                fail $"a file of {stream.Length} bytes"

            stream.ReadExactly(ends, 0, 4)
            stream.Position <- stream.Length - 8L
            stream.ReadExactly(ends, 4, 8)
            let isMark at = Encoding.ASCII.GetString(ends, at, 4) = "PAR1"
            let length = int64 (BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(ends, 4, 4)))

            if not (isMark 0 && isMark 8) then
                fail "a file without the mark PAR1 at both ends"

            if length > stream.Length - 12L then
                fail $"a description of {length} bytes in a file of {stream.Length}"

            let bytes = Array.zeroCreate<byte>(int length)
            stream.Position <- stream.Length - 8L - length
            stream.ReadExactly(bytes, 0, bytes.Length)
            let reader = ThriftCompact(bytes, bytes.Length)
            reader.Conform(fileMetadata, 12, 0)

            if reader.Position <> bytes.Length then
                fail "bytes behind the description"

            stream.Position <- 0L)

    /// What a page's header says, and its own length.
    [<Struct; NoEquality; NoComparison>]
    type private Page = { Header: int; Full: int64; Packed: int64; Values: int64; IsData: bool }

    /// Longer than the header of any page of numbers.
    let private longestHeader = 16384

    let private page (stream: Stream) (buffer: byte[]) (position: int64) : Page =
        stream.Position <- position
        let got = stream.ReadAtLeast(Span buffer, buffer.Length, false)
        ThriftCompact(buffer, got).Conform(pageHeader, 12, 0)
        let reader = ThriftCompact(buffer, got)
        let mutable full, packed, values, isData = -1L, -1L, 0L, false

        reader.Struct(
            0,
            fun number kind ->
                match number, kind with
                | 2, 5 -> full <- reader.Integer()
                | 3, 5 -> packed <- reader.Integer()
                // The headers of data pages of both versions start with the number of values.
                | (5 | 8), 12 ->
                    isData <- true

                    reader.Struct(
                        1,
                        fun number kind ->
                            match number, kind with
                            | 1, 5 -> values <- reader.Integer()
                            | _ -> reader.Skip(kind, 1)
                    )
                | _ -> reader.Skip(kind, 0)
        )

        {
            Header = reader.Position
            Full = full
            Packed = packed
            Values = values
            IsData = isData
        }

    /// The pages of a column of a group: as many values as there are rows, in pages no longer than those can be.
    let private column (stream: Stream) buffer (name: string) (rows: int64) (chunk: Meta.ColumnMetaData) =
        let data = chunk.DataPageOffset
        let dictionary = chunk.DictionaryPageOffset

        let start =
            if dictionary.HasValue && dictionary.Value > 0L then
                min dictionary.Value data
            else
                data

        let size = chunk.TotalCompressedSize

        if chunk.NumValues <> rows then
            fail $"{chunk.NumValues} values in column '{name}' of {rows} rows"

        if start < 4L || size < 0L || start > stream.Length || size > stream.Length - start then
            fail $"column '{name}' at {start}, {size} bytes long, in a file of {stream.Length}"

        let longest = 16L * rows + 65536L
        let mutable at = start
        let mutable values = 0L

        while at < start + size do
            let page = page stream buffer at
            let left = start + size - at - int64 page.Header

            if page.Packed < 0L || page.Packed > left || page.Full < 0L || page.Full > longest then
                fail $"a page of {page.Packed} bytes for {page.Full} in column '{name}', which has {left} left"

            if page.Values < 0L || page.Values > rows then
                fail $"{page.Values} values in a page of column '{name}' of {rows} rows"

            if page.IsData then
                values <- values + page.Values

            at <- at + int64 page.Header + page.Packed

        if values <> rows then
            fail $"{values} values in the pages of column '{name}' of {rows} rows"

    /// The pages of all columns that the description names. Columns are numbers in as many groups as the reader says.
    let pages (stream: Stream) (reader: ParquetReader) : Result<unit, AniSoapError> =
        checking (fun () ->
            let buffer = Array.zeroCreate<byte> longestHeader

            for group in reader.RowGroups do
                for chunk in group.RowGroup.Columns do
                    match chunk.MetaData with
                    | null -> fail "a column without its description"
                    | held -> column stream buffer (String.Join(".", held.PathInSchema)) group.RowCount held)
