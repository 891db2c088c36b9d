/// Mixing of radial functions where neighbours are lanes: every row of one l (one for each m) times the same square matrix, a vector in place of one number.
module internal AniSoap.Numerics.LaneRows

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

/// Every row of one l (one for each m) times a square matrix, entry (k, n) at k rowStep + n columnStep; two columns at a time, which share what they read.
let inline private multiplyAnyRows<'L, 'V when 'L :> ILanes<'V>>
    l
    count
    rowStep
    columnStep
    (matrix: nativeptr<float>)
    (source: nativeptr<float>)
    (target: nativeptr<float>)
    =
    let stride = 'L.Count
    let inline factor k n = 'L.Fill(NativePtr.get matrix (k * rowStep + n * columnStep))

    for m in 0 .. 2 * l do
        let row = NativePtr.add source (m * count * stride)
        let into = NativePtr.add target (m * count * stride)
        let mutable n = 0

        while n + 1 < count do
            let mutable first = 'L.Fill 0.0
            let mutable second = first

            for k in 0 .. count - 1 do
                let value = 'L.Load(row, k * stride)
                first <- 'L.MultiplyAdd(factor k n, value, first)
                second <- 'L.MultiplyAdd(factor k (n + 1), value, second)

            'L.Store(into, n * stride, first)
            'L.Store(into, (n + 1) * stride, second)
            n <- n + 2

        if n < count then
            let mutable sum = 'L.Fill 0.0

            for k in 0 .. count - 1 do
                sum <- 'L.MultiplyAdd(factor k n, 'L.Load(row, k * stride), sum)

            'L.Store(into, n * stride, sum)

/// The same for two to four columns, whose matrix stays in registers: the same sums in the same order.
let inline private multiplyFewRows<'L, 'V when 'L :> ILanes<'V>>
    count
    l
    rowStep
    columnStep
    (matrix: nativeptr<float>)
    (source: nativeptr<float>)
    (target: nativeptr<float>)
    =
    let stride = 'L.Count
    let zero = 'L.Fill 0.0

    let inline factor k n =
        if k < count && n < count then
            'L.Fill(NativePtr.get matrix (k * rowStep + n * columnStep))
        else
            zero

    let f00, f01, f02, f03 = factor 0 0, factor 0 1, factor 0 2, factor 0 3
    let f10, f11, f12, f13 = factor 1 0, factor 1 1, factor 1 2, factor 1 3
    let f20, f21, f22, f23 = factor 2 0, factor 2 1, factor 2 2, factor 2 3
    let f30, f31, f32, f33 = factor 3 0, factor 3 1, factor 3 2, factor 3 3
    let mutable row = source
    let mutable into = target

    for _ in 0 .. 2 * l do
        let v0 = 'L.Load(row, 0)
        let v1 = 'L.Load(row, stride)
        let v2 = if count > 2 then 'L.Load(row, 2 * stride) else zero
        let v3 = if count > 3 then 'L.Load(row, 3 * stride) else zero

        let inline put n f0 f1 f2 f3 =
            let sum = 'L.MultiplyAdd(f1, v1, 'L.MultiplyAdd(f0, v0, zero))
            let sum = if count > 2 then 'L.MultiplyAdd(f2, v2, sum) else sum
            'L.Store(into, n * stride, (if count > 3 then 'L.MultiplyAdd(f3, v3, sum) else sum))

        put 0 f00 f10 f20 f30
        put 1 f01 f11 f21 f31

        if count > 2 then
            put 2 f02 f12 f22 f32

        if count > 3 then
            put 3 f03 f13 f23 f33

        row <- NativePtr.add row (count * stride)
        into <- NativePtr.add into (count * stride)

let inline private multiplyRows<'L, 'V when 'L :> ILanes<'V>> l count rowStep columnStep matrix source target =
    match count with
    | 2 -> multiplyFewRows<'L, 'V> 2 l rowStep columnStep matrix source target
    | 3 -> multiplyFewRows<'L, 'V> 3 l rowStep columnStep matrix source target
    | 4 -> multiplyFewRows<'L, 'V> 4 l rowStep columnStep matrix source target
    | _ -> multiplyAnyRows<'L, 'V> l count rowStep columnStep matrix source target

/// Mixes the radial functions of one l.
let mixLanes<'L, 'V when 'L :> ILanes<'V>> l count padded matrix bare mixed =
    FullOptimization.ask ()
    multiplyRows<'L, 'V> l count padded 1 matrix bare mixed

/// From derivatives by mixed coefficients of one l to those by bare ones: the way back of `mix`.
let unmixLanes<'L, 'V when 'L :> ILanes<'V>> l count padded matrix mixed bare =
    FullOptimization.ask ()
    multiplyRows<'L, 'V> l count 1 padded matrix mixed bare

/// Mixes the radial functions of one l of `stride` pairs.
let mix l count padded stride matrix bare mixed =
    if stride = 8 then
        mixLanes<Lanes512, Vector512<float>> l count padded matrix bare mixed
    else
        mixLanes<Lanes256, Vector256<float>> l count padded matrix bare mixed
