namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Hashing
open System.Text
open AniSoap

/// What the numbers of a column are, and how they are kept: the type and its bytes in a page.
[<Struct>]
type internal ParquetNumbers = { Scalar: ScalarType; Stored: int }

/// A column: its numbers, or the words for what it has instead; whether values may be missing.
type internal ParquetColumn = { Name: string; Numbers: Result<ParquetNumbers, string>; MayBeMissing: bool }

/// The part of a column that is in one group of rows.
[<Struct>]
type internal ParquetChunk = { Codec: int; Values: int64; Start: int64; Size: int64 }

/// Rows that stand together.
type internal ParquetGroup = { Rows: int64; Chunks: ParquetChunk[] }

/// What a Parquet file says about itself at its end.
type internal ParquetDescription = {
    Columns: ParquetColumn[]
    Groups: ParquetGroup list
    Entries: Map<string, string>
    /// Whether this program wrote it: then its pages and its end are those that it writes.
    IsOurs: bool
}

/// Reads the description at the end of a Parquet file; no count or length in it reaches beyond the file.
module internal ParquetFooter =
    /// What stands before the version in the name of the writer of our files.
    let writer = "AniSoap "

    /// What stands behind it.
    let writtenBy = "FeatureFiles"

    /// The entry that holds the checksum of the description: eight hexadecimal digits, zeros while it is taken.
    let sumEntry = "footer_crc32"

    let noSum = "00000000"

    [<Sealed>]
    type private Element() =
        member val Type = -1 with get, set
        member val Length = 0 with get, set
        member val Repetition = 0 with get, set
        member val Name = "" with get, set
        member val Children = 0 with get, set
        member val Converted = -1 with get, set
        member val Logical = -1 with get, set
        member val Width = 0 with get, set
        member val Signed = true with get, set

    let private wrong () : 'a = fail "a description that contradicts itself"

    let private int32Of (reader: ThriftCompact) =
        let value = reader.Integer()

        if value < int64 Int32.MinValue || value > int64 Int32.MaxValue then
            wrong ()

        int value

    let private integerType (reader: ThriftCompact) (element: Element) depth =
        reader.Struct(
            depth,
            fun number kind ->
                match number, kind with
                | 1, 3 -> element.Width <- reader.Byte()
                | 2, (1 | 2) -> element.Signed <- (kind = 1)
                | _ -> reader.Skip(kind, depth)
        )

    let private element (reader: ThriftCompact) depth =
        let found = Element()

        reader.Struct(
            depth,
            fun number kind ->
                match number, kind with
                | 1, 5 -> found.Type <- int32Of reader
                | 2, 5 -> found.Length <- int32Of reader
                | 3, 5 -> found.Repetition <- int32Of reader
                | 4, 8 -> found.Name <- reader.Text()
                | 5, 5 -> found.Children <- int32Of reader
                | 6, 5 -> found.Converted <- int32Of reader
                | 10, 12 ->
                    reader.Struct(
                        depth + 1,
                        fun number kind ->
                            found.Logical <- number

                            match number, kind with
                            | 10, 12 -> integerType reader found (depth + 2)
                            | _ -> reader.Skip(kind, depth + 1)
                    )
                | (1 | 2 | 3 | 4 | 5 | 6 | 10), _ -> wrong ()
                | _ -> reader.Skip(kind, depth)
        )

        found

    /// Names of logical and of older, converted types that no number has.
    let private words (element: Element) =
        match element.Logical, element.Converted with
        | (1 | 4), _
        | _, (0 | 4) -> Some "texts"
        | 5, _
        | _, 5 -> Some "decimal numbers"
        | 6, _
        | _, 6 -> Some "dates"
        | (7 | 8), _
        | _, (7 | 8 | 9 | 10 | 21) -> Some "times"
        | 12, _
        | _, 19 -> Some "JSON texts"
        | 13, _
        | _, 20 -> Some "BSON"
        | 14, _ -> Some "UUIDs"
        | _ -> None

    let private numbers (element: Element) : Result<ParquetNumbers, string> =
        let integer stored plain =
            let width, signed =
                match element.Converted with
                | _ when element.Logical = 10 -> element.Width, element.Signed
                | n when n >= 11 && n <= 14 -> 8 <<< (n - 11), false
                | n when n >= 15 && n <= 18 -> 8 <<< (n - 15), true
                | _ -> 8 * stored, true

            let scalar =
                match width, signed with
                | 8, true -> ScalarType.Int8
                | 8, false -> ScalarType.UInt8
                | 16, true -> ScalarType.Int16
                | 16, false -> ScalarType.UInt16
                | 32, false -> ScalarType.UInt32
                | 64, false -> ScalarType.UInt64
                | _ -> plain

            Ok { Scalar = scalar; Stored = stored }

        match element.Type, words element with
        | _, Some words -> Error words
        | 0, _ -> Error "truth values"
        | 1, _ -> integer 4 ScalarType.Int32
        | 2, _ -> integer 8 ScalarType.Int64
        | 3, _ -> Error "times"
        | 4, _ -> Ok { Scalar = ScalarType.Float32; Stored = 4 }
        | 5, _ -> Ok { Scalar = ScalarType.Float64; Stored = 8 }
        | 7, _ when element.Logical = 15 && element.Length = 2 -> Ok { Scalar = ScalarType.Float16; Stored = 2 }
        | 6, _
        | 7, _ -> Error "texts or bytes"
        | kind, _ -> Error $"values of an unknown kind ({string kind})"

    let private chunk (reader: ThriftCompact) depth : ParquetChunk =
        let mutable codec, values, data, dictionary, size = -1, -1L, -1L, 0L, -1L
        let mutable isElsewhere = false

        reader.Struct(
            depth,
            fun number kind ->
                match number, kind with
                | 1, 8 ->
                    isElsewhere <- true
                    reader.Skip(kind, depth)
                | 3, 12 ->
                    reader.Struct(
                        depth + 1,
                        fun number kind ->
                            match number, kind with
                            | 4, 5 -> codec <- int32Of reader
                            | 5, 6 -> values <- reader.Integer()
                            | 7, 6 -> size <- reader.Integer()
                            | 9, 6 -> data <- reader.Integer()
                            | 11, 6 -> dictionary <- reader.Integer()
                            | (4 | 5 | 7 | 9 | 11), _ -> wrong ()
                            | _ -> reader.Skip(kind, depth + 1)
                    )
                | _ -> reader.Skip(kind, depth)
        )

        if isElsewhere then
            fail "columns in other files"

        {
            Codec = codec
            Values = values
            Start = (if dictionary > 0L then min dictionary data else data)
            Size = size
        }

    let private group (reader: ThriftCompact) depth : ParquetGroup =
        let chunks = List<ParquetChunk>()
        let mutable rows = -1L

        reader.Struct(
            depth,
            fun number kind ->
                match number, kind with
                | 1, 9 ->
                    reader.Each(fun kind ->
                        if kind <> 12 then
                            wrong ()

                        chunks.Add(chunk reader (depth + 1)))
                | 3, 6 -> rows <- reader.Integer()
                | (1 | 3), _ -> wrong ()
                | _ -> reader.Skip(kind, depth)
        )

        if rows < 0L then
            fail "a group of rows without their number"

        { Rows = rows; Chunks = chunks.ToArray() }

    let private entry (reader: ThriftCompact) depth =
        let mutable key, value = "", ""

        reader.Struct(
            depth,
            fun number kind ->
                match number, kind with
                | 1, 8 -> key <- reader.Text()
                | 2, 8 -> value <- reader.Text()
                | _ -> reader.Skip(kind, depth)
        )

        key, value

    /// The checksum that stands in the description of one of our files, and that of the description.
    let private checkSum (bytes: byte[]) =
        let key =
            Array.concat [ [| 0x18uy; byte sumEntry.Length |]; Encoding.ASCII.GetBytes sumEntry; [| 0x18uy; 8uy |] ]

        let at = ReadOnlySpan(bytes).LastIndexOf(ReadOnlySpan key)

        if at < 0 || at + key.Length + noSum.Length > bytes.Length then
            fail "a description without its checksum"

        let digits = at + key.Length
        let stored = Encoding.ASCII.GetString(bytes, digits, noSum.Length)
        let zeroed = Array.copy bytes
        Encoding.ASCII.GetBytes(noSum, 0, noSum.Length, zeroed, digits) |> ignore

        if
            stored
            <> (Crc32.HashToUInt32(ReadOnlySpan zeroed)).ToString("x8", Globalization.CultureInfo.InvariantCulture)
        then
            fail "a description with another checksum"

    let private parse (bytes: byte[]) : ParquetDescription =
        let reader = ThriftCompact(bytes, bytes.Length)
        let elements, groups = List<Element>(), List<ParquetGroup>()
        let entries = List<string * string>()
        let mutable createdBy = ""

        let structures action =
            reader.Each(fun kind ->
                if kind <> 12 then
                    wrong ()

                action ())

        reader.Struct(
            0,
            fun number kind ->
                match number, kind with
                | 2, 9 -> structures (fun () -> elements.Add(element reader 1))
                | 4, 9 -> structures (fun () -> groups.Add(group reader 1))
                | 5, 9 -> structures (fun () -> entries.Add(entry reader 1))
                | 6, 8 -> createdBy <- reader.Text()
                | (2 | 4 | 5 | 6), _ -> wrong ()
                | _ -> reader.Skip(kind, 0)
        )

        if reader.Position <> bytes.Length then
            fail "bytes behind the description"

        // A byte that is another may hide the writer's field from the walk, but not its text.
        let isOurs =
            createdBy.StartsWith(writer, StringComparison.Ordinal)
            || ReadOnlySpan(bytes).IndexOf(ReadOnlySpan(Encoding.ASCII.GetBytes(writer + writtenBy)))
               >= 0

        if isOurs then
            checkSum bytes

        if elements.Count = 0 || elements[0].Children <> elements.Count - 1 then
            fail (
                if elements.Exists(fun element -> element.Children > 0) then
                    "nested columns"
                else
                    "another number of columns than there are"
            )

        let columns =
            Seq.skip 1 elements
            |> Seq.map (fun element -> {
                Name = element.Name
                Numbers =
                    if element.Children > 0 || element.Repetition = 2 then
                        Error "lists or records"
                    else
                        numbers element
                MayBeMissing = element.Repetition = 1
            })
            |> Seq.toArray

        for group in groups do
            if group.Chunks.Length <> columns.Length then
                fail $"a group of {string group.Chunks.Length} columns in a table of {string columns.Length}"

        {
            Columns = columns
            Groups = List.ofSeq groups
            Entries = Map.ofSeq entries
            IsOurs = isOurs
        }

    /// The description at the end of the file.
    let read (stream: Stream) : ParquetDescription =
        let ends = Array.zeroCreate<byte> 12

        if stream.Length < 12L then
            fail $"a file of {string stream.Length} bytes"

        stream.Position <- 0L
        stream.ReadExactly(ends, 0, 4)
        stream.Position <- stream.Length - 8L
        stream.ReadExactly(ends, 4, 8)
        let isMark at = Encoding.ASCII.GetString(ends, at, 4) = "PAR1"
        let length = int64 (BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(ends, 4, 4)))

        if not (isMark 0 && isMark 8) then
            fail "a file without the mark PAR1 at both ends"

        if length > stream.Length - 12L || length > int64 Array.MaxLength then
            fail $"a description of {string length} bytes in a file of {string stream.Length}"

        let bytes = Array.zeroCreate<byte>(int length)
        stream.Position <- stream.Length - 8L - length
        stream.ReadExactly(bytes, 0, bytes.Length)
        parse bytes
