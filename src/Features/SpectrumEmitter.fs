namespace AniSoap

open System
open System.Diagnostics
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open AniSoap.Numerics

/// Where finished rows go, in the order of frames (and of particles): `frame` is the frame's number; for means `particle` and `centerType` are −1 and
/// the row holds the species' spectra one after the other, else they are the particle's. The values are gone after the call.
type SpectrumRowHandler = delegate of frame: int * particle: int * centerType: int * values: ReadOnlySpan<float> -> unit

/// How a run is going: frames, particles and pairs done so far.
type SpectrumProgressHandler = delegate of frames: int64 * particles: int64 * pairs: int64 -> unit

/// How a run is carried out, and which rows it gives.
type SpectrumOptions = {
    /// Computing threads; 0: as many as there are processors. With 1 reading, computing and writing take turns on the calling thread; with more they overlap: a thread of its own
    /// reads ahead (unless reading takes no time), and whichever computing thread completes a row writes it while the others go on.
    Threads: int
    /// A row a particle instead of a row a frame.
    PerParticle: bool
    /// Which columns a row has.
    Columns: SpectrumColumns
}

/// What a run did and where its time went. Pairs are directed, images counted, a centre with itself not.
type SpectrumStatistics = {
    /// Frames done.
    Frames: int64
    /// Centres done.
    Particles: int64
    /// Pairs of a centre and a neighbour.
    Pairs: int64
    /// Time in which frames were read.
    ReadSeconds: float
    /// Wall-clock time spent from frames to features.
    ComputeSeconds: float
    /// Time in which rows were handed over.
    WriteSeconds: float
}

/// Rows handed over from finished chunks. Chunks come in order, so a frame's mean is complete with its last chunk.
[<Sealed>]
type internal SpectrumEmitter
    (projection: Projection, options: SpectrumOptions, write: SpectrumRowHandler, progress: SpectrumProgressHandler) =
    let perParticle = options.PerParticle
    let length = SpectrumColumns.length options.Columns projection
    let isCompact = (options.Columns = UnorderedPairs)
    let row = Array.zeroCreate<float>((if perParticle then 1 else projection.Species.Length) * length)
    // Of the frame under way, by its own species: sums of spectra, and numbers of centres.
    let mutable sums = Array.zeroCreate<float> 0
    let mutable counts = Array.zeroCreate<int> 0
    let mutable isBegun = false
    // A spectrum of the frame's own species, on its way to the columns of the run.
    let mutable finished = Array.zeroCreate<float> 0
    let clock = Stopwatch()
    let mutable frames = 0L
    let mutable particles = 0L
    let mutable pairs = 0L

    let begin' (own: Projection) =
        let doubles = own.Species.Length * SpectrumColumns.fullLength own

        if sums.Length < doubles then
            sums <- Array.zeroCreate doubles
        else
            Array.Clear(sums, 0, doubles)

        if counts.Length < own.Species.Length then
            counts <- Array.zeroCreate own.Species.Length
        else
            Array.Clear counts

        isBegun <- true

    /// target += row
    let add (target: Span<float>) (row: ReadOnlySpan<float>) =
        let mutable i = 0
        let whole = row.Length - row.Length % 4

        while i < whole do
            let sum =
                Vector256.Add(
                    Vector256.LoadUnsafe(&MemoryMarshal.GetReference target, unativeint i),
                    Vector256.LoadUnsafe(&MemoryMarshal.GetReference row, unativeint i)
                )

            Vector256.StoreUnsafe(sum, &MemoryMarshal.GetReference target, unativeint i)
            i <- i + 4

        while i < row.Length do
            target[i] <- target[i] + row[i]
            i <- i + 1

    let addToMean (chunks: ChunkSums) slot (chunk: Chunk) =
        let gaussians = chunk.Job.Prepared.Gaussians
        let size = SpectrumColumns.fullLength chunk.Job.Subset.Own

        if not isBegun then
            begin' chunk.Job.Subset.Own

        for center in chunk.From .. chunk.UpTo - 1 do
            let t = gaussians.SpeciesIndex[center]
            counts[t] <- counts[t] + 1

        let kinds = chunks.Species slot

        for place in 0 .. kinds.Count - 1 do
            add (Span(sums, kinds[place] * size, size)) (chunks.Row(slot, place))

    /// Completes a sum of spectra of the frame's own species, into `target` with the columns of the run.
    let finish (subset: SpeciesSubset) count (sum: ReadOnlySpan<float>) (target: Span<float>) =
        let table = subset.Own.Table

        if subset.IsWhole then
            ContractionKernel.finishSpectrum table isCompact count sum target
        else
            let targets = subset.Targets

            if finished.Length < targets.Length then
                finished <- Array.zeroCreate targets.Length

            ContractionKernel.finishSpectrum table isCompact count sum (Span finished)
            target.Clear()

            for i in 0 .. targets.Length - 1 do
                target[targets[i]] <- finished[i]

    let finishMean (job: FrameJob) =
        let subset = job.Subset
        let size = SpectrumColumns.fullLength subset.Own
        // No centre of a species: zeros.
        Array.Clear row

        for t in 0 .. subset.Own.Species.Length - 1 do
            if isBegun && counts[t] > 0 then
                finish
                    subset
                    (float counts[t])
                    (ReadOnlySpan(sums, t * size, size))
                    (Span(row, subset.Places[t] * length, length))

        write.Invoke(job.Number, -1, -1, ReadOnlySpan row)
        isBegun <- false

    /// Hands over what a finished slot completes. Slots come in the order of their chunks, one at a time.
    member _.Emit(chunks: ChunkSums, slot: int) =
        clock.Start()
        let chunk = chunks[slot]
        let frame = chunk.Job.Frame
        pairs <- pairs + chunks.Pairs slot
        particles <- particles + int64 (chunk.UpTo - chunk.From)

        if perParticle then
            for center in chunk.From .. chunk.UpTo - 1 do
                let species = frame.Particles[center].Species
                finish chunk.Job.Subset 1.0 (chunks.Row(slot, center - chunk.From)) (Span row)
                write.Invoke(chunk.Job.Number, center, species, ReadOnlySpan row)
        else
            addToMean chunks slot chunk

        if chunk.UpTo = frame.Particles.Length then
            frames <- frames + 1L

            if not perParticle then
                finishMean chunk.Job

        progress.Invoke(frames, particles, pairs)
        clock.Stop()

    member _.Frames = frames
    member _.Particles = particles
    member _.Pairs = pairs
    member _.Seconds = clock.Elapsed.TotalSeconds
