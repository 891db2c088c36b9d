/// Energies linear in pair spectra and their derivatives, a block of neighbours at a time, one a lane, by the way back. With φ_k the channels, w_kb the weights, and the scalars
///
///     S_{l n n'} = Σ_m d_{nlm} c_{n'lm}   (l even)        P_{l n n'} = Σ_m c_{nlm} c_{n'lm}   (n ≤ n')
///
/// of the centre's own coefficients d and the neighbour's c (both about the centre), it is
///
///     E = Σ_k φ_k e_k,  e_k = Σ_b w_kb S_b,   v_b = Σ_k φ_k w_kb = ∂E/∂S_b
///     g_{n'lm} = ∂E/∂c = Σ_n v d        (and v c of n and of n' for P),   q_{nlm} = ∂E/∂d = Σ_n' v c
///     ∂E/∂r = T E[∇f]·g + s (g·c) + Σ_k e_k ∂φ_k/∂r,   ∂E/∂ω of the centre = q·(turned d) + Σ_k e_k ∂φ_k/∂ω
///
/// with the pair's Gaussian (mean T r, weight w, ∂ ln w/∂r = s; GaussianChange.fs) and E[∇f] from HarmonicDerivatives. Whatever the number of columns, derivatives cost two passes over the coefficients;
/// the way forwards (PairScalars) carries three or six of everything.
module internal AniSoap.Numerics.PairPull

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// g of own × neighbour, set (l odd: zeros), and q·(turned d), added to the results.
let private pullOwn<'L, 'V when 'L :> ILanes<'V>> (work: ScalarLanes.Workspace) (center: nativeptr<float>) ownLength =
    FullOptimization.ask ()
    let layout = work.Basis.Layout
    let counts = work.Basis.Single.Table.RadialCounts
    let stride = 'L.Count
    let sums = work.Sums.Pointer
    let mutable v = NativePtr.add work.OwnScalars.Pointer (layout.OwnLength * stride)
    let mutable own = center
    let mutable wx = 'L.Load(sums, 4 * stride)
    let mutable wy = 'L.Load(sums, 5 * stride)
    let mutable wz = 'L.Load(sums, 6 * stride)

    for l in 0 .. layout.MaxAngular do
        let count = counts[l]
        let g = NativePtr.add work.Mixed.Pointer (work.Pairs.Offsets[l] * stride)
        let c = NativePtr.add work.Pairs.Mixed.Pointer (work.Pairs.Offsets[l] * stride)

        if l % 2 = 1 then
            for i in 0 .. (2 * l + 1) * count - 1 do
                'L.Store(g, i * stride, 'L.Fill 0.0)
        else
            for m in 0 .. 2 * l do
                let d = NativePtr.add own (m * layout.OwnRadial)

                for other in 0 .. layout.Radial - 1 do
                    let mutable sum = 'L.Fill 0.0

                    for n in 0 .. layout.OwnRadial - 1 do
                        sum <-
                            'L
                                .MultiplyAdd(
                                    'L.Fill(NativePtr.get d n),
                                    'L.Load(v, (n * layout.Radial + other) * stride),
                                    sum
                                )

                    'L.Store(g, (m * count + other) * stride, sum)

                if l > 0 then
                    for n in 0 .. layout.OwnRadial - 1 do
                        let mutable q = 'L.Fill 0.0

                        for other in 0 .. layout.Radial - 1 do
                            q <-
                                'L
                                    .MultiplyAdd(
                                        'L.Load(v, (n * layout.Radial + other) * stride),
                                        'L.Load(c, (m * count + other) * stride),
                                        q
                                    )

                        wx <- 'L.MultiplyAdd('L.Fill(NativePtr.get d (ownLength + n)), q, wx)
                        wy <- 'L.MultiplyAdd('L.Fill(NativePtr.get d (2 * ownLength + n)), q, wy)
                        wz <- 'L.MultiplyAdd('L.Fill(NativePtr.get d (3 * ownLength + n)), q, wz)

            v <- NativePtr.add v (layout.OwnRadial * layout.Radial * stride)
            own <- NativePtr.add own ((2 * l + 1) * layout.OwnRadial)

    'L.Store(sums, 4 * stride, wx)
    'L.Store(sums, 5 * stride, wy)
    'L.Store(sums, 6 * stride, wz)

