namespace AniSoap.Pipeline

open System
open System.Collections.Generic
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open AniSoap
open AniSoap.Kernels

/// Where finished rows go, in the order of frames (and of particles): `frame` is the frame's number; for means `particle` and `centerType` are −1 and
/// the row holds the species' spectra one after the other, else they are the particle's. The values are gone after the call.
type SpectrumRowHandler = delegate of frame: int * particle: int * centerType: int * values: ReadOnlySpan<float> -> unit

/// How a run is going: frames, particles and pairs done so far.
type SpectrumProgressHandler = delegate of frames: int64 * particles: int64 * pairs: int64 -> unit

type SpectrumOptions = {
    /// Computing threads. With 1 reading, computing and writing take turns on the calling thread; with more they overlap, and
    /// reading and writing have a thread each beside the computing ones.
    Threads: int
    /// A row a particle instead of a row a frame.
    PerParticle: bool
    Columns: SpectrumColumns
}

/// What a run did and where its time went. Pairs are directed, images counted, a centre with itself not.
type SpectrumStatistics = {
    Frames: int64
    Particles: int64
    Pairs: int64
    /// Time in which frames were read.
    ReadSeconds: float
    /// Wall-clock time spent from frames to features.
    ComputeSeconds: float
    /// Time in which rows were handed over.
    WriteSeconds: float
}

