/// Eight reflections at once on columns of a tile: Vᵀ b and b − V y. Columns begin on cache lines, so that no vector is loaded from two of them.
module internal AniSoap.Learning.PanelKernel

// Pointers into a pinned array.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

/// Reflections of a panel.
[<Literal>]
let Panel = 8

/// Rows of a tile.
[<Literal>]
let Rows = 256

/// From one column to the next: whole cache lines, and no power of two, by which columns would share a few sets of the cache.
[<Literal>]
let Pitch = 264

/// Columns that are worked on together.
[<Literal>]
let Together = 4

let inline private column (tile: nativeptr<float>) j = NativePtr.add tile (j * Pitch)
let inline private load512 (p: nativeptr<float>) i = Vector512.Load(NativePtr.add p i)
let inline private load256 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)
let inline private fma512 x y (z: Vector512<float>) = Vector512.MultiplyAddEstimate(x, y, z)
let inline private fma256 x y (z: Vector256<float>) = Vector256.MultiplyAddEstimate(x, y, z)

/// Σ a_i b_i over a tile's rows.
let dot (a: nativeptr<float>) (b: nativeptr<float>) : float =
    FullOptimization.ask ()
    let mutable even = Vector256<float>.Zero
    let mutable odd = Vector256<float>.Zero
    let mutable i = 0

    while i < Rows do
        even <- fma256 (load256 a i) (load256 b i) even
        odd <- fma256 (load256 a (i + 4)) (load256 b (i + 4)) odd
        i <- i + 8

    Vector256.Sum(Vector256.Add(even, odd))

/// y += factor x over a tile's rows.
let add (factor: float) (x: nativeptr<float>) (y: nativeptr<float>) =
    FullOptimization.ask ()
    let factors = Vector256.Create factor
    let mutable i = 0

    while i < Rows do
        Vector256.Store(fma256 factors (load256 x i) (load256 y i), NativePtr.add y i)
        i <- i + 4

/// sums[4 k + c] += v_k · b_c of two columns b from column j on, of the eight reflections from column `first` on.
let private dotPair (tile: nativeptr<float>) first j (sums: nativeptr<float>) =
    FullOptimization.ask ()
    let v = column tile first
    let b, c = column tile j, column tile (j + 1)
    let mutable s0 = Vector512<float>.Zero
    let mutable s1, s2, s3, s4, s5, s6, s7 = s0, s0, s0, s0, s0, s0, s0
    let mutable t0, t1, t2, t3, t4, t5, t6, t7 = s0, s0, s0, s0, s0, s0, s0, s0
    let mutable i = 0

    while i < Rows do
        let x, y = load512 b i, load512 c i
        let r = load512 v i
        s0 <- fma512 r x s0
        t0 <- fma512 r y t0
        let r = load512 v (Pitch + i)
        s1 <- fma512 r x s1
        t1 <- fma512 r y t1
        let r = load512 v (2 * Pitch + i)
        s2 <- fma512 r x s2
        t2 <- fma512 r y t2
        let r = load512 v (3 * Pitch + i)
        s3 <- fma512 r x s3
        t3 <- fma512 r y t3
        let r = load512 v (4 * Pitch + i)
        s4 <- fma512 r x s4
        t4 <- fma512 r y t4
        let r = load512 v (5 * Pitch + i)
        s5 <- fma512 r x s5
        t5 <- fma512 r y t5
        let r = load512 v (6 * Pitch + i)
        s6 <- fma512 r x s6
        t6 <- fma512 r y t6
        let r = load512 v (7 * Pitch + i)
        s7 <- fma512 r x s7
        t7 <- fma512 r y t7
        i <- i + 8

    let inline put k s t =
        let at = NativePtr.add sums (Together * k)
        NativePtr.set at 0 (NativePtr.get at 0 + Vector512.Sum s)
        NativePtr.set at 1 (NativePtr.get at 1 + Vector512.Sum t)

    put 0 s0 t0
    put 1 s1 t1
    put 2 s2 t2
    put 3 s3 t3
    put 4 s4 t4
    put 5 s5 t5
    put 6 s6 t6
    put 7 s7 t7

