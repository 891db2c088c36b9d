/// The reverse pass of one centre: from the derivatives of a number E by the centre's coefficients to those by everything that its pairs are made of, without
/// any Jacobian (ALGORITHM: "reverse, what a potential needs").
///
/// With the sums e, h, L (ShiftTable.fs) of a pair, T = σ²B, c = T r, and γ = ∂ ln w/∂r = −c/σ² + (ln W)′ r̂:
///
///     ∂E/∂r = T h + e γ                      ∂E/∂ω = L − r × ∂E/∂r
///     ∂E/∂a_k = a_k s_k² u_k·H u_k − 2 a_k s_k²/σ² (u_k·r)(u_k·h) + e (a_k s_k²/σ⁴ (u_k·r)² − a_k s_k/σ²)
///
/// (turning the ellipsoid alone is turning the pair and turning r back; monomials: T = 1, 1/σ = 0, s = 1).
///
/// All lengths are in the unit that kernels compute in.
module internal AniSoap.Numerics.PullbackKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open Microsoft.FSharp.NativeInterop
open AniSoap

/// From products to derivatives, for the pairs of a block.
let private finish
    (gaussians: FrameGaussians)
    (bodies: FrameBodies voption)
    (pull: PullbackWorkspace)
    (pulls: PairPulls)
    from
    upTo
    groups
    =
    FullOptimization.ask ()
    let work = pull.Work
    let hypers = work.Projection.InUnit
    let scale = PairGaussian.exponentScale hypers
    let hasWeights = PairGaussian.hasNeighborWeights hypers
    let step = groups * work.Lanes
    let products = pull.Products.Pointer
    let shapes = pull.ShapeProducts.Pointer
    let neighbors = work.Neighbors
    let numbers = gaussians.Numbers
    let filled = min step (upTo - from)
    pulls.EnsureRoom filled
    let results = pulls.Numbers

    for lane in 0 .. filled - 1 do
        let k = work.Order[from + lane]
        let second = neighbors.Second[k]
        let particle = ReadOnlySpan(numbers, FrameGaussians.Stride * second, FrameGaussians.Stride)
        let x = neighbors.X[k]
        let y = neighbors.Y[k]
        let z = neighbors.Z[k]
        let inline product row = NativePtr.get products (row * step + lane)
        let e = product 0
        let hx = product 1
        let hy = product 2
        let hz = product 3
        // T (h − r e/σ²) = T h − e c/σ²
        let px = hx - scale * e * x
        let py = hy - scale * e * y
        let pz = hz - scale * e * z
        let mutable gx = particle[0] * px + particle[1] * py + particle[2] * pz
        let mutable gy = particle[1] * px + particle[3] * py + particle[4] * pz
        let mutable gz = particle[2] * px + particle[4] * py + particle[5] * pz

        if hasWeights then
            let distance = sqrt (x * x + y * y + z * z)

            if distance > 0.0 then
                let slope = e * PairGaussian.neighborWeightSlope hypers distance / distance
                gx <- gx + slope * x
                gy <- gy + slope * y
                gz <- gz + slope * z

        let row = Span(results, PairPulls.Stride * (pulls.Count + lane), PairPulls.Stride)
        pulls.Second[pulls.Count + lane] <- second
        row[0] <- gx
        row[1] <- gy
        row[2] <- gz
        row[3] <- product 4 - (y * gz - z * gy)
        row[4] <- product 5 - (z * gx - x * gz)
        row[5] <- product 6 - (x * gy - y * gx)
        row[9] <- x
        row[10] <- y
        row[11] <- z

        match bodies with
        | ValueNone -> ()
        | ValueSome bodies ->
            let body = ReadOnlySpan(bodies.Numbers, FrameBodies.Stride * second, FrameBodies.Stride)
            let inline curvature row = NativePtr.get shapes (row * step + lane)

            for axis in 0..2 do
                let ux = body[3 * axis]
                let uy = body[3 * axis + 1]
                let uz = body[3 * axis + 2]
                let a = body[9 + axis]
                let s = body[12 + axis]
                let along = ux * x + uy * y + uz * z
                let pulled = ux * hx + uy * hy + uz * hz

                let curved =
                    ux * ux * curvature 0
                    + uy * uy * curvature 1
                    + uz * uz * curvature 2
                    + 2.0 * (ux * uy * curvature 3 + ux * uz * curvature 4 + uy * uz * curvature 5)

                row[6 + axis] <-
                    a * s * s * (curved - 2.0 * scale * along * pulled)
                    + e * scale * a * s * (scale * s * along * along - 1.0)

    pulls.Count <- pulls.Count + filled