/// Power spectra of any number of frames in bounded memory: frames are read, computed and handed over as they come. What is
/// held depends on the largest frame and the length of a row. The result is the same for any number of threads, bit for bit.
module SpectrumStream =
    /// Particles that may wait between reading and computing (or one frame, if it has more).
    [<Literal>]
    let private WaitingParticles = 16384L

    /// Memory for the output of a batch, in doubles.
    [<Literal>]
    let private BatchDoubles = 4_000_000

    /// Most chunks in a batch.
    [<Literal>]
    let private MostChunks = 512

    /// Rows handed over from finished chunks. Chunks come in order, so a frame's mean is complete with its last chunk.
    [<Sealed>]
    type private Emitter
        (projection: Projection, options: SpectrumOptions, write: SpectrumRowHandler, progress: SpectrumProgressHandler)
        =
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

        let meanOf (batch: SpectrumBatch) index (chunk: Chunk) =
            let gaussians = chunk.Job.Prepared.Gaussians

            for center in chunk.From .. chunk.UpTo - 1 do
                let t = gaussians.SpeciesIndex[center]
                counts[t] <- counts[t] + 1

            for t in 0 .. counts.Length - 1 do
                let row = batch.Row(index, t)
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

        member _.Emit(batch: SpectrumBatch) =
            clock.Start()

            for index in 0 .. batch.Count - 1 do
                let chunk = batch[index]
                let frame = chunk.Job.Frame
                pairs <- pairs + batch.Pairs index
                particles <- particles + int64 (chunk.UpTo - chunk.From)

                if perParticle then
                    for center in chunk.From .. chunk.UpTo - 1 do
                        let species = frame.Particles[center].Species
                        finish 1.0 (batch.Row(index, center - chunk.From)) 0
                        write.Invoke(chunk.Job.Number, center, species, ReadOnlySpan row)
                else
                    meanOf batch index chunk

                if chunk.UpTo = frame.Particles.Length then
                    frames <- frames + 1L

                    if not perParticle then
                        finishMean chunk.Job.Number

            progress.Invoke(frames, particles, pairs)
            batch.Clear()
            clock.Stop()

        member _.Frames = frames
        member _.Particles = particles
        member _.Pairs = pairs
        member _.Seconds = clock.Elapsed.TotalSeconds

    /// Cuts the frames into chunks, fills a batch from them. The chunks of a frame do not depend on anything but its size.
    /// `next` waits for a frame, `isReady` says whether it has to: a batch that has `enough` chunks does not wait for more.
    [<Sealed>]
    type private Chunker(next: unit -> FrameJob voption, isReady: unit -> bool, enough: int) =
        let mutable current: FrameJob voption = ValueNone
        let mutable from = 0

        /// True while there may be more.
        member _.Fill(batch: SpectrumBatch) =
            let mutable isOpen = true

            while isOpen
                  && not batch.IsFull
                  && (current.IsSome || batch.Count < enough || isReady ()) do
                if current.IsNone then
                    current <- next ()
                    from <- 0

                match current with
                | ValueNone -> isOpen <- false
                | ValueSome job ->
                    let count = job.Frame.Particles.Length
                    let upTo = min count (from + CenterLoop.ChunkSize)
                    batch.Add { Job = job; From = from; UpTo = upTo }
                    from <- upTo

                    if upTo = count then
                        current <- ValueNone

            isOpen

    let private at number error = AniSoapError.at { Place.Unknown with Frame = Some number } error

    let private check projection (item: Result<struct (int * Frame), AniSoapError>) =
        match item with
        | Error error -> Error error
        | Ok(struct (number, frame)) ->
            match Projection.checkFrame projection frame with
            | Error error -> Error(at number error)
            | Ok() -> Ok(FrameJob(projection, number, frame))

    /// Frames with the time that reading them took, and the error that ended them.
    [<Sealed>]
    type private Source(projection: Projection, frames: IEnumerator<Result<struct (int * Frame), AniSoapError>>) =
        let clock = Stopwatch()
        member val Error: AniSoapError option = None with get, set
        member _.Seconds = clock.Elapsed.TotalSeconds

        member source.Next() : FrameJob voption =
            if source.Error.IsSome then
                ValueNone
            else
                clock.Start()
                let more = frames.MoveNext()
                clock.Stop()

                if not more then
                    ValueNone
                else
                    match check projection frames.Current with
                    | Ok job -> ValueSome job
                    | Error error ->
                        source.Error <- Some error
                        ValueNone

    let private newBatch (projection: Projection) (options: SpectrumOptions) =
        let rows =
            if options.PerParticle then
                CenterLoop.ChunkSize
            else
                projection.Species.Length

        let doubles = rows * (SpectrumColumns.fullLength projection + 8)
        let capacity = Math.Clamp(BatchDoubles / doubles, 2 * options.Threads, MostChunks)
        SpectrumBatch(projection, options.PerParticle, capacity, CenterLoop.ChunkSize)

    /// Everything on the calling thread, in turns.
    let private runAlone projection options (source: Source) (emitter: Emitter) (cancellation: CancellationToken) =
        let workspace = Workspace projection
        let chunker = Chunker(source.Next, (fun () -> true), 1)
        // Small batches: what is held is one frame and the rows of a few chunks.
        let batch = newBatch projection options
        let clock = Stopwatch()
        let mutable isOpen = true

        while isOpen do
            isOpen <- chunker.Fill batch
            clock.Start()

            for index in 0 .. batch.Count - 1 do
                cancellation.ThrowIfCancellationRequested()
                batch.Compute(workspace, index)

            clock.Stop()
            emitter.Emit batch

        clock.Elapsed.TotalSeconds

    /// A thread reads ahead, `Threads` threads compute a batch, and a thread hands over the batch before.
    let private runTogether projection options (source: Source) (emitter: Emitter) (cancellation: CancellationToken) =
        let queue = BoundedQueue<FrameJob> WaitingParticles
        let workspaces = Array.init options.Threads (fun _ -> Workspace projection)

        let read () =
            try
                let mutable more = true

                while more do
                    match source.Next() with
                    | ValueNone -> more <- false
                    | ValueSome job -> more <- queue.Add(job, int64 job.Frame.Particles.Length)
            finally
                queue.Complete()

        let reading = Task.Factory.StartNew(read, TaskCreationOptions.LongRunning)
        let chunker = Chunker(queue.Take, (fun () -> queue.IsReady), 16 * options.Threads)
        let batches = [| newBatch projection options; newBatch projection options |]
        let clock = Stopwatch()
        let mutable writing = Task.CompletedTask
        let mutable turn = 0
        let mutable isOpen = true

        try
            while isOpen do
                let batch = batches[turn]
                isOpen <- chunker.Fill batch
                clock.Start()

                CenterLoop.share
                    workspaces
                    batch.Count
                    cancellation
                    (Action<_, _>(fun work index -> batch.Compute(work, index)))

                clock.Stop()
                writing.GetAwaiter().GetResult()
                writing <- Task.Run(fun () -> emitter.Emit batch)
                turn <- 1 - turn

            writing.GetAwaiter().GetResult()
        finally
            // Whatever happened, the reader stops and is waited for: it uses the file.
            queue.Complete()

            try
                writing.Wait()
            with _ ->
                ()

        reading.GetAwaiter().GetResult()
        clock.Elapsed.TotalSeconds

    /// Reads frames (each with its number), computes their power spectra and hands the rows over in order. Stops at the first error of the input;
    /// what was finished before it has been handed over. Frames without particles give a row of zeros (means) or none (per particle).
    /// Throws what the handlers throw, and OperationCanceledException when cancelled.
    let run
        (projection: Projection)
        (options: SpectrumOptions)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (write: SpectrumRowHandler)
        (progress: SpectrumProgressHandler)
        (cancellation: CancellationToken)
        : Result<SpectrumStatistics, AniSoapError> =
        if options.Threads < 1 then
            Error(AniSoapError.invalid "threads" options.Threads "a whole number from 1")
        else
            use enumerator = frames.GetEnumerator()
            let source = Source(projection, enumerator)
            let emitter = Emitter(projection, options, write, progress)

            let seconds =
                if options.Threads = 1 then
                    runAlone projection options source emitter cancellation
                else
                    runTogether projection options source emitter cancellation

            match source.Error with
            | Some error -> Error error
            | None ->
                Ok {
                    Frames = emitter.Frames
                    Particles = emitter.Particles
                    Pairs = emitter.Pairs
                    ReadSeconds = source.Seconds
                    ComputeSeconds = seconds
                    WriteSeconds = emitter.Seconds
                }
