namespace AniSoap

open System
open System.Buffers.Binary
open System.Collections.Immutable
open System.Text

/// Values as chunks of GSD files.
module internal GsdValues =
    let private chunk name kind rows columns data = {
        Name = name
        Type = kind
        Rows = rows
        Columns = columns
        Data = data
    }

    /// `count` values of `size` bytes; `write` puts the one of a number into the bytes from a place on.
    let private bytes size count (write: byte[] -> int -> int -> unit) =
        let all = Array.zeroCreate<byte>(size * count)

        for i in 0 .. count - 1 do
            write all (i * size) i

        all

    /// Real numbers in single precision. Refuses those beyond its range.
    let singles (name: string) columns (values: float[]) : Result<GsdChunk, AniSoapError> =
        match
            values
            |> Array.tryFind (fun value -> Double.IsFinite value && not (Single.IsFinite(float32 value)))
        with
        | Some value ->
            Error(AniSoapError.invalid name value "numbers of single precision, up to 3.4e38: GSD has no others here")
        | None ->
            bytes 4 values.Length (fun all place i ->
                BinaryPrimitives.WriteSingleLittleEndian(Span(all, place, 4), float32 values[i]))
            |> chunk name GsdType.Float32 (values.Length / columns) columns
            |> Ok

    /// The four numbers of single precision whose rotation is that of a unit quaternion to the last bits of double
    /// precision, if there are such within rounding of it; else the nearest. What a file held in single precision was
    /// normalised when it was read: this gives its numbers back.
    let singleQuaternion (q: Quaternion) : Quaternion =
        /// Rounding of a division and of a square root; numbers of single precision are a billion times as far apart.
        let exact = 1e-15
        /// How many numbers of single precision the largest component may be off: programs normalise in that precision too.
        let furthest = 8
        let largest = max (max (abs q.W) (abs q.X)) (max (abs q.Y) (abs q.Z))
        let nearest = float32 largest
        let single (value: float) = float (float32 value)

        let tryAt steps =
            let scale =
                float (BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits nearest + steps))
                / largest

            let isSingle (value: float) = abs (single (scale * value) - scale * value) <= exact * abs (scale * value)

            if isSingle q.W && isSingle q.X && isSingle q.Y && isSingle q.Z then
                Some(
                    Quaternion.create
                        (single (scale * q.W))
                        (single (scale * q.X))
                        (single (scale * q.Y))
                        (single (scale * q.Z))
                )
            else
                None

        seq {
            for steps in 0..furthest do
                steps

                if steps > 0 then
                    -steps
        }
        |> Seq.tryPick tryAt
        |> Option.defaultValue q

    /// Numbers of single precision or, in a file that has such, of double.
    let reals isDouble (name: string) columns (values: float[]) : Result<GsdChunk, AniSoapError> =
        if isDouble then
            bytes 8 values.Length (fun all place i ->
                BinaryPrimitives.WriteDoubleLittleEndian(Span(all, place, 8), values[i]))
            |> chunk name GsdType.Float64 (values.Length / columns) columns
            |> Ok
        else
            singles name columns values

    let doubles name columns (values: ImmutableArray<float>) =
        bytes 8 values.Length (fun all place i ->
            BinaryPrimitives.WriteDoubleLittleEndian(Span(all, place, 8), values[i]))
        |> chunk name GsdType.Float64 (values.Length / columns) columns

    let longs name columns (values: ImmutableArray<int64>) =
        bytes 8 values.Length (fun all place i ->
            BinaryPrimitives.WriteInt64LittleEndian(Span(all, place, 8), values[i]))
        |> chunk name GsdType.Int64 (values.Length / columns) columns

    /// Whole numbers that fit into 32 bits.
    let ints name columns (values: int64[]) =
        bytes 4 values.Length (fun all place i ->
            BinaryPrimitives.WriteInt32LittleEndian(Span(all, place, 4), int values[i]))
        |> chunk name GsdType.Int32 (values.Length / columns) columns

    let unsigned name (values: int[]) =
        bytes 4 values.Length (fun all place i ->
            BinaryPrimitives.WriteUInt32LittleEndian(Span(all, place, 4), uint32 values[i]))
        |> chunk name GsdType.UInt32 values.Length 1

    let step (value: int64) =
        bytes 8 1 (fun all place _ -> BinaryPrimitives.WriteInt64LittleEndian(Span(all, place, 8), value))
        |> chunk "configuration/step" GsdType.UInt64 1 1

    let octet name (value: byte) = chunk name GsdType.UInt8 1 1 [| value |]

    let flags name columns (values: ImmutableArray<bool>) =
        bytes 1 values.Length (fun all place i -> all[place] <- if values[i] then 1uy else 0uy)
        |> chunk name GsdType.UInt8 (values.Length / columns) columns

    /// Texts, each in a row that ends on a zero at least.
    let texts name (values: string seq) =
        let all = values |> Seq.map Encoding.UTF8.GetBytes |> Seq.toArray
        let width = 1 + (all |> Seq.map _.Length |> Seq.fold max 0)
        let data = Array.zeroCreate<byte>(width * all.Length)
        all |> Array.iteri (fun i text -> text.CopyTo(data, i * width))
        chunk name GsdType.Int8 all.Length width data

    /// A text of the type for characters, which GSD's library knows from version 4 on: older ones cannot open the file.
    let characters name (value: string) =
        let data = Encoding.UTF8.GetBytes value
        chunk name GsdType.Character data.Length 1 data

    /// Whether a text can be one of characters.
    let isCharacters (value: string) = value <> "" && not (value.Contains '\000')

    /// One text, as HOOMD-blue logs it: a column of its bytes and a zero.
    let text name (value: string) =
        let data = Array.append (Encoding.UTF8.GetBytes value) [| 0uy |]
        chunk name GsdType.Int8 data.Length 1 data

    /// Whether a text reads back as one.
    let isText (value: string) = value <> "" && not (Seq.exists Char.IsControl value)

    let private rectangle (rows: InfoValue seq) =
        let numbers row =
            match row with
            | InfoValue.Integers all -> Some(Seq.map float all |> Seq.toArray)
            | InfoValue.Reals all -> Some(Seq.toArray all)
            | _ -> None

        let all = rows |> Seq.map numbers |> Seq.toArray

        if all.Length > 1 && Array.forall Option.isSome all then
            let rows = Array.map Option.get all
            let width = rows[0].Length

            if width > 1 && rows |> Array.forall (fun row -> row.Length = width) then
                Some(width, Array.concat rows)
            else
                None
        else
            None

    /// A value of the info; nothing where GSD has no place for such.
    let ofInfo isCharacter name value =
        match value with
        | InfoValue.Text value when isCharacter && isCharacters value -> Some(characters name value)
        | InfoValue.Integer value -> Some(longs name 1 (ImmutableArray.Create value))
        | InfoValue.Real value -> Some(doubles name 1 (ImmutableArray.Create value))
        | InfoValue.Logical value -> Some(flags name 1 (ImmutableArray.Create value))
        | InfoValue.Text value when isText value -> Some(text name value)
        | InfoValue.Integers all when all.Length > 0 -> Some(longs name 1 all)
        | InfoValue.Reals all when all.Length > 0 -> Some(doubles name 1 all)
        | InfoValue.Logicals all when all.Length > 0 -> Some(flags name 1 all)
        | InfoValue.Texts all when all.Length > 0 && Seq.forall isText all -> Some(texts name all)
        | InfoValue.Rows rows ->
            rectangle rows
            |> Option.map (fun (width, values) -> doubles name width (ImmutableArray.Create<float> values))
        | _ -> None

    /// The values of a column; nothing where GSD has no place for such.
    let ofColumn name (column: ParticleColumn) =
        match column.Values with
        | ColumnValues.Reals all -> Some(doubles name column.Width all)
        | ColumnValues.Integers all -> Some(longs name column.Width all)
        | ColumnValues.Logicals all -> Some(flags name column.Width all)
        | ColumnValues.Texts all when column.Width = 1 && Seq.forall isText all -> Some(texts name all)
        | ColumnValues.Texts _ -> None
