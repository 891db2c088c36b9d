/// The derivatives of many pairs' coefficients at once, a neighbour a lane, out of these coefficients (LaneContraction.fs, DerivativeTable.fs).
///
/// With a pair's Gaussian (mean T r, weight w, γ = ∂ ln w/∂r) and c = E[P]:
///
///     ∂c/∂r = T E[∇P] + γ c          ∂c/∂ω = E[(x × ∇)P] − r × ∂c/∂r
///
/// (turning the ellipsoid alone is turning the pair and turning r back).
module internal AniSoap.Numerics.DerivativeLanes

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

/// What a lane's derivatives are made of, a row of lanes each.
module Parameter =
    /// T: xx, xy, xz, yy, yz, zz.
    [<Literal>]
    let ToMean = 0

    /// γ
    [<Literal>]
    let Slope = 6

    /// r
    [<Literal>]
    let Displacement = 9

    /// For each semi-axis what c, E[∂_k P] and E[∂_k ∂_l P] (xx, yy, zz, xy, xz, yz) are multiplied by.
    [<Literal>]
    let SemiAxes = 12

    [<Literal>]
    let SemiAxisCount = 10

    [<Literal>]
    let Count = 42

/// Where the first n of a term's source stands.
let inline private source (from: nativeptr<float>) (sources: nativeptr<int>) at stride count =
    NativePtr.add from (stride * count * NativePtr.get sources at)

