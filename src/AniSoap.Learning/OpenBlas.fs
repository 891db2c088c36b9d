namespace AniSoap.Learning

open System
open System.Runtime.InteropServices
open AniSoap

/// dtpqrt of LAPACK: R of [R; B] and the reflections, by blocks (all arguments are addresses, as in Fortran).
[<UnmanagedFunctionPointer(CallingConvention.Cdecl)>]
type internal TriangularQr =
    delegate of
        m: nativeint *
        n: nativeint *
        l: nativeint *
        block: nativeint *
        a: nativeint *
        lda: nativeint *
        b: nativeint *
        ldb: nativeint *
        t: nativeint *
        ldt: nativeint *
        work: nativeint *
        info: nativeint ->
            unit

[<UnmanagedFunctionPointer(CallingConvention.Cdecl)>]
type internal SetThreads = delegate of count: int -> unit

/// OpenBLAS, loaded from the system at run time. Made by `OpenBlas.load`.
[<Sealed>]
type OpenBlas internal (path: string, decompose: TriangularQr) =
    /// The name or the file that it was loaded by.
    member _.Path = path

    member internal _.Decompose = decompose

    /// The name or the file.
    override _.ToString() = "OpenBLAS of " + path

/// OpenBLAS, where the system has it.
module OpenBlas =
    let private names =
        if OperatingSystem.IsWindows() then
            [ "libopenblas.dll"; "openblas.dll" ]
        elif OperatingSystem.IsMacOS() then
            [ "libopenblas.dylib"; "/opt/homebrew/opt/openblas/lib/libopenblas.dylib" ]
        else
            [ "libopenblas.so.0"; "libopenblas.so" ]

    let private tryLoad (name: string) =
        match NativeLibrary.TryLoad name with
        | true, handle -> Some(name, handle)
        | _ -> None

    let private tryFunction<'call when 'call :> Delegate> (handle: nativeint) (name: string) =
        match NativeLibrary.TryGetExport(handle, name) with
        | true, address -> Some(Marshal.GetDelegateForFunctionPointer<'call> address)
        | _ -> None

    let private remedy =
        "install it (Debian: libopenblas0-pthread), name its file, or use the package's own linear algebra"

    /// OpenBLAS by the system's usual names, or from one file. It is told to use one thread a call: rows of different frames are decomposed side by side by threads of this package.
    /// Refuses where there is none, and libraries without LAPACK's dtpqrt_ of 32-bit integers.
    let load (path: string option) : Result<OpenBlas, AniSoapError> =
        let tried = path |> Option.map List.singleton |> Option.defaultValue names

        match List.tryPick tryLoad tried with
        | None -> Error(Missing("OpenBLAS (" + String.Join(", ", tried) + ")", remedy, Place.Unknown))
        | Some(name, handle) ->
            match tryFunction<TriangularQr> handle "dtpqrt_" with
            | None -> Error(Missing("the function dtpqrt_ of " + name, remedy, Place.Unknown))
            | Some decompose ->
                tryFunction<SetThreads> handle "openblas_set_num_threads"
                |> Option.iter (fun set -> set.Invoke 1)

                Ok(OpenBlas(name, decompose))

/// What the rows of training are decomposed by.
[<RequireQualifiedAccess; NoComparison>]
type LinearAlgebra =
    /// This package's own kernels: the same bits on any number of threads, in one run or in parts.
    | Own
    /// OpenBLAS: equal to that within rounding; its bits depend on its version and on the processor that it was made for.
    | OpenBlas of OpenBlas

/// R of [R; tile] by LAPACK, in memory of its own.
[<Sealed>]
type internal LapackTile(columns: int, rows: int, pitch: int, library: OpenBlas) =
    let block = min 32 columns
    // R by columns.
    let square = GC.AllocateArray<float>(columns * columns, pinned = true)
    let reflections = GC.AllocateArray<float>(block * columns, pinned = true)
    let work = GC.AllocateArray<float>(block * columns, pinned = true)
    // m, n, l, block, lda, ldb, info
    let sizes = GC.AllocateArray<int>(7, pinned = true)

    let address (values: 'a[]) at = Marshal.UnsafeAddrOfPinnedArrayElement(values, at)

    /// Between rows and columns, a cache line of either at a time.
    let exchange start (move: int -> int -> int -> unit) =
        for first in start..8 .. columns - 1 do
            for j in first .. columns - 1 do
                for k in first .. min (first + 7) j do
                    move k j (j * columns + k)

    /// Takes a tile by columns, of which those before `start` are zero, into R by rows; the tile is used up.
    member _.Reduce(tile: nativeint, triangle: float[][], start: int) =
        exchange start (fun k j at -> square[at] <- triangle[k][j])
        let count = columns - start
        let width = min block count

        for place, size in [ 0, rows; 1, count; 2, 0; 3, width; 4, columns; 5, pitch; 6, 0 ] do
            sizes[place] <- size

        library.Decompose.Invoke(
            address sizes 0,
            address sizes 1,
            address sizes 2,
            address sizes 3,
            address square (start * columns + start),
            address sizes 4,
            tile + nativeint (start * pitch * sizeof<float>),
            address sizes 5,
            address reflections 0,
            address sizes 3,
            address work 0,
            address sizes 6
        )

        if sizes[6] <> 0 then
            invalidOp ("dtpqrt refuses argument " + string -sizes[6])

        exchange start (fun k j at -> triangle[k][j] <- square[at])
