/// From moments to coefficients with a neighbour a lane: traces and harmonics as in ContractionKernel.fs, without putting moments into shells first, for the
/// functions P_nlm of DerivativeTable.fs.
module internal AniSoap.Numerics.LaneContraction

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

/// The trace of all moments of degree up to `degree` + 2 in their places, the kernel's order (b, a, c) with 1/c! in them:
/// M_{abc} ← M_{a+2,b,c} + M_{a,b+2,c} + (c + 1)(c + 2) M_{a,b,c+2}. Nothing is read after it was written over.
let private trace<'L, 'V when 'L :> ILanes<'V>> (table: DerivativeTable) degree (moments: nativeptr<float>) =
    FullOptimization.ask ()
    let stride = 'L.Count
    let pitch = table.Degree + 1
    use starts = fixed &table.RowStarts[0]
    use factors = fixed &table.TraceFactors[0]

    for b in 0..degree do
        for a in 0 .. degree - b do
            let inline row b a = NativePtr.add moments (stride * NativePtr.get starts (b * pitch + a))
            // One step each: places counted anew for every number took as long as the arithmetic.
            let mutable into = row b a
            let mutable twoA = row b (a + 2)
            let mutable twoB = row (b + 2) a
            let mutable factor = factors

            for _ in 0 .. degree - b - a do
                let both = 'L.Add('L.Load(twoA, 0), 'L.Load(twoB, 0))
                let up = 'L.Load(into, 2 * stride)
                'L.Store(into, 0, 'L.MultiplyAdd('L.Fill(NativePtr.read factor), up, both))
                into <- NativePtr.add into stride
                twoA <- NativePtr.add twoA stride
                twoB <- NativePtr.add twoB stride
                factor <- NativePtr.add factor 1

/// All coefficients with n radial nodes out of moments traced n times.
let private harmonics<'L, 'V when 'L :> ILanes<'V>>
    (table: DerivativeTable)
    (set: CoefficientPlaces)
    (n: int)
    (moments: nativeptr<float>)
    (coefficients: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    use starts = fixed &table.TermStarts[0]
    use places = fixed &table.TermPlaces[0]
    use factors = fixed &table.TermFactors[0]
    let scales, scaleStride = table.Scales, table.ScaleStride
    let counts, offsets = set.Counts, set.Offsets

    for l in 0 .. set.MaxAngular do
        let count = counts[l]

        if n < count then
            let scale = 'L.Fill scales[l * scaleStride + n]
            let mutable into = NativePtr.add coefficients (stride * (offsets[l] + n))
            let first = NativePtr.get starts (l * l)
            let mutable place = NativePtr.add places first
            let mutable factor = NativePtr.add factors first

            for m in l * l .. l * l + 2 * l do
                let mutable sum = 'L.Fill 0.0

                for _ in NativePtr.get starts m .. NativePtr.get starts (m + 1) - 1 do
                    let moment = 'L.Load(NativePtr.add moments (stride * NativePtr.read place), 0)
                    sum <- 'L.MultiplyAdd('L.Fill(NativePtr.read factor), moment, sum)
                    place <- NativePtr.add place 1
                    factor <- NativePtr.add factor 1

                'L.Store(into, 0, 'L.Multiply(scale, sum))
                into <- NativePtr.add into (stride * count)

/// The coefficients of a set out of moments in lanes, which are overwritten.
let private contractLanes<'L, 'V when 'L :> ILanes<'V>> (table: DerivativeTable) (order: int) moments coefficients =
    FullOptimization.ask ()
    let set = table.Sets[order]
    let most = Array.max set.Counts

    for n in 0 .. most - 1 do
        if n > 0 then
            trace<'L, 'V> table (table.Degree - 2 * n) moments

        harmonics<'L, 'V> table set n moments coefficients

let private addTotalsLanes<'L, 'V when 'L :> ILanes<'V>>
    (table: DerivativeTable)
    (order: int)
    (coefficients: nativeptr<float>)
    (totals: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    let own, set = table.Sets[0], table.Sets[order]
    let mutable into = totals

    for l in 0 .. own.MaxAngular do
        for m in 0 .. 2 * l do
            let from = NativePtr.add coefficients (stride * (set.Offsets[l] + m * set.Counts[l]))

            for n in 0 .. own.Counts[l] - 1 do
                'L.Store(into, 0, 'L.Add('L.Load(into, 0), 'L.Load(from, n * stride)))
                into <- NativePtr.add into stride

// With the widest vectors that lanes fill: eight, or four.

let contract stride table order moments coefficients =
    if stride = 8 then
        contractLanes<Lanes512, Vector512<float>> table order moments coefficients
    else
        contractLanes<Lanes256, Vector256<float>> table order moments coefficients

/// Adds the coefficients that are derived to those of the lanes before.
let addTotals stride table order coefficients totals =
    if stride = 8 then
        addTotalsLanes<Lanes512, Vector512<float>> table order coefficients totals
    else
        addTotalsLanes<Lanes256, Vector256<float>> table order coefficients totals
