/// The short cut of RowProducts.fs for Gaussians whose covariance is diagonal (spheres, and ellipsoids whose axes are the lab's): where moments are products,
/// E[x^a y^b z^c] = X_a Y_b Z_c, so are those of derivatives, and all sums nest. With γ_{abc} (ShiftTable.fs), X_a/a! and so on,
///
///     e = Σ_b Y_b Σ_a X_a Σ_c γ_{abc} Z_c,        h_x: X_{a−1} for X_a,  h_y: Y_{b−1},  h_z: Z_{c−1},        H_xy: both, and so on
///
/// since ∂_x (x^a/a!) = x^{a−1}/(a−1)!: two multiply-adds a state, no weights but γ itself, and no moments to be kept. The pair turns with
///
///     L_x = E[y ∂_z g − z ∂_y g] = c_y h_z − c_z h_y + (V_yy − V_zz) H_yz        (y, z by cyclic exchange)
///
/// by Stein's identity (MomentRecursion.fs).
module internal AniSoap.Numerics.DiagonalProducts

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics.MomentStates

/// Room for X, Y and Z of two vectors, each with two zeros in front.
let scratchLength degree = 3 * (degree + 3) * 16

/// One or two vectors of lanes from `first` on, of `step` lanes.
let inline private run<'L, 'V when 'L :> ILanes<'V>>
    (vectors: int)
    (withShapes: bool)
    (shifts: ShiftTable)
    step
    first
    (gamma: nativeptr<float>)
    (parameters: nativeptr<float>)
    (scratch: nativeptr<float>)
    (results: nativeptr<float>)
    (shapes: nativeptr<float>)
    =
    let stride = 'L.Count
    let degree = shifts.Degree
    let pitch = shifts.RowPitch
    let width = vectors * stride
    let zero = 'L.Fill 0.0
    // Behind the zeros in front.
    let xs = NativePtr.add scratch (2 * width)
    let ys = NativePtr.add xs ((degree + 3) * width)
    let zs = NativePtr.add ys ((degree + 3) * width)
    use starts = fixed shifts.RowStarts

    let inline fill (isWeighted: bool) (target: nativeptr<float>) mean covariance =
        for v in 0 .. vectors - 1 do
            let at = v * stride
            let inline parameter index = 'L.Load(parameters, index * step + first + at)
            let c = parameter mean
            let variance = parameter covariance
            let mutable before = zero

            let mutable value =
                if isWeighted then
                    'L.Load(parameters, Parameter.Weight * step + first + at)
                else
                    'L.Fill 1.0

            'L.Store(target, at - 2 * width, zero)
            'L.Store(target, at - width, zero)
            'L.Store(target, at, value)

            for d in 1..degree do
                let sum = 'L.MultiplyAdd(c, value, 'L.Multiply(variance, before))
                before <- value
                value <- 'L.Multiply('L.Fill(1.0 / float d), sum)
                'L.Store(target, d * width + at, value)

    // The weight goes with X.
    fill true xs Parameter.CX Parameter.VXX
    fill false ys Parameter.CY Parameter.VYY
    fill false zs Parameter.CZ Parameter.VZZ

    // P is the first vector, Q the second.
    let mutable eP = zero
    let mutable xP = zero
    let mutable yP = zero
    let mutable zP = zero
    let mutable xyP = zero
    let mutable xzP = zero
    let mutable yzP = zero
    let mutable xxP = zero
    let mutable yyP = zero
    let mutable zzP = zero
    let mutable eQ = zero
    let mutable xQ = zero
    let mutable yQ = zero
    let mutable zQ = zero
    let mutable xyQ = zero
    let mutable xzQ = zero
    let mutable yzQ = zero
    let mutable xxQ = zero
    let mutable yyQ = zero
    let mutable zzQ = zero

    for b in 0..degree do
        // Sums over a and c: g, ∂_x g, ∂_z g, ∂_x ∂_z g.
        let mutable uP = zero
        let mutable uxP = zero
        let mutable uzP = zero
        let mutable uxzP = zero
        let mutable uxxP = zero
        let mutable uzzP = zero
        let mutable uQ = zero
        let mutable uxQ = zero
        let mutable uzQ = zero
        let mutable uxzQ = zero
        let mutable uxxQ = zero
        let mutable uzzQ = zero

        for a in 0 .. degree - b do
            let row = NativePtr.add gamma (NativePtr.get starts (b * pitch + a))
            let mutable sP = zero
            let mutable szP = zero
            let mutable szzP = zero
            let mutable beforeP = zero
            let mutable olderP = zero
            let mutable sQ = zero
            let mutable szQ = zero
            let mutable szzQ = zero
            let mutable beforeQ = zero
            let mutable olderQ = zero

            for c in 0 .. degree - b - a do
                let weight = 'L.Fill(NativePtr.get row c)
                let value = 'L.Load(zs, c * width)
                sP <- 'L.MultiplyAdd(weight, value, sP)
                szP <- 'L.MultiplyAdd(weight, beforeP, szP)

                if withShapes then
                    szzP <- 'L.MultiplyAdd(weight, olderP, szzP)
                    olderP <- beforeP

                beforeP <- value

                if vectors > 1 then
                    let value = 'L.Load(zs, c * width + stride)
                    sQ <- 'L.MultiplyAdd(weight, value, sQ)
                    szQ <- 'L.MultiplyAdd(weight, beforeQ, szQ)

                    if withShapes then
                        szzQ <- 'L.MultiplyAdd(weight, olderQ, szzQ)
                        olderQ <- beforeQ

                    beforeQ <- value

            let x = 'L.Load(xs, a * width)
            let below = 'L.Load(xs, (a - 1) * width)
            uP <- 'L.MultiplyAdd(sP, x, uP)
            uxP <- 'L.MultiplyAdd(sP, below, uxP)
            uzP <- 'L.MultiplyAdd(szP, x, uzP)
            uxzP <- 'L.MultiplyAdd(szP, below, uxzP)

            if withShapes then
                uxxP <- 'L.MultiplyAdd(sP, 'L.Load(xs, (a - 2) * width), uxxP)
                uzzP <- 'L.MultiplyAdd(szzP, x, uzzP)

            if vectors > 1 then
                let x = 'L.Load(xs, a * width + stride)
                let below = 'L.Load(xs, (a - 1) * width + stride)
                uQ <- 'L.MultiplyAdd(sQ, x, uQ)
                uxQ <- 'L.MultiplyAdd(sQ, below, uxQ)
                uzQ <- 'L.MultiplyAdd(szQ, x, uzQ)
                uxzQ <- 'L.MultiplyAdd(szQ, below, uxzQ)

                if withShapes then
                    uxxQ <- 'L.MultiplyAdd(sQ, 'L.Load(xs, (a - 2) * width + stride), uxxQ)
                    uzzQ <- 'L.MultiplyAdd(szzQ, x, uzzQ)

        let y = 'L.Load(ys, b * width)
        let below = 'L.Load(ys, (b - 1) * width)
        eP <- 'L.MultiplyAdd(uP, y, eP)
        xP <- 'L.MultiplyAdd(uxP, y, xP)
        yP <- 'L.MultiplyAdd(uP, below, yP)
        zP <- 'L.MultiplyAdd(uzP, y, zP)
        xyP <- 'L.MultiplyAdd(uxP, below, xyP)
        xzP <- 'L.MultiplyAdd(uxzP, y, xzP)
        yzP <- 'L.MultiplyAdd(uzP, below, yzP)

        if withShapes then
            xxP <- 'L.MultiplyAdd(uxxP, y, xxP)
            yyP <- 'L.MultiplyAdd(uP, 'L.Load(ys, (b - 2) * width), yyP)
            zzP <- 'L.MultiplyAdd(uzzP, y, zzP)

        if vectors > 1 then
            let y = 'L.Load(ys, b * width + stride)
            let below = 'L.Load(ys, (b - 1) * width + stride)
            eQ <- 'L.MultiplyAdd(uQ, y, eQ)
            xQ <- 'L.MultiplyAdd(uxQ, y, xQ)
            yQ <- 'L.MultiplyAdd(uQ, below, yQ)
            zQ <- 'L.MultiplyAdd(uzQ, y, zQ)
            xyQ <- 'L.MultiplyAdd(uxQ, below, xyQ)
            xzQ <- 'L.MultiplyAdd(uxzQ, y, xzQ)
            yzQ <- 'L.MultiplyAdd(uzQ, below, yzQ)

            if withShapes then
                xxQ <- 'L.MultiplyAdd(uxxQ, y, xxQ)
                yyQ <- 'L.MultiplyAdd(uQ, 'L.Load(ys, (b - 2) * width + stride), yyQ)
                zzQ <- 'L.MultiplyAdd(uzzQ, y, zzQ)

    let less = 'L.Fill -1.0

    let inline put at e hx hy hz hxx hyy hzz hxy hxz hyz =
        let inline parameter index = 'L.Load(parameters, index * step + at)
        let inline store row value = 'L.Store(results, row * step + at, value)
        let cx = parameter Parameter.CX
        let cy = parameter Parameter.CY
        let cz = parameter Parameter.CZ
        let vx = parameter Parameter.VXX
        let vy = parameter Parameter.VYY
        let vz = parameter Parameter.VZZ

        // c1 h2 − c2 h1 + (v1 − v2) h12
        let inline turned c1 h2 c2 h1 v1 v2 h12 =
            let lever = 'L.MultiplyAdd(c1, h2, 'L.Multiply('L.Multiply(less, c2), h1))
            'L.MultiplyAdd('L.MultiplyAdd(less, v2, v1), h12, lever)

        store 0 e
        store 1 hx
        store 2 hy
        store 3 hz
        store 4 (turned cy hz cz hy vy vz hyz)
        store 5 (turned cz hx cx hz vz vx hxz)
        store 6 (turned cx hy cy hx vx vy hxy)

        if withShapes then
            let inline store row value = 'L.Store(shapes, row * step + at, value)
            store 0 hxx
            store 1 hyy
            store 2 hzz
            store 3 hxy
            store 4 hxz
            store 5 hyz

    put first eP xP yP zP xxP yyP zzP xyP xzP yzP

    if vectors > 1 then
        put (first + stride) eQ xQ yQ zQ xxQ yyQ zzQ xyQ xzQ yzQ

