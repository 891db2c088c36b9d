namespace AniSoap.Numerics

open AniSoap

/// What a kernel needs of a frame, flat: per particle its place among the species and the numbers of its Gaussian, in the unit that kernels compute in.
/// Filled again and again, it uses its memory again: arrays may be longer than there are particles.
[<Sealed>]
type internal FrameGaussians() =
    let mutable numbers = Array.empty<float>
    let mutable speciesIndex = Array.empty<int>
    let mutable kind = Array.empty<int>

    /// Doubles a particle: matrix to the mean (xx, xy, xz, yy, yz, zz), covariance (the same order), weight; then padding.
    static member Stride = 16

    member _.Fill(projection: Projection, frame: Frame) =
        FullOptimization.ask ()
        let particles = frame.Particles
        let stride = FrameGaussians.Stride

        if kind.Length < particles.Length then
            numbers <- LargeArray.zeros (stride * particles.Length)
            speciesIndex <- Array.zeroCreate particles.Length
            kind <- Array.zeroCreate particles.Length

        let scale = projection.PerSemiAxis
        let hypers = projection.InUnit

        for i in 0 .. particles.Length - 1 do
            let axes = particles.SemiAxesOf i
            let isSphere = axes.X = axes.Y && axes.Y = axes.Z

            let struct (toMean, covariance, weight) =
                PairGaussian.bodyGaussian hypers isSphere (particles.OrientationOf i) (scale * axes)

            let at = stride * i
            speciesIndex[i] <- projection.SpeciesIndex(particles.SpeciesOf i)
            numbers[at] <- toMean.XX
            numbers[at + 1] <- toMean.XY
            numbers[at + 2] <- toMean.XZ
            numbers[at + 3] <- toMean.YY
            numbers[at + 4] <- toMean.YZ
            numbers[at + 5] <- toMean.ZZ
            numbers[at + 6] <- covariance.XX
            numbers[at + 7] <- covariance.XY
            numbers[at + 8] <- covariance.XZ
            numbers[at + 9] <- covariance.YY
            numbers[at + 10] <- covariance.YZ
            numbers[at + 11] <- covariance.ZZ
            numbers[at + 12] <- weight

            let isDiagonal = covariance.XY = 0.0 && covariance.XZ = 0.0 && covariance.YZ = 0.0
            kind[i] <- 2 * speciesIndex[i] + (if isDiagonal then 0 else 1)

    member _.SpeciesIndex = speciesIndex
    /// 2 · species, and one more where the covariance is not diagonal.
    member _.Kind = kind
    member _.Numbers = numbers

/// One thread's scratch memory for one projection: made once, used for every centre, nothing allocated in between.
[<Sealed>]
type internal Workspace(projection: Projection, width: MomentKernel.Width) =
    let table = projection.Table
    let lanes = MomentKernel.lanesOf width
    let degree = table.Degree
    let last (offsets: int[]) = offsets[offsets.Length - 1]

    new(projection) = Workspace(projection, MomentKernel.best ())

    member _.Projection = projection
    member _.Width = width
    member _.Lanes = lanes
    member val Neighbors = NeighborBuffer()
    /// Neighbours of the centre in the order of their kinds: by species, diagonal covariances first; the centre's own density is the last, where it has columns of
    /// its own.
    member val Order: int[] = Array.empty with get, set
    /// Where each kind begins in Order; one more for the end.
    member val KindStarts = Array.zeroCreate<int>(2 * projection.SourceCount + 1)
    /// The parameters of a block of lanes, and a row behind them for what fills them.
    member val Parameters = AlignedBuffer((MomentStates.Parameter.Count + 1) * DiagonalKernel.MostGroups * lanes)
    member val DiagonalScratch = AlignedBuffer(DiagonalKernel.scratchLength degree lanes)
    member val Scratch = AlignedBuffer(MomentStates.scratchLength degree lanes (MomentKernel.mostGroups width))
    member val Sums = AlignedBuffer(table.StateCount * lanes)
    member val Shells = AlignedBuffer(table.StateCount + ContractionKernel.Padding)

    /// Where species are mixed: the shells of each channel.
    member val ChannelShells =
        AlignedBuffer(
            if projection.ChannelWeights.Length = 0 then
                0
            else
                table.SpeciesCount * Workspace.ChannelStride table
        )

    /// Doubles from one channel's shells to the next one's.
    static member ChannelStride(table: ContractionTable) = (table.StateCount + ContractionKernel.Padding + 7) / 8 * 8

    member val TraceScratch = AlignedBuffer(2 * table.ScratchShells)
    member val Traced = AlignedBuffer(last table.TracedOffsets)
    /// Coefficients of bare primitives, per l: m × padded columns.
    member val Coefficients = AlignedBuffer(last table.CoefficientOffsets)
    /// Coefficients of orthonormal functions, in the same order.
    member val Mixed = AlignedBuffer(last table.CoefficientOffsets)
