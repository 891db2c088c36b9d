namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.Runtime.InteropServices
open AniSoap

/// Numbers of any type in bytes, to doubles and to the machine's byte order.
module ScalarConversion =
    let private isForeign bigEndian = bigEndian = BitConverter.IsLittleEndian

    /// Reverses every group of `width` bytes.
    let internal reverse (width: int) (bytes: Span<byte>) : unit =
        match width with
        | 2 ->
            let all = MemoryMarshal.Cast<byte, int16> bytes
            BinaryPrimitives.ReverseEndianness((Span.op_Implicit all: ReadOnlySpan<int16>), all)
        | 4 ->
            let all = MemoryMarshal.Cast<byte, int32> bytes
            BinaryPrimitives.ReverseEndianness((Span.op_Implicit all: ReadOnlySpan<int32>), all)
        | 8 ->
            let all = MemoryMarshal.Cast<byte, int64> bytes
            BinaryPrimitives.ReverseEndianness((Span.op_Implicit all: ReadOnlySpan<int64>), all)
        | _ -> ()

    /// The bytes of one value that byte order is about: half of a complex number.
    let internal orderedWidth (scalarType: ScalarType) : int =
        if ScalarType.isComplex scalarType then
            ScalarType.size scalarType / 2
        else
            ScalarType.size scalarType

    /// Turns bytes of a file into those of the machine, and back.
    let toNative (scalarType: ScalarType) (bigEndian: bool) (bytes: Span<byte>) : unit =
        if isForeign bigEndian then
            reverse (orderedWidth scalarType) bytes

    /// The number of the first integer that no double is equal to, or −1.
    let private signed (values: ReadOnlySpan<int64>) (target: Span<float>) =
        let mutable inexact = -1

        for i in values.Length - 1 .. -1 .. 0 do
            let value = float values[i]
            target[i] <- value

            // 2^63 itself is no 64-bit integer: the conversion back would not be defined.
            if value >= 9223372036854775808.0 || int64 value <> values[i] then
                inexact <- i

        inexact

    let private unsigned (values: ReadOnlySpan<uint64>) (target: Span<float>) =
        let mutable inexact = -1

        for i in values.Length - 1 .. -1 .. 0 do
            let value = float values[i]
            target[i] <- value

            if value >= 18446744073709551616.0 || uint64 value <> values[i] then
                inexact <- i

        inexact

    let inline private each
        (bytes: ReadOnlySpan<byte>)
        (target: Span<float>)
        ([<InlineIfLambda>] convert: 'T -> float)
        =
        let values = MemoryMarshal.Cast<byte, 'T> bytes

        for i in 0 .. values.Length - 1 do
            target[i] <- convert values[i]

        -1

    /// Real numbers in the machine's byte order as doubles. The result is the number of the first one that no double is
    /// equal to (integers beyond 2^53), or −1. Complex numbers are the caller's mistake.
    let toFloats (scalarType: ScalarType) (bytes: ReadOnlySpan<byte>) (target: Span<float>) : int =
        match scalarType with
        | ScalarType.Float64 ->
            (MemoryMarshal.Cast<byte, float> bytes).CopyTo target
            -1
        | ScalarType.Float32 -> each bytes target (fun (x: single) -> float x)
        | ScalarType.Float16 -> each bytes target (fun (x: Half) -> Half.op_Explicit x: float)
        | ScalarType.Int8 -> each bytes target (fun (x: sbyte) -> float x)
        | ScalarType.Int16 -> each bytes target (fun (x: int16) -> float x)
        | ScalarType.Int32 -> each bytes target (fun (x: int) -> float x)
        | ScalarType.Int64 -> signed (MemoryMarshal.Cast<byte, int64> bytes) target
        | ScalarType.UInt8 -> each bytes target (fun (x: byte) -> float x)
        | ScalarType.UInt16 -> each bytes target (fun (x: uint16) -> float x)
        | ScalarType.UInt32 -> each bytes target (fun (x: uint32) -> float x)
        | ScalarType.UInt64 -> unsigned (MemoryMarshal.Cast<byte, uint64> bytes) target
        | ScalarType.Boolean -> each bytes target (fun (x: byte) -> if x = 0uy then 0.0 else 1.0)
        | ScalarType.Complex64
        | ScalarType.Complex128 -> invalidArg (nameof scalarType) "complex numbers are no doubles"

    /// One integer of eight bytes as text.
    let showInteger (scalarType: ScalarType) (bytes: ReadOnlySpan<byte>) : string =
        if scalarType = ScalarType.UInt64 then
            string (MemoryMarshal.Read<uint64> bytes)
        else
            string (MemoryMarshal.Read<int64> bytes)

    /// Elements from the order in which the first axis is fastest to that in which the last is.
    let internal fromFortran (width: int) (shape: int list) (source: ReadOnlySpan<byte>) : byte[] =
        let target = Array.zeroCreate<byte> source.Length
        let lengths = List.toArray shape
        let index = Array.zeroCreate<int> lengths.Length
        // Bytes between neighbours along each axis of the source.
        let strides = Array.scan (*) width lengths
        let mutable from = 0

        for position in 0 .. source.Length / max 1 width - 1 do
            source.Slice(from, width).CopyTo(Span(target, position * width, width))
            let mutable axis = lengths.Length - 1
            let mutable carry = axis >= 0

            while carry do
                index[axis] <- index[axis] + 1
                from <- from + strides[axis]

                if index[axis] = lengths[axis] then
                    from <- from - index[axis] * strides[axis]
                    index[axis] <- 0
                    axis <- axis - 1
                    carry <- axis >= 0
                else
                    carry <- false

        target
