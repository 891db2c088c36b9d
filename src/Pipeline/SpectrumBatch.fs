namespace AniSoap.Pipeline

open System
open System.Threading
open AniSoap
open AniSoap.Kernels

/// A frame on its way through the engine. Its Gaussians and grid are made by the first thread that needs them.
[<Sealed>]
type internal FrameJob(projection: Projection, number: int, frame: Frame) =
    let prepared =
        Lazy<PreparedFrame>((fun () -> PreparedFrame(projection, frame)), LazyThreadSafetyMode.ExecutionAndPublication)

    member _.Number = number
    member _.Frame = frame
    member _.Prepared = prepared.Value

/// Some neighbouring centres of one frame: what one thread does at a time.
[<Struct>]
type internal Chunk = { Job: FrameJob; From: int; UpTo: int }

/// The output of a batch of chunks: for means the sums over each chunk's centres per species, else a spectrum a centre. The buffers are
/// used for every batch.
[<Sealed>]
type internal SpectrumBatch(projection: Projection, perParticle: bool, capacity: int, chunkSize: int) =
    let size = SpectrumColumns.fullLength projection
    let speciesCount = projection.Species.Length
    // Sums begin on cache lines.
    let stride = (size + 7) / 8 * 8
    let rows = if perParticle then chunkSize else speciesCount
    let chunks = ResizeArray<Chunk>()
    // Memory for some chunks at a time, made when it is first needed: a small input does not pay for a large one's, nor a large one for many
    // small pieces.
    let chunkDoubles = rows * stride
    let chunksPerSlab = max 1 (SpectrumBatch.SlabDoubles / chunkDoubles)
    let slabs = ResizeArray<AlignedBuffer>()
    let pairs = Array.zeroCreate<int64> capacity

    static member private SlabDoubles = 65536

    member _.IsFull = chunks.Count = capacity
    member _.Count = chunks.Count
    member _.Item(chunk: int) = chunks[chunk]
    member _.Clear() = chunks.Clear()

    member _.Add(chunk: Chunk) =
        chunks.Add chunk

        if slabs.Count * chunksPerSlab < chunks.Count then
            slabs.Add(AlignedBuffer(chunksPerSlab * chunkDoubles))

    member _.Pairs(chunk: int) = pairs[chunk]

    /// Sum of a chunk, upper triangles only: per particle the centre's place in the chunk, for means the species.
    member _.Row(chunk: int, row: int) : ReadOnlySpan<float> =
        let at = chunk % chunksPerSlab * chunkDoubles + row * stride
        Span.op_Implicit (slabs[chunk / chunksPerSlab].Span.Slice(at, size))

    /// Computes one chunk.
    member _.Compute(work: Workspace, index: int) =
        let chunk = chunks[index]
        let prepared = chunk.Job.Prepared
        let slab = slabs[index / chunksPerSlab]
        let start = index % chunksPerSlab * chunkDoubles
        slab.Span.Slice(start, chunkDoubles).Clear()
        let mutable count = 0L

        for place in chunk.From .. chunk.UpTo - 1 do
            // A mean may take its centres bin by bin: neighbours in space are neighbours in memory then, in whatever order the file has them.
            let center = if perParticle then place else prepared.Grid.Member place

            count <-
                count
                + int64 (CenterKernel.findNeighbors prepared.Grid prepared.Gaussians work center)

            CenterKernel.expand prepared.Gaussians work
            CenterKernel.orthonormalize work

            let row =
                if perParticle then
                    place - chunk.From
                else
                    prepared.Gaussians.SpeciesIndex[center]

            CenterKernel.addSpectrum work slab (start + row * stride)

        pairs[index] <- count
        // Before the next frame's turn comes, one thread makes it ready: else all would wait for the first of them.
        let ahead = index + 8

        if ahead < chunks.Count && chunks[ahead].From = 0 then
            chunks[ahead].Job.Prepared |> ignore
