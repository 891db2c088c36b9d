namespace AniSoap.Numerics

open System
open AniSoap

/// The bodies of a frame's particles, for derivatives by semi-axes: for each the axes u_1, u_2, u_3 in the lab, and of each semi-axis a its length and
/// s = σ²/(a² + σ²). Filled again and again.
[<Sealed>]
type internal FrameBodies() =
    let mutable numbers = Array.empty<float>

    member _.Fill(projection: Projection, frame: Frame) =
        let particles = frame.Particles

        if numbers.Length < FrameBodies.Stride * particles.Length then
            numbers <- LargeArray.zeros (FrameBodies.Stride * particles.Length)

        for i in 0 .. particles.Length - 1 do
            let rotation = Quaternion.toMatrix (particles.OrientationOf i)
            let a = projection.PerSemiAxis * particles.SemiAxesOf i
            let body = Span(numbers, FrameBodies.Stride * i, FrameBodies.Stride)
            // Columns of the rotation are the body's axes.
            body[0] <- rotation.Row1.X
            body[1] <- rotation.Row2.X
            body[2] <- rotation.Row3.X
            body[3] <- rotation.Row1.Y
            body[4] <- rotation.Row2.Y
            body[5] <- rotation.Row3.Y
            body[6] <- rotation.Row1.Z
            body[7] <- rotation.Row2.Z
            body[8] <- rotation.Row3.Z
            body[9] <- a.X
            body[10] <- a.Y
            body[11] <- a.Z
            body[12] <- PairGaussian.shrink projection.InUnit a.X
            body[13] <- PairGaussian.shrink projection.InUnit a.Y
            body[14] <- PairGaussian.shrink projection.InUnit a.Z

    static member Stride = 16
    member _.Numbers = numbers

/// The derivatives of a number by what one pair is made of, a row a pair: by the displacement, by the neighbour's rotation about its own centre, by its
/// semi-axes. Filled centre after centre, then added up in this order.
[<Sealed>]
type internal PairPulls() =
    /// Doubles a pair: ∂E/∂r, ∂E/∂ω, ∂E/∂a, and r itself.
    static member Stride = 12

    member val Second: int[] = Array.zeroCreate 256 with get, set
    member val Numbers: float[] = Array.zeroCreate (256 * PairPulls.Stride) with get, set
    member val Count = 0 with get, set
    /// The centres in order, and where the pairs of each end.
    member val Centers = ResizeArray<int>()
    member val Ends = ResizeArray<int>()

    member pulls.Clear() =
        pulls.Count <- 0
        pulls.Centers.Clear()
        pulls.Ends.Clear()

    member pulls.EnsureRoom more =
        let needed = pulls.Count + more

        if needed > pulls.Second.Length then
            let length = max needed (2 * pulls.Second.Length)
            let second = pulls.Second
            let numbers = pulls.Numbers
            pulls.Second <- Array.zeroCreate length
            pulls.Numbers <- Array.zeroCreate (length * PairPulls.Stride)
            Array.Copy(second, pulls.Second, pulls.Count)
            Array.Copy(numbers, pulls.Numbers, pulls.Count * PairPulls.Stride)

/// One thread's scratch memory for the reverse pass.
[<Sealed>]
type internal PullbackWorkspace(projection: Projection, withShapes: bool, width: MomentKernel.Width, keepsMoments: bool)
    =
    let table = projection.Table
    let tables = projection.GradientTables
    let work = Workspace(projection, width)
    let last (offsets: int[]) = offsets[offsets.Length - 1]
    let largestBlock = table.StateCount * work.Lanes * MomentKernel.mostGroups width

    /// Doubles of moments kept from the way out to the way back: what stays in the second-level cache beside the rest. Blocks of pairs beyond
    /// are computed a second time.
    static let keptDoubles = 3 * CacheSizes.second / 4 / sizeof<float>

    new(projection, withShapes) =
        let width = MomentKernel.best ()
        PullbackWorkspace(projection, withShapes, width, not (StoreCost.isHigh (MomentKernel.lanesOf width)))

    /// Whether the moments of many pairs are kept for the way back, as far as there is room, or computed again: faster or slower, but the same numbers.
    member _.KeepsMoments = keepsMoments
    /// Groups of lanes in a block whose moments are computed again.
    member val AgainGroups = MomentProducts.mostGroups width table.Degree

    member _.Tables = tables
    member _.Work = work
    member _.WithShapes = withShapes
    /// Kept moments, and behind them room for one block.
    member val Kept = AlignedBuffer(max keptDoubles largestBlock + largestBlock)
    member val KeptCapacity = max keptDoubles largestBlock
    /// Derivatives by orthonormal functions, by bare primitives, by traced shells, and by moments, as γ in rows.
    member val MixedBar = AlignedBuffer(last table.CoefficientOffsets)
    member val CoefficientsBar = AlignedBuffer(last table.CoefficientOffsets)
    member val TracedBar = AlignedBuffer(last table.TracedOffsets)
    member val ShellScratch = AlignedBuffer(2 * last tables.ShellStarts)
    member val Gamma = AlignedBuffer tables.Shifts.RowsLength

    /// γ of every channel, where species are mixed.
    member val ChannelGammas =
        AlignedBuffer(
            if projection.ChannelWeights.Length = 0 then
                0
            else
                table.SpeciesCount * tables.Shifts.RowsLength
        )

    member val Weights = AlignedBuffer(7 * tables.Shifts.WeightStride)
    member val ShapeWeights = AlignedBuffer((if withShapes then 7 else 0) * tables.Shifts.WeightStride)
    /// One pair's moments side by side.
    member val Line = AlignedBuffer(table.StateCount + 4)
    member val Products = AlignedBuffer(7 * work.Lanes * max DiagonalKernel.MostGroups (MomentKernel.mostGroups width))
    member val DiagonalScratch = AlignedBuffer(DiagonalProducts.scratchLength table.Degree)

    member val ShapeProducts =
        AlignedBuffer(7 * work.Lanes * max DiagonalKernel.MostGroups (MomentKernel.mostGroups width))

    /// Blocks of lanes of the centre: the first neighbour of each and the one behind its last, its groups, whether all of its covariances are diagonal, and
    /// where its moments are kept (−1: nowhere), of diagonal ones the parameters.
    member val BlockFrom = ResizeArray<int>()
    member val BlockUpTo = ResizeArray<int>()
    member val BlockGroups = ResizeArray<int>()
    member val BlockIsDiagonal = ResizeArray<bool>()
    member val BlockKept = ResizeArray<int>()
    /// For each species its first block; one more for the end.
    member val BlockStarts = Array.zeroCreate<int>(projection.SourceCount + 1)
    /// The symmetric matrices that turn coefficients into derivatives by coefficients, for one centre.
    member val Cotangent = AlignedBuffer projection.Mixing.Length
