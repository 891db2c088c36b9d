/// The way out of a reverse pass: the coefficients of one centre like `CenterKernel.expand`, but block after block of neighbours whose moments are kept, or
/// computed again, for the way back.
///
/// All lengths are in the unit that kernels compute in.
module internal AniSoap.Numerics.PullbackExpansion

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop
open AniSoap

/// The parameters of a block of pairs into its lanes.
let fillBlock (gaussians: FrameGaussians) (work: Workspace) from upTo groups =
    let hypers = work.Projection.InUnit
    let hasWeights = PairGaussian.hasNeighborWeights hypers
    CenterKernel.fillLanes gaussians work (PairGaussian.exponentScale hypers) hasWeights from upTo groups

/// Whether there are neighbours, and all fit into one group of lanes, few of each species.
let private fitOneGroup (work: Workspace) =
    let starts = work.KindStarts
    let species = work.Projection.SourceCount
    let total = starts[2 * species]
    let mutable fit = total > 0 && total <= work.Lanes

    for t in 0 .. species - 1 do
        fit <- fit && starts[2 * t + 2] - starts[2 * t] <= FewProducts.Most

    fit

let private addBlock (pull: PullbackWorkspace) from upTo groups isDiagonal kept =
    pull.BlockFrom.Add from
    pull.BlockUpTo.Add upTo
    pull.BlockGroups.Add groups
    pull.BlockIsDiagonal.Add isDiagonal
    pull.BlockKept.Add kept

/// The moments of neighbours that fit one group of lanes are computed together, and each species takes its lanes.
let private expandFew gaussians (pull: PullbackWorkspace) =
    let work = pull.Work
    let table = work.Projection.Table
    let starts = work.KindStarts
    let moments = pull.Kept.Pointer
    fillBlock gaussians work 0 starts[2 * work.Projection.SourceCount] 1
    MomentKernel.accumulate work.Width 1 true table.Degree work.Parameters.Pointer work.Scratch.Pointer moments

    for t in 0 .. work.Projection.SourceCount - 1 do
        let from = starts[2 * t]
        let count = starts[2 * t + 2] - from
        pull.BlockStarts[t] <- pull.BlockFrom.Count

        if count = 0 then
            work.Shells.Span.Clear()
        else
            addBlock pull from (from + count) 1 false from
            ContractionKernel.gatherFew table work.Lanes count (NativePtr.add moments from) work.Shells.Pointer

        CenterKernel.takeShells work t (count = 0)

/// Parameters of a block of lanes with diagonal covariances.
let private parameterCount = MomentStates.Parameter.Count

/// Adds neighbours with diagonal covariances to the sums, block after block, and keeps what they are made of as far as there is room behind `kept`; returns where
/// the room goes on.
let private addDiagonal gaussians (pull: PullbackWorkspace) from upTo kept =
    let work = pull.Work
    // Vectors of four at least.
    let least = max 1 (4 / work.Lanes)
    let mutable next = from
    let mutable kept = kept

    while next < upTo do
        let groups = max least (CenterKernel.groupsFor work.Lanes (upTo - next) DiagonalKernel.MostGroups)
        let step = groups * work.Lanes
        let size = parameterCount * step
        let isKept = kept + size <= pull.KeptCapacity
        fillBlock gaussians work next upTo groups

        DiagonalKernel.accumulate
            work.Width
            groups
            false
            work.Projection.Table.Degree
            work.Parameters.Pointer
            work.DiagonalScratch.Pointer
            work.Sums.Pointer

        if isKept then
            work.Parameters.Span.Slice(0, size).CopyTo(pull.Kept.Span.Slice kept)

        addBlock pull next (min upTo (next + step)) groups true (if isKept then kept else -1)
        kept <- if isKept then kept + size else kept
        next <- next + step

    kept