/// Adds g of neighbour × same neighbour.
let private pullNeighbor<'L, 'V when 'L :> ILanes<'V>> (work: ScalarLanes.Workspace) =
    FullOptimization.ask ()
    let layout = work.Basis.Layout
    let counts = work.Basis.Single.Table.RadialCounts
    let stride = 'L.Count
    let radial = layout.NeighborRadial
    let mutable v = NativePtr.add work.NeighborScalars.Pointer (layout.NeighborLength * stride)

    for l in 0 .. layout.MaxAngular do
        let step = counts[l] * stride
        let g = NativePtr.add work.Mixed.Pointer (work.Pairs.Offsets[l] * stride)
        let c = NativePtr.add work.Pairs.Mixed.Pointer (work.Pairs.Offsets[l] * stride)

        for n in 0 .. radial - 1 do
            for other in n .. radial - 1 do
                let slope = 'L.Load(v, 0)

                for m in 0 .. 2 * l do
                    let a, b = m * step + n * stride, m * step + other * stride
                    'L.Store(g, a, 'L.MultiplyAdd(slope, 'L.Load(c, b), 'L.Load(g, a)))
                    'L.Store(g, b, 'L.MultiplyAdd(slope, 'L.Load(c, a), 'L.Load(g, b)))

                v <- NativePtr.add v stride

/// E[∇f]·g along one axis.
let private alongAxis<'L, 'V when 'L :> ILanes<'V>>
    (terms: GradientTerms)
    axis
    (g: nativeptr<float>)
    (bare: nativeptr<float>)
    : 'V =
    FullOptimization.ask ()
    let stride = 'L.Count
    use rows = fixed &terms.Rows[0]
    use sources = fixed &terms.Sources[0]
    use factors = fixed &terms.Factors[0]

    let inline add t sum =
        'L
            .MultiplyAdd(
                'L.Multiply('L.Fill(NativePtr.get factors t), 'L.Load(g, NativePtr.get rows t * stride)),
                'L.Load(bare, NativePtr.get sources t * stride),
                sum
            )

    let mutable s0 = 'L.Fill 0.0
    let mutable s1 = s0
    let mutable s2 = s0
    let mutable s3 = s0
    let mutable t = terms.Starts[axis]
    let last = terms.Starts[axis + 1]

    while t < last do
        s0 <- add t s0
        s1 <- add (t + 1) s1
        s2 <- add (t + 2) s2
        s3 <- add (t + 3) s3
        t <- t + 4

    'L.Add('L.Add(s0, s1), 'L.Add(s2, s3))

/// ∂E/∂r by the neighbour's density, added to the results; `along` is g·c.
let private pullPlace<'L, 'V when 'L :> ILanes<'V>> (work: ScalarLanes.Workspace) (along: 'V) =
    FullOptimization.ask ()
    let stride = 'L.Count
    let projection = work.Basis.Single
    let counts = projection.Table.RadialCounts

    for l in 0 .. work.Basis.Layout.MaxAngular do
        LaneRows.unmixLanes<'L, 'V>
            l
            counts[l]
            projection.Table.PaddedColumns[l]
            (NativePtr.add projection.Mixing.Pointer projection.MixingOffsets[l])
            (NativePtr.add work.Mixed.Pointer (work.Pairs.Offsets[l] * stride))
            (NativePtr.add work.Bare.Pointer (work.Pairs.Offsets[l] * stride))

    let terms = work.Basis.GradientTerms
    let inline axis i = alongAxis<'L, 'V> terms i work.Bare.Pointer work.Pairs.Bare.Pointer
    let gx, gy, gz = axis 0, axis 1, axis 2
    let chain = work.Chain.Pointer
    let sums = work.Sums.Pointer

    // T: xx xy xz yy yz zz.
    let inline put i a b c =
        let inline times at g sum = 'L.MultiplyAdd('L.Load(chain, at * stride), g, sum)
        let at = (i + 1) * stride
        'L.Store(sums, at, times a gx (times b gy (times c gz (times (6 + i) along ('L.Load(sums, at))))))

    put 0 0 1 2
    put 1 1 3 4
    put 2 2 4 5

