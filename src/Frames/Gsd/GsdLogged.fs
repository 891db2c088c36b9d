namespace AniSoap

open System
open System.Buffers.Binary
open System.Collections.Immutable
open System.Globalization
open System.Text

/// Values under `log/` from one type to another, and what stands for a value that a frame does not have.
module internal GsdLogged =
    /// A truth value that is not there: truth values are bytes of 0 and 1.
    [<Literal>]
    let NoTruth = 255uy

    let isText kind = kind = GsdType.Int8 || kind = GsdType.Character

    let isOfParticles (name: string) = name.StartsWith(GsdExtras.LoggedOfParticles, StringComparison.Ordinal)

    /// One number or one text: a text is a column of its bytes.
    let isScalar (chunk: GsdChunk) =
        not (isOfParticles chunk.Name)
        && chunk.Columns = 1
        && (isText chunk.Type || chunk.Rows = 1)

    /// The bytes that a text of the chunk takes: its scalar text has them in a column, a list in its rows.
    let width (chunk: GsdChunk) = if isScalar chunk then chunk.Rows else chunk.Columns

    let private order kind =
        match kind with
        | GsdType.UInt8 -> 0
        | GsdType.Int64 -> 1
        | GsdType.Float64 -> 2
        | GsdType.Int8 -> 3
        | _ -> 4

    /// The type that holds the values of both: truth values among numbers are 0 and 1, single numbers among texts are
    /// texts. Lists have no such type.
    let join (a: GsdType) (b: GsdType) areScalar =
        if a = b then
            Some a
        elif isText a = isText b || areScalar then
            Some(if order a > order b then a else b)
        else
            None

    let private reals (chunk: GsdChunk) =
        let count = chunk.Rows * chunk.Columns

        match chunk.Type with
        | GsdType.UInt8 -> chunk.Data |> Array.map (fun byte -> if byte = NoTruth then nan else float byte)
        | GsdType.Int64 ->
            Array.init count (fun i ->
                float (BinaryPrimitives.ReadInt64LittleEndian(ReadOnlySpan(chunk.Data, 8 * i, 8))))
        | _ -> Array.init count (fun i -> BinaryPrimitives.ReadDoubleLittleEndian(ReadOnlySpan(chunk.Data, 8 * i, 8)))

    /// The text of a single number or truth value; none of one that is not there.
    let private textOf (chunk: GsdChunk) =
        match chunk.Type with
        | GsdType.UInt8 when chunk.Data[0] = NoTruth -> ""
        | GsdType.UInt8 -> if chunk.Data[0] = 0uy then "F" else "T"
        | GsdType.Int64 ->
            BinaryPrimitives.ReadInt64LittleEndian(ReadOnlySpan chunk.Data).ToString CultureInfo.InvariantCulture
        | _ ->
            match (reals chunk)[0] with
            | value when Double.IsNaN value -> ""
            | value -> value.ToString("R", CultureInfo.InvariantCulture)

    let private resized (size: int) (data: byte[]) =
        let copy = Array.zeroCreate<byte> size
        Array.Copy(data, copy, min size data.Length)
        copy

    let private trimmed (data: byte[]) =
        let mutable count = data.Length

        while count > 0 && data[count - 1] = 0uy do
            count <- count - 1

        Array.sub data 0 count

    /// A scalar text of the type; one of characters has a zero where it is empty, for no library reads none.
    let private scalarText kind size (chunk: GsdChunk) (data: byte[]) =
        let data =
            match kind, trimmed data with
            | GsdType.Character, [||] -> [| 0uy |]
            | GsdType.Character, text -> text
            | _ -> resized size data

        { chunk with Type = kind; Rows = data.Length; Columns = 1; Data = data }

    /// The same values in another type, texts in `size` bytes. `join` has said that it holds them.
    let convert (kind: GsdType) (size: int) (chunk: GsdChunk) : GsdChunk =
        if isText kind then
            if not (isText chunk.Type) then
                scalarText kind size chunk (Encoding.UTF8.GetBytes(textOf chunk))
            elif isScalar chunk then
                scalarText kind size chunk chunk.Data
            elif chunk.Columns = size then
                chunk
            else
                let rows = chunk.Data |> Array.chunkBySize chunk.Columns |> Array.collect (resized size)

                { chunk with Columns = size; Data = rows }
        elif chunk.Type = kind then
            chunk
        else
            match kind with
            | GsdType.Int64 ->
                let values = chunk.Data |> Array.map int64
                GsdValues.longs chunk.Name chunk.Columns (ImmutableArray.Create<int64> values)
            | _ -> GsdValues.doubles chunk.Name chunk.Columns (ImmutableArray.Create<float>(reals chunk))

    /// Whole numbers that a real number does not hold.
    let areBeyondReals (chunk: GsdChunk) =
        chunk.Type = GsdType.Int64
        && Seq.exists
            (fun i ->
                let value = BinaryPrimitives.ReadInt64LittleEndian(ReadOnlySpan(chunk.Data, 8 * i, 8))
                abs (float value) > 9007199254740992.0)
            (seq { 0 .. chunk.Rows * chunk.Columns - 1 })

    /// What stands for values that are not there: NaN, texts of nothing, truth values that are none.
    let missing name (kind: GsdType) rows columns : GsdChunk =
        let data =
            match kind with
            | GsdType.UInt8 -> Array.create (rows * columns) NoTruth
            | GsdType.Int8 -> Array.zeroCreate (rows * columns)
            | GsdType.Character -> [| 0uy |]
            | _ ->
                let all = Array.zeroCreate<byte>(8 * rows * columns)

                for i in 0 .. rows * columns - 1 do
                    BinaryPrimitives.WriteDoubleLittleEndian(Span(all, 8 * i, 8), nan)

                all

        let rows = if kind = GsdType.Character then 1 else rows
        { Name = name; Type = kind; Rows = rows; Columns = columns; Data = data }
