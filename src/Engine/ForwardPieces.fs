namespace AniSoap.Numerics

open System
open AniSoap

/// Forward derivatives of every centre, handed on in the order of the centres, a centre a piece: memory holds the derivatives of a few centres,
/// however many there are.
[<Sealed>]
type internal ForwardPieces(size: int, features: FeatureRows.Features, slots: int) =
    inherit FramePieces<ForwardWorkspace>(slots, 1)
    let gradients = Array.init slots (fun _ -> CenterGradients size)
    let mutable take = Unchecked.defaultof<Action<FrameJob, int, CenterGradients>>

    /// Where derivatives go, with the frame and the centre; they may be read until it returns.
    member _.Take
        with set (handler: Action<FrameJob, int, CenterGradients>) = take <- handler

    override _.ComputeChunk(workspace, slot, chunk) =
        if chunk.From = chunk.UpTo then
            0L
        else
            ForwardKernel.compute chunk.Job.Prepared features workspace chunk.From gradients[slot]
            gradients[slot].Pairs

    override _.EmitChunk(slot, chunk, _) =
        if chunk.From < chunk.UpTo then
            take.Invoke(chunk.Job, chunk.Job.Prepared.Search.Center chunk.From, gradients[slot])
