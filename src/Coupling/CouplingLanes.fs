/// The coupling of CouplingKernel.fs for many samples at once, a sample a lane: no vector is short whatever the number of columns is, and what is looked up for a
/// coefficient serves all samples.
///
/// For every M the numbers of four columns p and four columns q are summed in sixteen registers, over m1:
///
///     s_pq += a_{m1,p} d_q      d_q = Σ_{m2} C b_{m2,q}, at most two terms
///
/// then lanes are turned into rows of the samples. Where both factors are the same, C^{LM}_{l2 m2 l1 m1} = (−1)^{l1+l2−L} C^{LM}_{l1 m1 l2 m2} gives the numbers of (l2, l1) besides:
/// the same registers, written a second time with p and q exchanged.
module internal AniSoap.Coupling.CouplingLanes

// Pointers into pinned arrays, see CouplingKernel.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

/// Samples that go together: eight, or four.
let lanes =
    if MomentKernel.isSupported MomentKernel.Wide512 then
        8
    else
        4

/// Columns of a factor in whole fours.
let padded columns = (columns + 3) &&& ~~~3

/// Numbers that a factor takes in lanes.
let gatheredLength orders columns = orders * padded columns * lanes

/// Numbers of the scratch that `couple` needs.
let tileLength = 16 * lanes

/// Rows of a factor, from the first sample's on, `length` numbers from sample to sample, a sample a lane; columns and lanes that there are not are zero.
let gather (rows: nativeptr<float>) length orders columns samples (into: nativeptr<float>) =
    FullOptimization.ask ()
    let padded = padded columns

    for m in 0 .. orders - 1 do
        for q in 0 .. padded - 1 do
            let target = NativePtr.add into ((m * padded + q) * lanes)

            for lane in 0 .. lanes - 1 do
                NativePtr.set
                    target
                    lane
                    (if q < columns && lane < samples then
                         NativePtr.get rows (lane * length + m * columns + q)
                     else
                         0.0)

/// Where the numbers of two factors go.
[<Struct; NoComparison; NoEquality>]
type Target = {
    /// The first sample's row M = −L.
    First: nativeptr<float>
    /// From M to M, and from sample to sample.
    Width: int
    Length: int
    Samples: int
}

/// Four vectors of lanes, `step` numbers apart, into four numbers of each sample's row, or the first `count` of them.
let private scatter (tile: nativeptr<float>) step count (into: nativeptr<float>) length samples =
    for half in 0..4 .. lanes - 1 do
        let inline load i = Vector256.Load(NativePtr.add tile (i * step + half))
        let r0 = load 0
        let r1 = load 1
        let r2 = load 2
        let r3 = load 3
        let inline lane i = Vector256.Create(r0.GetElement(i), r1.GetElement(i), r2.GetElement(i), r3.GetElement(i))
        let mutable v0 = Vector256<float>.Zero
        let mutable v1 = v0
        let mutable v2 = v0
        let mutable v3 = v0

        if Avx2.IsSupported then
            let low01 = Avx.UnpackLow(r0, r1)
            let high01 = Avx.UnpackHigh(r0, r1)
            let low23 = Avx.UnpackLow(r2, r3)
            let high23 = Avx.UnpackHigh(r2, r3)
            v0 <- Avx.Permute2x128(low01, low23, 0x20uy)
            v1 <- Avx.Permute2x128(high01, high23, 0x20uy)
            v2 <- Avx.Permute2x128(low01, low23, 0x31uy)
            v3 <- Avx.Permute2x128(high01, high23, 0x31uy)
        else
            v0 <- lane 0
            v1 <- lane 1
            v2 <- lane 2
            v3 <- lane 3

        let inline put i (value: Vector256<float>) =
            if half + i < samples then
                let row = NativePtr.add into ((half + i) * length)

                if count >= 4 then
                    Vector256.Store(value, row)
                else
                    for q in 0 .. count - 1 do
                        NativePtr.set row q (value.GetElement q)

        put 0 v0
        put 1 v1
        put 2 v2
        put 3 v3

