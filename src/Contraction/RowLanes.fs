/// From derivatives of coefficients with neighbours as lanes to rows, one an atom: for spectra the products with the centre's coefficients, then lanes are
/// turned into rows and added to those of their atoms.
module internal AniSoap.Numerics.RowLanes

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop

/// Products of every n with up to eight columns: tile[3 (n all + q) + axis] = Σ_m derivatives[3 (count m + n) + axis] c[m][q], where there are `all` columns.
let inline private products<'L, 'V when 'L :> ILanes<'V>>
    (columns: int)
    orders
    count
    all
    padded
    (derivatives: nativeptr<float>)
    (coefficients: nativeptr<float>)
    (tile: nativeptr<float>)
    =
    let stride = 'L.Count
    let zero = 'L.Fill 0.0

    for n in 0 .. count - 1 do
        let mutable x0 = zero
        let mutable y0 = zero
        let mutable z0 = zero
        let mutable x1 = zero
        let mutable y1 = zero
        let mutable z1 = zero
        let mutable x2 = zero
        let mutable y2 = zero
        let mutable z2 = zero
        let mutable x3 = zero
        let mutable y3 = zero
        let mutable z3 = zero
        let mutable x4 = zero
        let mutable y4 = zero
        let mutable z4 = zero
        let mutable x5 = zero
        let mutable y5 = zero
        let mutable z5 = zero
        let mutable x6 = zero
        let mutable y6 = zero
        let mutable z6 = zero
        let mutable x7 = zero
        let mutable y7 = zero
        let mutable z7 = zero
        let mutable from = NativePtr.add derivatives (3 * stride * n)
        let mutable row = coefficients

        for _ in 1..orders do
            let x = 'L.Load(from, 0)
            let y = 'L.Load(from, stride)
            let z = 'L.Load(from, 2 * stride)
            let here = row
            let inline c q = 'L.Fill(NativePtr.get here q)
            let c0 = c 0
            x0 <- 'L.MultiplyAdd(c0, x, x0)
            y0 <- 'L.MultiplyAdd(c0, y, y0)
            z0 <- 'L.MultiplyAdd(c0, z, z0)

            if columns > 1 then
                let c1 = c 1
                x1 <- 'L.MultiplyAdd(c1, x, x1)
                y1 <- 'L.MultiplyAdd(c1, y, y1)
                z1 <- 'L.MultiplyAdd(c1, z, z1)

            if columns > 2 then
                let c2 = c 2
                x2 <- 'L.MultiplyAdd(c2, x, x2)
                y2 <- 'L.MultiplyAdd(c2, y, y2)
                z2 <- 'L.MultiplyAdd(c2, z, z2)

            if columns > 3 then
                let c3 = c 3
                x3 <- 'L.MultiplyAdd(c3, x, x3)
                y3 <- 'L.MultiplyAdd(c3, y, y3)
                z3 <- 'L.MultiplyAdd(c3, z, z3)

            if columns > 4 then
                let c4 = c 4
                x4 <- 'L.MultiplyAdd(c4, x, x4)
                y4 <- 'L.MultiplyAdd(c4, y, y4)
                z4 <- 'L.MultiplyAdd(c4, z, z4)

            if columns > 5 then
                let c5 = c 5
                x5 <- 'L.MultiplyAdd(c5, x, x5)
                y5 <- 'L.MultiplyAdd(c5, y, y5)
                z5 <- 'L.MultiplyAdd(c5, z, z5)

            if columns > 6 then
                let c6 = c 6
                x6 <- 'L.MultiplyAdd(c6, x, x6)
                y6 <- 'L.MultiplyAdd(c6, y, y6)
                z6 <- 'L.MultiplyAdd(c6, z, z6)

            if columns > 7 then
                let c7 = c 7
                x7 <- 'L.MultiplyAdd(c7, x, x7)
                y7 <- 'L.MultiplyAdd(c7, y, y7)
                z7 <- 'L.MultiplyAdd(c7, z, z7)

            from <- NativePtr.add from (3 * stride * count)
            row <- NativePtr.add row padded

        let into = NativePtr.add tile (3 * stride * n * all)

        let inline put q x y z =
            if columns > q then
                'L.Store(into, 3 * q * stride, x)
                'L.Store(into, (3 * q + 1) * stride, y)
                'L.Store(into, (3 * q + 2) * stride, z)

        put 0 x0 y0 z0
        put 1 x1 y1 z1
        put 2 x2 y2 z2
        put 3 x3 y3 z3
        put 4 x4 y4 z4
        put 5 x5 y5 z5
        put 6 x6 y6 z6
        put 7 x7 y7 z7

