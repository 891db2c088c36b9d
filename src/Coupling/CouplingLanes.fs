/// The coupling of CouplingKernel.fs for many samples at once, a sample a lane: no vector is short whatever the number of columns is, and what is looked up for a
/// coefficient serves all samples.
///
/// For every M the numbers of four columns p and four columns q are summed in sixteen registers (in eight, two columns q after the other two, where there are no more), over m1:
///
///     s_pq += a_{m1,p} d_q      d_q = Σ_{m2} C b_{m2,q}, at most two terms
///
/// then lanes are turned into rows of the samples. Where both factors are the same, C^{LM}_{l2 m2 l1 m1} = (−1)^{l1+l2−L} C^{LM}_{l1 m1 l2 m2} gives the numbers of (l2, l1) besides:
/// the same registers, written a second time with p and q exchanged.
module internal AniSoap.Coupling.CouplingLanes

// Pointers into pinned arrays, see CouplingKernel.fs.
#nowarn "9"

open System.Runtime.Intrinsics
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

/// A plan for factors of so many columns: what is read from front to end for every group of samples.
[<NoComparison; NoEquality>]
type LanePlan = {
    LeftColumns: int
    RightColumns: int
    /// As the plan's.
    Rows: int
    Starts: int[]
    Values: float[]
    /// Three of every entry: where m1 stands in the lanes of the left factor, and both m2 in those of the right one.
    Places: int[]
}

/// The plan with places in lanes.
let plan (plan: CouplingKernel.Plan) leftColumns rightColumns : LanePlan = {
    LeftColumns = leftColumns
    RightColumns = rightColumns
    Rows = plan.Rows
    Starts = plan.Starts
    Values = plan.Value
    Places = [|
        for entry in 0 .. plan.Left.Length - 1 do
            plan.Left[entry] * padded leftColumns * lanes
            plan.Right[2 * entry] * padded rightColumns * lanes
            plan.Right[2 * entry + 1] * padded rightColumns * lanes
    |]
}

/// Rows of a factor, from the first sample's on, `length` numbers from sample to sample, a sample a lane; columns and lanes that there are not are zero.
let gather (rows: nativeptr<float>) length orders columns samples (into: nativeptr<float>) =
    FullOptimization.ask ()
    let padded = padded columns

    for m in 0 .. orders - 1 do
        for q in 0..4 .. padded - 1 do
            let from = NativePtr.add rows (m * columns + q)
            let target = NativePtr.add into ((m * padded + q) * lanes)

            if samples = lanes && q + 4 <= columns then
                for half in 0..4 .. lanes - 1 do
                    let inline put k (value: Vector256<float>) =
                        Vector256.Store(value, NativePtr.add target (k * lanes + half))

                    LaneTurn.four
                        (fun k -> Vector256.Load(NativePtr.add from ((half + k) * length)))
                        (fun v0 v1 v2 v3 ->
                            put 0 v0
                            put 1 v1
                            put 2 v2
                            put 3 v3)
            else
                for k in 0..3 do
                    for lane in 0 .. lanes - 1 do
                        let isThere = q + k < columns && lane < samples

                        let value =
                            if isThere then
                                NativePtr.get from (lane * length + k)
                            else
                                0.0

                        NativePtr.set target (k * lanes + lane) value

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

/// The first `count` of four numbers.
let inline private put count (value: Vector256<float>) (row: nativeptr<float>) =
    if count >= 4 then
        Vector256.Store(value, row)
    else
        if count >= 2 then
            Vector128.Store(value.GetLower(), row)
        else
            NativePtr.write row (value.ToScalar())

        if count = 3 then
            NativePtr.set row 2 (value.GetUpper().ToScalar())

/// A tile's rows, their vectors `step` apart and the rows `apart`, into rows of all samples, times `sign`: up to four rows of up to four numbers, `width` numbers apart.
let inline private spread
    (tile: nativeptr<float>)
    apart
    step
    (sign: float)
    rows
    count
    (into: nativeptr<float>)
    width
    length
    =
    let signs = Vector256.Create(sign: float)

    for half in 0..4 .. lanes - 1 do
        for i in 0 .. min 4 rows - 1 do
            let from = NativePtr.add tile (i * apart + half)
            let row = NativePtr.add into (half * length + i * width)

            let inline put k (value: Vector256<float>) =
                put count (Vector256.Multiply(value, signs)) (NativePtr.add row (k * length))

            LaneTurn.four (fun k -> Vector256.Load(NativePtr.add from (k * step))) (fun v0 v1 v2 v3 ->
                put 0 v0
                put 1 v1
                put 2 v2
                put 3 v3)

/// Where there are fewer samples than lanes.
let private spreadFew
    (tile: nativeptr<float>)
    apart
    step
    (sign: float)
    rows
    count
    (into: nativeptr<float>)
    width
    length
    samples
    =
    for i in 0 .. min 4 rows - 1 do
        for sample in 0 .. samples - 1 do
            let row = NativePtr.add into (i * width + sample * length)

            for k in 0 .. min 4 count - 1 do
                NativePtr.set row k (sign * NativePtr.get tile (i * apart + k * step + sample))

/// Fewer rows, numbers or samples.
let private spreadPart tile apart step sign rows count into width (target: Target) =
    FullOptimization.ask ()

    if target.Samples < lanes then
        spreadFew tile apart step sign rows count into width target.Length target.Samples
    else
        spread tile apart step sign rows count into width target.Length

