namespace AniSoap

open System
open System.Buffers.Binary
open System.Globalization
open System.IO
open System.Text

/// One scalar of an NPY file as its type string says: byte order, kind (`f`, `i`, `u`, `b`, `c`, `U`, …) and size in
/// bytes (in characters of four bytes for `U`).
type internal NpyScalar = {
    BigEndian: bool
    Kind: char
    Size: int
} with

    member scalar.ByteCount = if scalar.Kind = 'U' then 4 * scalar.Size else scalar.Size

    override scalar.ToString() =
        let order = if scalar.BigEndian then '>' else '<'
        String.Concat(string order, string scalar.Kind, string scalar.Size)

/// What the elements of an NPY file are: one scalar each, or a record of named scalars.
type internal NpyElement =
    | Scalar of NpyScalar
    | Record of (string * NpyScalar) list

    member element.ByteCount =
        match element with
        | Scalar scalar -> scalar.ByteCount
        | Record fields -> fields |> List.sumBy (fun (_, scalar) -> scalar.ByteCount)

    override element.ToString() =
        match element with
        | Scalar scalar -> string scalar
        | Record fields ->
            fields
            |> List.map (fun (name, scalar) -> $"{name}:{string scalar}")
            |> String.concat ","

/// The header of an NPY file (numpy.lib.format): magic number, version, length, and a Python dictionary in ASCII
/// (UTF-8 in version 3), padded so that the data start at a multiple of 64 bytes.
type internal NpyHeader = { Element: NpyElement; FortranOrder: bool; Shape: int64 list }

