/// All of one centre: its neighbours, their moments, its coefficients, its spectrum. The fused path that everything but the
/// composed stages uses.
module internal AniSoap.Numerics.CenterKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Orders the neighbours that were found by a number that particles have, into work.Order; where each number begins, and the end, into `starts`.
let sortNeighbors (work: Workspace) (numberOf: int[]) (starts: int[]) =
    FullOptimization.ask ()
    let neighbors = work.Neighbors

    if work.Order.Length < neighbors.Count then
        work.Order <- Array.zeroCreate neighbors.Second.Length

    // A counting sort.
    Array.Clear starts

    for k in 0 .. neighbors.Count - 1 do
        let t = numberOf[neighbors.Second[k]]
        starts[t + 1] <- starts[t + 1] + 1

    for t in 1 .. starts.Length - 1 do
        starts[t] <- starts[t] + starts[t - 1]

    for k in 0 .. neighbors.Count - 1 do
        let t = numberOf[neighbors.Second[k]]
        work.Order[starts[t]] <- k
        starts[t] <- starts[t] + 1

    // Filling moved every start to its end: move them back.
    for t in starts.Length - 1 .. -1 .. 1 do
        starts[t] <- starts[t - 1]

    starts[0] <- 0

/// The centre itself, which stands behind its neighbours in the buffer, as a source of density of its own.
let private addOwn kind (work: Workspace) pairs =
    let starts = work.KindStarts
    let own = starts.Length - 3

    if work.Order.Length <= pairs then
        let longer = Array.zeroCreate work.Neighbors.Second.Length
        Array.Copy(work.Order, longer, pairs)
        work.Order <- longer

    work.Order[pairs] <- pairs
    starts[own] <- pairs
    starts[own + 1] <- if kind &&& 1 = 0 then pairs + 1 else pairs
    starts[own + 2] <- pairs + 1
    work.Neighbors.Count <- pairs + 1

/// Finds the neighbours of the centre at a place and orders them by kind, so that lanes fill up; the centre itself (r = 0) is the last of
/// its kind, or of all, unless it is switched off. Returns the number of pairs, the centre with itself not counted.
let findNeighbors (search: NeighborSearch) (gaussians: FrameGaussians) (work: Workspace) (place: int) =
    FullOptimization.ask ()
    let neighbors = work.Neighbors
    search.Find(place, neighbors)
    let first = search.Center place
    let pairs = neighbors.Count

    let density = work.Projection.Hypers.CenterDensity

    if density <> CenterDensity.Absent then
        neighbors.EnsureRoom(pairs + 1)
        neighbors.Second[pairs] <- first
        neighbors.X[pairs] <- 0.0
        neighbors.Y[pairs] <- 0.0
        neighbors.Z[pairs] <- 0.0

    if density = CenterDensity.Merged then
        neighbors.Count <- pairs + 1

    sortNeighbors work gaussians.Kind work.KindStarts

    if density = CenterDensity.Own then
        addOwn gaussians.Kind[first] work pairs

    pairs

