namespace AniSoap

open System
open System.Buffers.Binary
open System.Runtime.InteropServices

/// The data of GSD chunks as numbers of this library, whatever type the file has them in.
[<Sealed>]
type internal GsdChunks(file: GsdFile) =
    /// Data come through a buffer of this many bytes, or of one row.
    static let piece = 1 <<< 20

    let mutable buffer = Array.zeroCreate<byte> 4096

    let isIntegral kind = kind <> GsdType.Float32 && kind <> GsdType.Float64

    /// The `i`-th value in the bytes of a piece.
    let real (kind: GsdType) (bytes: ReadOnlySpan<byte>) i =
        match kind with
        | GsdType.Float32 -> float (BinaryPrimitives.ReadSingleLittleEndian(bytes.Slice(4 * i)))
        | GsdType.Float64 -> BinaryPrimitives.ReadDoubleLittleEndian(bytes.Slice(8 * i))
        | GsdType.UInt16 -> float (BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(2 * i)))
        | GsdType.UInt32 -> float (BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(4 * i)))
        | GsdType.UInt64 -> float (BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(8 * i)))
        | GsdType.Int8 -> float (sbyte bytes[i])
        | GsdType.Int16 -> float (BinaryPrimitives.ReadInt16LittleEndian(bytes.Slice(2 * i)))
        | GsdType.Int32 -> float (BinaryPrimitives.ReadInt32LittleEndian(bytes.Slice(4 * i)))
        | GsdType.Int64 -> float (BinaryPrimitives.ReadInt64LittleEndian(bytes.Slice(8 * i)))
        | _ -> float bytes[i]

    /// The same as a whole number; unsigned numbers beyond 63 bits come out negative.
    let integer (kind: GsdType) (bytes: ReadOnlySpan<byte>) i =
        match kind with
        | GsdType.UInt16 -> int64 (BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(2 * i)))
        | GsdType.UInt32 -> int64 (BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(4 * i)))
        | GsdType.UInt64
        | GsdType.Int64 -> BinaryPrimitives.ReadInt64LittleEndian(bytes.Slice(8 * i))
        | GsdType.Int8 -> int64 (sbyte bytes[i])
        | GsdType.Int16 -> int64 (BinaryPrimitives.ReadInt16LittleEndian(bytes.Slice(2 * i)))
        | GsdType.Int32 -> int64 (BinaryPrimitives.ReadInt32LittleEndian(bytes.Slice(4 * i)))
        | _ -> int64 bytes[i]

    let rowsOf (entry: GsdEntry) =
        let rowBytes = int64 entry.Columns * int64 (GsdType.size entry.Type)
        int (max 1L (int64 piece / rowBytes)), rowBytes

    /// Reads the next rows into the buffer: as many as fit, at most `most`.
    let fill (entry: GsdEntry) first most =
        let each, rowBytes = rowsOf entry
        let count = int (min (int64 each) (most - first))
        let bytes = int (int64 count * rowBytes)

        if buffer.Length < bytes then
            buffer <- Array.zeroCreate<byte>(max bytes (min piece (2 * buffer.Length)))

        file.Read(entry, first, Span(buffer, 0, bytes))
        count

    /// Writes the rows of real numbers into every `stride`-th place of `target` from `start` on, so that a row's numbers
    /// stand side by side.
    member _.ReadReals(entry: GsdEntry, target: float[], start: int, stride: int) =
        let columns = int entry.Columns
        let rows = int64 entry.Rows
        let mutable first = 0L

        while first < rows do
            let count = fill entry first rows
            let bytes = ReadOnlySpan(buffer)

            if entry.Type = GsdType.Float32 && BitConverter.IsLittleEndian then
                let values = MemoryMarshal.Cast<byte, float32>(Span(buffer, 0, 4 * count * columns))
                let mutable value = 0

                for row in 0 .. count - 1 do
                    let place = start + (int first + row) * stride

                    for column in 0 .. columns - 1 do
                        target[place + column] <- float values[value]
                        value <- value + 1
            else
                for row in 0 .. count - 1 do
                    let place = start + (int first + row) * stride

                    for column in 0 .. columns - 1 do
                        target[place + column] <- real entry.Type bytes (row * columns + column)

            first <- first + int64 count

    /// All values as real numbers, row by row.
    member chunks.Reals(entry: GsdEntry) =
        let values = Array.zeroCreate<float>(int (int64 entry.Rows * int64 entry.Columns))
        chunks.ReadReals(entry, values, 0, int entry.Columns)
        values

    /// All values as whole numbers, row by row, if the chunk holds such.
    member _.TryIntegers(entry: GsdEntry) =
        if not (isIntegral entry.Type) then
            None
        else
            let columns = int entry.Columns
            let values = Array.zeroCreate<int64>(int (int64 entry.Rows * int64 entry.Columns))
            let rows = int64 entry.Rows
            let mutable first = 0L

            while first < rows do
                let count = fill entry first rows
                let bytes = ReadOnlySpan(buffer)

                for i in 0 .. count * columns - 1 do
                    values[int first * columns + i] <- integer entry.Type bytes i

                first <- first + int64 count

            Some values

    /// All bytes of a chunk.
    member _.Bytes(entry: GsdEntry) =
        let bytes = Array.zeroCreate<byte>(int entry.ByteCount)
        file.Read(entry, 0L, Span bytes)
        bytes

    /// The rows of a chunk of bytes, each up to its first zero.
    member _.Strings(entry: GsdEntry) : Result<byte[][], AniSoapError> =
        if GsdType.size entry.Type <> 1 then
            GsdHeader.malformed ("values of type " + string (int entry.Type)) "text: values of one byte"
        else
            let columns = int entry.Columns
            let rows = ResizeArray<byte[]>()
            let total = int64 entry.Rows
            let mutable first = 0L

            while first < total do
                let count = fill entry first total

                for row in 0 .. count - 1 do
                    let bytes = ReadOnlySpan(buffer, row * columns, columns)
                    let finish = bytes.IndexOf 0uy
                    rows.Add((if finish < 0 then bytes else bytes.Slice(0, finish)).ToArray())

                first <- first + int64 count

            Ok(rows.ToArray())

