/// Contact channels of a block of neighbours, one a lane: what the scalars of their densities are multiplied by, w_k = φ_k(h) f(r) of own × neighbour and (φ_k f)² of neighbour × same
/// neighbour, φ of `ContactChannel`, channels of the centre's own density first.
///
///     h = |r| (1 − √(2/u)),   x = (A + B)⁻¹ r,   u = r·x      (`ContactGapKernel`, symbols as there)
///     w_k = φ_k(h) f(|r|)    or its square
///
/// with ∂w_k = (∂w_k/∂h) ∂h + (∂w_k/∂f) ∂f, so that a channel needs two slopes and a contact shape one gradient of h, however many channels it has.
module internal AniSoap.Numerics.ChannelLanes

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Numbers of a pair's displacement and smoothing: r (three, unit of kernels), f, and f′/|r| with f′ in the unit of the input.
[<Literal>]
let PlaceNumbers = 5

/// Numbers of a contact shape: ∂h/∂r (three), ∂h/∂ω of the centre (three, length unit of the input).
[<Literal>]
let ShapeNumbers = 6

/// Numbers of a channel: w, ∂w/∂h, ∂w/∂f.
[<Literal>]
let ChannelNumbers = 3

/// One thread's memory, everything by lanes.
[<Sealed>]
type Room(basis: PairBasis, stride: int) =
    let layout = basis.Layout
    let count = layout.OwnChannels + layout.NeighborChannels
    member _.Basis = basis
    member _.Count = count
    member _.Stride = stride
    member val Places = AlignedBuffer(PlaceNumbers * stride)
    /// The squared contact shapes of neighbours: six numbers a shape.
    member val Neighbors = AlignedBuffer(6 * layout.Shapes * stride)
    member val Shapes = AlignedBuffer(ShapeNumbers * layout.Shapes * stride)
    /// Channels of the centre's own density first.
    member val Channels = AlignedBuffer(ChannelNumbers * count * stride)

/// Writes places and neighbours' shapes of Order[first] … Order[first + count − 1]. A lane without a neighbour has f = 0 and harmless numbers.
let private gather (frame: PairFrame) (core: Workspace) center (room: Room) first count =
    FullOptimization.ask ()
    let hypers = room.Basis.Hypers
    let shapes = room.Basis.Layout.Shapes
    let fromUnit = room.Basis.Single.Unit.Length
    let stride = room.Stride
    let places = room.Places.Pointer
    let contacts = frame.Contacts
    let buffer = core.Neighbors

    for lane in 0 .. stride - 1 do
        let inline put i (value: float) = NativePtr.set places (i * stride + lane) value
        let mutable other = center

        if lane < count then
            let k = core.Order[first + lane]
            other <- buffer.Second[k]
            let x, y, z = buffer.X[k], buffer.Y[k], buffer.Z[k]
            let distance = sqrt (x * x + y * y + z * z)
            let struct (f, slope) = PairSmoothing.valueAndSlope hypers (fromUnit * distance)
            put 0 x
            put 1 y
            put 2 z
            put 3 f
            put 4 (if distance = 0.0 then 0.0 else slope / distance)
        else
            put 0 1.0
            put 1 0.0
            put 2 0.0
            put 3 0.0
            put 4 0.0

        for i in 0 .. 6 * shapes - 1 do
            NativePtr.set room.Neighbors.Pointer (i * stride + lane) contacts[6 * shapes * other + i]

