namespace AniSoap.Numerics

open System
open AniSoap

/// Forward derivatives of every centre, handed on in the order of the centres, a centre a piece: memory holds the derivatives of a few centres,
/// however many there are.
[<Sealed>]
type internal ForwardPieces(layout: RowLayout, size: int, parameters: ForwardParameters, slots: int) =
    inherit FramePieces<ForwardWorkspace>(slots, 1)
    let gradients = Array.init slots (fun _ -> CenterGradients size)
    let sums = Array.init slots (fun _ -> DerivativeSums(layout, size, parameters))
    let mutable take = Unchecked.defaultof<Action<FrameJob, int, CenterGradients>>

    /// Where derivatives go, with the frame and the centre; they may be read until it returns.
    member _.Take
        with set (handler: Action<FrameJob, int, CenterGradients>) = take <- handler

    override _.ComputeChunk(workspace, slot, chunk) =
        if chunk.From = chunk.UpTo then
            0L
        else
            let prepared = chunk.Job.Prepared
            sums[slot].Begin(prepared.Frame.Particles.Length)
            let sum = sums[slot]
            let pairs = ForwardKernel.compute prepared workspace chunk.From sum
            let center = prepared.Search.Center chunk.From
            ForwardKernel.finish workspace sum prepared.Gaussians center (gradients[slot])
            gradients[slot].Pairs <- int64 pairs
            int64 pairs

    override _.EmitChunk(slot, chunk, _) =
        if chunk.From < chunk.UpTo then
            take.Invoke(chunk.Job, chunk.Job.Prepared.Search.Center chunk.From, gradients[slot])

/// The same summed over the centres of each species: a piece adds up what a few dozen centres give, and pieces are added up in their order. Normalised spectra are finished
/// centre by centre, and `summed` is the layout of finished rows.
[<Sealed>]
type internal MeanForwardPieces
    (layout: RowLayout, summed: RowLayout, size: int, parameters: ForwardParameters, slots: int) =
    inherit FramePieces<ForwardWorkspace>(slots, 32)
    let sums = Array.init slots (fun _ -> DerivativeSums(summed, size, parameters))
    let total = DerivativeSums(summed, size, parameters)
    let isFinishedByCenter = not (obj.ReferenceEquals(layout, summed))

    let centers =
        Array.init (if isFinishedByCenter then slots else 0) (fun _ ->
            struct (DerivativeSums(layout, size, parameters), CenterGradients size))

    let mutable take = Unchecked.defaultof<Action<FrameJob, DerivativeSums>>
    let mutable isBegun = false

    /// Where the sums of a frame go; they may be read until it returns.
    member _.Take
        with set (handler: Action<FrameJob, DerivativeSums>) = take <- handler

    /// Forgets a frame that was not finished.
    member _.Forget() = isBegun <- false

    /// Adds a centre whose rows are finished; returns its pairs.
    member private _.AddFinished(workspace, slot, prepared: PreparedFrame, place) =
        let struct (sum, gradients) = centers[slot]
        sum.Begin(prepared.Frame.Particles.Length)
        let pairs = ForwardKernel.compute prepared workspace place sum
        let center = prepared.Search.Center place
        // Sums are in the unit that kernels compute in.
        ForwardKernel.finishBy workspace sum prepared.Gaussians center 1.0 1.0 gradients
        sums[slot].Add(prepared.Gaussians.SpeciesIndex[center], gradients)
        pairs

    override pieces.ComputeChunk(workspace, slot, chunk) =
        let prepared = chunk.Job.Prepared
        let mutable pairs = 0L
        sums[slot].Begin(prepared.Frame.Particles.Length)

        for place in chunk.From .. chunk.UpTo - 1 do
            // Bin by bin: neighbours in space share most of their rows, which stay in the caches then.
            let near = prepared.Search.Near place

            let found =
                if isFinishedByCenter then
                    pieces.AddFinished(workspace, slot, prepared, near)
                else
                    ForwardKernel.compute prepared workspace near (sums[slot])

            pairs <- pairs + int64 found

        pairs

    override _.EmitChunk(slot, chunk, isLast) =
        if not isBegun then
            total.Begin(chunk.Job.Prepared.Frame.Particles.Length)
            isBegun <- true

        total.Add(sums[slot])

        if isLast then
            isBegun <- false
            take.Invoke(chunk.Job, total)
