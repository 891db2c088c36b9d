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
        $"{order}{scalar.Kind}{scalar.Size}"

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
        | Scalar scalar -> $"{scalar}"
        | Record fields ->
            fields
            |> List.map (fun (name, scalar) -> $"{name}:{scalar}")
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

    // --- the dictionary: a subset of Python's literals ---------------------------------------------------------------

    type private Literal =
        | Text of string
        | Number of int64
        | Truth of bool
        | Sequence of Literal list
        | Dictionary of (Literal * Literal) list

    /// Where and why reading stopped; caught in `literal` and never seen outside.
    exception private Stop of string

    let rec private value (text: string) (at: byref<int>) depth : Literal =
        let start = skip text at

        if start >= text.Length then
            raise (Stop "the end of the header")

        if depth > 8 then
            raise (Stop "deeper nesting")

        match text[start] with
        | '\''
        | '"' as quote ->
            let finish = text.IndexOf(quote, start + 1)

            if finish < 0 then
                raise (Stop "a string without its end")

            at <- finish + 1
            Text(text.Substring(start + 1, finish - start - 1))
        | '(' ->
            at <- start + 1
            Sequence(items text &at ')' depth)
        | '[' ->
            at <- start + 1
            Sequence(items text &at ']' depth)
        | '{' ->
            at <- start + 1
            Dictionary(pairs text &at depth)
        | c when Char.IsAsciiDigit c || c = '-' ->
            let mutable finish = start + 1

            while finish < text.Length && Char.IsAsciiDigit text[finish] do
                finish <- finish + 1

            match
                Int64.TryParse(
                    text.AsSpan(start, finish - start),
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture
                )
            with
            | true, number ->
                // Python 2 wrote long integers with an L.
                at <-
                    if finish < text.Length && text[finish] = 'L' then
                        finish + 1
                    else
                        finish

                Number number
            | _ -> raise (Stop(text.Substring(start, finish - start)))
        | _ when String.CompareOrdinal(text, start, "True", 0, 4) = 0 ->
            at <- start + 4
            Truth true
        | _ when String.CompareOrdinal(text, start, "False", 0, 5) = 0 ->
            at <- start + 5
            Truth false
        | c -> raise (Stop $"'{c}'")

    and private skip (text: string) at =
        let mutable i = at

        while i < text.Length
              && (text[i] = ' ' || text[i] = '\n' || text[i] = '\t' || text[i] = '\r') do
            i <- i + 1

        i

    and private closes (text: string) (at: byref<int>) close =
        at <- skip text at

        if at < text.Length && text[at] = close then
            at <- at + 1
            true
        else
            false

    and private comma (text: string) (at: byref<int>) close =
        at <- skip text at

        if at < text.Length && text[at] = ',' then
            at <- at + 1
        elif at >= text.Length || text[at] <> close then
            raise (Stop $"no '{close}'")

    and private items text (at: byref<int>) close depth =
        let mutable found = []

        while not (closes text &at close) do
            found <- value text &at (depth + 1) :: found
            comma text &at close

        List.rev found

    and private pairs text (at: byref<int>) depth =
        let mutable found = []

        while not (closes text &at '}') do
            let key = value text &at (depth + 1)
            at <- skip text at

            if at >= text.Length || text[at] <> ':' then
                raise (Stop "no ':'")

            at <- at + 1
            found <- (key, value text &at (depth + 1)) :: found
            comma text &at '}'

        List.rev found

    let private literal (text: string) =
        try
            let mutable at = 0
            let parsed = value text &at 0

            if skip text at < text.Length then
                malformed "text after the header's dictionary" "nothing there"
            else
                Ok parsed
        with Stop found ->
            malformed $"{found} in the header of an NPY file" "a Python dictionary of descr, fortran_order and shape"

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
        | Sequence [ Text name; Text kind ] -> scalar kind |> Result.map (fun scalar -> name, scalar)
        | _ -> malformed "a field that is not (name, type)" "fields of one scalar each"

    let private element literal =
        match literal with
        | Text kind -> scalar kind |> Result.map Scalar
        | Sequence fields ->
            (Ok [], fields)
            ||> List.fold (fun known next ->
                known
                |> Result.bind (fun known -> field next |> Result.map (fun f -> f :: known)))
            |> Result.map (List.rev >> Record)
        | _ -> malformed "descr" "a type string or a list of fields"

    let private shape literal =
        let length item =
            match item with
            | Number n when n >= 0L -> Some n
            | _ -> None

        match literal with
        | Sequence items when items |> List.forall (length >> Option.isSome) -> Ok(List.choose length items)
        | _ -> malformed "shape" "a tuple of lengths"

    /// The header that a dictionary's text describes.
    let parse (text: string) : Result<NpyHeader, AniSoapError> =
        literal text
        |> Result.bind (fun parsed ->
            match parsed with
            | Dictionary entries ->
                let find key = entries |> List.tryFind (fun (k, _) -> k = Text key) |> Option.map snd

                match find "descr", find "fortran_order", find "shape" with
                | Some descr, Some(Truth fortran), Some lengths ->
                    element descr
                    |> Result.bind (fun element ->
                        shape lengths
                        |> Result.map (fun shape -> { Element = element; FortranOrder = fortran; Shape = shape }))
                | _ -> malformed "the header of an NPY file" "a dictionary of descr, fortran_order and shape"
            | _ -> malformed "the header of an NPY file" "a dictionary of descr, fortran_order and shape")

    let private magic = "\u0093NUMPY"

    /// Reads magic number, version and dictionary, and leaves the stream where the data start.
    let read (stream: Stream) : Result<NpyHeader, AniSoapError> =
        let start = Array.zeroCreate<byte> 12
        let got = stream.ReadAtLeast(start.AsSpan(0, 8), 8, false)

        if got < 8 || Encoding.Latin1.GetString(start, 0, 6) <> magic then
            malformed "other bytes at the start" "the magic number of an NPY file"
        elif start[6] < 1uy || start[6] > 3uy || start[7] <> 0uy then
            malformed $"version {start[6]}.{start[7]} of NPY" "version 1.0, 2.0 or 3.0"
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
                    parse (encoding.GetString bytes)

    // --- writing ----------------------------------------------------------------------------------------------------

    /// The dictionary as metatensor prints it.
    let private dictionary (header: NpyHeader) =
        let descr =
            match header.Element with
            | Scalar scalar -> $"'{scalar}'"
            | Record fields ->
                let each =
                    fields
                    |> List.map (fun (name, scalar) -> $"('{name}', '{scalar}'), ")
                    |> String.concat ""

                $"[{each}]"

        let order = if header.FortranOrder then "True" else "False"
        let lengths = header.Shape |> List.map (fun n -> $"{n}, ") |> String.concat ""
        $"{{ 'descr': {descr}, 'fortran_order': {order}, 'shape': ({lengths}) }}"

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