/// The gap of one contact shape, in the unit of the input; its gradients into the room.
let inline private gap<'L, 'V when 'L :> ILanes<'V>> (frame: PairFrame) center shape (room: Room) : 'V =
    let stride = 'L.Count
    let places = room.Places.Pointer
    let at = 6 * (room.Basis.Layout.Shapes * center + shape)
    let b = NativePtr.add room.Neighbors.Pointer (6 * shape * stride)
    let target = NativePtr.add room.Shapes.Pointer (ShapeNumbers * shape * stride)
    let inline sum i = 'L.Add('L.Fill frame.Contacts[at + i], 'L.Load(b, i * stride))
    let inline add x y = 'L.Add(x, y)
    let inline times x y = 'L.Multiply(x, y)
    let inline minus x = 'L.Multiply('L.Fill -1.0, x)
    let inline less x y = 'L.MultiplyAdd('L.Fill -1.0, y, x)
    let one = 'L.Fill 1.0
    let x, y, z = 'L.Load(places, 0), 'L.Load(places, stride), 'L.Load(places, 2 * stride)
    let xx, xy, xz, yy, yz, zz = sum 0, sum 1, sum 2, sum 3, sum 4, sum 5
    // Cofactors of A + B.
    let cxx, cyy, czz =
        less (times yy zz) (times yz yz), less (times xx zz) (times xz xz), less (times xx yy) (times xy xy)

    let cxy, cxz, cyz =
        less (times xz yz) (times xy zz), less (times xy yz) (times xz yy), less (times xy xz) (times xx yz)

    let scale = 'L.Divide(one, 'L.MultiplyAdd(xx, cxx, 'L.MultiplyAdd(xy, cxy, times xz cxz)))

    let inline row a b c = times scale ('L.MultiplyAdd(a, x, 'L.MultiplyAdd(b, y, times c z)))
    let px, py, pz = row cxx cxy cxz, row cxy cyy cyz, row cxz cyz czz
    let square = 'L.MultiplyAdd(x, x, 'L.MultiplyAdd(y, y, times z z))
    // Where there is no direction but that of rounding: the mean of u over all, and no gradient.
    let least = times ('L.Fill 1e-18) (add xx (add yy zz))
    let inline unlessTouching value = 'L.Choose(square, least, 'L.Fill 0.0, value)
    let distance = 'L.SquareRoot square
    let u = 'L.MultiplyAdd(x, px, 'L.MultiplyAdd(y, py, times z pz))
    let s = 'L.SquareRoot('L.Divide('L.Fill 2.0, u))
    let slope = 'L.Divide(times distance s, u)
    let along = 'L.Divide(less one s, distance)
    let inline position r p = 'L.MultiplyAdd(along, r, times slope p)
    let dx, dy, dz = position x px, position y py, position z pz
    // −(∂h/∂ω of the second) = slope (B x) × x.
    let inline ofB i j k =
        'L
            .MultiplyAdd(
                'L.Load(b, i * stride),
                px,
                'L.MultiplyAdd('L.Load(b, j * stride), py, times ('L.Load(b, k * stride)) pz)
            )

    let bx, by, bz = ofB 0 1 2, ofB 1 3 4, ofB 2 4 5
    let fromUnit = 'L.Fill room.Basis.Single.Unit.Length

    // slope (B x) × x − r × ∂h/∂r, one component.
    let inline turn b1 p2 b2 p1 r1 d2 r2 d1 =
        times fromUnit (less (times slope (less (times b1 p2) (times b2 p1))) (less (times r1 d2) (times r2 d1)))

    'L.Store(target, 0, unlessTouching dx)
    'L.Store(target, stride, unlessTouching dy)
    'L.Store(target, 2 * stride, unlessTouching dz)
    'L.Store(target, 3 * stride, unlessTouching (turn by pz bz py y dz z dy))
    'L.Store(target, 4 * stride, unlessTouching (turn bz px bx pz z dx x dz))
    'L.Store(target, 5 * stride, unlessTouching (turn bx py by px x dy y dx))

    let mean = minus ('L.SquareRoot('L.Divide('L.Fill 6.0, times scale (add cxx (add cyy czz)))))

    times fromUnit ('L.Choose(square, least, mean, times distance (less one s)))

/// φ and φ′ of a channel at gaps `inner`, none below the deepest; on a straight line from there to the gap itself. Powers of one length after another share 1 + h/ℓ and its
/// logarithm, of `known`.
let inline private write<'L, 'V when 'L :> ILanes<'V>>
    (channel: ContactChannel)
    isSquared
    (inner: 'V)
    (below: 'V)
    f
    (known: byref<float>)
    (ratio: byref<'V>)
    (logarithm: byref<'V>)
    target
    =
    let stride = 'L.Count

    let value, slope =
        match channel with
        | ContactChannel.Exponential rate ->
            let value = 'L.Exponential('L.Multiply('L.Fill -rate, inner))
            value, 'L.Multiply('L.Fill -rate, value)
        | ContactChannel.Power(power, length) ->
            if length <> known then
                known <- length
                ratio <- 'L.MultiplyAdd('L.Fill(1.0 / length), inner, 'L.Fill 1.0)
                logarithm <- 'L.Logarithm ratio

            let value = 'L.Exponential('L.Multiply('L.Fill -power, logarithm))
            value, 'L.Divide('L.Multiply('L.Fill(-power / length), value), ratio)

    let value = 'L.MultiplyAdd(slope, below, value)
    let w = 'L.Multiply(value, f)

    if isSquared then
        let twice = 'L.Multiply('L.Fill 2.0, w)
        'L.Store(target, 0, 'L.Multiply(w, w))
        'L.Store(target, stride, 'L.Multiply(twice, 'L.Multiply(slope, f)))
        'L.Store(target, 2 * stride, 'L.Multiply(twice, value))
    else
        'L.Store(target, 0, w)
        'L.Store(target, stride, 'L.Multiply(slope, f))
        'L.Store(target, 2 * stride, value)

/// Channels and gaps' gradients of neighbours Order[first] … Order[first + count − 1], at most as many as there are lanes.
let fill<'L, 'V when 'L :> ILanes<'V>> (frame: PairFrame) (core: Workspace) center (room: Room) first count =
    FullOptimization.ask ()
    gather frame core center room first count
    let layout = room.Basis.Layout
    let stride = 'L.Count
    let deepest = 'L.Fill room.Basis.Hypers.DeepestGap
    let f = 'L.Load(room.Places.Pointer, 3 * stride)
    let own = layout.OwnFunctions.Length
    let neighbors = layout.NeighborFunctions.Length

    for shape in 0 .. layout.Shapes - 1 do
        let h = gap<'L, 'V> frame center shape room
        let inner = 'L.Largest(h, deepest)
        let below = 'L.MultiplyAdd('L.Fill -1.0, inner, h)
        let mutable known = 0.0
        let mutable ratio = inner
        let mutable logarithm = inner
        let inline target k = NativePtr.add room.Channels.Pointer (ChannelNumbers * k * stride)

        for k in 0 .. own - 1 do
            write<'L, 'V> layout.OwnFunctions[k] false inner below f &known &ratio &logarithm (target (shape * own + k))

        for k in 0 .. neighbors - 1 do
            write<'L, 'V>
                layout.NeighborFunctions[k]
                true
                inner
                below
                f
                &known
                &ratio
                &logarithm
                (target (layout.OwnChannels + shape * neighbors + k))

/// The same with the widest vectors that lanes fill.
let fillWidest (frame: PairFrame) (core: Workspace) center (room: Room) first count =
    if room.Stride = 8 then
        fill<Lanes512, Vector512<float>> frame core center room first count
    else
        fill<Lanes256, Vector256<float>> frame core center room first count

/// Numbers of a channel that `takeLane` gives: w, ∂w/∂r (three), ∂w/∂ω of the centre (three).
[<Literal>]
let DerivativeNumbers = 7

/// The channels of one lane with their derivatives, in the unit of the input.
let takeLane (room: Room) lane (values: float[]) =
    FullOptimization.ask ()
    let layout = room.Basis.Layout
    let stride = room.Stride
    let inline place i = NativePtr.get room.Places.Pointer (i * stride + lane)

    for k in 0 .. room.Count - 1 do
        let shape =
            if k < layout.OwnChannels then
                k / layout.OwnFunctions.Length
            else
                (k - layout.OwnChannels) / layout.NeighborFunctions.Length

        let inline channel i = NativePtr.get room.Channels.Pointer ((ChannelNumbers * k + i) * stride + lane)
        let inline gradient i = NativePtr.get room.Shapes.Pointer ((ShapeNumbers * shape + i) * stride + lane)
        let byGap, along = channel 1, channel 2 * place 4
        let at = DerivativeNumbers * k
        values[at] <- channel 0

        for axis in 0..2 do
            values[at + 1 + axis] <- byGap * gradient axis + along * place axis
            values[at + 4 + axis] <- byGap * gradient (3 + axis)

/// e_k and v of one family of channels from its scalars; adds E to the results, and gives Σ φ_k e_k. What the gaps and the smoothing change by (Σ_k e_k ∂φ_k/∂h by
/// contact shape, Σ_k e_k ∂φ_k/∂f) goes on into `byGap` and the result.
let weigh<'L, 'V when 'L :> ILanes<'V>>
    (weights: nativeptr<float>)
    (channels: nativeptr<float>)
    channelCount
    (scalars: nativeptr<float>)
    length
    (room: Room)
    functions
    (sums: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    let slopes = NativePtr.add scalars (length * stride)

    for b in 0 .. length - 1 do
        let mutable v = 'L.Fill 0.0

        for k in 0 .. channelCount - 1 do
            v <-
                'L
                    .MultiplyAdd(
                        'L.Fill(NativePtr.get weights (k * length + b)),
                        'L.Load(channels, ChannelNumbers * k * stride),
                        v
                    )

        'L.Store(slopes, b * stride, v)

    let places = room.Places.Pointer
    let mutable energy = 'L.Fill 0.0
    let mutable bySmoothing = 'L.Fill 0.0

    for k in 0 .. channelCount - 1 do
        let row = NativePtr.add weights (k * length)
        let mutable e0 = 'L.Fill 0.0
        let mutable e1 = e0
        let mutable b = 0

        while b + 1 < length do
            e0 <- 'L.MultiplyAdd('L.Fill(NativePtr.get row b), 'L.Load(scalars, b * stride), e0)
            e1 <- 'L.MultiplyAdd('L.Fill(NativePtr.get row (b + 1)), 'L.Load(scalars, (b + 1) * stride), e1)
            b <- b + 2

        if b < length then
            e0 <- 'L.MultiplyAdd('L.Fill(NativePtr.get row b), 'L.Load(scalars, b * stride), e0)

        let e = 'L.Add(e0, e1)
        let channel = NativePtr.add channels (ChannelNumbers * k * stride)
        energy <- 'L.MultiplyAdd('L.Load(channel, 0), e, energy)
        bySmoothing <- 'L.MultiplyAdd('L.Load(channel, 2 * stride), e, bySmoothing)
        let byGap = 'L.Multiply('L.Load(channel, stride), e)

        let gradient = NativePtr.add room.Shapes.Pointer (ShapeNumbers * (k / functions) * stride)

        for i in 0..5 do
            'L
                .Store(
                    sums,
                    (i + 1) * stride,
                    'L.MultiplyAdd(byGap, 'L.Load(gradient, i * stride), 'L.Load(sums, (i + 1) * stride))
                )

    let along = 'L.Multiply(bySmoothing, 'L.Load(places, 4 * stride))

    for i in 0..2 do
        'L
            .Store(
                sums,
                (i + 1) * stride,
                'L.MultiplyAdd(along, 'L.Load(places, i * stride), 'L.Load(sums, (i + 1) * stride))
            )

    'L.Store(sums, 0, 'L.Add(energy, 'L.Load(sums, 0)))
    energy
