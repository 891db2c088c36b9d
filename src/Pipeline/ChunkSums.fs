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
type internal Chunk = {
    Job: FrameJob
    From: int
    UpTo: int
    /// The next frame, where this chunk is the one after which it is to be made ready.
    Ahead: FrameJob voption
}

/// The output of chunks under way, a slot each: for means the sums over a chunk's centres per species, else a spectrum a centre. Slots are used
/// over and over.
[<Sealed>]
type internal ChunkSums(projection: Projection, perParticle: bool, capacity: int, chunkSize: int) =
    let size = SpectrumColumns.fullLength projection
    let speciesCount = projection.Species.Length
    // Sums begin on cache lines.
    let stride = (size + 7) / 8 * 8
    let rows = if perParticle then chunkSize else speciesCount
    let chunks = Array.zeroCreate<Chunk> capacity
    let pairs = Array.zeroCreate<int64> capacity
    // Memory for some slots at a time, made when it is first needed: a small input does not pay for a large one's, nor a large one for many
    // small pieces.
    let slotDoubles = rows * stride
    let slotsPerSlab = max 1 (ChunkSums.SlabDoubles / slotDoubles)
    let slabs = Array.zeroCreate<AlignedBuffer voption>(capacity / slotsPerSlab + 1)

    let slabOf slot =
        match slabs[slot / slotsPerSlab] with
        | ValueSome slab -> slab
        | ValueNone -> invalidOp "a slot is used before it is filled"

    static member private SlabDoubles = 65536

    member _.Capacity = capacity
    member _.ChunkSize = chunkSize
    member _.Item(slot: int) = chunks[slot]
    member _.Pairs(slot: int) = pairs[slot]

    /// Puts a chunk into a free slot.
    member _.Put(slot: int, chunk: Chunk) =
        chunks[slot] <- chunk

        if slabs[slot / slotsPerSlab].IsNone then
            slabs[slot / slotsPerSlab] <- ValueSome(AlignedBuffer(slotsPerSlab * slotDoubles))

    /// Frees a slot: its frame may be forgotten.
    member _.Clear(slot: int) = chunks[slot] <- Unchecked.defaultof<Chunk>

    /// Sum of a chunk, upper triangles only: per particle the centre's place in the chunk, for means the species.
    member _.Row(slot: int, row: int) : ReadOnlySpan<float> =
        let at = slot % slotsPerSlab * slotDoubles + row * stride
        Span.op_Implicit ((slabOf slot).Span.Slice(at, size))

    /// Computes one chunk.
    member _.Compute(work: Workspace, slot: int) =
        let chunk = chunks[slot]
        let prepared = chunk.Job.Prepared
        let slab = slabOf slot
        let start = slot % slotsPerSlab * slotDoubles
        slab.Span.Slice(start, slotDoubles).Clear()
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

        pairs[slot] <- count

        // Before the next frame's turn comes, one thread makes it ready: else all would wait for the first of them.
        match chunk.Ahead with
        | ValueSome job -> job.Prepared |> ignore
        | ValueNone -> ()
