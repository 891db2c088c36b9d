namespace AniSoap

open System
open System.Collections.Generic
open System.Diagnostics
open System.Threading
open AniSoap.Numerics

/// Makes rows whole for who wants them so.
[<Sealed>]
type internal WholeRows(write: SpectrumRowHandler) =
    let whole = WholeRow()

    let hand frame particle centerType (row: SparseRow) =
        let values = whole.Of row

        try
            write.Invoke(frame, particle, centerType, values)
        finally
            whole.LetGo row

    member _.Handler =
        SparseRowHandler(fun frame particle centerType row -> hand frame particle centerType row)

/// Power spectra of any number of frames in bounded memory: frames are read, computed and handed over as they come. What is
/// held depends on the largest frame and the length of a row. The result is the same for any number of threads, bit for bit.
module internal SpectrumStream =
    /// Frames with the time that reading them took, and the error that ended them.
    [<Sealed>]
    type private Source
        (
            engine: Engine,
            columns: SpectrumColumns,
            centers: CenterSelection option,
            frames: IEnumerator<Result<struct (int * Frame), AniSoapError>>
        ) =
        let clock = Stopwatch()
        let seen = SeenNumbers()
        member val Error: AniSoapError option = None with get, set
        member _.Seconds = clock.Elapsed.TotalSeconds

        member private _.Read() =
            clock.Start()

            try
                if frames.MoveNext() then
                    ValueSome frames.Current
                else
                    ValueNone
            finally
                clock.Stop()

        /// The next frame; with chosen centres those without any are passed over.
        member source.Next() : FrameJob voption =
            let checkedJob number frame =
                match FrameCheck.run engine.Projection frame with
                | Error error -> Error(AniSoapError.at { Place.Unknown with Frame = Some number } error)
                | Ok() when not (seen.Add number) -> Error(SeenNumbers.repeated number)
                | Ok() ->
                    match centers with
                    | None -> Ok(engine.Memory.NewJob(columns, number, frame, ValueNone))
                    | Some selection ->
                        CenterSelection.within selection number frame
                        |> Result.map (fun chosen -> engine.Memory.NewJob(columns, number, frame, ValueSome chosen))

            if source.Error.IsSome then
                ValueNone
            else
                match source.Read() with
                | ValueNone -> ValueNone
                | ValueSome item ->
                    match item |> Result.bind (fun struct (number, frame) -> checkedJob number frame) with
                    | Ok job when centers.IsSome && job.Count = 0 -> source.Next()
                    | Ok job -> ValueSome job
                    | Error error ->
                        source.Error <- Some error
                        ValueNone

    let private runChecked
        (projection: Projection)
        (options: SpectrumOptions)
        (centers: CenterSelection option)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (write: SparseRowHandler)
        (progress: SpectrumProgressHandler)
        (cancellation: CancellationToken)
        =
        use engine = Engine.Of(projection, options.Threads)
        use enumerator = frames.GetEnumerator()
        let source = Source(engine, options.Columns, centers, enumerator)

        let reading = FrameReading(Func<_>(source.Next), options.Threads > 1, Func<_>(fun () -> source.Seconds))

        let pieces = engine.Memory.Spectra(options.PerParticle, options.Columns)

        let features =
            if options.PerParticle then
                int64 (SpectrumColumns.length options.Columns projection)
            else
                int64 (SpectrumColumns.meanLength options.Columns projection)

        let report = Action<_, _, _>(fun frames particles pairs -> progress.Invoke(frames, particles, pairs))
        let mutable isWell = false

        try
            engine.Memory.RunSpectra(pieces, reading, write, report, options.Threads, cancellation)
            isWell <- true
        finally
            reading.Finish isWell

        match source.Error with
        | Some error -> Error error
        | None ->
            Ok {
                FeatureStatistics.Frames = pieces.Frames
                Particles = pieces.Centers
                Pairs = pieces.Pairs
                Features = features
                ReadSeconds = source.Seconds
                ComputeSeconds = pieces.ComputeSeconds
                WriteSeconds = pieces.WriteSeconds
            }

    /// Reads frames (each with a number of its own), computes their power spectra and hands the rows over in order. Stops at the first error of the input;
    /// what was finished before it has been handed over. A number that occurs twice, and frames and rows beyond the
    /// projection's limits, are such errors. Frames without particles give a row of zeros (means) or none (per particle).
    /// Where centres are chosen, rows are of these alone, and frames without any are not computed. Throws what the handlers throw, and OperationCanceledException when cancelled; nothing else.
    let runOf
        (projection: Projection)
        (options: SpectrumOptions)
        (centers: CenterSelection option)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (write: SparseRowHandler)
        (progress: SpectrumProgressHandler)
        (cancellation: CancellationToken)
        : Result<FeatureStatistics, AniSoapError> =
        RunOptions.threadCount options.Threads
        |> Result.bind (fun threads ->
            SpectrumColumns.check options.Columns options.PerParticle projection
            |> Result.bind (fun () ->
                runChecked projection { options with Threads = threads } centers frames write progress cancellation))

    /// The same with all particles as centres, and whole rows.
    let run
        (projection: Projection)
        (options: SpectrumOptions)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (write: SpectrumRowHandler)
        (progress: SpectrumProgressHandler)
        (cancellation: CancellationToken)
        : Result<FeatureStatistics, AniSoapError> =
        runOf projection options None frames (WholeRows(write).Handler) progress cancellation
