/// The short cut for Gaussians whose covariance is diagonal (spheres, and ellipsoids whose axes are the lab's): their moments
/// are products of three one-dimensional ones,
///
///     M_{abc} = w X_a Y_b Z_c / c!      X_a = c_x X_{a−1} + (a−1) V_xx X_{a−2}, and so on.
///
/// One multiply-add a state instead of four; up to four groups of lanes go together, so that a sum is loaded and stored once for all of
/// them. Symbols and order of the states as in MomentRecursion.fs.
module internal AniSoap.Numerics.DiagonalKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics.MomentStates

/// Most groups of lanes in one block.
[<Literal>]
let MostGroups = 4

/// Room for X, Y and Z of the groups.
let scratchLength degree lanes = 3 * (degree + 1) * lanes * MostGroups

let inline private run
    (groups: int)
    (first: bool)
    (lanes: int)
    (zero: 'V)
    (one: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] scale: float -> 'V -> 'V)
    ([<InlineIfLambda>] multiply: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    (degree: int)
    (parameters: nativeptr<float>)
    (scratch: nativeptr<float>)
    (sums: nativeptr<float>)
    =
    let step = groups * lanes
    let xs = scratch
    let ys = NativePtr.add xs ((degree + 1) * step)
    let zs = NativePtr.add ys ((degree + 1) * step)

    for g in 0 .. groups - 1 do
        let g = g * lanes
        let inline parameter index = load (NativePtr.add parameters (index * step + g))
        let cx = parameter Parameter.CX
        let cy = parameter Parameter.CY
        let cz = parameter Parameter.CZ
        let vxx = parameter Parameter.VXX
        let vyy = parameter Parameter.VYY
        let vzz = parameter Parameter.VZZ
        let mutable x = parameter Parameter.Weight
        let mutable xBefore = zero
        // The weight goes with X.
        let mutable y = one
        let mutable yBefore = zero
        let mutable z = one
        let mutable zBefore = zero
        store (NativePtr.add xs g) x
        store (NativePtr.add ys g) y
        store (NativePtr.add zs g) z

        for d in 1..degree do
            let n = float (d - 1)
            let xNext = multiplyAdd cx x (multiply (scale n vxx) xBefore)
            let yNext = multiplyAdd cy y (multiply (scale n vyy) yBefore)
            let zNext = scale (1.0 / float d) (multiplyAdd cz z (multiply vzz zBefore))
            xBefore <- x
            x <- xNext
            yBefore <- y
            y <- yNext
            zBefore <- z
            z <- zNext
            store (NativePtr.add xs (d * step + g)) x
            store (NativePtr.add ys (d * step + g)) y
            store (NativePtr.add zs (d * step + g)) z

    let mutable sum = sums

    for b in 0..degree do
        let yAt = NativePtr.add ys (b * step)

        for a in 0 .. degree - b do
            let xAt = NativePtr.add xs (a * step)
            let p0 = multiply (load yAt) (load xAt)

            let p1 =
                if groups > 1 then
                    multiply (load (NativePtr.add yAt lanes)) (load (NativePtr.add xAt lanes))
                else
                    zero

            let p2 =
                if groups > 2 then
                    multiply (load (NativePtr.add yAt (2 * lanes))) (load (NativePtr.add xAt (2 * lanes)))
                else
                    zero

            let p3 =
                if groups > 2 then
                    multiply (load (NativePtr.add yAt (3 * lanes))) (load (NativePtr.add xAt (3 * lanes)))
                else
                    zero

            let mutable zAt = zs

            for _ in 0 .. degree - b - a do
                let own = multiply p0 (load zAt)
                let mutable value = if first then own else multiplyAdd p0 (load zAt) (load sum)

                if groups > 1 then
                    value <- multiplyAdd p1 (load (NativePtr.add zAt lanes)) value

                if groups > 2 then
                    value <- multiplyAdd p2 (load (NativePtr.add zAt (2 * lanes))) value
                    value <- multiplyAdd p3 (load (NativePtr.add zAt (3 * lanes))) value

                if first then
                    Fetch.toStore (NativePtr.add sum (FetchAhead * lanes))

                store sum value
                sum <- NativePtr.add sum lanes
                zAt <- NativePtr.add zAt step


let inline private run128 groups first degree parameters scratch sums =
    run
        groups
        first
        2
        Vector128<float>.Zero
        Vector128<float>.One
        (fun p -> Vector128.Load p)
        (fun p v -> Vector128.Store(v, p))
        (fun s v -> Vector128.Multiply(v, (s: float)))
        (fun x y -> Vector128.Multiply(x, (y: Vector128<float>)))
        (fun x y z -> Vector128.MultiplyAddEstimate(x, y, z))
        degree
        parameters
        scratch
        sums

let inline private run256 groups first degree parameters scratch sums =
    run
        groups
        first
        4
        Vector256<float>.Zero
        Vector256<float>.One
        (fun p -> Vector256.Load p)
        (fun p v -> Vector256.Store(v, p))
        (fun s v -> Vector256.Multiply(v, (s: float)))
        (fun x y -> Vector256.Multiply(x, (y: Vector256<float>)))
        (fun x y z -> Vector256.FusedMultiplyAdd(x, y, z))
        degree
        parameters
        scratch
        sums

let inline private run512 groups first degree parameters scratch sums =
    run
        groups
        first
        8
        Vector512<float>.Zero
        Vector512<float>.One
        (fun p -> Vector512.Load p)
        (fun p v -> Vector512.Store(v, p))
        (fun s v -> Vector512.Multiply(v, (s: float)))
        (fun x y -> Vector512.Multiply(x, (y: Vector512<float>)))
        (fun x y z -> Vector512.FusedMultiplyAdd(x, y, z))
        degree
        parameters
        scratch
        sums

// One method each, as in MomentKernel.fs.

let private firstFour512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 4 true degree parameters scratch sums

let private moreFour512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 4 false degree parameters scratch sums

let private firstTwo512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 2 true degree parameters scratch sums

let private moreTwo512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 2 false degree parameters scratch sums

let private firstOne512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 1 true degree parameters scratch sums

let private moreOne512 degree parameters scratch sums =
    FullOptimization.ask ()
    run512 1 false degree parameters scratch sums

let private firstFour256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 4 true degree parameters scratch sums

let private moreFour256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 4 false degree parameters scratch sums

let private firstTwo256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 2 true degree parameters scratch sums

let private moreTwo256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 2 false degree parameters scratch sums

let private firstOne256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 1 true degree parameters scratch sums

let private moreOne256 degree parameters scratch sums =
    FullOptimization.ask ()
    run256 1 false degree parameters scratch sums

let private firstFour128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 4 true degree parameters scratch sums

let private moreFour128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 4 false degree parameters scratch sums

let private firstTwo128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 2 true degree parameters scratch sums

let private moreTwo128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 2 false degree parameters scratch sums

let private firstOne128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 1 true degree parameters scratch sums

let private moreOne128 degree parameters scratch sums =
    FullOptimization.ask ()
    run128 1 false degree parameters scratch sums

/// Adds the moments of a block of 1, 2 or 4 groups of lanes to the sums, or sets the sums to them.
let accumulate width groups first degree parameters scratch sums =
    match width, groups, first with
    | MomentKernel.Wide512, 4, true -> firstFour512 degree parameters scratch sums
    | MomentKernel.Wide512, 4, false -> moreFour512 degree parameters scratch sums
    | MomentKernel.Wide512, 2, true -> firstTwo512 degree parameters scratch sums
    | MomentKernel.Wide512, 2, false -> moreTwo512 degree parameters scratch sums
    | MomentKernel.Wide512, _, true -> firstOne512 degree parameters scratch sums
    | MomentKernel.Wide512, _, false -> moreOne512 degree parameters scratch sums
    | MomentKernel.Wide256, 4, true -> firstFour256 degree parameters scratch sums
    | MomentKernel.Wide256, 4, false -> moreFour256 degree parameters scratch sums
    | MomentKernel.Wide256, 2, true -> firstTwo256 degree parameters scratch sums
    | MomentKernel.Wide256, 2, false -> moreTwo256 degree parameters scratch sums
    | MomentKernel.Wide256, _, true -> firstOne256 degree parameters scratch sums
    | MomentKernel.Wide256, _, false -> moreOne256 degree parameters scratch sums
    | MomentKernel.Portable, 4, true -> firstFour128 degree parameters scratch sums
    | MomentKernel.Portable, 4, false -> moreFour128 degree parameters scratch sums
    | MomentKernel.Portable, 2, true -> firstTwo128 degree parameters scratch sums
    | MomentKernel.Portable, 2, false -> moreTwo128 degree parameters scratch sums
    | MomentKernel.Portable, _, true -> firstOne128 degree parameters scratch sums
    | MomentKernel.Portable, _, false -> moreOne128 degree parameters scratch sums
