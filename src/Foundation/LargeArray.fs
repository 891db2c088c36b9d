namespace AniSoap

// The address of an array that is held in place while the system is told of it.
#nowarn "9"

open System
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop

/// Arrays that are filled as soon as they are there. The system gives new memory at the first write to each of its pages, which are small: of a result of many
/// megabytes that takes longer than most kernels here. On Linux memory can be asked for in pages of 2 MB (madvise(2), transparent huge pages), as NumPy does for
/// its large arrays; elsewhere, and where the system declines, nothing changes but the time.
module internal LargeArray =
    [<DllImport("libc", EntryPoint = "madvise")>]
    extern int private madvise(nativeint address, unativeint length, int advice)

    /// MADV_HUGEPAGE of <linux/mman.h>.
    [<Literal>]
    let private HugePages = 14

    /// Smaller arrays hold hardly a whole large page.
    [<Literal>]
    let private FromBytes = 0x400000L

    let private advise (start: nativeint) (bytes: int64) =
        let page = int64 Environment.SystemPageSize
        let first = (int64 start + page - 1L) / page * page
        let last = (int64 start + bytes) / page * page

        try
            // What it returns is no matter: advice may be declined.
            madvise (nativeint first, unativeint (last - first), HugePages) |> ignore
        with
        | :? DllNotFoundException
        | :? EntryPointNotFoundException -> ()

    let private ask (array: 'T[]) =
        let bytes = int64 array.Length * int64 sizeof<'T>

        if bytes >= FromBytes && OperatingSystem.IsLinux() then
            use start = fixed &array[0]
            advise (NativePtr.toNativeInt start) bytes

        array

    /// An array whose elements are anything until they are written.
    let create<'T when 'T: unmanaged> (count: int) : 'T[] = ask (GC.AllocateUninitializedArray<'T> count)

    /// The same, which stays at its address.
    let createPinned<'T when 'T: unmanaged> (count: int) : 'T[] = ask (GC.AllocateUninitializedArray<'T>(count, true))

    /// An array of zeros.
    let zeros<'T when 'T: unmanaged> (count: int) : 'T[] =
        let array = create<'T> count
        Array.Clear array
        array