/// b_c −= Σ_k v_k y[4 k + c], of the same.
let private subtractPair (tile: nativeptr<float>) first j (y: nativeptr<float>) =
    FullOptimization.ask ()
    let v = column tile first
    let b, c = column tile j, column tile (j + 1)
    let inline fill k = Vector512.Create(-(NativePtr.get y k): float)
    let w0, w1, w2, w3 = fill 0, fill Together, fill (2 * Together), fill (3 * Together)
    let w4, w5, w6, w7 = fill (4 * Together), fill (5 * Together), fill (6 * Together), fill (7 * Together)
    let z0, z1, z2, z3 = fill 1, fill (Together + 1), fill (2 * Together + 1), fill (3 * Together + 1)

    let z4, z5, z6, z7 =
        fill (4 * Together + 1), fill (5 * Together + 1), fill (6 * Together + 1), fill (7 * Together + 1)

    let mutable i = 0

    while i < Rows do
        let mutable x = load512 b i
        let mutable y = load512 c i
        let r = load512 v i
        x <- fma512 w0 r x
        y <- fma512 z0 r y
        let r = load512 v (Pitch + i)
        x <- fma512 w1 r x
        y <- fma512 z1 r y
        let r = load512 v (2 * Pitch + i)
        x <- fma512 w2 r x
        y <- fma512 z2 r y
        let r = load512 v (3 * Pitch + i)
        x <- fma512 w3 r x
        y <- fma512 z3 r y
        let r = load512 v (4 * Pitch + i)
        x <- fma512 w4 r x
        y <- fma512 z4 r y
        let r = load512 v (5 * Pitch + i)
        x <- fma512 w5 r x
        y <- fma512 z5 r y
        let r = load512 v (6 * Pitch + i)
        x <- fma512 w6 r x
        y <- fma512 z6 r y
        let r = load512 v (7 * Pitch + i)
        x <- fma512 w7 r x
        y <- fma512 z7 r y
        Vector512.Store(x, NativePtr.add b i)
        Vector512.Store(y, NativePtr.add c i)
        i <- i + 8

/// The sums of one column, with vectors of four.
let private dotOne (tile: nativeptr<float>) first j (sums: nativeptr<float>) =
    FullOptimization.ask ()
    let v = column tile first
    let b = column tile j
    let mutable s0 = Vector256<float>.Zero
    let mutable s1, s2, s3, s4, s5, s6, s7 = s0, s0, s0, s0, s0, s0, s0
    let mutable i = 0

    while i < Rows do
        let x = load256 b i
        s0 <- fma256 (load256 v i) x s0
        s1 <- fma256 (load256 v (Pitch + i)) x s1
        s2 <- fma256 (load256 v (2 * Pitch + i)) x s2
        s3 <- fma256 (load256 v (3 * Pitch + i)) x s3
        s4 <- fma256 (load256 v (4 * Pitch + i)) x s4
        s5 <- fma256 (load256 v (5 * Pitch + i)) x s5
        s6 <- fma256 (load256 v (6 * Pitch + i)) x s6
        s7 <- fma256 (load256 v (7 * Pitch + i)) x s7
        i <- i + 4

    let inline put k s =
        let at = Together * k
        NativePtr.set sums at (NativePtr.get sums at + Vector256.Sum s)

    put 0 s0
    put 1 s1
    put 2 s2
    put 3 s3
    put 4 s4
    put 5 s5
    put 6 s6
    put 7 s7

/// The same the other way, with vectors of four.
let private subtractOne (tile: nativeptr<float>) first j (y: nativeptr<float>) =
    FullOptimization.ask ()
    let v = column tile first
    let b = column tile j
    let inline fill k = Vector256.Create(-(NativePtr.get y (Together * k)): float)
    let w0, w1, w2, w3, w4, w5, w6, w7 = fill 0, fill 1, fill 2, fill 3, fill 4, fill 5, fill 6, fill 7
    let mutable i = 0

    while i < Rows do
        let mutable x = load256 b i
        x <- fma256 w0 (load256 v i) x
        x <- fma256 w1 (load256 v (Pitch + i)) x
        x <- fma256 w2 (load256 v (2 * Pitch + i)) x
        x <- fma256 w3 (load256 v (3 * Pitch + i)) x
        x <- fma256 w4 (load256 v (4 * Pitch + i)) x
        x <- fma256 w5 (load256 v (5 * Pitch + i)) x
        x <- fma256 w6 (load256 v (6 * Pitch + i)) x
        x <- fma256 w7 (load256 v (7 * Pitch + i)) x
        Vector256.Store(x, NativePtr.add b i)
        i <- i + 4

/// sums[4 k + c] += v_k · b_c of four columns b from column j on.
let dots (tile: nativeptr<float>) first j (sums: nativeptr<float>) =
    if Vector512.IsHardwareAccelerated then
        dotPair tile first j sums
        dotPair tile first (j + 2) (NativePtr.add sums 2)
    else
        for c in 0 .. Together - 1 do
            dotOne tile first (j + c) (NativePtr.add sums c)

/// b_c −= Σ_k v_k y[4 k + c] of four columns b from column j on.
let subtract (tile: nativeptr<float>) first j (y: nativeptr<float>) =
    if Vector512.IsHardwareAccelerated then
        subtractPair tile first j y
        subtractPair tile first (j + 2) (NativePtr.add y 2)
    else
        for c in 0 .. Together - 1 do
            subtractOne tile first (j + c) (NativePtr.add y c)

/// y_k = Σ_{i ≤ k} T_ik w_i in place of w, four columns side by side; T by [8 i + k].
let turn (block: nativeptr<float>) (w: nativeptr<float>) =
    FullOptimization.ask ()

    for k in Panel - 1 .. -1 .. 0 do
        let mutable sum = Vector256<float>.Zero

        for i in 0..k do
            sum <- fma256 (Vector256.Create(NativePtr.get block (Panel * i + k): float)) (load256 w (Together * i)) sum

        Vector256.Store(sum, NativePtr.add w (Together * k))