let private product
    (pull: PullbackWorkspace)
    pairs
    isFew
    groups
    kept
    (weights: AlignedBuffer)
    (products: AlignedBuffer)
    =
    let shifts = pull.Tables.Shifts

    if isFew then
        FewProducts.compute
            pull.Work.Width
            pairs
            shifts.StateCount
            shifts.WeightStride
            weights.Pointer
            kept
            pull.Line.Pointer
            products.Pointer
    else
        RowProducts.compute
            pull.Work.Width
            groups
            shifts.StateCount
            shifts.WeightStride
            weights.Pointer
            kept
            products.Pointer

/// The pairs of neighbours Order[from] … Order[upTo − 1], whose moments were not kept.
let private pullAgain gaussians bodies (pull: PullbackWorkspace) pulls from upTo =
    let work = pull.Work
    let shifts = pull.Tables.Shifts

    let job: MomentProducts.Job = {
        Width = work.Width
        Degree = shifts.Degree
        Stride = shifts.WeightStride
        Weights = pull.Weights.Pointer
        Results = pull.Products.Pointer
        WithShapes = pull.WithShapes
        ShapeWeights = pull.ShapeWeights.Pointer
        ShapeResults = pull.ShapeProducts.Pointer
    }

    let mutable next = from

    while next < upTo do
        let groups = CenterKernel.groupsFor work.Lanes (upTo - next) pull.AgainGroups
        let last = min upTo (next + groups * work.Lanes)
        PullbackExpansion.fillBlock gaussians work next last groups
        MomentProducts.compute job groups work.Parameters.Pointer work.Scratch.Pointer
        finish gaussians bodies pull pulls next last groups
        next <- last

/// γ of the columns of one species or channel, into pull.Gamma.
let private traceColumns (pull: PullbackWorkspace) column =
    ContractionAdjoint.traceShells
        pull.Work.Projection.Table
        pull.Tables.Shifts
        pull.Tables.ShellStarts
        pull.Tables.ShellPlaces
        pull.Tables.DeepestTraces
        column
        pull.TracedBar.Pointer
        pull.ShellScratch.Pointer
        pull.Gamma.Pointer

/// γ of all channels, where species are mixed into them.
let private traceChannels (pull: PullbackWorkspace) =
    if pull.ChannelGammas.Length > 0 then
        let length = pull.Gamma.Length

        for channel in 0 .. pull.Work.Projection.Table.SpeciesCount - 1 do
            traceColumns pull channel
            pull.Gamma.Span.CopyTo(pull.ChannelGammas.Span.Slice(channel * length, length))

/// γ of one source of density, into pull.Gamma: that of its columns, or of the channels that it is mixed into.
let private gammaOf (pull: PullbackWorkspace) source =
    if pull.ChannelGammas.Length = 0 then
        traceColumns pull source
    else
        let projection = pull.Work.Projection
        let channels = projection.Table.SpeciesCount
        let length = pull.Gamma.Length
        pull.Gamma.Span.Clear()

        for channel in 0 .. channels - 1 do
            RowSums.addScaled
                projection.ChannelWeights[source * channels + channel]
                (Span.op_Implicit (pull.ChannelGammas.Span.Slice(channel * length, length)))
                pull.Gamma.Span

/// The derivatives by the pairs of the centre that was expanded, given those by its bare primitives' coefficients (pull.CoefficientsBar).
let pullCoefficients
    (gaussians: FrameGaussians)
    (bodies: FrameBodies voption)
    (pull: PullbackWorkspace)
    (pulls: PairPulls)
    =
    let work = pull.Work
    let table = work.Projection.Table
    let shifts = pull.Tables.Shifts
    ContractionAdjoint.harmonics table pull.CoefficientsBar.Pointer pull.TracedBar.Pointer
    traceChannels pull

    for t in 0 .. work.Projection.SourceCount - 1 do
        if pull.BlockStarts[t] < pull.BlockStarts[t + 1] then
            gammaOf pull t

            // Blocks with diagonal covariances come first, and need γ alone.
            if not (pull.BlockIsDiagonal[pull.BlockStarts[t + 1] - 1]) then
                PairWeights.fillRigid work.Width shifts pull.Gamma.Pointer pull.Weights.Pointer

                if pull.WithShapes then
                    PairWeights.fillShapes shifts pull.Gamma.Pointer pull.ShapeWeights.Pointer

        let first = pull.BlockStarts[t]
        let last = pull.BlockStarts[t + 1] - 1
        let mutable block = first

        while block <= last do
            let from = pull.BlockFrom[block]
            let groups = pull.BlockGroups[block]
            let mutable upTo = pull.BlockUpTo[block]
            let isFew = first = last && groups = 1 && upTo - from <= FewProducts.Most

            if pull.BlockIsDiagonal[block] then
                DiagonalProducts.compute
                    work.Width
                    pull.WithShapes
                    shifts
                    (groups * work.Lanes)
                    pull.Gamma.Pointer
                    (PullbackExpansion.parametersOf gaussians pull block)
                    pull.DiagonalScratch.Pointer
                    pull.Products.Pointer
                    pull.ShapeProducts.Pointer

                finish gaussians bodies pull pulls from upTo groups
            elif isFew || pull.BlockKept[block] >= 0 then
                let kept = PullbackExpansion.momentsOf gaussians pull t block
                product pull (upTo - from) isFew groups kept pull.Weights pull.Products

                if pull.WithShapes then
                    product pull (upTo - from) isFew groups kept pull.ShapeWeights pull.ShapeProducts

                finish gaussians bodies pull pulls from upTo groups
            else
                // All that follow and were not kept either, in blocks of another size.
                while block < last && pull.BlockKept[block + 1] < 0 do
                    block <- block + 1

                upTo <- pull.BlockUpTo[block]
                pullAgain gaussians bodies pull pulls from upTo

            block <- block + 1

