/// Seven dot products of every pair's moments with vectors that all pairs of a centre share: what forces and torques are made of
/// (ShiftTable.fs says which). For a block of pairs in lanes this is a matrix product of seven rows; all its sums stay in registers while
/// the moments stream by: once where there are 32 registers. With sixteen, seven sums of two groups leave two for the moments and a weight: one sum would live in memory, and each
/// state wait for the one before to come back from there, twelve cycles where the multiply-adds take seven. There the moments stream by twice, for the gradients (rows 1 to 3) and for the others.
module internal AniSoap.Numerics.RowProducts

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

let inline private pass128 groups gradients others inLines isAdded lines length pitch stride rows kept results =
    SevenSums.run
        groups
        gradients
        others
        inLines
        2
        Vector128<float>.Zero
        (fun p -> Vector128.Load p)
        (fun p v -> Vector128.Store(v, p))
        (fun p -> Vector128.Create(NativePtr.read p: float))
        (fun x y z -> Vector128.MultiplyAddEstimate(x, y, z))
        isAdded
        lines
        length
        pitch
        stride
        rows
        kept
        results

let inline private run128 groups inLines isAdded lines length pitch stride rows kept results =
    if groups = 1 then
        pass128 groups true true inLines isAdded lines length pitch stride rows kept results
    else
        pass128 groups true false inLines isAdded lines length pitch stride rows kept results
        pass128 groups false true inLines isAdded lines length pitch stride rows kept results

let inline private pass256 groups gradients others inLines isAdded lines length pitch stride rows kept results =
    SevenSums.run
        groups
        gradients
        others
        inLines
        4
        Vector256<float>.Zero
        (fun p -> Vector256.Load p)
        (fun p v -> Vector256.Store(v, p))
        (fun p -> Vector256.Create(NativePtr.read p: float))
        (fun x y z -> Vector256.FusedMultiplyAdd(x, y, z))
        isAdded
        lines
        length
        pitch
        stride
        rows
        kept
        results

let inline private run256 groups inLines isAdded lines length pitch stride rows kept results =
    if groups = 1 then
        pass256 groups true true inLines isAdded lines length pitch stride rows kept results
    else
        pass256 groups true false inLines isAdded lines length pitch stride rows kept results
        pass256 groups false true inLines isAdded lines length pitch stride rows kept results

let inline private run512 groups inLines isAdded lines length pitch stride rows kept results =
    SevenSums.run
        groups
        true
        true
        inLines
        8
        Vector512<float>.Zero
        (fun p -> Vector512.Load p)
        (fun p v -> Vector512.Store(v, p))
        (fun p -> Vector512.Create(NativePtr.read p: float))
        (fun x y z -> Vector512.FusedMultiplyAdd(x, y, z))
        isAdded
        lines
        length
        pitch
        stride
        rows
        kept
        results

let private three512 states stride rows kept results =
    FullOptimization.ask ()
    run512 3 false false 1 states 0 stride rows kept results

let private two512 states stride rows kept results =
    FullOptimization.ask ()
    run512 2 false false 1 states 0 stride rows kept results

let private one512 states stride rows kept results =
    FullOptimization.ask ()
    run512 1 false false 1 states 0 stride rows kept results

let private two256 states stride rows kept results =
    FullOptimization.ask ()
    run256 2 false false 1 states 0 stride rows kept results

let private one256 states stride rows kept results =
    FullOptimization.ask ()
    run256 1 false false 1 states 0 stride rows kept results

let private two128 states stride rows kept results =
    FullOptimization.ask ()
    run128 2 false false 1 states 0 stride rows kept results

let private one128 states stride rows kept results =
    FullOptimization.ask ()
    run128 1 false false 1 states 0 stride rows kept results

/// The products of a block of 1, 2 or 3 groups of lanes, as MomentKernel kept them.
let compute width groups states stride rows kept results =
    match width, groups with
    | MomentKernel.Wide512, 3 -> three512 states stride rows kept results
    | MomentKernel.Wide512, 2 -> two512 states stride rows kept results
    | MomentKernel.Wide512, _ -> one512 states stride rows kept results
    | MomentKernel.Wide256, 2 -> two256 states stride rows kept results
    | MomentKernel.Wide256, _ -> one256 states stride rows kept results
    | MomentKernel.Portable, 2 -> two128 states stride rows kept results
    | MomentKernel.Portable, _ -> one128 states stride rows kept results

let private planeThree512 isAdded lines pitch stride rows plane results =
    FullOptimization.ask ()
    run512 3 true isAdded lines lines pitch stride rows plane results

let private planeTwo512 isAdded lines pitch stride rows plane results =
    FullOptimization.ask ()
    run512 2 true isAdded lines lines pitch stride rows plane results

let private planeOne512 isAdded lines pitch stride rows plane results =
    FullOptimization.ask ()
    run512 1 true isAdded lines lines pitch stride rows plane results

let private planeTwo256 isAdded lines pitch stride rows plane results =
    FullOptimization.ask ()
    run256 2 true isAdded lines lines pitch stride rows plane results

let private planeOne256 isAdded lines pitch stride rows plane results =
    FullOptimization.ask ()
    run256 1 true isAdded lines lines pitch stride rows plane results

let private planeTwo128 isAdded lines pitch stride rows plane results =
    FullOptimization.ask ()
    run128 2 true isAdded lines lines pitch stride rows plane results

let private planeOne128 isAdded lines pitch stride rows plane results =
    FullOptimization.ask ()
    run128 1 true isAdded lines lines pitch stride rows plane results

/// The products of a plane of `lines` lines of moments, as MomentRecursion leaves it, or what they add to `results`.
let computePlane width groups isAdded lines pitch stride rows plane results =
    match width, groups with
    | MomentKernel.Wide512, 3 -> planeThree512 isAdded lines pitch stride rows plane results
    | MomentKernel.Wide512, 2 -> planeTwo512 isAdded lines pitch stride rows plane results
    | MomentKernel.Wide512, _ -> planeOne512 isAdded lines pitch stride rows plane results
    | MomentKernel.Wide256, 2 -> planeTwo256 isAdded lines pitch stride rows plane results
    | MomentKernel.Wide256, _ -> planeOne256 isAdded lines pitch stride rows plane results
    | MomentKernel.Portable, 2 -> planeTwo128 isAdded lines pitch stride rows plane results
    | MomentKernel.Portable, _ -> planeOne128 isAdded lines pitch stride rows plane results
