/// The scalars of a block of neighbours of one centre, one neighbour a lane,
///
///     S_{l n n'} = Σ_m d_{nlm} c_{n'lm}   (l even)        P_{l n n'} = Σ_m c_{nlm} c_{n'lm}   (n ≤ n')
///
/// of the centre's own coefficients d and the neighbour's c (both about the centre), without derivatives (PairScalars has them): what values and the way back begin with.
module internal AniSoap.Numerics.ScalarLanes

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop
open AniSoap

/// One thread's memory.
[<Sealed>]
type Workspace(basis: PairBasis) =
    let pairs = PairKernel.PairWorkspace(basis.Single)
    let layout = basis.Layout
    let length = pairs.Offsets[layout.MaxAngular + 1]
    let stride = pairs.Stride

    member _.Basis = basis
    member _.Pairs = pairs
    /// Coefficients of a pair.
    member _.Length = length
    member val Channels = ChannelLanes.Room(basis, stride)

    /// Where species are mixed: sums, or weights, of one directed pair of them.
    member val Mixing =
        AlignedBuffer(
            if basis.ChannelWeights.Length = 0 then
                0
            else
                layout.Length * stride
        )

    /// Where the neighbours of each species begin in the order, and the end.
    member val Starts = Array.zeroCreate<int>(basis.Species.Length + 1)
    /// T (six numbers), s (three).
    member val Chain = AlignedBuffer(PairBlock.ChainNumbers * stride)
    /// S, then what the energy changes by with each.
    member val OwnScalars = AlignedBuffer(2 * layout.OwnLength * stride)
    /// The same of P.
    member val NeighborScalars = AlignedBuffer(2 * layout.NeighborLength * stride)
    /// g of orthonormal functions, and of bare primitives.
    member val Mixed = AlignedBuffer(length * stride)
    member val Bare = AlignedBuffer(length * stride)
    /// What a block of neighbours brings (PairPull).
    member val Sums = AlignedBuffer(7 * stride)

/// S.
let own<'L, 'V when 'L :> ILanes<'V>> (work: Workspace) (center: nativeptr<float>) =
    FullOptimization.ask ()
    let layout = work.Basis.Layout
    let counts = work.Basis.Single.Table.RadialCounts
    let stride = 'L.Count
    let mixed = work.Pairs.Mixed.Pointer
    let mutable target = work.OwnScalars.Pointer
    let mutable d = center

    for l in 0..2 .. layout.MaxAngular do
        let c = NativePtr.add mixed (work.Pairs.Offsets[l] * stride)

        for n in 0 .. layout.OwnRadial - 1 do
            for other in 0 .. layout.Radial - 1 do
                let mutable sum = 'L.Fill 0.0

                for m in 0 .. 2 * l do
                    sum <-
                        'L
                            .MultiplyAdd(
                                'L.Fill(NativePtr.get d (m * layout.OwnRadial + n)),
                                'L.Load(c, (m * counts[l] + other) * stride),
                                sum
                            )

                'L.Store(target, 0, sum)
                target <- NativePtr.add target stride

        d <- NativePtr.add d ((2 * l + 1) * layout.OwnRadial)

/// P.
let neighbor<'L, 'V when 'L :> ILanes<'V>> (work: Workspace) =
    FullOptimization.ask ()
    let layout = work.Basis.Layout
    let counts = work.Basis.Single.Table.RadialCounts
    let stride = 'L.Count
    let mixed = work.Pairs.Mixed.Pointer
    let mutable target = work.NeighborScalars.Pointer

    for l in 0 .. layout.MaxAngular do
        let c = NativePtr.add mixed (work.Pairs.Offsets[l] * stride)
        let step = counts[l] * stride

        for n in 0 .. layout.NeighborRadial - 1 do
            for other in n .. layout.NeighborRadial - 1 do
                let mutable sum = 'L.Fill 0.0

                for m in 0 .. 2 * l do
                    sum <- 'L.MultiplyAdd('L.Load(c, m * step + n * stride), 'L.Load(c, m * step + other * stride), sum)

                'L.Store(target, 0, sum)
                target <- NativePtr.add target stride

/// The coefficients, channels and scalars of neighbours Order[first] … Order[first + count − 1], at most as many as there are lanes.
let compute<'L, 'V when 'L :> ILanes<'V>> (frame: PairFrame) (work: Workspace) center first count =
    let pairs = work.Pairs
    PairBlock.moments frame work.Basis.Single pairs first count
    PairKernel.contractLanes<'L, 'V> false pairs
    ChannelLanes.fill<'L, 'V> frame pairs.Work center work.Channels first count
    use numbers = fixed &frame.Own[4 * frame.OwnLength * center]

    if work.Basis.Layout.OwnChannels > 0 then
        own<'L, 'V> work numbers

    if work.Basis.Layout.NeighborChannels > 0 then
        neighbor<'L, 'V> work
