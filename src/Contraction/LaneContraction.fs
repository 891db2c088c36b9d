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

    let inline row b a = NativePtr.add moments (stride * NativePtr.get starts (b * pitch + a))

    let inline put into twoA twoB factor =
        let both = 'L.Add('L.Load(twoA, 0), 'L.Load(twoB, 0))
        'L.Store(into, 0, 'L.MultiplyAdd(factor, 'L.Load(into, 2 * stride), both))

    // Rows are short, and two go together: half as many ends of loops, and one step a number instead of places counted anew.
    for b in 0..degree do
        let mutable a = 0

        while a < degree - b do
            let mutable into = row b a
            let mutable twoA = row b (a + 2)
            let mutable twoB = row (b + 2) a
            let mutable intoNext = row b (a + 1)
            let mutable twoANext = row b (a + 3)
            let mutable twoBNext = row (b + 2) (a + 1)
            let mutable factor = factors

            for _ in 1 .. degree - b - a do
                let f = 'L.Fill(NativePtr.read factor)
                put into twoA twoB f
                put intoNext twoANext twoBNext f
                into <- NativePtr.add into stride
                twoA <- NativePtr.add twoA stride
                twoB <- NativePtr.add twoB stride
                intoNext <- NativePtr.add intoNext stride
                twoANext <- NativePtr.add twoANext stride
                twoBNext <- NativePtr.add twoBNext stride
                factor <- NativePtr.add factor 1

            put into twoA twoB ('L.Fill(NativePtr.read factor))
            a <- a + 2

        if a = degree - b then
            put (row b a) (row b (a + 2)) (row (b + 2) a) ('L.Fill(NativePtr.read factors))

/// The moments that harmonics are made of, traced n times, behind those traced less often: by degree, side by side.
let private collect<'L, 'V when 'L :> ILanes<'V>>
    (table: DerivativeTable)
    (set: CoefficientPlaces)
    (n: int)
    (moments: nativeptr<float>)
    (levels: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    use places = fixed &table.DegreePlaces[0]
    let mutable place = places
    let mutable into = NativePtr.add levels (stride * n * set.PlaceCount)

    for _ in 1 .. set.PlacesOf[n] do
        'L.Store(into, 0, 'L.Load(NativePtr.add moments (stride * NativePtr.read place), 0))
        into <- NativePtr.add into stride
        place <- NativePtr.add place 1

/// The coefficients of one l with `columns` radial functions from one on, whose sums stay in registers: every factor is read once for all of them.
let inline private harmonics<'L, 'V when 'L :> ILanes<'V>>
    (columns: int)
    (table: DerivativeTable)
    (l: int)
    (level: int)
    (count: int)
    (scales: nativeptr<float>)
    (levels: nativeptr<float>)
    (coefficients: nativeptr<float>)
    =
    let stride = 'L.Count
    use starts = fixed &table.TermStarts[l * l]
    use places = fixed &table.TermPlaces[0]
    use factors = fixed &table.TermFactors[0]
    let mutable into = coefficients
    let mutable place = NativePtr.add places (NativePtr.read starts)
    let mutable factor = NativePtr.add factors (NativePtr.read starts)
    let zero = 'L.Fill 0.0
    // From one place all levels are reached: traced n times, n + 1 times, …
    let inline levelOf k =
        if columns > k then
            NativePtr.add levels (k * level)
        else
            levels

    let level1 = levelOf 1
    let level2 = levelOf 2
    let level3 = levelOf 3
    let level4 = levelOf 4
    let level5 = levelOf 5

    for m in 0 .. 2 * l do
        let mutable s0 = zero
        let mutable s1 = zero
        let mutable s2 = zero
        let mutable s3 = zero
        let mutable s4 = zero
        let mutable s5 = zero

        for _ in NativePtr.get starts m .. NativePtr.get starts (m + 1) - 1 do
            let here = stride * NativePtr.read place
            let f = 'L.Fill(NativePtr.read factor)
            s0 <- 'L.MultiplyAdd(f, 'L.Load(levels, here), s0)

            if columns > 1 then
                s1 <- 'L.MultiplyAdd(f, 'L.Load(level1, here), s1)

            if columns > 2 then
                s2 <- 'L.MultiplyAdd(f, 'L.Load(level2, here), s2)

            if columns > 3 then
                s3 <- 'L.MultiplyAdd(f, 'L.Load(level3, here), s3)

            if columns > 4 then
                s4 <- 'L.MultiplyAdd(f, 'L.Load(level4, here), s4)

            if columns > 5 then
                s5 <- 'L.MultiplyAdd(f, 'L.Load(level5, here), s5)

            place <- NativePtr.add place 1
            factor <- NativePtr.add factor 1

        let inline put n sum =
            if columns > n then
                'L.Store(into, n * stride, 'L.Multiply('L.Fill(NativePtr.get scales n), sum))

        put 0 s0
        put 1 s1
        put 2 s2
        put 3 s3
        put 4 s4
        put 5 s5
        into <- NativePtr.add into (stride * count)

let private harmonics1<'L, 'V when 'L :> ILanes<'V>> table l level count scales levels coefficients =
    FullOptimization.ask ()
    harmonics<'L, 'V> 1 table l level count scales levels coefficients

let private harmonics2<'L, 'V when 'L :> ILanes<'V>> table l level count scales levels coefficients =
    FullOptimization.ask ()
    harmonics<'L, 'V> 2 table l level count scales levels coefficients

let private harmonics3<'L, 'V when 'L :> ILanes<'V>> table l level count scales levels coefficients =
    FullOptimization.ask ()
    harmonics<'L, 'V> 3 table l level count scales levels coefficients

let private harmonics4<'L, 'V when 'L :> ILanes<'V>> table l level count scales levels coefficients =
    FullOptimization.ask ()
    harmonics<'L, 'V> 4 table l level count scales levels coefficients

let private harmonics5<'L, 'V when 'L :> ILanes<'V>> table l level count scales levels coefficients =
    FullOptimization.ask ()
    harmonics<'L, 'V> 5 table l level count scales levels coefficients

let private harmonics6<'L, 'V when 'L :> ILanes<'V>> table l level count scales levels coefficients =
    FullOptimization.ask ()
    harmonics<'L, 'V> 6 table l level count scales levels coefficients

/// The coefficients of a set out of moments in lanes, which are overwritten.
let private contractLanes<'L, 'V when 'L :> ILanes<'V>>
    (table: DerivativeTable)
    (order: int)
    (moments: nativeptr<float>)
    (levels: nativeptr<float>)
    (coefficients: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    let set = table.Sets[order]
    let most = set.MostCount
    let level = stride * set.PlaceCount
    use scales = fixed &table.Scales[0]

    for n in 0 .. most - 1 do
        if n > 0 then
            trace<'L, 'V> table (table.Degree - 2 * n) moments

        collect<'L, 'V> table set n moments levels

    for l in 0 .. set.MaxAngular do
        let count = set.Counts[l]
        let parts = (count + 5) / 6
        let mutable n = 0

        for part in 0 .. parts - 1 do
            // As even as they can be: a single sum waits for itself.
            let width = (count - n + parts - part - 1) / (parts - part)
            let scale = NativePtr.add scales (l * table.ScaleStride + n)
            let from = NativePtr.add levels (n * level)
            let into = NativePtr.add coefficients (stride * (set.Offsets[l] + n))

            match width with
            | 1 -> harmonics1<'L, 'V> table l level count scale from into
            | 2 -> harmonics2<'L, 'V> table l level count scale from into
            | 3 -> harmonics3<'L, 'V> table l level count scale from into
            | 4 -> harmonics4<'L, 'V> table l level count scale from into
            | 5 -> harmonics5<'L, 'V> table l level count scale from into
            | _ -> harmonics6<'L, 'V> table l level count scale from into

            n <- n + width

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

let contract stride table order moments levels coefficients =
    if stride = 8 then
        contractLanes<Lanes512, Vector512<float>> table order moments levels coefficients
    else
        contractLanes<Lanes256, Vector256<float>> table order moments levels coefficients

/// Adds the coefficients that are derived to those of the lanes before.
let addTotals stride table order coefficients totals =
    if stride = 8 then
        addTotalsLanes<Lanes512, Vector512<float>> table order coefficients totals
    else
        addTotalsLanes<Lanes256, Vector256<float>> table order coefficients totals