/// Writes the parameters of neighbours Order[from] … Order[upTo − 1] into the lanes of `groups` groups; lanes left over weigh nothing.
let fillLanes (gaussians: FrameGaussians) (work: Workspace) exponentScale hasWeights from upTo groups =
    FullOptimization.ask ()
    let step = groups * work.Lanes
    let parameters = work.Parameters.Pointer
    let neighbors = work.Neighbors
    let second = neighbors.Second
    let xs = neighbors.X
    let ys = neighbors.Y
    let zs = neighbors.Z
    let order = work.Order
    let numbers = gaussians.Numbers
    let filled = min step (upTo - from)
    // Exponents wait where the weights will be, the factors in front of them in the row behind the parameters.
    let weights = parameters
    let factors = NativePtr.add parameters (MomentStates.Parameter.Count * step)

    for lane in 0 .. filled - 1 do
        let inline set parameter (value: float) = NativePtr.set parameters (parameter * step + lane) value
        let k = order[from + lane]
        let particle = ReadOnlySpan(numbers, FrameGaussians.Stride * second[k], FrameGaussians.Stride)
        let x = xs[k]
        let y = ys[k]
        let z = zs[k]
        let cx = particle[0] * x + particle[1] * y + particle[2] * z
        let cy = particle[1] * x + particle[3] * y + particle[4] * z
        let cz = particle[2] * x + particle[4] * y + particle[5] * z
        set MomentStates.Parameter.Weight (-0.5 * exponentScale * (x * cx + y * cy + z * cz))
        set MomentStates.Parameter.CX cx
        set MomentStates.Parameter.CY cy
        set MomentStates.Parameter.CZ cz
        set MomentStates.Parameter.VXX particle[6]
        set MomentStates.Parameter.VXY particle[7]
        set MomentStates.Parameter.VXZ particle[8]
        set MomentStates.Parameter.VYY particle[9]
        set MomentStates.Parameter.VYZ particle[10]
        set MomentStates.Parameter.VZZ particle[11]
        NativePtr.set factors lane particle[12]

    for lane in filled .. step - 1 do
        for parameter in 0 .. MomentStates.Parameter.Count do
            NativePtr.set parameters (parameter * step + lane) 0.0

    if step >= 4 then
        let mutable lane = 0

        while lane < step do
            let exponential = Vector256.Exp(Vector256.Load(NativePtr.add weights lane))

            Vector256.Store(
                Vector256.Multiply(exponential, Vector256.Load(NativePtr.add factors lane)),
                NativePtr.add weights lane
            )

            lane <- lane + 4
    else
        for lane in 0 .. step - 1 do
            NativePtr.set weights lane (NativePtr.get factors lane * Math.Exp(NativePtr.get weights lane))

    if hasWeights then
        let hypers = work.Projection.InUnit

        for lane in 0 .. filled - 1 do
            let k = order[from + lane]
            let distance = sqrt (xs[k] * xs[k] + ys[k] * ys[k] + zs[k] * zs[k])
            NativePtr.set weights lane (NativePtr.get weights lane * PairGaussian.neighborWeight hypers distance)

/// How many groups of lanes the next block takes: as many as fill up, all but the last of them.
let inline groupsFor lanes remaining most =
    if most = 4 && remaining > 3 * lanes then 4
    elif most = 3 && remaining > 2 * lanes then 3
    elif remaining > lanes then 2
    else 1

/// Adds up the moments of neighbours Order[from] … Order[upTo − 1], all with a diagonal covariance or none.
let private sumMoments gaussians (work: Workspace) isDiagonal isFirst from upTo =
    let hypers = work.Projection.InUnit
    let exponentScale = PairGaussian.exponentScale hypers
    let hasWeights = PairGaussian.hasNeighborWeights hypers
    let degree = work.Projection.Table.Degree
    let parameters = work.Parameters.Pointer
    let sums = work.Sums.Pointer
    let mutable next = from
    let mutable isFirst = isFirst

    while next < upTo do
        let groups =
            groupsFor
                work.Lanes
                (upTo - next)
                (if isDiagonal then
                     DiagonalKernel.MostGroups
                 else
                     MomentKernel.mostGroups work.Width)

        fillLanes gaussians work exponentScale hasWeights next upTo groups

        if isDiagonal then
            DiagonalKernel.accumulate work.Width groups isFirst degree parameters work.DiagonalScratch.Pointer sums
        else
            MomentKernel.accumulate work.Width groups isFirst degree parameters work.Scratch.Pointer sums

        isFirst <- false
        next <- next + groups * work.Lanes

/// Before the shells of the sources of density.
let beginShells (work: Workspace) =
    if work.ChannelShells.Length > 0 then
        work.ChannelShells.Span.Clear()

/// The shells of one source of density (work.Shells): columns of its own, or added to the channels that it is mixed into.
let takeShells (work: Workspace) source isEmpty =
    FullOptimization.ask ()
    let table = work.Projection.Table
    let weights = work.Projection.ChannelWeights

    if weights.Length = 0 then
        ContractionKernel.traceShells table source work.Shells.Pointer work.TraceScratch.Pointer work.Traced.Pointer
    elif not isEmpty then
        let shells = work.Shells.Pointer

        for channel in 0 .. table.SpeciesCount - 1 do
            let weight = weights[source * table.SpeciesCount + channel]
            let target = NativePtr.add work.ChannelShells.Pointer (channel * Workspace.ChannelStride table)

            if weight <> 0.0 then
                RowSums.addScaled
                    weight
                    (ReadOnlySpan<float>(NativePtr.toVoidPtr shells, table.StateCount))
                    (Span<float>(NativePtr.toVoidPtr target, table.StateCount))