module internal NpyHeader =
    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))

    let float8 = { BigEndian = false; Kind = 'f'; Size = 8 }
    let float4 = { float8 with Size = 4 }
    let int4 = { float8 with Kind = 'i'; Size = 4 }
    let text length = { float8 with Kind = 'U'; Size = length }

    let private literal (text: string) =
        PythonLiteral.parse text
        |> Result.mapError (fun found ->
            Malformed(
                $"{found} in the header of an NPY file",
                "a Python dictionary of descr, fortran_order and shape",
                Place.Unknown
            ))

    // --- its meaning ------------------------------------------------------------------------------------------------

    let private scalar (text: string) =
        let expected = "a type string such as '<f8'"

        if text.Length < 2 then
            malformed $"'{text}'" expected
        else
            let order, rest =
                if Char.IsAsciiLetter text[0] then
                    '=', text
                else
                    text[0], text.Substring 1

            match
                order,
                rest.Length > 1 && Char.IsAsciiLetter rest[0],
                Int32.TryParse(rest.AsSpan(min 1 rest.Length), NumberStyles.None, CultureInfo.InvariantCulture)
            with
            | ('<' | '>' | '=' | '|'), true, (true, size) when size < 0x10000000 ->
                Ok { BigEndian = (order = '>'); Kind = rest[0]; Size = size }
            | _ -> malformed $"'{text}'" expected

    let private field literal =
        match literal with
        | PythonLiteral.Sequence [ PythonLiteral.Text name; PythonLiteral.Text kind ] ->
            scalar kind |> Result.map (fun scalar -> name, scalar)
        | _ -> malformed "a field that is not (name, type)" "fields of one scalar each"

    let private element literal =
        match literal with
        | PythonLiteral.Text kind -> scalar kind |> Result.map Scalar
        | PythonLiteral.Sequence fields -> fields |> Result.traverse field |> Result.map (List.ofArray >> Record)
        | _ -> malformed "descr" "a type string or a list of fields"

    let private shape literal =
        let length item =
            match item with
            | PythonLiteral.Number n when n >= 0L -> Some n
            | _ -> None

        match literal with
        | PythonLiteral.Sequence items when items |> List.forall (length >> Option.isSome) ->
            Ok(List.choose length items)
        | _ -> malformed "shape" "a tuple of lengths"

    /// The header that a dictionary's text describes.
    let parse (text: string) : Result<NpyHeader, AniSoapError> =
        literal text
        |> Result.bind (fun parsed ->
            match parsed with
            | PythonLiteral.Dictionary entries ->
                let find key =
                    entries
                    |> List.tryFind (fun (k, _) -> k = PythonLiteral.Text key)
                    |> Option.map snd

                match find "descr", find "fortran_order", find "shape" with
                | Some descr, Some(PythonLiteral.Truth fortran), Some lengths ->
                    element descr
                    |> Result.bind (fun element ->
                        shape lengths
                        |> Result.map (fun shape -> { Element = element; FortranOrder = fortran; Shape = shape }))
                | _ -> malformed "the header of an NPY file" "a dictionary of descr, fortran_order and shape"
            | _ -> malformed "the header of an NPY file" "a dictionary of descr, fortran_order and shape")

    let private magic = "\u0093NUMPY"

    /// Reads magic number, version and dictionary, and leaves the stream where the data start. The bytes are given too.
    let readKeeping (stream: Stream) : Result<NpyHeader * byte[], AniSoapError> =
        let start = Array.zeroCreate<byte> 12
        let got = stream.ReadAtLeast(start.AsSpan(0, 8), 8, false)

        if got < 8 || Encoding.Latin1.GetString(start, 0, 6) <> magic then
            malformed "other bytes at the start" "the magic number of an NPY file"
        elif start[6] < 1uy || start[6] > 3uy || start[7] <> 0uy then
            malformed ("version " + string start[6] + "." + string start[7] + " of NPY") "version 1.0, 2.0 or 3.0"
        else
            let width = if start[6] = 1uy then 2 else 4
            let complete = stream.ReadAtLeast(start.AsSpan(8, width), width, false) = width

            let length =
                if width = 2 then
                    int64 (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(start, 8, width)))
                else
                    int64 (BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(start, 8, width)))

            // Far beyond any dictionary of names that labels can have, and no trap for memory.
            if not complete || length > 16_000_000L then
                malformed "the end of the file" "the header of an NPY file"
            else
                let bytes = Array.zeroCreate<byte>(int length)

                if stream.ReadAtLeast(bytes.AsSpan(), bytes.Length, false) < bytes.Length then
                    malformed "the end of the file" "the header of an NPY file"
                else
                    let encoding = if start[6] = 3uy then Encoding.UTF8 else Encoding.Latin1
                    let all = Array.append start[.. 7 + width] bytes
                    parse (encoding.GetString bytes) |> Result.map (fun header -> header, all)

    /// The same without the bytes.
    let read (stream: Stream) : Result<NpyHeader, AniSoapError> = readKeeping stream |> Result.map fst

    // --- writing ----------------------------------------------------------------------------------------------------

    /// The dictionary as metatensor prints it.
    let private dictionary (header: NpyHeader) =
        let descr =
            match header.Element with
            | Scalar scalar -> $"'{string scalar}'"
            | Record fields ->
                let each =
                    fields
                    |> List.map (fun (name, scalar) -> ("('" + name + "', '" + string scalar + "'), "))
                    |> String.concat ""

                $"[{each}]"

        let order = if header.FortranOrder then "True" else "False"
        let lengths = header.Shape |> List.map (fun n -> $"{string n}, ") |> String.concat ""

        "{ 'descr': "
        + descr
        + ", 'fortran_order': "
        + order
        + ", 'shape': ("
        + lengths
        + ") }"

    /// The header's bytes, at least `least` of them, so that a header whose shape is not known yet can be written again.
    let bytesOfAtLeast (least: int) (header: NpyHeader) : byte[] =
        let text = dictionary header
        // Version 1 holds lengths below 65536; longer dictionaries need version 2.
        let prefix = if text.Length + 75 < 65536 then 10 else 12
        let length = (max least (prefix + text.Length + 1) + 63) / 64 * 64
        let bytes = Array.create length (byte ' ')
        Encoding.Latin1.GetBytes(magic, bytes) |> ignore
        bytes[6] <- if prefix = 10 then 1uy else 2uy
        bytes[7] <- 0uy

        if prefix = 10 then
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan 8, uint16 (length - prefix))
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan 8, uint32 (length - prefix))

        Encoding.ASCII.GetBytes(text, bytes.AsSpan prefix) |> ignore
        bytes[length - 1] <- byte '\n'
        bytes

    let bytesOf header = bytesOfAtLeast 0 header
