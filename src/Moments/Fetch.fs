/// Asking for memory before it is needed.
module internal AniSoap.Numerics.Fetch

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop

/// Asks for the line that will be stored to without having been read. Stores become visible in their order, so that one to a line that is not in the first-level cache holds up all that
/// follow it, where a load lets others pass. On a Xeon with caches of 48 KB and 2 MB the first block of a centre (D = 14), whose sums are stored and not added to, took 1.3 times as long as
/// the next one. Whether there is such a line does not matter: nothing happens where there is none.
let inline toStore (place: nativeptr<float>) =
    if Sse.IsSupported then
        Sse.Prefetch0(NativePtr.toVoidPtr place)
