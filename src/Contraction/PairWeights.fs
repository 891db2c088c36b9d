/// The vectors that all pairs of a centre share, whose dot products with a pair's moments are what forces and torques are made of (ShiftTable.fs says which;
/// RowProducts.fs computes the products): out of γ in rows.
module internal AniSoap.Numerics.PairWeights

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

let inline private load4 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)

// Both fillings walk the rows (b, a) a vector of states at a time; what is written beyond the end of a row is overwritten by the next one.

/// Calls `fill` for each row of states with the rows of γ that it takes: the same, (b, a + 1), (b + 1, a), (b, a − 1), (b − 1, a), (b + 1, a − 1), (b − 1, a + 1),
/// where those that there are not get a factor of zero, so that any will do; then a, b, the number of states, the factor, and where they go.
let inline private forEachRow
    (shifts: ShiftTable)
    (rows: nativeptr<float>)
    (weights: nativeptr<float>)
    ([<InlineIfLambda>] fill:
        nativeptr<float>
            -> nativeptr<float>
            -> nativeptr<float>
            -> nativeptr<float>
            -> nativeptr<float>
            -> nativeptr<float>
            -> nativeptr<float>
            -> int
            -> int
            -> int
            -> float
            -> nativeptr<float>
            -> unit)
    =
    let degree = shifts.Degree
    let pitch = shifts.RowPitch
    use starts = fixed shifts.RowStarts
    use toScaled = fixed shifts.ToScaled
    let mutable state = 0

    for b in 0..degree do
        for a in 0 .. degree - b do
            let place = b * pitch + a
            let inline row at = NativePtr.add rows (NativePtr.get starts at)
            let same = row place
            let nextB = row (place + pitch)
            let beforeA = if a > 0 then row (place - 1) else same
            let beforeB = if b > 0 then row (place - pitch) else same
            let upB = if a > 0 then row (place + pitch - 1) else same
            let upA = if b > 0 then row (place - pitch + 1) else same
            let length = degree - a - b + 1

            fill
                same
                (row (place + 1))
                nextB
                beforeA
                beforeB
                upB
                upA
                a
                b
                length
                (NativePtr.get toScaled state)
                (NativePtr.add weights state)

            state <- state + length

let inline private rigidRow
    (lanes: int)
    (ramp: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] broadcast: float -> 'V)
    ([<InlineIfLambda>] add: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] subtract: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] multiply: 'V -> 'V -> 'V)
    (stride: int)
    (same: nativeptr<float>)
    (nextA: nativeptr<float>)
    (nextB: nativeptr<float>)
    (beforeA: nativeptr<float>)
    (beforeB: nativeptr<float>)
    (upB: nativeptr<float>)
    (upA: nativeptr<float>)
    (a: int)
    (b: int)
    (length: int)
    (factor: float)
    (weights: nativeptr<float>)
    =
    let f = broadcast factor
    let fa = broadcast (factor * float a)
    let fb = broadcast (factor * float b)
    let mutable fc = multiply f ramp
    let onward = broadcast (float lanes * factor)
    let mutable c = 0

    while c < length do
        let target = NativePtr.add weights c
        let inline put r v = store (NativePtr.add target (r * stride)) v
        let inline at row c = load (NativePtr.add row c)
        put 0 (multiply f (at same c))
        put 1 (multiply f (at nextA c))
        put 2 (multiply f (at nextB c))
        put 3 (multiply f (at same (c + 1)))
        put 4 (subtract (multiply fb (at beforeB (c + 1))) (multiply fc (at nextB (c - 1))))
        put 5 (subtract (multiply fc (at nextA (c - 1))) (multiply fa (at beforeA (c + 1))))
        put 6 (subtract (multiply fa (at upB c)) (multiply fb (at upA c)))
        fc <- add fc onward
        c <- c + lanes