/// `wide`: four columns q at a time, sixteen sums, for processors of 32 registers; else two and two, for those of sixteen. Each number is the same sum.
let inline private run<'L, 'V when 'L :> ILanes<'V>>
    (wide: bool)
    (plan: LanePlan)
    (left: nativeptr<float>)
    (right: nativeptr<float>)
    (target: Target)
    (mirrored: nativeptr<float>)
    (sign: float)
    (tile: nativeptr<float>)
    =
    let count = 'L.Count
    let leftColumns = plan.LeftColumns
    let rightColumns = plan.RightColumns
    let starts = plan.Starts
    use values = fixed &plan.Values[0]
    use places = fixed &plan.Places[0]

    for row in 0 .. plan.Rows - 1 do
        let from = starts[row]
        let upTo = starts[row + 1] - 1
        let rowAt = NativePtr.add target.First (row * target.Width)

        for p in 0..4 .. leftColumns - 1 do
            for q in 0..4 .. rightColumns - 1 do
                for half in 0 .. (if wide || rightColumns - q <= 2 then 0 else 1) do
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
                    let leftAt = NativePtr.add left (p * count)
                    let rightAt = NativePtr.add right ((q + 2 * half) * count)
                    let mutable place = NativePtr.add places (3 * from)
                    let mutable value = NativePtr.add values (2 * from)

                    for _ in from..upTo do
                        let a = NativePtr.add leftAt (NativePtr.get place 0)
                        let one = NativePtr.add rightAt (NativePtr.get place 1)
                        let other = NativePtr.add rightAt (NativePtr.get place 2)
                        let v = 'L.Fill(NativePtr.get value 0)
                        let w = 'L.Fill(NativePtr.get value 1)
                        place <- NativePtr.add place 3
                        value <- NativePtr.add value 2

                        let inline weighed i =
                            'L.MultiplyAdd(w, 'L.Load(other, i * count), 'L.Multiply(v, 'L.Load(one, i * count)))

                        let d0 = weighed 0
                        let d1 = weighed 1
                        let d2 = if wide then weighed 2 else d0
                        let d3 = if wide then weighed 3 else d0
                        let a0 = 'L.Load(a, 0)
                        s00 <- 'L.MultiplyAdd(a0, d0, s00)
                        s01 <- 'L.MultiplyAdd(a0, d1, s01)

                        if wide then
                            s02 <- 'L.MultiplyAdd(a0, d2, s02)
                            s03 <- 'L.MultiplyAdd(a0, d3, s03)

                        let a1 = 'L.Load(a, count)
                        s10 <- 'L.MultiplyAdd(a1, d0, s10)
                        s11 <- 'L.MultiplyAdd(a1, d1, s11)

                        if wide then
                            s12 <- 'L.MultiplyAdd(a1, d2, s12)
                            s13 <- 'L.MultiplyAdd(a1, d3, s13)

                        let a2 = 'L.Load(a, 2 * count)
                        s20 <- 'L.MultiplyAdd(a2, d0, s20)
                        s21 <- 'L.MultiplyAdd(a2, d1, s21)

                        if wide then
                            s22 <- 'L.MultiplyAdd(a2, d2, s22)
                            s23 <- 'L.MultiplyAdd(a2, d3, s23)

                        let a3 = 'L.Load(a, 3 * count)
                        s30 <- 'L.MultiplyAdd(a3, d0, s30)
                        s31 <- 'L.MultiplyAdd(a3, d1, s31)

                        if wide then
                            s32 <- 'L.MultiplyAdd(a3, d2, s32)
                            s33 <- 'L.MultiplyAdd(a3, d3, s33)

                    let inline put i value = 'L.Store(tile, (i + 2 * half) * count, value)
                    put 0 s00
                    put 1 s01
                    put 4 s10
                    put 5 s11
                    put 8 s20
                    put 9 s21
                    put 12 s30
                    put 13 s31

                    if wide then
                        put 2 s02
                        put 3 s03
                        put 6 s12
                        put 7 s13
                        put 10 s22
                        put 11 s23
                        put 14 s32
                        put 15 s33

                let leftCount, rightCount = leftColumns - p, rightColumns - q
                let isWhole = target.Samples = count && leftCount >= 4 && rightCount >= 4

                // Whole tiles, which most are, without a call.
                let inline write apart step sign rows numbers into width =
                    if isWhole then
                        spread tile apart step sign 4 4 into width target.Length
                    else
                        spreadPart tile apart step sign rows numbers into width target

                let into = NativePtr.add rowAt (p * rightColumns + q)
                write (4 * count) count 1.0 leftCount rightCount into rightColumns

                if NativePtr.toNativeInt mirrored <> 0n then
                    let into = NativePtr.add mirrored (row * target.Width + q * leftColumns + p)
                    write count (4 * count) sign rightCount leftCount into leftColumns

let private run8 plan left right target mirrored sign tile =
    FullOptimization.ask ()
    run<Lanes512, Vector512<float>> true plan left right target mirrored sign tile

let private run4 plan left right target mirrored sign tile =
    FullOptimization.ask ()
    run<Lanes256, Vector256<float>> false plan left right target mirrored sign tile

/// Couples two factors in lanes. Where the first sample's row of (l2, l1) is given (else a null pointer), it gets the same numbers with p and q exchanged, times `sign`.
let couple plan left right target mirrored sign tile =
    if lanes = 8 then
        run8 plan left right target mirrored sign tile
    else
        run4 plan left right target mirrored sign tile
