namespace AniSoap

open System
open System.Runtime.InteropServices
open System.Threading
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

// Pointers to the caller's memory while it is pinned.
#nowarn "9"

/// Features and derivatives of any number of frames, one after another, by one projection: an engine owns the memory that computing takes and uses it again and
/// again. Results go into memory of the caller's; with one thread nothing is allocated a call once the buffers have grown. The numbers are those of the pure
/// functions (`PowerSpectrum`, `Expansion`, `Features`), bit for bit, for any number of threads.
///
/// One call at a time: threads that compute on their own have an engine each. What is wrong with the input comes back as an error; exceptions are left to
/// cancellation (OperationCanceledException) and to what handlers throw, and an engine can be used after them.
[<Sealed>]
type Engine private (projection: Projection, threads: int) =
    let pool = FramePool()
    let single = SingleFrame pool
    let workspaces = Array.init threads (fun _ -> Workspaces())
    let subsets = Array.create<SpeciesSubsets voption> 2 ValueNone
    // By columns; those for means first.
    let spectra = Array.create<SpectrumPieces voption> 4 ValueNone
    let mutable isBusy = 0
    let mutable isDisposed = false
    // The caller's memory during a call, and how much of it is filled.
    let mutable output = NativePtr.ofNativeInt<float> 0n
    let mutable filled = 0

    let append =
        SpectrumRowHandler(fun _ _ _ row ->
            row.CopyTo(Span(NativePtr.toVoidPtr (NativePtr.add output filled), row.Length))
            filled <- filled + row.Length)

    let silent = Action<int64, int64, int64>(fun _ _ _ -> ())

    let place columns = if columns = OrderedPairs then 0 else 1

    /// Slots for rows of spectra under way: within so many doubles, as far as each thread can have a few.
    let spectrumSlots perParticle =
        if threads = 1 then
            1
        else
            let rows =
                if perParticle then
                    CenterChunk.Size
                else
                    min CenterChunk.Size projection.Species.Length

            let doubles = int64 rows * int64 (SpectrumColumns.fullLength projection + 8)
            max (4 * threads) (int (min 512L (4_000_000L / doubles)))

    let subsetsOf columns =
        match subsets[place columns] with
        | ValueSome known -> known
        | ValueNone ->
            let made = SpeciesSubsets(projection, columns)
            subsets[place columns] <- ValueSome made
            made

    /// Threads that are worth starting for so many centres.
    let threadsFor centers = max 1 (min threads ((centers + CenterChunk.Size - 1) / CenterChunk.Size))

    let enter () : Result<unit, AniSoapError> =
        if Interlocked.CompareExchange(&isBusy, 1, 0) <> 0 then
            Error(
                AniSoapError.invalid
                    "engine"
                    "in use"
                    "one call at a time; threads that compute on their own have an engine each"
            )
        elif isDisposed then
            isBusy <- 0
            Error(AniSoapError.invalid "engine" "disposed" "an engine that is not")
        else
            Ok()

    let leave () = Volatile.Write(&isBusy, 0)

    let checkLength name (given: int) (expected: int64) : Result<unit, AniSoapError> =
        if int64 given = expected then
            Ok()
        else
            Error(
                AniSoapError.invalid
                    ("length of " + name)
                    given
                    (String.Concat(string expected, ", one for every number"))
            )

    /// What neighbours from outside are refused for.
    let strayNeighbor stray : Result<unit, AniSoapError> =
        if stray < 0 then
            Ok()
        else
            AniSoapError.invalid
                "neighbours of the centre at place"
                stray
                "numbers of particles of the frame, of the centre and of all its neighbours"
            |> Error

    /// Makes the one frame of a call ready; refuses centres that are no particles.
    let prepare (frame: Frame) (neighbors: INeighbors | null) withBodies : Result<unit, AniSoapError> =
        let job = single.Job
        // A call before may have been ended early.
        job.Release()
        job.Frame <- frame
        job.WithBodies <- withBodies
        job.Stray <- -1

        job.Neighbors <-
            match neighbors with
            | null -> ValueNone
            | given -> ValueSome given

        single.Begin()
        strayNeighbor job.Prepared.Stray

    /// An engine for a projection, on so many threads (0: as many as there are processors).
    static member Create(projection: Projection, threads: int) : Result<Engine, AniSoapError> =
        RunOptions.threadCount threads
        |> Result.map (fun count -> new Engine(projection, count))

    static member internal Of(projection, threads) = new Engine(projection, threads)

    /// What the engine computes with.
    member _.Projection = projection

    /// Computing threads, the caller's among them.
    member _.Threads = threads

    member internal _.Pool = pool

    /// A frame on its way, of species that the projection knows.
    member internal _.Job(columns, number, frame) =
        let job = FrameJob pool
        let subset = (subsetsOf columns).Of frame
        job.Subset <- subset
        job.Projection <- subset.Own
        job.Number <- number
        job.Frame <- frame
        job

    member internal _.SpectrumPieces(perParticle, columns) =
        let at = 2 * place columns + (if perParticle then 1 else 0)

        match spectra[at] with
        | ValueSome known -> known
        | ValueNone ->
            let made = SpectrumPieces(projection, perParticle, columns, spectrumSlots perParticle)
            spectra[at] <- ValueSome made
            made

    member internal _.RunSpectra
        (pieces: SpectrumPieces, feed: IFrameFeed, write, report, runThreads, cancellation: CancellationToken)
        =
        pieces.Write <- write
        pieces.Begin(feed, report)
        Schedule.run workspaces runThreads pieces.Slots pieces cancellation

    member private engine.Spectra
        (
            perParticle: bool,
            columns: SpectrumColumns,
            frame: Frame,
            values: Span<float>,
            neighbors: INeighbors | null,
            cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let centers =
            match neighbors with
            | null -> frame.Particles.Length
            | given -> given.CenterCount

        let rows = if perParticle then centers else projection.Species.Length
        let expected = int64 rows * int64 (SpectrumColumns.length columns projection)

        match checkLength "the values" values.Length expected with
        | Error error -> Error error
        | Ok() ->
            match FrameCheck.run projection frame with
            | Error error -> Error error
            | Ok() ->
                match enter () with
                | Error error -> Error error
                | Ok() ->
                    try
                        let subset = (subsetsOf columns).Of frame
                        let job = single.Job
                        job.Subset <- subset
                        job.Projection <- subset.Own

                        match prepare frame neighbors false with
                        | Error error -> Error error
                        | Ok() ->

                            use pinned = fixed &MemoryMarshal.GetReference values
                            output <- pinned
                            filled <- 0
                            let pieces = engine.SpectrumPieces(perParticle, columns)
                            engine.RunSpectra(pieces, single, append, silent, threadsFor centers, cancellation)
                            strayNeighbor job.Stray
                    finally
                        leave ()

    /// Numbers of one particle's spectrum.
    member _.SpectrumLength(columns: SpectrumColumns) : int = SpectrumColumns.length columns projection

    /// The mean power spectrum of a frame over its centres of each species: species as centres one after another, `SpectrumLength` numbers each
    /// (`SpectrumColumns.meanProperties`); zeros where there is no centre of a species.
    member engine.MeanSpectrum
        (
            frame: Frame,
            columns: SpectrumColumns,
            values: Span<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        engine.Spectra(false, columns, frame, values, neighbors, cancellation)

    /// The power spectrum of every centre, a row of `SpectrumLength` numbers each.
    member engine.ParticleSpectra
        (
            frame: Frame,
            columns: SpectrumColumns,
            values: Span<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        engine.Spectra(true, columns, frame, values, neighbors, cancellation)

    interface IDisposable with
        member _.Dispose() =
            isDisposed <- true
            Array.fill spectra 0 4 ValueNone
