/// Seven dot products of every pair's moments with vectors that all pairs of a centre share: what forces and torques are made of
/// (ShiftTable.fs says which). For a block of pairs in lanes this is a matrix product of seven rows; all its sums stay in registers while
/// the moments stream by once.
module internal AniSoap.Kernels.RowProducts

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

/// Fills in the rows of weights side by side, rows[state · 8 + row], from G in shells (with a zero behind the last).
let fill (rows: struct (int[] * float[])[]) states (shells: nativeptr<float>) (target: nativeptr<float>) =
    FullOptimization.ask ()

    for r in 0 .. rows.Length - 1 do
        let struct (places, factors) = rows[r]

        for s in 0 .. states - 1 do
            NativePtr.set
                target
                (s * ShiftTable.RowStride + r)
                (factors[2 * s] * NativePtr.get shells places[2 * s]
                 + factors[2 * s + 1] * NativePtr.get shells places[2 * s + 1])

/// results[row · (groups · lanes) + lane] = Σ_state rows[state · 8 + row] · kept[(state · groups) · lanes + lane], rows 0 to 6.
let inline private run
    (groups: int)
    (lanes: int)
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] broadcast: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    (states: int)
    (rows: nativeptr<float>)
    (kept: nativeptr<float>)
    (results: nativeptr<float>)
    =
    let step = groups * lanes
    let mutable weights = rows
    let mutable moments = kept
    // Row by row; P, Q and R are the first, second and third group.
    let mutable s0P = zero
    let mutable s0Q = zero
    let mutable s0R = zero
    let mutable s1P = zero
    let mutable s1Q = zero
    let mutable s1R = zero
    let mutable s2P = zero
    let mutable s2Q = zero
    let mutable s2R = zero
    let mutable s3P = zero
    let mutable s3Q = zero
    let mutable s3R = zero
    let mutable s4P = zero
    let mutable s4Q = zero
    let mutable s4R = zero
    let mutable s5P = zero
    let mutable s5Q = zero
    let mutable s5R = zero
    let mutable s6P = zero
    let mutable s6Q = zero
    let mutable s6R = zero

    for _ in 1..states do
        let mP = load moments

        let mQ =
            if groups > 1 then
                load (NativePtr.add moments lanes)
            else
                zero

        let mR =
            if groups > 2 then
                load (NativePtr.add moments (2 * lanes))
            else
                zero

        let w = broadcast (NativePtr.add weights 0)
        s0P <- multiplyAdd w mP s0P

        if groups > 1 then
            s0Q <- multiplyAdd w mQ s0Q

        if groups > 2 then
            s0R <- multiplyAdd w mR s0R

        let w = broadcast (NativePtr.add weights 1)
        s1P <- multiplyAdd w mP s1P

        if groups > 1 then
            s1Q <- multiplyAdd w mQ s1Q

        if groups > 2 then
            s1R <- multiplyAdd w mR s1R

        let w = broadcast (NativePtr.add weights 2)
        s2P <- multiplyAdd w mP s2P

        if groups > 1 then
            s2Q <- multiplyAdd w mQ s2Q

        if groups > 2 then
            s2R <- multiplyAdd w mR s2R

        let w = broadcast (NativePtr.add weights 3)
        s3P <- multiplyAdd w mP s3P

        if groups > 1 then
            s3Q <- multiplyAdd w mQ s3Q

        if groups > 2 then
            s3R <- multiplyAdd w mR s3R

        let w = broadcast (NativePtr.add weights 4)
        s4P <- multiplyAdd w mP s4P

        if groups > 1 then
            s4Q <- multiplyAdd w mQ s4Q

        if groups > 2 then
            s4R <- multiplyAdd w mR s4R

        let w = broadcast (NativePtr.add weights 5)
        s5P <- multiplyAdd w mP s5P

        if groups > 1 then
            s5Q <- multiplyAdd w mQ s5Q

        if groups > 2 then
            s5R <- multiplyAdd w mR s5R

        let w = broadcast (NativePtr.add weights 6)
        s6P <- multiplyAdd w mP s6P

        if groups > 1 then
            s6Q <- multiplyAdd w mQ s6Q

        if groups > 2 then
            s6R <- multiplyAdd w mR s6R

        weights <- NativePtr.add weights ShiftTable.RowStride
        moments <- NativePtr.add moments step

    let inline put row p q r =
        store (NativePtr.add results (row * step)) p

        if groups > 1 then
            store (NativePtr.add results (row * step + lanes)) q

        if groups > 2 then
            store (NativePtr.add results (row * step + 2 * lanes)) r

    put 0 s0P s0Q s0R
    put 1 s1P s1Q s1R
    put 2 s2P s2Q s2R
    put 3 s3P s3Q s3R
    put 4 s4P s4Q s4R
    put 5 s5P s5Q s5R
    put 6 s6P s6Q s6R

let inline private run128 groups states rows kept results =
    run
        groups
        2
        Vector128<float>.Zero
        (fun p -> Vector128.Load p)
        (fun p v -> Vector128.Store(v, p))
        (fun p -> Vector128.Create(NativePtr.read p: float))
        (fun x y z -> Vector128.MultiplyAddEstimate(x, y, z))
        states
        rows
        kept
        results

let inline private run256 groups states rows kept results =
    run
        groups
        4
        Vector256<float>.Zero
        (fun p -> Vector256.Load p)
        (fun p v -> Vector256.Store(v, p))
        (fun p -> Vector256.Create(NativePtr.read p: float))
        (fun x y z -> Vector256.FusedMultiplyAdd(x, y, z))
        states
        rows
        kept
        results

let inline private run512 groups states rows kept results =
    run
        groups
        8
        Vector512<float>.Zero
        (fun p -> Vector512.Load p)
        (fun p v -> Vector512.Store(v, p))
        (fun p -> Vector512.Create(NativePtr.read p: float))
        (fun x y z -> Vector512.FusedMultiplyAdd(x, y, z))
        states
        rows
        kept
        results

let private three512 states rows kept results =
    FullOptimization.ask ()
    run512 3 states rows kept results

let private two512 states rows kept results =
    FullOptimization.ask ()
    run512 2 states rows kept results

let private one512 states rows kept results =
    FullOptimization.ask ()
    run512 1 states rows kept results

let private two256 states rows kept results =
    FullOptimization.ask ()
    run256 2 states rows kept results

let private one256 states rows kept results =
    FullOptimization.ask ()
    run256 1 states rows kept results

let private two128 states rows kept results =
    FullOptimization.ask ()
    run128 2 states rows kept results

let private one128 states rows kept results =
    FullOptimization.ask ()
    run128 1 states rows kept results

/// The products of a block of 1, 2 or 3 groups of lanes, as MomentKernel kept them.
let compute width groups states rows kept results =
    match width, groups with
    | MomentKernel.Wide512, 3 -> three512 states rows kept results
    | MomentKernel.Wide512, 2 -> two512 states rows kept results
    | MomentKernel.Wide512, _ -> one512 states rows kept results
    | MomentKernel.Wide256, 2 -> two256 states rows kept results
    | MomentKernel.Wide256, _ -> one256 states rows kept results
    | MomentKernel.Portable, 2 -> two128 states rows kept results
    | MomentKernel.Portable, _ -> one128 states rows kept results