// One method for each number of columns, so that only what is needed is compiled.

let private products1<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 1 orders count all padded derivatives coefficients tile

let private products2<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 2 orders count all padded derivatives coefficients tile

let private products3<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 3 orders count all padded derivatives coefficients tile

let private products4<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 4 orders count all padded derivatives coefficients tile

let private products5<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 5 orders count all padded derivatives coefficients tile

let private products6<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 6 orders count all padded derivatives coefficients tile

let private products7<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 7 orders count all padded derivatives coefficients tile

let private products8<'L, 'V when 'L :> ILanes<'V>> orders count all padded derivatives coefficients tile =
    FullOptimization.ask ()
    products<'L, 'V> 8 orders count all padded derivatives coefficients tile

let private multiplyLanes<'L, 'V when 'L :> ILanes<'V>>
    l
    count
    columns
    padded
    (derivatives: nativeptr<float>)
    (coefficients: nativeptr<float>)
    (tile: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    // Sums that stay in registers: three for each column, beside what they are made of.
    let most = if stride = 8 then 8 else 4
    let orders = 2 * l + 1
    let parts = (columns + most - 1) / most

    let mutable q = 0

    for part in 0 .. parts - 1 do
        let c = NativePtr.add coefficients q
        let into = NativePtr.add tile (3 * stride * q)
        // As even as they can be: one column alone waits for its own sums.
        let width = (columns - q + parts - part - 1) / (parts - part)

        match width with
        | 1 -> products1<'L, 'V> orders count columns padded derivatives c into
        | 2 -> products2<'L, 'V> orders count columns padded derivatives c into
        | 3 -> products3<'L, 'V> orders count columns padded derivatives c into
        | 4 -> products4<'L, 'V> orders count columns padded derivatives c into
        | 5 -> products5<'L, 'V> orders count columns padded derivatives c into
        | 6 -> products6<'L, 'V> orders count columns padded derivatives c into
        | 7 -> products7<'L, 'V> orders count columns padded derivatives c into
        | _ -> products8<'L, 'V> orders count columns padded derivatives c into

        q <- q + width

/// tile[(n columns + q) 3 + axis] = Σ_m derivatives[(m count + n) 3 + axis] coefficients[m][q], lane by lane: of one l, with coefficients in padded rows.
let multiply stride l count columns padded derivatives coefficients tile =
    if stride = 8 then
        multiplyLanes<Lanes512, Vector512<float>> l count columns padded derivatives coefficients tile
    else
        multiplyLanes<Lanes256, Vector256<float>> l count columns padded derivatives coefficients tile

/// Rows that lanes are added to.
[<Struct; NoComparison; NoEquality>]
type Targets = {
    /// The row of each lane.
    Rows: nativeptr<nativeint>
    /// Rows that all lanes are added to, and for each of them a factor for every lane.
    Shared: nativeptr<nativeint>
    SharedCount: int
    Factors: nativeptr<float>
}

let inline private at (pointers: nativeptr<nativeint>) i place : nativeptr<float> =
    NativePtr.add (NativePtr.ofNativeInt (NativePtr.get pointers i)) place

/// The place so many numbers on.
let inline private after (place: nativeptr<float>) (count: nativeint) : nativeptr<float> =
    NativePtr.ofNativeInt (NativePtr.toNativeInt place + count * nativeint sizeof<float>)

let private add8 entries (tile: nativeptr<float>) (targets: Targets) place =
    FullOptimization.ask ()
    let rows = targets.Rows
    let mutable entry = 0

    while entry < entries do
        let start = entry
        let inline load i = Vector512.Load(NativePtr.add tile (8 * (start + i)))
        // Eight vectors of lanes become a vector of entries for each lane: by twos, then by fours, then by eights.
        let low01 = Avx512F.UnpackLow(load 0, load 1)
        let high01 = Avx512F.UnpackHigh(load 0, load 1)
        let low23 = Avx512F.UnpackLow(load 2, load 3)
        let high23 = Avx512F.UnpackHigh(load 2, load 3)
        let low45 = Avx512F.UnpackLow(load 4, load 5)
        let high45 = Avx512F.UnpackHigh(load 4, load 5)
        let low67 = Avx512F.UnpackLow(load 6, load 7)
        let high67 = Avx512F.UnpackHigh(load 6, load 7)
        let inline evens (a: Vector512<float>) (b: Vector512<float>) = Avx512F.Shuffle4x128(a, b, 0x88uy)
        let inline odds (a: Vector512<float>) (b: Vector512<float>) = Avx512F.Shuffle4x128(a, b, 0xDDuy)
        let first = evens low01 low23
        let second = evens low45 low67
        let v0 = evens first second
        let v4 = odds first second
        let first = odds low01 low23
        let second = odds low45 low67
        let v2 = evens first second
        let v6 = odds first second
        let first = evens high01 high23
        let second = evens high45 high67
        let v1 = evens first second
        let v5 = odds first second
        let first = odds high01 high23
        let second = odds high45 high67
        let v3 = evens first second
        let v7 = odds first second

        let inline add lane (value: Vector512<float>) =
            let into = at rows lane (place + start)
            Vector512.Store(Vector512.Add(Vector512.Load into, value), into)

        add 0 v0
        add 1 v1
        add 2 v2
        add 3 v3
        add 4 v4
        add 5 v5
        add 6 v6
        add 7 v7

        for s in 0 .. targets.SharedCount - 1 do
            let into = at targets.Shared s (place + start)
            let inline factor lane = Vector512.Create(NativePtr.get targets.Factors (8 * s + lane): float)
            let inline add lane value sum = Vector512.MultiplyAddEstimate(factor lane, (value: Vector512<float>), sum)
            let one = add 3 v3 (add 2 v2 (add 1 v1 (add 0 v0 (Vector512.Load into))))
            let other = add 7 v7 (add 6 v6 (add 5 v5 (Vector512.Multiply(factor 4, v4))))
            Vector512.Store(Vector512.Add(one, other), into)

        entry <- entry + 8

let private add4 entries (tile: nativeptr<float>) (targets: Targets) place =
    FullOptimization.ask ()
    let rows = targets.Rows
    let mutable entry = 0

    while entry < entries do
        let start = entry

        let inline add lane (value: Vector256<float>) =
            let into = at rows lane (place + start)
            Vector256.Store(Vector256.Add(Vector256.Load into, value), into)

        LaneTurn.four (fun i -> Vector256.Load(NativePtr.add tile (4 * (start + i)))) (fun v0 v1 v2 v3 ->
            add 0 v0
            add 1 v1
            add 2 v2
            add 3 v3

            for s in 0 .. targets.SharedCount - 1 do
                let into = at targets.Shared s (place + start)
                let inline factor lane = Vector256.Create(NativePtr.get targets.Factors (4 * s + lane): float)

                let inline add lane value sum =
                    Vector256.MultiplyAddEstimate(factor lane, (value: Vector256<float>), sum)

                Vector256.Store(add 3 v3 (add 2 v2 (add 1 v1 (add 0 v0 (Vector256.Load into)))), into))

        entry <- entry + 4

/// The same where lanes share one row: its factors and all places stay in registers.
let private add4Shared entries (tile: nativeptr<float>) (targets: Targets) place =
    FullOptimization.ask ()
    let row0 = at targets.Rows 0 place
    let row1 = at targets.Rows 1 place
    let row2 = at targets.Rows 2 place
    let row3 = at targets.Rows 3 place
    let shared = at targets.Shared 0 place
    let f0 = Vector256.Create(NativePtr.get targets.Factors 0: float)
    let f1 = Vector256.Create(NativePtr.get targets.Factors 1: float)
    let f2 = Vector256.Create(NativePtr.get targets.Factors 2: float)
    let f3 = Vector256.Create(NativePtr.get targets.Factors 3: float)
    let mutable entry = 0n

    while entry < nativeint entries do
        let here = entry

        let inline addTo (row: nativeptr<float>) (value: Vector256<float>) =
            let into = after row here
            Vector256.Store(Vector256.Add(Vector256.Load into, value), into)

        LaneTurn.four (fun i -> Vector256.Load(NativePtr.add (after tile (4n * here)) (4 * i))) (fun v0 v1 v2 v3 ->
            addTo row0 v0
            addTo row1 v1
            addTo row2 v2
            addTo row3 v3
            let into = after shared here
            let sum = Vector256.MultiplyAddEstimate(f0, v0, Vector256.Load into)
            let sum = Vector256.MultiplyAddEstimate(f1, v1, sum)
            let sum = Vector256.MultiplyAddEstimate(f2, v2, sum)
            Vector256.Store(Vector256.MultiplyAddEstimate(f3, v3, sum), into))

        entry <- entry + 4n

/// Adds a tile of whole eights of entries to the rows of its lanes, from a place on.
let add stride entries tile (targets: Targets) place =
    if stride = 8 then
        add8 entries tile targets place
    elif targets.SharedCount = 1 then
        add4Shared entries tile targets place
    else
        add4 entries tile targets place