let inline private rigidRow256 stride same nextA nextB beforeA beforeB upB upA a b length factor weights =
    rigidRow
        4
        (Vector256.Create(0.0, 1.0, 2.0, 3.0))
        (fun p -> Vector256.Load p)
        (fun p v -> Vector256.Store(v, p))
        (fun x -> Vector256.Create(x: float))
        (fun x y -> Vector256.Add(x, y))
        (fun x y -> Vector256.Subtract(x, y))
        (fun x y -> Vector256.Multiply(x, (y: Vector256<float>)))
        stride
        same
        nextA
        nextB
        beforeA
        beforeB
        upB
        upA
        a
        b
        length
        factor
        weights

let inline private rigidRow512 stride same nextA nextB beforeA beforeB upB upA a b length factor weights =
    rigidRow
        8
        (Vector512.Create(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0))
        (fun p -> Vector512.Load p)
        (fun p v -> Vector512.Store(v, p))
        (fun x -> Vector512.Create(x: float))
        (fun x y -> Vector512.Add(x, y))
        (fun x y -> Vector512.Subtract(x, y))
        (fun x y -> Vector512.Multiply(x, (y: Vector512<float>)))
        stride
        same
        nextA
        nextB
        beforeA
        beforeB
        upB
        upA
        a
        b
        length
        factor
        weights

let private rigid256 (shifts: ShiftTable) rows weights =
    FullOptimization.ask ()
    let stride = shifts.WeightStride

    forEachRow shifts rows weights (fun same nextA nextB beforeA beforeB upB upA a b length factor target ->
        rigidRow256 stride same nextA nextB beforeA beforeB upB upA a b length factor target)

let private rigid512 (shifts: ShiftTable) rows weights =
    FullOptimization.ask ()
    let stride = shifts.WeightStride

    forEachRow shifts rows weights (fun same nextA nextB beforeA beforeB upB upA a b length factor target ->
        // Half of the rows are this short.
        if length <= 4 then
            rigidRow256 stride same nextA nextB beforeA beforeB upB upA a b length factor target
        else
            rigidRow512 stride same nextA nextB beforeA beforeB upB upA a b length factor target)

/// The weights e, h_x, h_y, h_z, L_x, L_y, L_z out of γ in rows.
let fillRigid width (shifts: ShiftTable) (rows: nativeptr<float>) (weights: nativeptr<float>) =
    match width with
    | MomentKernel.Wide512 -> rigid512 shifts rows weights
    | MomentKernel.Wide256
    | MomentKernel.Portable -> rigid256 shifts rows weights

/// The weights H_xx, H_yy, H_zz, H_xy, H_xz, H_yz out of γ in rows, and zeros as a seventh.
let fillShapes (shifts: ShiftTable) (rows: nativeptr<float>) (weights: nativeptr<float>) =
    FullOptimization.ask ()
    let degree = shifts.Degree
    let starts = shifts.RowStarts
    let pitch = shifts.RowPitch
    let stride = shifts.WeightStride
    let toScaled = shifts.ToScaled
    let mutable state = 0

    for b in 0..degree do
        for a in 0 .. degree - b do
            let row db da = NativePtr.add rows starts[(b + db) * pitch + a + da]
            let same = row 0 0
            let nextA = row 0 1
            let nextB = row 1 0
            let twoA = row 0 2
            let twoB = row 2 0
            let both = row 1 1
            let f = Vector256.Create(toScaled[state]: float)
            let length = degree - a - b + 1
            let mutable c = 0

            while c < length do
                let target = NativePtr.add weights (state + c)
                let inline put r (v: Vector256<float>) = Vector256.Store(v, NativePtr.add target (r * stride))
                put 0 (f * load4 twoA c)
                put 1 (f * load4 twoB c)
                put 2 (f * load4 same (c + 2))
                put 3 (f * load4 both c)
                put 4 (f * load4 nextA (c + 1))
                put 5 (f * load4 nextB (c + 1))
                put 6 Vector256<float>.Zero
                c <- c + 4

            state <- state + length
