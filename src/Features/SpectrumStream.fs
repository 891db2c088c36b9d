namespace AniSoap

open System
open System.Collections.Generic
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open AniSoap.Numerics

/// Power spectra of any number of frames in bounded memory: frames are read, computed and handed over as they come. What is
/// held depends on the largest frame and the length of a row. The result is the same for any number of threads, bit for bit.
module SpectrumStream =
    /// Particles that may wait between reading and computing (or one frame, if it has more).
    [<Literal>]
    let private WaitingParticles = 16384L

    /// Memory for the output of chunks under way, in doubles.
    [<Literal>]
    let private MostDoubles = 4_000_000L

    /// Most chunks under way.
    [<Literal>]
    let private MostChunks = 512L

    let private at number error = AniSoapError.at { Place.Unknown with Frame = Some number } error

    let private check projection (subsets: SpeciesSubsets) (seen: SeenNumbers) item =
        match item with
        | Error error -> Error error
        | Ok(struct (number, frame)) ->
            match Projection.checkFrame projection frame with
            | Error error -> Error(at number error)
            | Ok() when not (seen.Add number) -> Error(SeenNumbers.repeated number)
            | Ok() -> Ok(FrameJob(subsets.Of frame, number, frame))

    /// Frames with the time that reading them took, and the error that ended them.
    [<Sealed>]
    type private Source
        (
            projection: Projection,
            columns: SpectrumColumns,
            frames: IEnumerator<Result<struct (int * Frame), AniSoapError>>
        ) =
        let clock = Stopwatch()
        let subsets = SpeciesSubsets(projection, columns)
        let seen = SeenNumbers()
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
                    match check projection subsets seen frames.Current with
                    | Ok job -> ValueSome job
                    | Error error ->
                        source.Error <- Some error
                        ValueNone

    let private newSums (projection: Projection) (options: SpectrumOptions) =
        let rows =
            if options.PerParticle then
                CenterLoop.ChunkSize
            else
                min CenterLoop.ChunkSize projection.Species.Length

        let doubles = int64 rows * int64 (SpectrumColumns.fullLength projection + 8)
        let capacity = max (4 * options.Threads) (int (min MostChunks (MostDoubles / doubles)))
        ChunkSums(options.PerParticle, capacity, CenterLoop.ChunkSize)

    /// One thread's part: chunks, until there are no more.
    let private work
        (ring: ChunkRing)
        (sums: ChunkSums)
        (clock: SharedClock)
        workspace
        (cancellation: CancellationToken)
        =
        let mutable slot = ring.Next()

        while slot.IsSome do
            cancellation.ThrowIfCancellationRequested()
            clock.Enter()
            sums.Compute(workspace, slot.Value)
            clock.Exit()
            ring.Finish slot.Value
            slot <- ring.Next()

        cancellation.ThrowIfCancellationRequested()

    /// Everything on the calling thread, in turns.
    let private runAlone (projection: Projection) options (source: Source) (emitter: SpectrumEmitter) cancellation =
        let sums = newSums projection options
        let clock = SharedClock()
        let ring = ChunkRing(sums, source.Next, (fun () -> false), (fun slot -> emitter.Emit(sums, slot)))
        work ring sums clock (Workspaces()) cancellation
        clock.Seconds

    /// Seconds of reading after which it pays to have a thread that reads ahead: starting one costs about as much.
    [<Literal>]
    let private PatienceSeconds = 0.002

    /// `Threads` threads (the calling one among them) compute and write, and one more reads ahead, unless frames come so fast that whoever needs
    /// the next one may as well fetch it.
    let private runTogether
        projection
        options
        (source: Source)
        (emitter: SpectrumEmitter)
        (cancellation: CancellationToken)
        =
        let queue = BoundedQueue<FrameJob> WaitingParticles
        let sums = newSums projection options
        let clock = SharedClock()

        let read () =
            let mutable more = true

            while more do
                match source.Next() with
                | ValueNone -> more <- false
                | ValueSome job -> more <- queue.Add(job, int64 job.Frame.Particles.Length)

            queue.Complete()

        // One element: none before it is started. Only touched by whoever is given the next chunk, and after all have ended.
        let reading: Task[] = [| Task.CompletedTask |]
        let readsAhead = [| false |]

        let take () =
            if readsAhead[0] then
                queue.Take()
            else
                let job = source.Next()

                if job.IsSome && source.Seconds > PatienceSeconds then
                    readsAhead[0] <- true

                    reading[0] <-
                        Task.Factory.StartNew(
                            (fun () ->
                                try
                                    read ()
                                finally
                                    queue.Complete()),
                            TaskCreationOptions.LongRunning
                        )

                job

        let isReady () = not readsAhead[0] || queue.IsReady
        let ring = ChunkRing(sums, take, isReady, (fun slot -> emitter.Emit(sums, slot)))

        let stop () =
            ring.Stop()
            queue.Complete()

        // Who fails stops all others; who is waiting for a frame is woken when the run is cancelled.
        let compute () =
            try
                work ring sums clock (Workspaces()) cancellation
            with _ ->
                stop ()
                reraise ()

        use _ = cancellation.Register(Action stop)
        let computing = Array.init (options.Threads - 1) (fun _ -> Task.Run compute)

        let finished (task: Task) (limit: TimeSpan) = (task :> IAsyncResult).AsyncWaitHandle.WaitOne limit |> ignore

        let mutable isWell = false

        try
            compute ()
            isWell <- true
        finally
            for other in computing do
                finished other Timeout.InfiniteTimeSpan

            // The reader uses the file: it is waited for. But not for ever when the run has failed while it waits for input itself.
            isWell <-
                isWell
                && not cancellation.IsCancellationRequested
                && computing |> Array.forall _.IsCompletedSuccessfully

            finished
                reading[0]
                (if isWell then
                     Timeout.InfiniteTimeSpan
                 else
                     TimeSpan.FromSeconds 1.0)

        for other in computing do
            other.GetAwaiter().GetResult()

        reading[0].GetAwaiter().GetResult()
        clock.Seconds

    /// Reads frames (each with a number of its own), computes their power spectra and hands the rows over in order. Stops at the first error of the input;
    /// what was finished before it has been handed over. A number that occurs twice, and frames and rows beyond the
    /// projection's limits, are such errors. Frames without particles give a row of zeros (means) or none (per particle).
    /// Throws what the handlers throw, and OperationCanceledException when cancelled; nothing else.
    let run
        (projection: Projection)
        (options: SpectrumOptions)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (write: SpectrumRowHandler)
        (progress: SpectrumProgressHandler)
        (cancellation: CancellationToken)
        : Result<SpectrumStatistics, AniSoapError> =
        let checks =
            RunOptions.threadCount options.Threads
            |> Result.bind (fun threads ->
                SpectrumColumns.check options.Columns options.PerParticle projection
                |> Result.map (fun () -> { options with Threads = threads }))

        match checks with
        | Error error -> Error error
        | Ok options ->
            use enumerator = frames.GetEnumerator()
            let source = Source(projection, options.Columns, enumerator)
            let emitter = SpectrumEmitter(projection, options, write, progress)

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
