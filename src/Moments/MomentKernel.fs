/// The moment recursion compiled for the vectors of this machine.
module internal AniSoap.Numerics.MomentKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

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

let inline run128 groups first keep summed ([<InlineIfLambda>] afterPlane) degree parameters scratch sums kept =
    MomentRecursion.run
        groups
        first
        keep
        summed
        2
        Vector128<float>.Zero
        (fun p -> Vector128.Load p)
        (fun p v -> Vector128.Store(v, p))
        (fun x y -> Vector128.Add(x, y))
        (fun s v -> Vector128.Multiply(v, (s: float)))
        (fun x y -> Vector128.Multiply(x, (y: Vector128<float>)))
        (fun x y z -> Vector128.MultiplyAddEstimate(x, y, z))
        afterPlane
        degree
        parameters
        scratch
        sums
        kept

let inline run256 groups first keep summed ([<InlineIfLambda>] afterPlane) degree parameters scratch sums kept =
    MomentRecursion.run
        groups
        first
        keep
        summed
        4
        Vector256<float>.Zero
        (fun p -> Vector256.Load p)
        (fun p v -> Vector256.Store(v, p))
        (fun x y -> Vector256.Add(x, y))
        (fun s v -> Vector256.Multiply(v, (s: float)))
        (fun x y -> Vector256.Multiply(x, (y: Vector256<float>)))
        (fun x y z -> Vector256.FusedMultiplyAdd(x, y, z))
        afterPlane
        degree
        parameters
        scratch
        sums
        kept

let inline run512 groups first keep summed ([<InlineIfLambda>] afterPlane) degree parameters scratch sums kept =
    MomentRecursion.run
        groups
        first
        keep
        summed
        8
        Vector512<float>.Zero
        (fun p -> Vector512.Load p)
        (fun p v -> Vector512.Store(v, p))
        (fun x y -> Vector512.Add(x, y))
        (fun s v -> Vector512.Multiply(v, (s: float)))
        (fun x y -> Vector512.Multiply(x, (y: Vector512<float>)))
        (fun x y z -> Vector512.FusedMultiplyAdd(x, y, z))
        afterPlane
        degree
        parameters
        scratch
        sums
        kept

// One method each, so that only what a machine runs is compiled, and fully optimised at the first call: these loops are
// entered once and stay for long.

let private firstThree512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 3 true false true (fun _ _ -> ()) degree parameters scratch sums sums

let private moreThree512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 3 false false true (fun _ _ -> ()) degree parameters scratch sums sums

let private firstTwo512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 2 true false true (fun _ _ -> ()) degree parameters scratch sums sums

let private moreTwo512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 2 false false true (fun _ _ -> ()) degree parameters scratch sums sums

let private firstOne512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 1 true false true (fun _ _ -> ()) degree parameters scratch sums sums

let private moreOne512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 1 false false true (fun _ _ -> ()) degree parameters scratch sums sums

let private firstTwo256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 2 true false true (fun _ _ -> ()) degree parameters scratch sums sums

let private moreTwo256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 2 false false true (fun _ _ -> ()) degree parameters scratch sums sums

let private firstOne256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 1 true false true (fun _ _ -> ()) degree parameters scratch sums sums

let private moreOne256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 1 false false true (fun _ _ -> ()) degree parameters scratch sums sums

let private firstTwo128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 2 true false true (fun _ _ -> ()) degree parameters scratch sums sums

let private moreTwo128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 2 false false true (fun _ _ -> ()) degree parameters scratch sums sums

let private firstOne128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 1 true false true (fun _ _ -> ()) degree parameters scratch sums sums

let private moreOne128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 1 false false true (fun _ _ -> ()) degree parameters scratch sums sums

/// Most groups of lanes in one block: as many as have their constants in registers.
let mostGroups width =
    match width with
    | Wide512 -> 3
    | Wide256
    | Portable -> 2

/// `accumulate` with whole planes.
let accumulateWhole width groups first degree parameters scratch sums =
    match width, groups, first with
    | Wide512, 3, true -> firstThree512 degree parameters scratch sums
    | Wide512, 3, false -> moreThree512 degree parameters scratch sums
    | Wide512, 2, true -> firstTwo512 degree parameters scratch sums
    | Wide512, 2, false -> moreTwo512 degree parameters scratch sums
    | Wide512, _, true -> firstOne512 degree parameters scratch sums
    | Wide512, _, false -> moreOne512 degree parameters scratch sums
    | Wide256, 2, true -> firstTwo256 degree parameters scratch sums
    | Wide256, 2, false -> moreTwo256 degree parameters scratch sums
    | Wide256, _, true -> firstOne256 degree parameters scratch sums
    | Wide256, _, false -> moreOne256 degree parameters scratch sums
    | Portable, 2, true -> firstTwo128 degree parameters scratch sums
    | Portable, 2, false -> moreTwo128 degree parameters scratch sums
    | Portable, _, true -> firstOne128 degree parameters scratch sums
    | Portable, _, false -> moreOne128 degree parameters scratch sums

/// Adds the moments of a block of 1, 2 or 3 groups of lanes (not more than `mostGroups`) to the sums, or sets the sums to them.
let accumulate width groups first degree parameters scratch sums =
    if width = Wide512 && groups = 3 && MomentTiles.isFaster degree then
        MomentTiles.accumulate first degree parameters scratch sums
    else
        accumulateWhole width groups first degree parameters scratch sums

let private keepThree512 degree parameters scratch sums kept =
    FullOptimization.ask ()
    run512 3 false true true (fun _ _ -> ()) degree parameters scratch sums kept

let private keepTwo512 degree parameters scratch sums kept =
    FullOptimization.ask ()
    run512 2 false true true (fun _ _ -> ()) degree parameters scratch sums kept

let private keepOne512 degree parameters scratch sums kept =
    FullOptimization.ask ()
    run512 1 false true true (fun _ _ -> ()) degree parameters scratch sums kept

let private keepTwo256 degree parameters scratch sums kept =
    FullOptimization.ask ()
    run256 2 false true true (fun _ _ -> ()) degree parameters scratch sums kept

let private keepOne256 degree parameters scratch sums kept =
    FullOptimization.ask ()
    run256 1 false true true (fun _ _ -> ()) degree parameters scratch sums kept

let private keepTwo128 degree parameters scratch sums kept =
    FullOptimization.ask ()
    run128 2 false true true (fun _ _ -> ()) degree parameters scratch sums kept

let private keepOne128 degree parameters scratch sums kept =
    FullOptimization.ask ()
    run128 1 false true true (fun _ _ -> ()) degree parameters scratch sums kept

/// Adds the moments of a block to the sums, like `accumulate`, and keeps those of every lane: kept[(state · groups + group) · lanes + lane].
let keep width groups degree parameters scratch sums kept =
    match width, groups with
    | Wide512, 3 -> keepThree512 degree parameters scratch sums kept
    | Wide512, 2 -> keepTwo512 degree parameters scratch sums kept
    | Wide512, _ -> keepOne512 degree parameters scratch sums kept
    | Wide256, 2 -> keepTwo256 degree parameters scratch sums kept
    | Wide256, _ -> keepOne256 degree parameters scratch sums kept
    | Portable, 2 -> keepTwo128 degree parameters scratch sums kept
    | Portable, _ -> keepOne128 degree parameters scratch sums kept
