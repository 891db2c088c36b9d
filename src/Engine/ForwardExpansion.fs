/// The way to the coefficients of a centre that forward derivatives take: block after block of neighbours whose own coefficients are kept, or computed again.
///
/// All lengths are in the unit that kernels compute in.
module internal AniSoap.Numerics.ForwardExpansion

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop
open AniSoap

/// The coefficients of a block of neighbours, lane by lane.
let private contractBlock gaussians (work: ForwardWorkspace) block (coefficients: nativeptr<float>) =
    FullOptimization.ask ()
    let inner = work.Work
    let hypers = inner.Projection.InUnit
    let hasWeights = PairGaussian.hasNeighborWeights hypers
    let degree = inner.Projection.Table.Degree
    let parameters = inner.Parameters.Pointer
    let sums = inner.Sums.Pointer
    let scale = PairGaussian.exponentScale hypers
    let from = work.BlockFrom[block]
    let upTo = work.BlockUpTo[block]
    CenterKernel.fillLanes gaussians inner scale hasWeights from upTo 1

    if work.BlockIsDiagonal[block] then
        DiagonalKernel.accumulate inner.Width 1 true degree parameters inner.DiagonalScratch.Pointer sums
    else
        MomentKernel.accumulate inner.Width 1 true degree parameters inner.Scratch.Pointer sums

    let moments =
        if inner.Lanes = work.Stride then
            sums
        else
            let moments = work.Moments.Pointer

            for s in 0 .. inner.Projection.Table.StateCount - 1 do
                for lane in 0 .. inner.Lanes - 1 do
                    NativePtr.set moments (s * work.Stride + lane) (NativePtr.get sums (s * inner.Lanes + lane))

            moments

    LaneContraction.contract work.Stride work.Derivatives work.Order moments work.Levels.Pointer coefficients

/// Where the coefficients of a block are, computed again if they were not kept.
let coefficientsOf gaussians (work: ForwardWorkspace) block =
    if work.BlockKept[block] >= 0 then
        work.Kept(work.BlockKept[block])
    else
        contractBlock gaussians work block work.Again.Pointer
        work.Again.Pointer

/// Divides the neighbours into blocks of lanes.
let private fillBlocks (work: ForwardWorkspace) =
    let inner = work.Work
    let starts = inner.KindStarts
    work.BlockFrom.Clear()
    work.BlockUpTo.Clear()
    work.BlockIsDiagonal.Clear()
    work.BlockKept.Clear()

    for t in 0 .. inner.Projection.SourceCount - 1 do
        work.BlockStarts[t] <- work.BlockFrom.Count

        for kind in 2 * t .. 2 * t + 1 do
            let mutable from = starts[kind]

            while from < starts[kind + 1] do
                let upTo = min starts[kind + 1] (from + inner.Lanes)
                work.BlockFrom.Add from
                work.BlockUpTo.Add upTo
                work.BlockIsDiagonal.Add((kind &&& 1) = 0)
                from <- upTo

    let count = work.BlockFrom.Count
    work.BlockStarts[inner.Projection.SourceCount] <- count
    let held = work.Keep count

    for block in 0 .. count - 1 do
        work.BlockKept.Add(if block < held then block * work.BlockLength else -1)

/// The centre's bare coefficients: all lanes of all blocks, those of each source of density in its column, or in the channels that it is mixed into.
let expand gaussians (work: ForwardWorkspace) =
    FullOptimization.ask ()
    let inner = work.Work
    let table = inner.Projection.Table
    let derivatives = work.Derivatives
    let stride = work.Stride
    let totals = work.Totals.Pointer
    let weights = inner.Projection.ChannelWeights
    inner.Coefficients.Span.Clear()
    fillBlocks work

    for t in 0 .. inner.Projection.SourceCount - 1 do
        if work.BlockStarts[t] < work.BlockStarts[t + 1] then
            work.Totals.Span.Clear()

            for block in work.BlockStarts[t] .. work.BlockStarts[t + 1] - 1 do
                let coefficients =
                    if work.BlockKept[block] >= 0 then
                        work.Kept(work.BlockKept[block])
                    else
                        work.Again.Pointer

                contractBlock gaussians work block coefficients
                LaneContraction.addTotals stride derivatives work.Order coefficients totals

            let mutable from = totals

            for l in 0 .. table.MaxAngular do
                for m in 0 .. 2 * l do
                    for n in 0 .. table.RadialCounts[l] - 1 do
                        let mutable sum = 0.0

                        for lane in 0 .. stride - 1 do
                            sum <- sum + NativePtr.get from lane

                        let scale = derivatives.Scales[l * derivatives.ScaleStride + n]
                        let place = table.CoefficientOffsets[l] + m * table.PaddedColumns[l]
                        let target = NativePtr.add inner.Coefficients.Pointer (place + n * table.SpeciesCount)

                        if weights.Length = 0 then
                            NativePtr.set target t (sum / scale)
                        else
                            for channel in 0 .. table.SpeciesCount - 1 do
                                let weight = weights[t * table.SpeciesCount + channel]
                                let before = NativePtr.get target channel
                                NativePtr.set target channel (before + weight * (sum / scale))

                        from <- NativePtr.add from stride