/// The frames of a GSD file in HOOMD-blue's schema, one after another, with the schema's rule for chunks that a frame
/// does not have: those of frame 0 stand for them, of particles only where frame 0 has as many.
[<Sealed>]
type internal GsdFrames(file: GsdFile) =
    let chunks = GsdChunks file
    let numbers = Collections.Generic.Dictionary<string, int>(StringComparer.Ordinal)
    let first = Collections.Generic.Dictionary<int, GsdEntry>()
    let mutable firstCount = 0
    let mutable count = 0
    let mutable isFirst = true

    do file.Names |> Array.iteri (fun number name -> numbers[name] <- number)

    let inFile name =
        match numbers.TryGetValue(name: string) with
        | true, number -> file.TryChunk number
        | false, _ -> ValueNone

    let inFirst (name: string) =
        match numbers.TryGetValue name with
        | true, number ->
            match first.TryGetValue number with
            | true, entry -> ValueSome entry
            | false, _ -> ValueNone
        | false, _ -> ValueNone

    let values (entry: GsdEntry) = int64 entry.Rows * int64 entry.Columns

    static let show (entry: GsdEntry) = string entry.Rows + " × " + string entry.Columns + " values"

    member _.File = file
    member _.Chunks = chunks

    /// The number of particles.
    member _.Count = count

    /// The chunk of a name in this frame, else in frame 0.
    member _.Find name = inFile name |> ValueOption.orElseWith (fun () -> inFirst name)

    /// The same of what belongs to particles: in frame 0 there must be as many of them.
    member _.FindOfSame name =
        match inFile name with
        | ValueNone when count = firstCount -> inFirst name
        | chunk -> chunk

    /// The same of a quantity that every particle has: `columns` values a particle.
    member frames.FindOfParticles(name, columns: int) : Result<GsdEntry voption, AniSoapError> =
        match frames.FindOfSame name with
        | ValueSome entry when entry.Rows <> uint64 count || entry.Columns <> uint32 columns ->
            GsdHeader.malformed
                (show entry + " in " + name)
                (string count
                 + " × "
                 + string columns
                 + ", for there are "
                 + string count
                 + " particles")
        | found -> Ok found

    /// The one whole number in a chunk, if there is such a chunk.
    member frames.Integer(name, least: int64, most: int64) : Result<int64 voption, AniSoapError> =
        match frames.Find name with
        | ValueNone -> Ok ValueNone
        | ValueSome entry when values entry <> 1L -> GsdHeader.malformed (show entry + " in " + name) "one value"
        | ValueSome entry ->
            match chunks.TryIntegers entry with
            | None -> GsdHeader.malformed ("a real number in " + name) "a whole number"
            | Some found when found[0] < least || found[0] > most ->
                Error(AniSoapError.invalid name found[0] ("whole numbers from " + string least + " to " + string most))
            | Some found -> Ok(ValueSome found[0])

    /// Goes to the next frame; false behind the last.
    member frames.MoveNext() : Result<bool, AniSoapError> =
        match file.MoveNext() with
        | Error error -> Error error
        | Ok false -> Ok false
        | Ok true ->
            frames.Integer("particles/N", 0L, int64 Array.MaxLength)
            |> Result.map (fun found ->
                count <- int (ValueOption.defaultValue 0L found)

                if isFirst then
                    isFirst <- false
                    firstCount <- count

                    for number in file.Present do
                        match file.TryChunk number with
                        | ValueSome entry -> first[number] <- entry
                        | ValueNone -> ()

                true)
