namespace AniSoap.Numerics

open System
open AniSoap

/// Takes the coefficients of one centre: the system's number, the centre, its species' place in the run, and the
/// coefficients, l slowest, then m, then the columns.
type internal CoefficientHandler =
    delegate of system: int * center: int * species: int * values: ReadOnlySpan<float> -> unit

/// Coefficients of all centres of frames: handed on in order, or, where each has a place of its own, by the thread that computed them.
[<Sealed>]
type internal CoefficientPieces(projection: Projection, form: RadialForm, slots: int, inOrder: bool) =
    inherit FramePieces<Workspaces>(slots, CenterChunk.Size)
    let size = FeatureRows.coefficientCount projection.Table
    let rows = Array.create slots Array.empty<float>
    let mutable take = Unchecked.defaultof<CoefficientHandler>

    let send slot (chunk: Chunk) =
        let prepared = chunk.Job.Prepared

        for place in chunk.From .. chunk.UpTo - 1 do
            let center = prepared.Search.Center place
            let row = ReadOnlySpan(rows[slot], (place - chunk.From) * size, size)
            take.Invoke(chunk.Job.Number, center, prepared.Gaussians.SpeciesIndex[center], row)

    /// Numbers of one centre.
    member _.Size = size

    /// Where coefficients go.
    member _.Take
        with set handler = take <- handler

    override _.ComputeChunk(workspaces, slot, chunk) =
        let prepared = chunk.Job.Prepared
        let work = workspaces.For projection
        let mutable pairs = 0L

        if rows[slot].Length = 0 then
            rows[slot] <- Array.zeroCreate (CenterChunk.Size * size)

        for place in chunk.From .. chunk.UpTo - 1 do
            let found = CenterKernel.findNeighbors prepared.Search prepared.Gaussians work place
            pairs <- pairs + int64 found
            CenterKernel.expand prepared.Gaussians work

            let source =
                match form with
                | RadialForm.Raw -> work.Coefficients
                | RadialForm.Orthonormal ->
                    CenterKernel.orthonormalize work
                    work.Mixed

            let row = Span(rows[slot], (place - chunk.From) * size, size)
            FeatureRows.copyCoefficients projection (form = RadialForm.Raw) source.Pointer row

        if not inOrder then
            send slot chunk

        pairs

    override _.EmitChunk(slot, chunk, _) =
        if inOrder then
            send slot chunk
