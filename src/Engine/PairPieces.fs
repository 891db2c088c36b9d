namespace AniSoap

open System

/// Takes the coefficients of one pair: the centre, its neighbour, the whole cell vectors a, b, c added to the neighbour's position, and the coefficients,
/// l slowest, then m, then n. The values are gone after the call.
type PairCoefficientHandler =
    delegate of first: int * second: int * shift: ReadOnlySpan<int> * values: ReadOnlySpan<float> -> unit

namespace AniSoap.Numerics

open System
open AniSoap

/// The pairs of a centre while they wait for their turn.
[<Sealed>]
type private CenterPairs() =
    member val Count = 0 with get, set
    member val Second = Array.empty<int> with get, set
    member val Shift = Array.empty<int> with get, set
    member val Values = Array.empty<float> with get, set

    /// Room for so many pairs of so many numbers.
    member pairs.Begin(count: int, size: int) =
        pairs.Count <- 0

        if pairs.Second.Length < count then
            pairs.Second <- Array.zeroCreate (ArraySize.withRoom (ArraySize.most / int64 size) count)
            pairs.Shift <- Array.zeroCreate (3 * pairs.Second.Length)
            pairs.Values <- Array.zeroCreate (size * pairs.Second.Length)

/// Coefficients of every pair of frames, handed on in the order of centres, neighbours and shifts. `single` is the projection with the columns of one neighbour.
[<Sealed>]
type internal PairPieces(single: Projection, form: RadialForm, slots: int) =
    inherit FramePieces<PairKernel.PairWorkspace>(slots, 1)
    let size = FeatureRows.coefficientCount single.Table
    let own = if single.Hypers.SubtractCenterContribution then 0L else 1L
    let centers = Array.init slots (fun _ -> CenterPairs())
    let mutable take = Unchecked.defaultof<PairCoefficientHandler>

    /// Where pairs go.
    member _.Take
        with set (handler: PairCoefficientHandler) = take <- handler

    override _.ComputeChunk(workspace, slot, chunk) =
        if chunk.From = chunk.UpTo then
            centers[slot].Begin(0, size)
            0L
        else
            let prepared = chunk.Job.Prepared
            let neighbors = workspace.Work.Neighbors
            let target = centers[slot]
            PairKernel.find prepared.Search workspace chunk.From
            PairKernel.sort workspace
            target.Begin(neighbors.Count, size)

            PairKernel.expand
                prepared.Gaussians
                (form = RadialForm.Raw)
                workspace
                (PairKernel.PairHandler(fun k values ->
                    let i = target.Count
                    target.Second[i] <- neighbors.Second[k]
                    Array.Copy(neighbors.Shift, 3 * k, target.Shift, 3 * i, 3)
                    values.CopyTo(Span(target.Values, i * size, size))
                    target.Count <- i + 1))

            int64 neighbors.Count - own

    override _.EmitChunk(slot, chunk, _) =
        let pairs = centers[slot]

        for i in 0 .. pairs.Count - 1 do
            take.Invoke(
                chunk.Job.Prepared.Search.Center chunk.From,
                pairs.Second[i],
                ReadOnlySpan(pairs.Shift, 3 * i, 3),
                ReadOnlySpan(pairs.Values, i * size, size)
            )