/// After the shells of all sources of density: the columns of the channels that they were mixed into.
let finishShells (work: Workspace) =
    let table = work.Projection.Table

    if work.Projection.ChannelWeights.Length > 0 then
        for channel in 0 .. table.SpeciesCount - 1 do
            ContractionKernel.traceShells
                table
                channel
                (NativePtr.add work.ChannelShells.Pointer (channel * Workspace.ChannelStride table))
                work.TraceScratch.Pointer
                work.Traced.Pointer

/// The bare primitives' coefficients of the centre whose neighbours were found, in the unit that kernels compute in, into work.Coefficients.
let expand (gaussians: FrameGaussians) (work: Workspace) =
    let table = work.Projection.Table
    let starts = work.KindStarts

    beginShells work

    for t in 0 .. work.Projection.SourceCount - 1 do
        let from = starts[2 * t]
        let middle = starts[2 * t + 1]
        let upTo = starts[2 * t + 2]

        if from = upTo then
            work.Shells.Span.Clear()
        else
            sumMoments gaussians work true true from middle
            sumMoments gaussians work false (middle = from) middle upTo
            ContractionKernel.gatherShells table work.Width work.Sums.Pointer work.Shells.Pointer

        takeShells work t (from = upTo)

    finishShells work
    ContractionKernel.harmonics table work.Traced.Pointer work.Coefficients.Pointer

/// From bare primitives (work.Coefficients) to orthonormal functions in the unit of the input (work.Mixed).
let orthonormalize (work: Workspace) =
    let projection = work.Projection

    RadialMixing.mix
        projection.Table
        projection.Mixing.Pointer
        projection.MixingOffsets
        work.Coefficients.Pointer
        work.Mixed.Pointer

/// Where spectra are normalised: divides orthonormal coefficients by the root of the norm N of the spectrum that they would have, so that theirs has norm 1.
/// Returns N, 1 where it is zero or nothing is normalised.
///
///     N² = Σ_l Σ_{q q′} (Σ_m c_mq c_mq′)²/(2l+1) = Σ_l Σ_{m m′} (Σ_q c_mq c_m′q)²/(2l+1)
let normalizeCoefficients (projection: Projection) (mixed: Span<float>) =
    FullOptimization.ask ()

    if not projection.Hypers.NormalizeSpectra then
        1.0
    else
        let table = projection.Table
        let mutable squares = 0.0

        for l in 0 .. table.MaxAngular do
            let padded = table.PaddedColumns[l]
            let columns = table.Columns[l]

            for m in 0 .. 2 * l do
                let row = mixed.Slice(table.CoefficientOffsets[l] + m * padded, columns)

                for other in m .. 2 * l do
                    let across = mixed.Slice(table.CoefficientOffsets[l] + other * padded, columns)
                    let product = RowSums.dot (Span.op_Implicit row) (Span.op_Implicit across)
                    let times = if m = other then 1.0 else 2.0
                    squares <- squares + times * product * product / (2.0 * float l + 1.0)

        let norm = sqrt squares

        if norm > 0.0 && Double.IsFinite norm then
            RowSums.scale (1.0 / sqrt norm) mixed
            norm
        else
            1.0

/// The same of the coefficients of a centre.
let normalize (work: Workspace) = normalizeCoefficients work.Projection work.Mixed.Span

/// Adds the spectrum of the centre (of work.Mixed) to the sum at `offset` of a buffer.
let addSpectrum (work: Workspace) (sums: AlignedBuffer) offset =
    ContractionKernel.addSpectrum work.Projection.Table work.Mixed.Pointer (NativePtr.add sums.Pointer offset)

/// Adds the chosen numbers of the spectrum of the centre (of work.Mixed) to the sums at `offset` of a buffer.
let addChosen (chosen: ChosenSums) (work: Workspace) (sums: AlignedBuffer) offset =
    FullOptimization.ask ()
    let target = NativePtr.add sums.Pointer offset
    let mixed = work.Mixed.Pointer

    for i in 0 .. chosen.Target.Length - 1 do
        let mutable first = chosen.First[i]
        let mutable second = chosen.Second[i]
        let stride = chosen.Stride[i]
        let mutable sum = 0.0

        for _ in 1 .. chosen.Terms[i] do
            sum <- sum + NativePtr.get mixed first * NativePtr.get mixed second
            first <- first + stride
            second <- second + stride

        NativePtr.set target i (NativePtr.get target i + chosen.Weight[i] * sum)
