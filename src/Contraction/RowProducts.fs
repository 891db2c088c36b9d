/// Seven dot products of every pair's moments with vectors that all pairs of a centre share: what forces and torques are made of
/// (ShiftTable.fs says which). For a block of pairs in lanes this is a matrix product of seven rows; all its sums stay in registers while
/// the moments stream by once.
module internal AniSoap.Numerics.RowProducts

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

let inline private load4 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)

/// results[row · (groups · lanes) + lane] = Σ_state weights[row · stride + state] · kept[(state · groups) · lanes + lane], rows 0 to 6.
let inline private run
    (groups: int)
    (lanes: int)
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] broadcast: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    (states: int)
    (stride: int)
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

        let w = broadcast weights
        s0P <- multiplyAdd w mP s0P

        if groups > 1 then
            s0Q <- multiplyAdd w mQ s0Q

        if groups > 2 then
            s0R <- multiplyAdd w mR s0R

        let w = broadcast (NativePtr.add weights (1 * stride))
        s1P <- multiplyAdd w mP s1P

        if groups > 1 then
            s1Q <- multiplyAdd w mQ s1Q

        if groups > 2 then
            s1R <- multiplyAdd w mR s1R

        let w = broadcast (NativePtr.add weights (2 * stride))
        s2P <- multiplyAdd w mP s2P

        if groups > 1 then
            s2Q <- multiplyAdd w mQ s2Q

        if groups > 2 then
            s2R <- multiplyAdd w mR s2R

        let w = broadcast (NativePtr.add weights (3 * stride))
        s3P <- multiplyAdd w mP s3P

        if groups > 1 then
            s3Q <- multiplyAdd w mQ s3Q

        if groups > 2 then
            s3R <- multiplyAdd w mR s3R

        let w = broadcast (NativePtr.add weights (4 * stride))
        s4P <- multiplyAdd w mP s4P

        if groups > 1 then
            s4Q <- multiplyAdd w mQ s4Q

        if groups > 2 then
            s4R <- multiplyAdd w mR s4R

        let w = broadcast (NativePtr.add weights (5 * stride))
        s5P <- multiplyAdd w mP s5P

        if groups > 1 then
            s5Q <- multiplyAdd w mQ s5Q

        if groups > 2 then
            s5R <- multiplyAdd w mR s5R

        let w = broadcast (NativePtr.add weights (6 * stride))
        s6P <- multiplyAdd w mP s6P

        if groups > 1 then
            s6Q <- multiplyAdd w mQ s6Q

        if groups > 2 then
            s6R <- multiplyAdd w mR s6R

        weights <- NativePtr.add weights 1
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

let inline private run128 groups states stride rows kept results =
    run
        groups
        2
        Vector128<float>.Zero
        (fun p -> Vector128.Load p)
        (fun p v -> Vector128.Store(v, p))
        (fun p -> Vector128.Create(NativePtr.read p: float))
        (fun x y z -> Vector128.MultiplyAddEstimate(x, y, z))
        states
        stride
        rows
        kept
        results

let inline private run256 groups states stride rows kept results =
    run
        groups
        4
        Vector256<float>.Zero
        (fun p -> Vector256.Load p)
        (fun p v -> Vector256.Store(v, p))
        (fun p -> Vector256.Create(NativePtr.read p: float))
        (fun x y z -> Vector256.FusedMultiplyAdd(x, y, z))
        states
        stride
        rows
        kept
        results

let inline private run512 groups states stride rows kept results =
    run
        groups
        8
        Vector512<float>.Zero
        (fun p -> Vector512.Load p)
        (fun p v -> Vector512.Store(v, p))
        (fun p -> Vector512.Create(NativePtr.read p: float))
        (fun x y z -> Vector512.FusedMultiplyAdd(x, y, z))
        states
        stride
        rows
        kept
        results

let private three512 states stride rows kept results =
    FullOptimization.ask ()
    run512 3 states stride rows kept results

let private two512 states stride rows kept results =
    FullOptimization.ask ()
    run512 2 states stride rows kept results

let private one512 states stride rows kept results =
    FullOptimization.ask ()
    run512 1 states stride rows kept results

let private two256 states stride rows kept results =
    FullOptimization.ask ()
    run256 2 states stride rows kept results

let private one256 states stride rows kept results =
    FullOptimization.ask ()
    run256 1 states stride rows kept results

let private two128 states stride rows kept results =
    FullOptimization.ask ()
    run128 2 states stride rows kept results

let private one128 states stride rows kept results =
    FullOptimization.ask ()
    run128 1 states stride rows kept results

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

/// Most pairs of a block for which `computeFew` is faster.
[<Literal>]
let Few = 2

/// The same of the first pairs of one group of lanes, one after another: their moments are put side by side in `line`, which has room for whole vectors of states.
let computeFew width pairs states stride rows (kept: nativeptr<float>) (line: nativeptr<float>) results =
    FullOptimization.ask ()
    let lanes = MomentKernel.lanesOf width
    let whole = (states + 3) / 4 * 4

    for pair in 0 .. pairs - 1 do
        for s in 0 .. states - 1 do
            NativePtr.set line s (NativePtr.get kept (s * lanes + pair))

        for s in states .. whole - 1 do
            NativePtr.set line s 0.0

        let inline moments s = load4 line s
        let inline weight r s = load4 rows (r * stride + s)
        let mutable s0 = Vector256<float>.Zero
        let mutable s1 = Vector256<float>.Zero
        let mutable s2 = Vector256<float>.Zero
        let mutable s3 = Vector256<float>.Zero
        let mutable s4 = Vector256<float>.Zero
        let mutable s5 = Vector256<float>.Zero
        let mutable s6 = Vector256<float>.Zero
        let mutable s = 0

        while s < whole do
            let m = moments s
            s0 <- Vector256.MultiplyAddEstimate(weight 0 s, m, s0)
            s1 <- Vector256.MultiplyAddEstimate(weight 1 s, m, s1)
            s2 <- Vector256.MultiplyAddEstimate(weight 2 s, m, s2)
            s3 <- Vector256.MultiplyAddEstimate(weight 3 s, m, s3)
            s4 <- Vector256.MultiplyAddEstimate(weight 4 s, m, s4)
            s5 <- Vector256.MultiplyAddEstimate(weight 5 s, m, s5)
            s6 <- Vector256.MultiplyAddEstimate(weight 6 s, m, s6)
            s <- s + 4

        let inline put r (sum: Vector256<float>) = NativePtr.set results (r * lanes + pair) (Vector256.Sum sum)
        put 0 s0
        put 1 s1
        put 2 s2
        put 3 s3
        put 4 s4
        put 5 s5
        put 6 s6
