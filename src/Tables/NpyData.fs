namespace AniSoap

open System
open System.Buffers.Binary
open System.Collections.Immutable
open System.IO
open System.Runtime.InteropServices
open System.Text
open AniSoap.Formats

/// The data of NPY arrays behind their headers, of either byte order: numbers of any type as they are, real ones as
/// doubles, labels (records of 4-byte integers) and text. Written are doubles, singles, 4-byte integers and labels,
/// little-endian.
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
        | None -> NpyHeader.malformed "fewer bytes" $"the array of shape ({shape}) that its header describes"
        | Some n when
            n * int64 each > int64 Array.MaxLength
            || List.exists (fun l -> l > int64 Array.MaxLength) header.Shape
            ->
            Error(AniSoapError.invalid "shape" $"({shape})" $"at most {string Array.MaxLength} numbers")
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

    let private doubles (stream: Stream) bigEndian n =
        let values = Array.zeroCreate<float> n

        fill stream values
        |> Result.map (fun () ->
            if bigEndian = BitConverter.IsLittleEndian then
                let bits = MemoryMarshal.Cast<float, int64>(Span values)
                BinaryPrimitives.ReverseEndianness(Span.op_Implicit bits, bits)

            values)

    /// Numbers of another real type, through a buffer.
    let private converted (stream: Stream) scalarType bigEndian n =
        let size = ScalarType.size scalarType
        let buffer = Array.zeroCreate<byte>(size * min n 16384)
        let values = Array.zeroCreate<float> n
        let mutable start = 0
        let mutable failure = None

        while failure.IsNone && start < n do
            let count = min 16384 (n - start)
            let bytes = Span(buffer, 0, size * count)

            if stream.ReadAtLeast(bytes, bytes.Length, false) < bytes.Length then
                failure <-
                    Some(Malformed("the end of the data", "as many bytes as the header's shape needs", Place.Unknown))
            else
                ScalarConversion.toNative scalarType bigEndian bytes
                let target = Span(values, start, count)

                match ScalarConversion.toFloats scalarType (Span.op_Implicit bytes) target with
                | -1 -> start <- start + count
                | inexact ->
                    let text = ScalarConversion.showInteger scalarType (ReadOnlySpan(buffer, 8 * inexact, 8))
                    failure <- Some(ScalarArray.refuseInexact text)

        match failure with
        | Some error -> Error error
        | None -> Ok values

    /// The type of numbers that an array's elements are.
    let scalarType (header: NpyHeader) : Result<struct (ScalarType * bool), AniSoapError> =
        let known scalar =
            ScalarType.ofNpy scalar
            |> Option.map (fun found -> struct (found, scalar.BigEndian))

        match header.Element with
        | Scalar scalar when (known scalar).IsSome -> Ok (known scalar).Value
        | _ ->
            let all =
                ScalarType.all
                |> List.map (fun t -> "<" + ScalarType.name t)
                |> String.concat ", "

            refused "type of values" header (all + ", or the same with >")

    /// The elements of an array whose first axis is the fastest, in the order in which its last one is.
    let private inOrder (header: NpyHeader) (values: 'T[]) : 'T[] =
        let lengths = header.Shape |> List.map int |> List.toArray

        if not header.FortranOrder || lengths.Length < 2 || values.Length < 2 then
            values
        else
            // How far apart neighbours along each axis are.
            let strides = Array.scan (*) 1 lengths
            let index = Array.zeroCreate<int> lengths.Length
            let mutable from = 0

            Array.init values.Length (fun _ ->
                let value = values[from]
                let mutable axis = lengths.Length - 1
                let mutable carry = true

                while carry && axis >= 0 do
                    index[axis] <- index[axis] + 1
                    from <- from + strides[axis]

                    if index[axis] = lengths[axis] then
                        from <- from - index[axis] * strides[axis]
                        index[axis] <- 0
                        axis <- axis - 1
                    else
                        carry <- false

                value)

    /// Real numbers of any type as doubles, the last axis fastest. Integers that no double is equal to are refused.
    let readFloats (available: int64) (header: NpyHeader) (stream: Stream) : Result<float[], AniSoapError> =
        scalarType header
        |> Result.bind (fun (struct (scalarType, bigEndian)) ->
            if ScalarType.isComplex scalarType then
                Error(ScalarArray.refuseComplex scalarType)
            else
                count 1 available header
                |> Result.bind (fun n ->
                    match scalarType with
                    | ScalarType.Float64 -> doubles stream bigEndian n
                    | other -> converted stream other bigEndian n)
                |> Result.map (inOrder header))

    /// What metatensor refuses, in whose files no array has another order.
    let inCOrder (header: NpyHeader) (read: unit -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        if header.FortranOrder then
            Error(AniSoapError.invalid "fortran_order" "True" "False, that is C order")
        else
            read ()

    /// Numbers of any type as they are, the header's bytes and the order of the axes too.
    let readScalars
        (available: int64)
        (header: NpyHeader, kept: byte[])
        (stream: Stream)
        : Result<ScalarArray, AniSoapError> =
        scalarType header
        |> Result.bind (fun (struct (scalarType, bigEndian)) ->
            count (ScalarType.size scalarType) available header
            |> Result.bind (fun size ->
                let bytes = Array.zeroCreate<byte> size

                fill stream bytes
                |> Result.map (fun () ->
                    let shape = ImmutableArray.CreateRange(header.Shape |> Seq.map int)
                    ScalarArray(scalarType, bigEndian, header.FortranOrder, shape, ReadOnlyMemory bytes, kept))))

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

    /// Integers of any type that fit into four bytes, the last axis fastest.
    let readIntegers (available: int64) (header: NpyHeader) (stream: Stream) : Result<int[], AniSoapError> =
        match header.Element with
        | Scalar({ Kind = 'i'; Size = 4 } as scalar) ->
            count 1 available header
            |> Result.bind (integers stream scalar)
            |> Result.map (inOrder header)
        | Scalar { Kind = 'i' | 'u' } ->
            readFloats available header stream
            |> Result.bind (fun values ->
                match
                    values
                    |> Array.tryFind (fun value -> value < -2147483648.0 || value > 2147483647.0)
                with
                | Some value -> Error(AniSoapError.invalid "integer" value "at most 2147483647, as labels can be")
                | None -> Ok(Array.map int values))
        | _ -> refused "type of integers" header "integers with or without sign of 1, 2, 4 or 8 bytes (such as <i4)"

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
                        encoding.GetString(bytes, i * scalar.ByteCount, scalar.ByteCount).TrimEnd '\000')
                    |> inOrder header))
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
                Error(Precision.tooLarge tooLarge)

    let newBuffer () : single[] = Array.zeroCreate 4096
