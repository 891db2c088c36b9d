namespace AniSoap

open System
open System.Collections.Immutable
open System.Numerics
open System.Runtime.InteropServices
open AniSoap.Formats

/// An array of numbers as a file holds it: of any type, with its bytes. Immutable.
[<Sealed; NoComparison>]
type internal ScalarArray
    internal
    (
        scalarType: ScalarType,
        bigEndian: bool,
        fortranOrder: bool,
        shape: ImmutableArray<int>,
        bytes: ReadOnlyMemory<byte>,
        header: byte[]
    ) =
    /// What the numbers are.
    member _.Type = scalarType

    /// The lengths of the axes; none for a single number.
    member _.Shape = shape

    /// The number of numbers.
    member _.Count = bytes.Length / ScalarType.size scalarType

    /// Whether the bytes of a number stand most significant first.
    member _.BigEndian = bigEndian

    /// Whether the first axis is the fastest and not, as usual, the last.
    member _.FortranOrder = fortranOrder

    /// The numbers' bytes as they are in the file.
    member _.Bytes = bytes

    /// The header that stood before the bytes; empty for an array that was not read. It is written again as it was.
    member internal _.Header = header

    /// Same type, shape, order and bytes.
    override _.Equals other =
        match other with
        | :? ScalarArray as other ->
            scalarType = other.Type
            && bigEndian = other.BigEndian
            && fortranOrder = other.FortranOrder
            && shape.AsSpan().SequenceEqual(other.Shape.AsSpan())
            && bytes.Span.SequenceEqual other.Bytes.Span
        | _ -> false

    override _.GetHashCode() = HashCode.Combine(scalarType, bytes.Length, shape.Length)

    override _.ToString() =
        let lengths = String.Join(", ", shape)
        ScalarType.name scalarType + " (" + lengths + ")"

/// Arrays of numbers of any type.
module internal ScalarArray =
    let private typeOf<'T> () =
        let known: (Type * ScalarType) list = [
            typeof<Half>, ScalarType.Float16
            typeof<single>, ScalarType.Float32
            typeof<float>, ScalarType.Float64
            typeof<sbyte>, ScalarType.Int8
            typeof<int16>, ScalarType.Int16
            typeof<int>, ScalarType.Int32
            typeof<int64>, ScalarType.Int64
            typeof<byte>, ScalarType.UInt8
            typeof<uint16>, ScalarType.UInt16
            typeof<uint32>, ScalarType.UInt32
            typeof<uint64>, ScalarType.UInt64
            typeof<bool>, ScalarType.Boolean
            typeof<Complex>, ScalarType.Complex128
        ]

        match known |> List.tryFind (fun (t, _) -> t = typeof<'T>) with
        | Some(_, scalarType) -> scalarType
        | None -> invalidArg "T" $"{string (typeof<'T>)} is no type of numbers in files"

    /// An array of a copy of these bytes, little-endian and with the last axis fastest. Refuses lengths below zero and a
    /// number of bytes that does not fit the shape.
    let create
        (scalarType: ScalarType)
        (shape: int seq)
        (bytes: ReadOnlySpan<byte>)
        : Result<ScalarArray, AniSoapError> =
        let shape = ImmutableArray.CreateRange shape

        let size =
            Seq.fold (fun n length -> n * bigint (length: int)) (bigint (ScalarType.size scalarType)) shape

        if Seq.exists (fun length -> length < 0) shape || size <> bigint bytes.Length then
            let lengths = String.Join(", ", shape)

            Error(
                AniSoapError.invalid
                    "shape"
                    $"({lengths})"
                    $"lengths for {string bytes.Length} bytes of {ScalarType.name scalarType}"
            )
        else
            Ok(ScalarArray(scalarType, false, false, shape, ReadOnlyMemory(bytes.ToArray()), Array.empty))

    /// An array of a copy of these values, the last axis fastest. `'T` is a type of numbers: `float`, `single`, `Half`, any
    /// integer, `bool` or `System.Numerics.Complex`; another one is the caller's mistake.
    let ofValues<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (shape: int seq)
        (values: ReadOnlySpan<'T>)
        : Result<ScalarArray, AniSoapError> =
        let bytes = (MemoryMarshal.AsBytes values).ToArray()
        let scalarType = typeOf<'T>()

        if not BitConverter.IsLittleEndian then
            ScalarConversion.reverse (ScalarConversion.orderedWidth scalarType) (Span bytes)

        create scalarType shape (ReadOnlySpan bytes)

    /// The bytes in the machine's order and with the last axis fastest: a copy.
    let private native (array: ScalarArray) =
        let bytes =
            if array.FortranOrder then
                ScalarConversion.fromFortran (ScalarType.size array.Type) (List.ofSeq array.Shape) array.Bytes.Span
            else
                array.Bytes.ToArray()

        ScalarConversion.toNative array.Type array.BigEndian (Span bytes)

        if array.Type = ScalarType.Boolean then
            // Any other byte than 0 is true, but not a `bool` of this machine.
            for i in 0 .. bytes.Length - 1 do
                bytes[i] <- min bytes[i] 1uy

        bytes

    /// The values, the last axis fastest. Refuses another type than the array's own.
    let toValues<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (array: ScalarArray)
        : Result<'T[], AniSoapError> =
        if typeOf<'T>() = array.Type then
            Ok((MemoryMarshal.Cast<byte, 'T>(Span(native array))).ToArray())
        else
            Error(AniSoapError.invalid "type of numbers" (ScalarType.name (typeOf<'T>())) (ScalarType.name array.Type))

    let internal refuseComplex (scalarType: ScalarType) =
        AniSoapError.invalid "type of numbers" (ScalarType.name scalarType) "real numbers"

    let internal refuseInexact (text: string) =
        AniSoapError.invalid "value" text "numbers that a double is equal to (integers up to 2^53)"

    /// The values as doubles, the last axis fastest; true is 1. Refuses complex numbers, and integers that no double is
    /// equal to (beyond 2^53): nothing is rounded.
    let toFloats (array: ScalarArray) : Result<float[], AniSoapError> =
        if ScalarType.isComplex array.Type then
            Error(refuseComplex array.Type)
        else
            let bytes = native array
            let values = Array.zeroCreate<float> array.Count

            match ScalarConversion.toFloats array.Type (ReadOnlySpan bytes) (Span values) with
            | -1 -> Ok values
            | inexact ->
                Error(refuseInexact (ScalarConversion.showInteger array.Type (ReadOnlySpan(bytes, 8 * inexact, 8))))

    /// The values as complex numbers, the last axis fastest; those of real types have no imaginary part.
    let toComplex (array: ScalarArray) : Result<Complex[], AniSoapError> =
        match array.Type with
        | ScalarType.Complex128 -> toValues<Complex> array
        | ScalarType.Complex64 ->
            let parts = (MemoryMarshal.Cast<byte, single>(Span(native array))).ToArray()
            Ok(Array.init (parts.Length / 2) (fun i -> Complex(float parts[2 * i], float parts[2 * i + 1])))
        | _ -> toFloats array |> Result.map (Array.map (fun value -> Complex(value, 0.0)))

    /// What stands before the bytes in a file.
    let internal header (array: ScalarArray) : byte[] =
        if array.Header.Length > 0 then
            array.Header
        else
            NpyHeader.bytesOf {
                Element = Scalar(ScalarType.toNpy array.BigEndian array.Type)
                FortranOrder = array.FortranOrder
                Shape = [ for length in array.Shape -> int64 length ]
            }