/// The same given the derivatives by orthonormal functions (pull.MixedBar).
let pullOrthonormal gaussians bodies (pull: PullbackWorkspace) pulls =
    let projection = pull.Work.Projection

    RadialMixing.mix
        projection.Table
        pull.Tables.MixingTransposed.Pointer
        projection.MixingOffsets
        pull.MixedBar.Pointer
        pull.CoefficientsBar.Pointer

    pullCoefficients gaussians bodies pull pulls

/// From the derivatives by p̂ = p/|p| to what, times 1/|p|, are those by p: p̄ − p̂ (p̂·p̄). A spectrum of zeros was not divided by anything.
let alongNormalized (spectrum: ReadOnlySpan<float>) (cotangent: Span<float>) =
    let along = RowSums.dot spectrum (Span.op_Implicit cotangent)
    RowSums.addScaled -along spectrum cotangent

/// The symmetric matrices whose product with coefficients is their derivative of Σ cotangent · spectrum: of p_{q1 q2} = (−1)^l/√(2l+1) Σ_m c_{m q1} c_{m q2},
///
///     ∂E/∂c_{m q1} = (−1)^l/√(2l+1) Σ_{q2} (p̂_{q1 q2} + p̂_{q2 q1}) c_{m q2}
///
/// For unordered pairs p̂ stands once, times √2 off the diagonal, as the spectrum itself.
let fillCotangent
    (projection: Projection)
    isCompact
    (factor: float)
    (cotangent: ReadOnlySpan<float>)
    (target: AlignedBuffer)
    =
    FullOptimization.ask ()
    let table = projection.Table
    // What pads the rows is zero and stays so.
    let matrices = target.Pointer
    let mutable start = 0

    for l in 0 .. table.MaxAngular do
        let columns, padded = table.Columns[l], table.PaddedColumns[l]
        let matrix = NativePtr.add matrices projection.MixingOffsets[l]
        let scale = (if l % 2 = 0 then factor else -factor) / sqrt (2.0 * float l + 1.0)

        let inline put q1 q2 value =
            NativePtr.set matrix (q1 * padded + q2) value
            NativePtr.set matrix (q2 * padded + q1) value

        if isCompact then
            let mutable next = start

            for q1 in 0 .. columns - 1 do
                let own = scale * cotangent[next]
                put q1 q1 (own + own)

                for q2 in q1 + 1 .. columns - 1 do
                    put q1 q2 (scale * cotangent[next + q2 - q1] * sqrt 2.0)

                next <- next + columns - q1

            start <- next
        else
            for q1 in 0 .. columns - 1 do
                let row = cotangent.Slice(start + q1 * columns, columns)

                for q2 in q1 .. columns - 1 do
                    put q1 q2 (scale * row[q2] + scale * cotangent[start + q2 * columns + q1])

            start <- start + columns * columns

/// The same given the derivatives by the centre's spectrum, as `fillCotangent` made matrices of them.
let pullSpectrum gaussians bodies (pull: PullbackWorkspace) (cotangent: AlignedBuffer) pulls =
    let projection = pull.Work.Projection

    RadialMixing.mix
        projection.Table
        cotangent.Pointer
        projection.MixingOffsets
        pull.Work.Mixed.Pointer
        pull.MixedBar.Pointer

    pullOrthonormal gaussians bodies pull pulls
