/// The moment recursion compiled for the vectors of this machine.
module internal AniSoap.Kernels.MomentKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop

/// Which instructions the sums are computed with. All give the same numbers to rounding.
type Width =
    /// Two lanes, multiply-add where the machine has it: runs everywhere.
    | Portable
    /// Four lanes with fused multiply-add (AVX2).
    | Wide256
    /// Eight lanes with fused multiply-add (AVX-512).
    | Wide512

let lanesOf width =
    match width with
    | Portable -> 2
    | Wide256 -> 4
    | Wide512 -> 8

let isSupported width =
    match width with
    | Portable -> true
    | Wide256 -> Vector256.IsHardwareAccelerated && Fma.IsSupported
    | Wide512 -> Vector512.IsHardwareAccelerated && Avx512F.IsSupported

/// The widest that this machine has.
let best () =
    if isSupported Wide512 then Wide512
    elif isSupported Wide256 then Wide256
    else Portable

let inline private run128 two first degree parameters scratch sums =
    MomentRecursion.run
        two
        first
        2
        Vector128<float>.Zero
        (fun p -> Vector128.Load p)
        (fun p v -> Vector128.Store(v, p))
        (fun x y -> Vector128.Add(x, y))
        (fun s v -> Vector128.Multiply(v, (s: float)))
        (fun x y -> Vector128.Multiply(x, (y: Vector128<float>)))
        (fun x y z -> Vector128.MultiplyAddEstimate(x, y, z))
        degree
        parameters
        scratch
        sums

let inline private run256 two first degree parameters scratch sums =
    MomentRecursion.run
        two
        first
        4
        Vector256<float>.Zero
        (fun p -> Vector256.Load p)
        (fun p v -> Vector256.Store(v, p))
        (fun x y -> Vector256.Add(x, y))
        (fun s v -> Vector256.Multiply(v, (s: float)))
        (fun x y -> Vector256.Multiply(x, (y: Vector256<float>)))
        (fun x y z -> Vector256.FusedMultiplyAdd(x, y, z))
        degree
        parameters
        scratch
        sums

let inline private run512 two first degree parameters scratch sums =
    MomentRecursion.run
        two
        first
        8
        Vector512<float>.Zero
        (fun p -> Vector512.Load p)
        (fun p v -> Vector512.Store(v, p))
        (fun x y -> Vector512.Add(x, y))
        (fun s v -> Vector512.Multiply(v, (s: float)))
        (fun x y -> Vector512.Multiply(x, (y: Vector512<float>)))
        (fun x y z -> Vector512.FusedMultiplyAdd(x, y, z))
        degree
        parameters
        scratch
        sums

// One method each, so that only what a machine runs is compiled, and fully optimised at the first call: these loops are
// entered once and stay for long.

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private firstTwo512 degree parameters scratch sums = run512 true true degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private moreTwo512 degree parameters scratch sums = run512 true false degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private firstOne512 degree parameters scratch sums = run512 false true degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private moreOne512 degree parameters scratch sums = run512 false false degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private firstTwo256 degree parameters scratch sums = run256 true true degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private moreTwo256 degree parameters scratch sums = run256 true false degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private firstOne256 degree parameters scratch sums = run256 false true degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private moreOne256 degree parameters scratch sums = run256 false false degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private firstTwo128 degree parameters scratch sums = run128 true true degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private moreTwo128 degree parameters scratch sums = run128 true false degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private firstOne128 degree parameters scratch sums = run128 false true degree parameters scratch sums

[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let private moreOne128 degree parameters scratch sums = run128 false false degree parameters scratch sums

/// Adds the moments of a block of one (`two` false) or two groups of lanes to the sums, or sets the sums to them.
let accumulate width two first degree parameters scratch sums =
    match width, two, first with
    | Wide512, true, true -> firstTwo512 degree parameters scratch sums
    | Wide512, true, false -> moreTwo512 degree parameters scratch sums
    | Wide512, false, true -> firstOne512 degree parameters scratch sums
    | Wide512, false, false -> moreOne512 degree parameters scratch sums
    | Wide256, true, true -> firstTwo256 degree parameters scratch sums
    | Wide256, true, false -> moreTwo256 degree parameters scratch sums
    | Wide256, false, true -> firstOne256 degree parameters scratch sums
    | Wide256, false, false -> moreOne256 degree parameters scratch sums
    | Portable, true, true -> firstTwo128 degree parameters scratch sums
    | Portable, true, false -> moreTwo128 degree parameters scratch sums
    | Portable, false, true -> firstOne128 degree parameters scratch sums
    | Portable, false, false -> moreOne128 degree parameters scratch sums