/// Derivatives of the coefficients of one l by displacement, and, if `turns`, by rotation: three side by side for each (m, n).
let inline private derive<'L, 'V when 'L :> ILanes<'V>>
    (turns: bool)
    (table: DerivativeTable)
    (order: int)
    (l: int)
    (coefficients: nativeptr<float>)
    (parameters: nativeptr<float>)
    (moved: nativeptr<float>)
    (turned: nativeptr<float>)
    =
    let stride = 'L.Count
    let set = table.Sets[order]
    let count = table.Sets[0].Counts[l]
    let ownCount = set.Counts[l]
    let own = NativePtr.add coefficients (stride * set.Offsets[l])
    // Where there is nothing below, factors are zero.
    let belowCount = if l > 0 then set.Counts[l - 1] else ownCount

    let below =
        if l > 0 then
            NativePtr.add coefficients (stride * set.Offsets[l - 1])
        else
            own

    let aboveCount = set.Counts[l + 1]
    let above = NativePtr.add coefficients (stride * set.Offsets[l + 1])
    use lowerSources = fixed &table.LowerSources[0]
    use lowerFactors = fixed &table.LowerFactors[0]
    use raiseSources = fixed &table.RaiseSources[0]
    use raiseFactors = fixed &table.RaiseFactors[0]
    use turnSources = fixed &table.TurnSources[0]
    use turnFactors = fixed &table.TurnFactors[0]
    let inline parameter i = 'L.Load(parameters, i * stride)

    for m in 0 .. 2 * l do
        let at = 5 * (l * l + m)
        let inline lower i = source below lowerSources (at + i) stride belowCount
        let inline raised i = source above raiseSources (at + i) stride aboveCount
        let inline turn i = source own turnSources (at + i) stride ownCount
        let inline lowerFactor i = 'L.Fill(NativePtr.get lowerFactors (at + i))
        let inline raiseFactor i = 'L.Fill(NativePtr.get raiseFactors (at + i))
        let inline turnFactor i = 'L.Fill(NativePtr.get turnFactors (at + i))
        let l0 = lower 0
        let l1 = lower 1
        let l2 = lower 2
        let l3 = lower 3
        let l4 = lower 4
        let a0 = lowerFactor 0
        let a1 = lowerFactor 1
        let a2 = lowerFactor 2
        let a3 = lowerFactor 3
        let a4 = lowerFactor 4
        let r0 = raised 0
        let r1 = raised 1
        let r2 = raised 2
        let r3 = raised 3
        let r4 = raised 4
        let b0 = raiseFactor 0
        let b1 = raiseFactor 1
        let b2 = raiseFactor 2
        let b3 = raiseFactor 3
        let b4 = raiseFactor 4
        let intoMoved = NativePtr.add moved (3 * stride * count * m)
        let intoTurned = NativePtr.add turned (3 * stride * count * m)

        let inline lowered n first second f0 f1 =
            'L.MultiplyAdd(f1, 'L.Load(second, n), 'L.Multiply(f0, 'L.Load(first, n)))

        let inline sums n x y z =
            'L.Store(intoMoved, 3 * n, x)
            'L.Store(intoMoved, 3 * n + stride, y)
            'L.Store(intoMoved, 3 * n + 2 * stride, z)

        // E[∇P] of all n, whose factors stay in registers …
        sums 0 (lowered 0 l0 l1 a0 a1) (lowered 0 l2 l3 a2 a3) ('L.Multiply(a4, 'L.Load(l4, 0)))
        let mutable n = stride

        while n < stride * count do
            let before = n - stride
            let x = lowered n l0 l1 a0 a1
            let y = lowered n l2 l3 a2 a3
            let z = 'L.Multiply(a4, 'L.Load(l4, n))

            sums
                n
                ('L.MultiplyAdd(b0, 'L.Load(r0, before), 'L.MultiplyAdd(b1, 'L.Load(r1, before), x)))
                ('L.MultiplyAdd(b2, 'L.Load(r2, before), 'L.MultiplyAdd(b3, 'L.Load(r3, before), y)))
                ('L.MultiplyAdd(b4, 'L.Load(r4, before), z))

            n <- n + stride

        // … and E[(r × ∇)P].
        if turns then
            let t0 = turn 0
            let t1 = turn 1
            let t2 = turn 2
            let t3 = turn 3
            let t4 = turn 4
            let c0 = turnFactor 0
            let c1 = turnFactor 1
            let c2 = turnFactor 2
            let c3 = turnFactor 3
            let c4 = turnFactor 4
            n <- 0

            while n < stride * count do
                'L.Store(intoTurned, 3 * n, lowered n t0 t1 c0 c1)
                'L.Store(intoTurned, 3 * n + stride, lowered n t2 t3 c2 c3)
                'L.Store(intoTurned, 3 * n + 2 * stride, 'L.Multiply(c4, 'L.Load(t4, n)))
                n <- n + stride

    // What depends on the pair alone, the same for all m and n, in a loop of its own: its nine factors and those above do not fit into sixteen registers together.
    let txx = parameter Parameter.ToMean
    let txy = parameter (Parameter.ToMean + 1)
    let txz = parameter (Parameter.ToMean + 2)
    let tyy = parameter (Parameter.ToMean + 3)
    let tyz = parameter (Parameter.ToMean + 4)
    let tzz = parameter (Parameter.ToMean + 5)
    let gx = parameter Parameter.Slope
    let gy = parameter (Parameter.Slope + 1)
    let gz = parameter (Parameter.Slope + 2)
    let mutable values = own
    let mutable into = moved

    for _ in 0 .. 2 * l do
        let mutable value = values

        for _ in 1..count do
            let sx = 'L.Load(into, 0)
            let sy = 'L.Load(into, stride)
            let sz = 'L.Load(into, 2 * stride)
            let c = 'L.Load(value, 0)
            let x = 'L.MultiplyAdd(txx, sx, 'L.MultiplyAdd(txy, sy, 'L.MultiplyAdd(txz, sz, 'L.Multiply(gx, c))))
            let y = 'L.MultiplyAdd(txy, sx, 'L.MultiplyAdd(tyy, sy, 'L.MultiplyAdd(tyz, sz, 'L.Multiply(gy, c))))
            let z = 'L.MultiplyAdd(txz, sx, 'L.MultiplyAdd(tyz, sy, 'L.MultiplyAdd(tzz, sz, 'L.Multiply(gz, c))))
            'L.Store(into, 0, x)
            'L.Store(into, stride, y)
            'L.Store(into, 2 * stride, z)
            value <- NativePtr.add value stride
            into <- NativePtr.add into (3 * stride)

        values <- NativePtr.add values (stride * ownCount)

    if turns then
        // − r × ∂c/∂r
        let less = 'L.Fill -1.0
        let rx = parameter Parameter.Displacement
        let ry = parameter (Parameter.Displacement + 1)
        let rz = parameter (Parameter.Displacement + 2)
        let lessX = 'L.Multiply(less, rx)
        let lessY = 'L.Multiply(less, ry)
        let lessZ = 'L.Multiply(less, rz)
        let mutable from = moved
        let mutable into = turned

        for _ in 1 .. (2 * l + 1) * count do
            let x = 'L.Load(from, 0)
            let y = 'L.Load(from, stride)
            let z = 'L.Load(from, 2 * stride)
            'L.Store(into, 0, 'L.MultiplyAdd(rz, y, 'L.MultiplyAdd(lessY, z, 'L.Load(into, 0))))
            'L.Store(into, stride, 'L.MultiplyAdd(rx, z, 'L.MultiplyAdd(lessZ, x, 'L.Load(into, stride))))
            'L.Store(into, 2 * stride, 'L.MultiplyAdd(ry, x, 'L.MultiplyAdd(lessX, y, 'L.Load(into, 2 * stride))))
            from <- NativePtr.add from (3 * stride)
            into <- NativePtr.add into (3 * stride)

let private moveLanes<'L, 'V when 'L :> ILanes<'V>> table order l coefficients parameters moved =
    FullOptimization.ask ()
    derive<'L, 'V> false table order l coefficients parameters moved moved

let private turnLanes<'L, 'V when 'L :> ILanes<'V>> table order l coefficients parameters moved turned =
    FullOptimization.ask ()
    derive<'L, 'V> true table order l coefficients parameters moved turned

