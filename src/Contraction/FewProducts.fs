/// The products of RowProducts.fs for a pair or two, whose states are the lanes.
module internal AniSoap.Numerics.FewProducts

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

let inline private load4 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)

/// Most pairs of a block for which this is faster than lanes.
[<Literal>]
let Most = 2

/// The products of the first pairs of one group of lanes, one after another: their moments are put side by side in `line`, which has room for whole vectors of states.
let compute width pairs states stride rows (kept: nativeptr<float>) (line: nativeptr<float>) results =
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
