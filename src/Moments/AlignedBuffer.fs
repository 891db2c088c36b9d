namespace AniSoap.Numerics

// A kernel reads and writes whole cache lines through pointers into pinned arrays: spans cost a bounds check a load,
// and .NET aligns arrays to 8 bytes only. NU: the warning says that pointers are not verifiable, which is the point.
#nowarn "9"

open System
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop

/// Doubles in pinned memory, the first on a cache-line boundary, zero to begin with.
[<Sealed>]
type internal AlignedBuffer(length: int) =
    static let lineBytes = 64
    let storage: float[] = GC.AllocateArray<float>(length + lineBytes / sizeof<float>, pinned = true)

    let start =
        let address = Marshal.UnsafeAddrOfPinnedArrayElement(storage, 0)
        let offset = (lineBytes - int (address % nativeint lineBytes)) % lineBytes
        address + nativeint offset

    /// The memory itself: a member, so that it lives as long as the buffer does (a mere local would be collected).
    member _.Storage = storage

    member _.Length = length

    /// Valid as long as this buffer is referenced: the owner keeps it in a field.
    member _.Pointer: nativeptr<float> = NativePtr.ofNativeInt start

    member buffer.Span: Span<float> = Span<float>(NativePtr.toVoidPtr buffer.Pointer, length)