/// Energies and derivatives of neighbours Order[first] … Order[first + count − 1] of a centre, all of one species with these weights, at most as many as there are
/// lanes, into work.Sums.
let private block<'L, 'V when 'L :> ILanes<'V>>
    (frame: PairFrame)
    (work: ScalarLanes.Workspace)
    (weights: nativeptr<float>)
    center
    first
    count
    =
    let layout = work.Basis.Layout
    let channels = work.Channels
    let stride = 'L.Count
    ScalarLanes.compute<'L, 'V> frame work center first count
    PairBlock.fillChain frame work.Basis.Single work.Pairs first count work.Chain.Pointer
    work.Sums.Span.Clear()
    use own = fixed &frame.Own[4 * frame.OwnLength * center]
    let mutable along = 'L.Fill 0.0

    if layout.OwnChannels > 0 then
        along <-
            ChannelLanes.weigh<'L, 'V>
                weights
                channels.Channels.Pointer
                layout.OwnChannels
                work.OwnScalars.Pointer
                layout.OwnLength
                channels
                layout.OwnFunctions.Length
                work.Sums.Pointer

    // Without channels v stays zero.
    pullOwn<'L, 'V> work own frame.OwnLength

    if layout.NeighborChannels > 0 then
        // P is of second order in c: g·c counts it twice.
        let twice =
            ChannelLanes.weigh<'L, 'V>
                (NativePtr.add weights (layout.OwnChannels * layout.OwnLength))
                (NativePtr.add channels.Channels.Pointer (ChannelLanes.ChannelNumbers * layout.OwnChannels * stride))
                layout.NeighborChannels
                work.NeighborScalars.Pointer
                layout.NeighborLength
                channels
                layout.NeighborFunctions.Length
                work.Sums.Pointer

        along <- 'L.MultiplyAdd('L.Fill 2.0, twice, along)
        pullNeighbor<'L, 'V> work

    pullPlace<'L, 'V> work along

/// Adds what the pairs of one centre bring, and gives their energy. Weights are for every column of the basis.
let addCenter (frame: PairFrame) (work: ScalarLanes.Workspace) (weights: AlignedBuffer) place (sums: EnergySum) =
    FullOptimization.ask ()
    let basis = work.Basis
    let core = work.Pairs.Work
    let stride = work.Pairs.Stride
    let lanes = core.Lanes
    let unit = basis.Single.Unit.Length
    let center = PairBlock.find frame work.Pairs place work.Starts
    let species = frame.Gaussians.SpeciesIndex[center]
    let mutable energy = 0.0

    for t in 0 .. basis.Species.Length - 1 do
        let w =
            if basis.ChannelWeights.Length = 0 then
                NativePtr.add weights.Pointer (basis.FirstColumn(species, t))
            else
                if work.Starts[t] < work.Starts[t + 1] then
                    basis.WeightsOf(species, t, weights, work.Mixing)

                work.Mixing.Pointer

        for first in work.Starts[t] .. lanes .. work.Starts[t + 1] - 1 do
            let count = min lanes (work.Starts[t + 1] - first)

            if stride = 8 then
                block<Lanes512, Vector512<float>> frame work w center first count
            else
                block<Lanes256, Vector256<float>> frame work w center first count

            for lane in 0 .. count - 1 do
                let k = core.Order[first + lane]
                let inline number i = NativePtr.get work.Sums.Pointer (i * stride + lane)
                energy <- energy + number 0

                sums.AddPair(
                    center,
                    core.Neighbors.Second[k],
                    unit * core.Neighbors.X[k],
                    unit * core.Neighbors.Y[k],
                    unit * core.Neighbors.Z[k],
                    number 1,
                    number 2,
                    number 3,
                    -(number 4),
                    -(number 5),
                    -(number 6),
                    number 0
                )

    energy