/// The gradients ∂_x, ∂_y, ∂_z of the functions of one set out of coefficients of the next wider one, one after another: three numbers for each place.
let private gradientLanes<'L, 'V when 'L :> ILanes<'V>>
    (table: DerivativeTable)
    (order: int)
    (from: nativeptr<float>)
    step
    (into: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    let wide, set = table.Sets[order], table.Sets[order - 1]

    for l in 0 .. set.MaxAngular do
        let count = set.Counts[l]

        for m in 0 .. 2 * l do
            for n in 0 .. count - 1 do
                let target = NativePtr.add into (3 * stride * (set.Offsets[l] + m * count + n))

                for axis in 0..2 do
                    let mutable sum = 'L.Fill 0.0

                    for term in 5 * (l * l + m) + 2 * axis .. 5 * (l * l + m) + min 4 (2 * axis + 1) do
                        if l > 0 then
                            let place = wide.Offsets[l - 1] + table.LowerSources[term] * wide.Counts[l - 1] + n

                            sum <-
                                'L
                                    .MultiplyAdd(
                                        'L.Fill table.LowerFactors[term],
                                        'L.Load(from, step * stride * place),
                                        sum
                                    )

                        if n > 0 then
                            let place = wide.Offsets[l + 1] + table.RaiseSources[term] * wide.Counts[l + 1] + n - 1

                            sum <-
                                'L
                                    .MultiplyAdd(
                                        'L.Fill table.RaiseFactors[term],
                                        'L.Load(from, step * stride * place),
                                        sum
                                    )

                    'L.Store(target, axis * stride, sum)

/// Derivatives of the coefficients of one l by semi-axes, three side by side for each (m, n): `slopes` are E[∂_k P] of the wider set, `curvatures` for each k
/// E[∂_l ∂_k P] of the coefficients' own.
let private swellLanes<'L, 'V when 'L :> ILanes<'V>>
    (table: DerivativeTable)
    (l: int)
    (coefficients: nativeptr<float>)
    (slopes: nativeptr<float>)
    (curvatures: nativeptr<float>)
    (parameters: nativeptr<float>)
    (swollen: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    let own, next, widest = table.Sets[0], table.Sets[1], table.Sets[2]
    let count = own.Counts[l]

    for m in 0 .. 2 * l do
        for n in 0 .. count - 1 do
            let inline slope k = 'L.Load(slopes, (3 * (next.Offsets[l] + m * next.Counts[l] + n) + k) * stride)

            let inline curvature k j =
                'L.Load(curvatures, (3 * (k * own.Length + own.Offsets[l] + m * count + n) + j) * stride)

            for axis in 0..2 do
                let inline factor i =
                    'L.Load(parameters, (Parameter.SemiAxes + axis * Parameter.SemiAxisCount + i) * stride)

                let inline add i value sum = 'L.MultiplyAdd(factor i, value, sum)

                let sum =
                    'L
                        .Multiply(
                            factor 0,
                            'L.Load(coefficients, (widest.Offsets[l] + m * widest.Counts[l] + n) * stride)
                        )
                    |> add 1 (slope 0)
                    |> add 2 (slope 1)
                    |> add 3 (slope 2)
                    |> add 4 (curvature 0 0)
                    |> add 5 (curvature 1 1)
                    |> add 6 (curvature 2 2)
                    |> add 7 (curvature 0 1)
                    |> add 8 (curvature 0 2)
                    |> add 9 (curvature 1 2)

                'L.Store(swollen, (3 * (m * count + n) + axis) * stride, sum)

// With the widest vectors that lanes fill: eight, or four.

/// Derivatives of the coefficients of one l by displacement.
let move stride table order l coefficients parameters moved =
    if stride = 8 then
        moveLanes<Lanes512, Vector512<float>> table order l coefficients parameters moved
    else
        moveLanes<Lanes256, Vector256<float>> table order l coefficients parameters moved

/// Derivatives of the coefficients of one l by displacement and by rotation.
let turn stride table order l coefficients parameters moved turned =
    if stride = 8 then
        turnLanes<Lanes512, Vector512<float>> table order l coefficients parameters moved turned
    else
        turnLanes<Lanes256, Vector256<float>> table order l coefficients parameters moved turned

/// E[∇P] of a set out of coefficients of the next wider one that lie `step` vectors apart.
let gradient stride table order from step into =
    if stride = 8 then
        gradientLanes<Lanes512, Vector512<float>> table order from step into
    else
        gradientLanes<Lanes256, Vector256<float>> table order from step into

/// Derivatives of the coefficients of one l by semi-axes.
let swell stride table l coefficients slopes curvatures parameters swollen =
    if stride = 8 then
        swellLanes<Lanes512, Vector512<float>> table l coefficients slopes curvatures parameters swollen
    else
        swellLanes<Lanes256, Vector256<float>> table l coefficients slopes curvatures parameters swollen
