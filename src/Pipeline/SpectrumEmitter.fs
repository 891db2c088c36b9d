namespace AniSoap.Pipeline

open System
open System.Diagnostics
open AniSoap
open AniSoap.Kernels

/// Where finished rows go, in the order of frames (and of particles): `frame` is the frame's number; for means `particle` and `centerType` are −1 and
/// the row holds the species' spectra one after the other, else they are the particle's. The values are gone after the call.
type SpectrumRowHandler = delegate of frame: int * particle: int * centerType: int * values: ReadOnlySpan<float> -> unit

/// How a run is going: frames, particles and pairs done so far.
type SpectrumProgressHandler = delegate of frames: int64 * particles: int64 * pairs: int64 -> unit

/// How a run is carried out, and which rows it gives.
type SpectrumOptions = {
    /// Computing threads. With 1 reading, computing and writing take turns on the calling thread; with more they overlap: a thread of its own
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
    let size = SpectrumColumns.fullLength projection
    let length = SpectrumColumns.length options.Columns projection
    let sums = Array.zeroCreate<float>(projection.Species.Length * size)
    let row = Array.zeroCreate<float>((if perParticle then 1 else projection.Species.Length) * length)
    let counts = Array.zeroCreate<int> projection.Species.Length
    let clock = Stopwatch()
    let mutable frames = 0L
    let mutable particles = 0L
    let mutable pairs = 0L

    let addToMean (finished: ChunkSums) slot (chunk: Chunk) =
        let gaussians = chunk.Job.Prepared.Gaussians

        for center in chunk.From .. chunk.UpTo - 1 do
            let t = gaussians.SpeciesIndex[center]
            counts[t] <- counts[t] + 1

        for t in 0 .. counts.Length - 1 do
            let row = finished.Row(slot, t)
            let target = Span(sums, t * size, size)

            for i in 0 .. size - 1 do
                target[i] <- target[i] + row[i]

    let finish count (sum: ReadOnlySpan<float>) place =
        ContractionKernel.finishSpectrum
            projection.Table
            (options.Columns = UnorderedPairs)
            count
            sum
            (Span(row, place * length, length))

    let finishMean number =
        for t in 0 .. counts.Length - 1 do
            // No centre of the species: zeros.
            finish (float (max 1 counts[t])) (ReadOnlySpan(sums, t * size, size)) t

        write.Invoke(number, -1, -1, ReadOnlySpan row)
        Array.Clear sums
        Array.Clear counts

    /// Hands over what a finished slot completes. Slots come in the order of their chunks, one at a time.
    member _.Emit(finished: ChunkSums, slot: int) =
        clock.Start()
        let chunk = finished[slot]
        let frame = chunk.Job.Frame
        pairs <- pairs + finished.Pairs slot
        particles <- particles + int64 (chunk.UpTo - chunk.From)

        if perParticle then
            for center in chunk.From .. chunk.UpTo - 1 do
                let species = frame.Particles[center].Species
                finish 1.0 (finished.Row(slot, center - chunk.From)) 0
                write.Invoke(chunk.Job.Number, center, species, ReadOnlySpan row)
        else
            addToMean finished slot chunk

        if chunk.UpTo = frame.Particles.Length then
            frames <- frames + 1L

            if not perParticle then
                finishMean chunk.Job.Number

        progress.Invoke(frames, particles, pairs)
        clock.Stop()

    member _.Frames = frames
    member _.Particles = particles
    member _.Pairs = pairs
    member _.Seconds = clock.Elapsed.TotalSeconds