let inline private run<'L, 'V when 'L :> ILanes<'V>>
    (plan: CouplingKernel.Plan)
    (left: nativeptr<float>)
    leftColumns
    (right: nativeptr<float>)
    rightColumns
    (target: Target)
    (mirrored: nativeptr<float>)
    (sign: float)
    (tile: nativeptr<float>)
    =
    let count = 'L.Count
    let leftPadded, rightPadded = padded leftColumns, padded rightColumns
    use orders = fixed plan.Left
    use others = fixed plan.Right
    use values = fixed plan.Value
    let exchanged = 'L.Fill sign

    for row in 0 .. plan.Rows - 1 do
        let from = plan.Starts[row]
        let upTo = plan.Starts[row + 1] - 1
        let rowAt = NativePtr.add target.First (row * target.Width)

        for p in 0..4 .. leftPadded - 1 do
            for q in 0..4 .. rightPadded - 1 do
                let mutable s00 = 'L.Fill 0.0
                let mutable s01 = s00
                let mutable s02 = s00
                let mutable s03 = s00
                let mutable s10 = s00
                let mutable s11 = s00
                let mutable s12 = s00
                let mutable s13 = s00
                let mutable s20 = s00
                let mutable s21 = s00
                let mutable s22 = s00
                let mutable s23 = s00
                let mutable s30 = s00
                let mutable s31 = s00
                let mutable s32 = s00
                let mutable s33 = s00

                for entry in from..upTo do
                    let a = NativePtr.add left ((NativePtr.get orders entry * leftPadded + p) * count)

                    let one = NativePtr.add right ((NativePtr.get others (2 * entry) * rightPadded + q) * count)

                    let other = NativePtr.add right ((NativePtr.get others (2 * entry + 1) * rightPadded + q) * count)

                    let v = 'L.Fill(NativePtr.get values (2 * entry))
                    let w = 'L.Fill(NativePtr.get values (2 * entry + 1))

                    let inline weighed i =
                        'L.MultiplyAdd(w, 'L.Load(other, i * count), 'L.Multiply(v, 'L.Load(one, i * count)))

                    let d0 = weighed 0
                    let d1 = weighed 1
                    let d2 = weighed 2
                    let d3 = weighed 3
                    let a0 = 'L.Load(a, 0)
                    s00 <- 'L.MultiplyAdd(a0, d0, s00)
                    s01 <- 'L.MultiplyAdd(a0, d1, s01)
                    s02 <- 'L.MultiplyAdd(a0, d2, s02)
                    s03 <- 'L.MultiplyAdd(a0, d3, s03)
                    let a1 = 'L.Load(a, count)
                    s10 <- 'L.MultiplyAdd(a1, d0, s10)
                    s11 <- 'L.MultiplyAdd(a1, d1, s11)
                    s12 <- 'L.MultiplyAdd(a1, d2, s12)
                    s13 <- 'L.MultiplyAdd(a1, d3, s13)
                    let a2 = 'L.Load(a, 2 * count)
                    s20 <- 'L.MultiplyAdd(a2, d0, s20)
                    s21 <- 'L.MultiplyAdd(a2, d1, s21)
                    s22 <- 'L.MultiplyAdd(a2, d2, s22)
                    s23 <- 'L.MultiplyAdd(a2, d3, s23)
                    let a3 = 'L.Load(a, 3 * count)
                    s30 <- 'L.MultiplyAdd(a3, d0, s30)
                    s31 <- 'L.MultiplyAdd(a3, d1, s31)
                    s32 <- 'L.MultiplyAdd(a3, d2, s32)
                    s33 <- 'L.MultiplyAdd(a3, d3, s33)

                let inline put i value = 'L.Store(tile, i * count, value)
                put 0 s00
                put 1 s01
                put 2 s02
                put 3 s03
                put 4 s10
                put 5 s11
                put 6 s12
                put 7 s13
                put 8 s20
                put 9 s21
                put 10 s22
                put 11 s23
                put 12 s30
                put 13 s31
                put 14 s32
                put 15 s33

                for i in 0 .. min 4 (leftColumns - p) - 1 do
                    scatter
                        (NativePtr.add tile (4 * i * count))
                        count
                        (rightColumns - q)
                        (NativePtr.add rowAt ((p + i) * rightColumns + q))
                        target.Length
                        target.Samples

                if NativePtr.toNativeInt mirrored <> 0n then
                    let mirroredAt = NativePtr.add mirrored (row * target.Width)

                    for i in 0..15 do
                        'L.Store(tile, i * count, 'L.Multiply(exchanged, 'L.Load(tile, i * count)))

                    for i in 0 .. min 4 (rightColumns - q) - 1 do
                        scatter
                            (NativePtr.add tile (i * count))
                            (4 * count)
                            (leftColumns - p)
                            (NativePtr.add mirroredAt ((q + i) * leftColumns + p))
                            target.Length
                            target.Samples

let private run8 plan left leftColumns right rightColumns target mirrored sign tile =
    FullOptimization.ask ()
    run<Lanes512, Vector512<float>> plan left leftColumns right rightColumns target mirrored sign tile

let private run4 plan left leftColumns right rightColumns target mirrored sign tile =
    FullOptimization.ask ()
    run<Lanes256, Vector256<float>> plan left leftColumns right rightColumns target mirrored sign tile

/// Couples two factors in lanes. Where the first sample's row of (l2, l1) is given (else a null pointer), it gets the same numbers with p and q exchanged, times `sign`.
let couple plan left leftColumns right rightColumns target mirrored sign tile =
    if lanes = 8 then
        run8 plan left leftColumns right rightColumns target mirrored sign tile
    else
        run4 plan left leftColumns right rightColumns target mirrored sign tile