/// The same of any number of neighbours, block after block.
let private expandBlocks gaussians (pull: PullbackWorkspace) =
    let work = pull.Work
    let table = work.Projection.Table
    let starts = work.KindStarts
    let most = MomentKernel.mostGroups work.Width
    let mutable kept = 0

    for t in 0 .. work.Projection.SourceCount - 1 do
        let upTo = starts[2 * t + 2]
        let mutable next = starts[2 * t]
        let middle = starts[2 * t + 1]
        pull.BlockStarts[t] <- pull.BlockFrom.Count

        if next = upTo then
            work.Shells.Span.Clear()
        elif
            middle = next
            && upTo - next <= work.Lanes
            && kept + table.StateCount * work.Lanes <= pull.KeptCapacity
        then
            // One group of lanes holds all: its moments are their own sums.
            fillBlock gaussians work next upTo 1
            let moments = NativePtr.add pull.Kept.Pointer kept

            MomentKernel.accumulate work.Width 1 true table.Degree work.Parameters.Pointer work.Scratch.Pointer moments

            addBlock pull next upTo 1 false kept
            kept <- kept + table.StateCount * work.Lanes
            ContractionKernel.gatherShells table work.Width moments work.Shells.Pointer
        else
            work.Sums.Span.Clear()

            if middle > next then
                kept <- addDiagonal gaussians pull next middle kept
                next <- middle

            while next < upTo do
                let groups = CenterKernel.groupsFor work.Lanes (upTo - next) most
                let size = table.StateCount * groups * work.Lanes
                let isKept = pull.KeepsMoments && kept + size <= pull.KeptCapacity
                fillBlock gaussians work next upTo groups

                if isKept then
                    MomentKernel.keep
                        work.Width
                        groups
                        table.Degree
                        work.Parameters.Pointer
                        work.Scratch.Pointer
                        work.Sums.Pointer
                        (NativePtr.add pull.Kept.Pointer kept)
                else
                    MomentKernel.accumulate
                        work.Width
                        groups
                        false
                        table.Degree
                        work.Parameters.Pointer
                        work.Scratch.Pointer
                        work.Sums.Pointer

                addBlock pull next (min upTo (next + groups * work.Lanes)) groups false (if isKept then kept else -1)
                kept <- if isKept then kept + size else kept
                next <- next + groups * work.Lanes

            ContractionKernel.gatherShells table work.Width work.Sums.Pointer work.Shells.Pointer

        CenterKernel.takeShells work t (starts[2 * t] = upTo)

/// Like `CenterKernel.expand`, but keeps the pairs' moments as far as there is room.
let expand (gaussians: FrameGaussians) (pull: PullbackWorkspace) =
    let work = pull.Work
    let table = work.Projection.Table
    pull.BlockFrom.Clear()
    pull.BlockUpTo.Clear()
    pull.BlockGroups.Clear()
    pull.BlockIsDiagonal.Clear()
    pull.BlockKept.Clear()
    CenterKernel.beginShells work

    if fitOneGroup work then
        expandFew gaussians pull
    else
        expandBlocks gaussians pull

    pull.BlockStarts[work.Projection.SourceCount] <- pull.BlockFrom.Count
    CenterKernel.finishShells work
    ContractionKernel.harmonics table work.Traced.Pointer work.Coefficients.Pointer

/// The parameters of a block of lanes with diagonal covariances, computed again where they were not kept.
let parametersOf gaussians (pull: PullbackWorkspace) block =
    let work = pull.Work

    if pull.BlockKept[block] >= 0 then
        NativePtr.add pull.Kept.Pointer (pull.BlockKept[block])
    else
        fillBlock gaussians work (pull.BlockFrom[block]) (pull.BlockUpTo[block]) (pull.BlockGroups[block])
        work.Parameters.Pointer

/// The moments of a block of the centre that was expanded (species t), computed again where they were not kept.
let momentsOf gaussians (pull: PullbackWorkspace) t block =
    let work = pull.Work

    if pull.BlockKept[block] >= 0 then
        NativePtr.add pull.Kept.Pointer pull.BlockKept[block]
    else
        let room = NativePtr.add pull.Kept.Pointer pull.KeptCapacity
        let groups = pull.BlockGroups[block]
        fillBlock gaussians work pull.BlockFrom[block] work.KindStarts[2 * t + 2] groups

        MomentKernel.keep
            work.Width
            groups
            work.Projection.Table.Degree
            work.Parameters.Pointer
            work.Scratch.Pointer
            work.Sums.Pointer
            room

        room