let private one<'L, 'V when 'L :> ILanes<'V>> shifts step first gamma parameters scratch results =
    FullOptimization.ask ()
    run<'L, 'V> 1 false shifts step first gamma parameters scratch results results

let private two<'L, 'V when 'L :> ILanes<'V>> shifts step first gamma parameters scratch results =
    FullOptimization.ask ()
    run<'L, 'V> 2 false shifts step first gamma parameters scratch results results

let private oneWithShapes<'L, 'V when 'L :> ILanes<'V>> shifts step first gamma parameters scratch results shapes =
    FullOptimization.ask ()
    run<'L, 'V> 1 true shifts step first gamma parameters scratch results shapes

let private twoWithShapes<'L, 'V when 'L :> ILanes<'V>> shifts step first gamma parameters scratch results shapes =
    FullOptimization.ask ()
    run<'L, 'V> 2 true shifts step first gamma parameters scratch results shapes

let private all<'L, 'V when 'L :> ILanes<'V>> withShapes shifts step gamma parameters scratch results shapes =
    FullOptimization.ask ()
    let stride = 'L.Count
    let mutable first = 0

    while first < step do
        let isPair = first + 2 * stride <= step

        match isPair, withShapes with
        | true, false -> two<'L, 'V> shifts step first gamma parameters scratch results
        | false, false -> one<'L, 'V> shifts step first gamma parameters scratch results
        | true, true -> twoWithShapes<'L, 'V> shifts step first gamma parameters scratch results shapes
        | false, true -> oneWithShapes<'L, 'V> shifts step first gamma parameters scratch results shapes

        first <- first + 2 * stride

/// The same products as `RowProducts.compute` with the rows of PairWeights.fs for a block of `step` lanes, whole fours of them, given their parameters (rows of
/// `step` numbers) and γ: those of forces and torques, and, if `withShapes`, those of semi-axes.
let compute width withShapes shifts step gamma parameters scratch results shapes =
    match width with
    | MomentKernel.Wide512 ->
        all<Lanes512, Vector512<float>> withShapes shifts step gamma parameters scratch results shapes
    | MomentKernel.Wide256
    | MomentKernel.Portable ->
        all<Lanes256, Vector256<float>> withShapes shifts step gamma parameters scratch results shapes
