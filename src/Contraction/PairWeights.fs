/// The vectors that all pairs of a centre share, whose dot products with a pair's moments are what forces and torques are made of (ShiftTable.fs says which;
/// RowProducts.fs computes the products): out of γ in rows.
module internal AniSoap.Numerics.PairWeights

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

let inline private load4 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)

// Both fillings walk the rows (b, a) a vector of states at a time; what is written beyond the end of a row is overwritten by the next one.

/// A row (b, a) of states and the rows of γ that it takes. Where there is none, it gets a factor of zero, so that any will do.
[<Struct; NoComparison; NoEquality>]
type private Row = {
    /// γ of (b, a), and by steps of a and b from there.
    Same: nativeptr<float>
    NextA: nativeptr<float>
    NextB: nativeptr<float>
    BeforeA: nativeptr<float>
    BeforeB: nativeptr<float>
    /// Of (b + 1, a − 1) and (b − 1, a + 1).
    UpB: nativeptr<float>
    UpA: nativeptr<float>
    A: int
    B: int
    /// Numbers of states.
    Length: int
    Factor: float
    /// Where the first of its weights goes.
    Target: nativeptr<float>
}

let inline private forEachRow
    (shifts: ShiftTable)
    (rows: nativeptr<float>)
    (weights: nativeptr<float>)
    ([<InlineIfLambda>] fill: Row -> unit)
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
            let length = degree - a - b + 1

            fill {
                Same = same
                NextA = row (place + 1)
                NextB = row (place + pitch)
                BeforeA = if a > 0 then row (place - 1) else same
                BeforeB = if b > 0 then row (place - pitch) else same
                UpB = if a > 0 then row (place + pitch - 1) else same
                UpA = if b > 0 then row (place - pitch + 1) else same
                A = a
                B = b
                Length = length
                Factor = NativePtr.get toScaled state
                Target = NativePtr.add weights state
            }

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
    (row: Row)
    =
    let f = broadcast row.Factor
    let fa = broadcast (row.Factor * float row.A)
    let fb = broadcast (row.Factor * float row.B)
    let mutable fc = multiply f ramp
    let onward = broadcast (float lanes * row.Factor)
    let mutable c = 0

    while c < row.Length do
        let target = NativePtr.add row.Target c

        let inline put r v =
            let place = NativePtr.add target (r * stride)
            Fetch.toStore (NativePtr.add place (4 * lanes))
            store place v

        let inline at from c = load (NativePtr.add from c)
        put 0 (multiply f (at row.Same c))
        put 1 (multiply f (at row.NextA c))
        put 2 (multiply f (at row.NextB c))
        put 3 (multiply f (at row.Same (c + 1)))
        put 4 (subtract (multiply fb (at row.BeforeB (c + 1))) (multiply fc (at row.NextB (c - 1))))
        put 5 (subtract (multiply fc (at row.NextA (c - 1))) (multiply fa (at row.BeforeA (c + 1))))
        put 6 (subtract (multiply fa (at row.UpB c)) (multiply fb (at row.UpA c)))
        fc <- add fc onward
        c <- c + lanes

let inline private rigidRow256 stride row =
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
        row

let inline private rigidRow512 stride row =
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
        row

let private rigid256 (shifts: ShiftTable) rows weights =
    FullOptimization.ask ()
    let stride = shifts.WeightStride
    forEachRow shifts rows weights (fun row -> rigidRow256 stride row)

let private rigid512 (shifts: ShiftTable) rows weights =
    FullOptimization.ask ()
    let stride = shifts.WeightStride

    forEachRow shifts rows weights (fun row ->
        // Half of the rows are this short.
        if row.Length <= 4 then
            rigidRow256 stride row
        else
            rigidRow512 stride row)

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
