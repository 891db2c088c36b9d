namespace AniSoap.Numerics

open System
open System.Threading
open AniSoap
open AniSoap.Numerics

/// A frame on its way through the engine. Its Gaussians and grid are made by the first thread that needs them.
[<Sealed>]
type internal FrameJob(subset: SpeciesSubset, number: int, frame: Frame) =
    let prepared =
        Lazy<PreparedFrame>((fun () -> PreparedFrame(subset.Own, frame)), LazyThreadSafetyMode.ExecutionAndPublication)

    member _.Number = number
    member _.Frame = frame
    /// The species that occur, and the projection on them.
    member _.Subset = subset
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

/// The output of chunks under way, a slot each: for means the sums over a chunk's centres, a row for each species among them, else a spectrum a centre.
/// Slots are used over and over; their memory is what the frames met so far needed.
[<Sealed>]
type internal ChunkSums(perParticle: bool, capacity: int, chunkSize: int) =
    let chunks = Array.zeroCreate<Chunk> capacity
    let pairs = Array.zeroCreate<int64> capacity
    let buffers = Array.zeroCreate<AlignedBuffer voption> capacity
    /// For each slot the species of its rows, in the order of the frame's own.
    let species = Array.init capacity (fun _ -> ResizeArray<int>())

    let size (job: FrameJob) = SpectrumColumns.fullLength job.Subset.Own
    // Sums begin on cache lines.
    let stride job = (size job + 7) / 8 * 8

    let bufferOf slot =
        match buffers[slot] with
        | ValueSome buffer -> buffer
        | ValueNone -> invalidOp "a slot is used before it is filled"

    let roomFor slot doubles =
        match buffers[slot] with
        | ValueSome buffer when buffer.Length >= doubles ->
            buffer.Span.Slice(0, doubles).Clear()
            buffer
        | _ ->
            let made = AlignedBuffer doubles
            buffers[slot] <- ValueSome made
            made

    member _.Capacity = capacity
    member _.ChunkSize = chunkSize
    member _.Item(slot: int) = chunks[slot]
    member _.Pairs(slot: int) = pairs[slot]

    /// Puts a chunk into a free slot.
    member _.Put(slot: int, chunk: Chunk) = chunks[slot] <- chunk

    /// Frees a slot: its frame may be forgotten.
    member _.Clear(slot: int) = chunks[slot] <- Unchecked.defaultof<Chunk>

    /// For means: the species of a slot's rows, by their places in the frame's subset.
    member _.Species(slot: int) = species[slot]

    /// Sum of a chunk, upper triangles only: per particle the centre's place in the chunk, for means the place in `Species`.
    member _.Row(slot: int, row: int) : ReadOnlySpan<float> =
        let job = chunks[slot].Job
        let buffer = bufferOf slot
        Span.op_Implicit (buffer.Span.Slice(row * stride job, size job))

    /// Computes one chunk.
    member _.Compute(workspaces: Workspaces, slot: int) =
        let chunk = chunks[slot]
        let prepared = chunk.Job.Prepared
        let work = workspaces.For chunk.Job.Subset.Own
        let stride = stride chunk.Job
        // A mean may take its centres bin by bin: neighbours in space are neighbours in memory then, in whatever order the file has them.
        let centerAt place = if perParticle then place else prepared.Grid.Member place
        let kinds = species[slot]
        kinds.Clear()

        if not perParticle then
            for place in chunk.From .. chunk.UpTo - 1 do
                let t = prepared.Gaussians.SpeciesIndex[centerAt place]

                if not (kinds.Contains t) then
                    kinds.Add t

        let rows = if perParticle then chunk.UpTo - chunk.From else kinds.Count
        let sums = roomFor slot (rows * stride)
        let mutable count = 0L

        for place in chunk.From .. chunk.UpTo - 1 do
            let center = centerAt place

            count <-
                count
                + int64 (CenterKernel.findNeighbors prepared.Grid prepared.Gaussians work center)

            CenterKernel.expand prepared.Gaussians work
            CenterKernel.orthonormalize work

            let row =
                if perParticle then
                    place - chunk.From
                else
                    kinds.IndexOf prepared.Gaussians.SpeciesIndex[center]

            CenterKernel.addSpectrum work sums (row * stride)

        pairs[slot] <- count

        // Before the next frame's turn comes, one thread makes it ready: else all would wait for the first of them.
        match chunk.Ahead with
        | ValueSome job -> job.Prepared |> ignore
        | ValueNone -> ()
