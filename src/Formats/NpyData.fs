namespace AniSoap

open System
open System.Buffers.Binary
open System.IO
open System.Runtime.InteropServices
open System.Text

/// How many bits a written number has.
[<RequireQualifiedAccess>]
type Precision =
    /// Eight bytes, all digits.
    | Double
    /// Four bytes, seven digits.
    | Single

/// The data of NPY arrays behind their headers. Read are 4- and 8-byte floating-point numbers, 4-byte integers (alone or
/// in records) and text, of either byte order; written are the same, little-endian.
module internal NpyData =
    let private refused what (header: NpyHeader) accepted = Error(AniSoapError.invalid what header.Element accepted)

    /// The number of elements times the numbers (or bytes) in each, once the data that are there can hold them: nothing
    /// larger is ever allocated.
    let private count (each: int) (available: int64) (header: NpyHeader) : Result<int, AniSoapError> =
        let bytes = int64 (max 1 header.Element.ByteCount)
        let shape = String.Join(", ", header.Shape)

        // Zero lengths first: they make any other length harmless.
        let elements =
            (Some 1L, List.sort header.Shape)
            ||> List.fold (fun known length ->
                known
                |> Option.bind (fun known ->
                    if length = 0L || known <= available / bytes / length then
                        Some(known * length)
                    else
                        None))

        match elements with
        | _ when header.FortranOrder -> Error(AniSoapError.invalid "fortran_order" "True" "False, that is C order")
        | None -> NpyHeader.malformed "fewer bytes" $"the array of shape ({shape}) that its header describes"
        | Some n when
            n * int64 each > int64 Array.MaxLength
            || List.exists (fun l -> l > int64 Array.MaxLength) header.Shape
            ->
            Error(AniSoapError.invalid "shape" $"({shape})" $"at most {Array.MaxLength} numbers")
        | Some n -> Ok(int n * each)

    // A span counts bytes in 32 bits: long arrays go through it in pieces of so many numbers.
    let private piece = 0x1000000

    let private fill<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (stream: Stream)
        (values: 'T[])
        =
        let mutable start = 0
        let mutable complete = true

        while complete && start < values.Length do
            let bytes = MemoryMarshal.AsBytes(Span(values, start, min piece (values.Length - start)))
            complete <- stream.ReadAtLeast(bytes, bytes.Length, false) = bytes.Length
            start <- start + piece

        if complete then
            Ok()
        else
            NpyHeader.malformed "the end of the data" "as many bytes as the header's shape needs"

    let private foreign (scalar: NpyScalar) = scalar.BigEndian = BitConverter.IsLittleEndian

    let private integers (stream: Stream) (scalar: NpyScalar) (n: int) =
        let values = Array.zeroCreate<int> n

        fill stream values
        |> Result.map (fun () ->
            if foreign scalar then
                BinaryPrimitives.ReverseEndianness(ReadOnlySpan values, Span values)

            values)

    /// Doubles, or singles widened to doubles.
    let readFloats (available: int64) (header: NpyHeader) (stream: Stream) : Result<float[], AniSoapError> =
        match header.Element with
        | Scalar({ Kind = 'f'; Size = 8 } as scalar) ->
            count 1 available header
            |> Result.bind (fun n ->
                let values = Array.zeroCreate<float> n

                fill stream values
                |> Result.map (fun () ->
                    if foreign scalar then
                        let bits = MemoryMarshal.Cast<float, int64>(Span values)
                        BinaryPrimitives.ReverseEndianness(Span.op_Implicit bits, bits)

                    values))
        | Scalar({ Kind = 'f'; Size = 4 } as scalar) ->
            count 1 available header
            |> Result.bind (fun n ->
                integers stream scalar n
                |> Result.map (Array.map (fun bits -> float (BitConverter.Int32BitsToSingle bits))))
        | _ -> refused "type of values" header "<f8, <f4, >f8 or >f4"

    /// Labels: a one-dimensional array of records of 4-byte integers of one byte order.
    let readLabels (available: int64) (header: NpyHeader) (stream: Stream) : Result<Labels, AniSoapError> =
        match header.Element, header.Shape with
        | Record fields, [ _ ] ->
            let names, scalars = List.unzip fields

            match List.distinct scalars with
            | [] -> refused "names of labels" header "at least one"
            | [ { Kind = 'i'; Size = 4 } as scalar ] ->
                count names.Length available header
                |> Result.bind (integers stream scalar)
                |> Result.bind (Labels.ofOwned names)
            | _ -> refused "type of labels" header "<i4 or >i4 in all fields"
        | _ -> refused "labels" header "a one-dimensional array of records of <i4 or >i4"

    /// Integers of four bytes.
    let readIntegers (available: int64) (header: NpyHeader) (stream: Stream) : Result<int[], AniSoapError> =
        match header.Element with
        | Scalar({ Kind = 'i'; Size = 4 } as scalar) -> count 1 available header |> Result.bind (integers stream scalar)
        | _ -> refused "type of integers" header "<i4 or >i4"

    /// Text: characters of four bytes, each element padded with zeros.
    let readTexts (available: int64) (header: NpyHeader) (stream: Stream) : Result<string[], AniSoapError> =
        match header.Element with
        | Scalar({ Kind = 'U' } as scalar) ->
            count scalar.ByteCount available header
            |> Result.bind (fun size ->
                let bytes = Array.zeroCreate<byte> size

                fill stream bytes
                |> Result.map (fun () ->
                    let encoding = UTF32Encoding(scalar.BigEndian, false)

                    Array.init (size / max 1 scalar.ByteCount) (fun i ->
                        encoding.GetString(bytes, i * scalar.ByteCount, scalar.ByteCount).TrimEnd '\000')))
        | _ -> refused "type of text" header "<U or >U"

    // --- writing ----------------------------------------------------------------------------------------------------

    let scalarOf precision =
        match precision with
        | Precision.Double -> NpyHeader.float8
        | Precision.Single -> NpyHeader.float4

    /// A header in C order.
    let header element shape : NpyHeader = { Element = element; FortranOrder = false; Shape = shape }

    let labelsHeader (labels: Labels) =
        header (Record [ for name in labels.Names -> name, NpyHeader.int4 ]) [ int64 labels.Count ]

    let writeIntegers (stream: Stream) (values: ReadOnlySpan<int>) =
        let mutable rest = values

        while rest.Length > 0 do
            stream.Write(MemoryMarshal.AsBytes(rest.Slice(0, min piece rest.Length)))
            rest <- rest.Slice(min piece rest.Length)

    let tooLargeForSingle (value: float) =
        AniSoapError.invalid "value" value "in single precision, up to 3.4e38; use double precision"

    /// Writes numbers, rounded to singles where they are wanted; a number too large for a single is an error. The
    /// buffer of singles is the caller's, who calls again and again.
    let writeFloats (precision: Precision) (buffer: single[]) (stream: Stream) (values: ReadOnlySpan<float>) =
        match precision with
        | Precision.Double ->
            let mutable rest = values

            while rest.Length > 0 do
                stream.Write(MemoryMarshal.AsBytes(rest.Slice(0, min piece rest.Length)))
                rest <- rest.Slice(min piece rest.Length)

            Ok()
        | Precision.Single ->
            let mutable start = 0
            let mutable tooLarge = nan

            while start < values.Length do
                let part = values.Slice(start, min buffer.Length (values.Length - start))

                for i in 0 .. part.Length - 1 do
                    buffer[i] <- single part[i]

                    if Single.IsInfinity buffer[i] then
                        tooLarge <- part[i]

                stream.Write(MemoryMarshal.AsBytes(ReadOnlySpan(buffer, 0, part.Length)))
                start <- start + part.Length

            if Double.IsNaN tooLarge then
                Ok()
            else
                Error(tooLargeForSingle tooLarge)

    let newBuffer () : single[] = Array.zeroCreate 4096
