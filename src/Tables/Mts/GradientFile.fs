namespace AniSoap

open System
open AniSoap.Coupling
open AniSoap.Numerics
open AniSoap.Formats

/// A run that writes features with gradients.
[<NoComparison; NoEquality; RequireQualifiedAccess>]
type internal GradientRun = {
    /// Computing threads.
    Threads: int
    /// Which features.
    Kind: FeatureKind
    /// What they are derived by; nothing gives the features alone.
    Parameters: Set<GradientParameter>
    /// Four bytes a number instead of eight.
    SinglePrecision: bool
    /// What is written beside the numbers.
    Info: Map<string, string>
    /// Names and order of the blocks, where they are not this library's.
    Names: BlockNames option
    /// The centres, where not all particles are.
    Centers: CenterSelection option
    /// Where the coefficients of centres become λ-SOAP: how.
    Lambda: LambdaRows option
}

/// What a run has done: times in seconds of the wall clock.
[<RequireQualifiedAccess>]
type internal GradientStatistics = {
    /// Frames done.
    Frames: int
    /// Centres done.
    Particles: int64
    /// Pairs of a centre and a neighbour.
    Pairs: int64
    /// Numbers in one row of features.
    Features: int
    /// Time in which frames were read.
    ReadSeconds: float
    /// Time in which features and gradients were computed.
    ComputeSeconds: float
    /// Time in which they were written.
    WriteSeconds: float
}

/// Features, with gradients or without, of any number of frames, to a `.mts` file, in memory that depends on the largest frame.
module internal GradientFile =
    /// Times what a sink takes.
    [<Sealed>]
    type private TimedSink(inner: IPairSink) =
        let clock = Diagnostics.Stopwatch()
        member _.Seconds = clock.Elapsed.TotalSeconds

        interface IGradientSink with
            member _.Row(t, system, atom, values) =
                clock.Start()
                inner.Row(t, system, atom, values)
                clock.Stop()

            member _.Atom(parameter, t, system, atom, rows) =
                clock.Start()
                inner.Atom(parameter, t, system, atom, rows)
                clock.Stop()

            member _.Strain(t, rows) =
                clock.Start()
                inner.Strain(t, rows)
                clock.Stop()

        interface IPairSink with
            member _.Pair(kind, sample, values) =
                clock.Start()
                inner.Pair(kind, sample, values)
                clock.Stop()

    /// What computes frames, hands the rows to a sink, and counts.
    [<AbstractClass>]
    type private Sending() =
        abstract Send: number: int * frame: Frame -> unit
        abstract Finish: unit -> unit
        default _.Finish() = ()
        abstract Pairs: int64

    [<Sealed>]
    type private SendingDerivatives
        (run: GradientRun, projection: Projection, sink: IGradientSink, progress: Action<int64, int64, int64>) =
        inherit Sending()
        let sender = Features.Sender(run.Threads, run.Kind, run.Parameters, projection)
        let mutable frames = 0L
        let mutable centers = 0L
        let mutable pairs = 0L
        override _.Pairs = pairs

        override _.Send(number, frame) =
            let before, centersBefore, pairsBefore = frames, centers, pairs

            let report =
                Action<_, _>(fun (some: int64) (more: int64) ->
                    progress.Invoke(before, centersBefore + some, pairsBefore + more))

            let chosen =
                match run.Centers with
                | Some selection -> ValueSome(selection.Of number)
                | None -> ValueNone

            pairs <- pairs + sender.Send(number, frame, chosen, sink, report)
            frames <- frames + 1L

            centers <-
                centers
                + int64 (
                    if chosen.IsSome then
                        chosen.Value.Length
                    else
                        frame.Particles.Length
                )

            progress.Invoke(frames, centers, pairs)

    [<Sealed>]
    type private SendingCoefficients
        (run: GradientRun, form, projection: Projection, sink: IGradientSink, progress: Action<int64, int64, int64>) =
        inherit Sending()

        let take =
            CoefficientHandler(fun system center species values -> sink.Row(species, system, center, values))

        let size = FeatureKind.size projection run.Kind

        let centersOf =
            match run.Centers with
            | Some(selection: CenterSelection) -> ValueSome(fun number -> selection.Of number)
            | None -> ValueNone

        let loop = CoefficientLoop(projection, form, size, centersOf, run.Threads, take, progress)
        override _.Pairs = loop.Pairs
        override _.Send(number, frame) = loop.Add(number, frame)
        override _.Finish() = loop.Flush()

    [<Sealed>]
    type private SendingPairs
        (run: GradientRun, form, projection: Projection, sink: IPairSink, progress: Action<int64, int64, int64>) =
        inherit Sending()
        let stream = PairStream(projection, form, run.Parameters, run.Threads, sink, progress)
        override _.Pairs = stream.Pairs
        override _.Send(number, frame) = stream.Add(number, frame)
        override _.Finish() = stream.Flush()

    let private writeChecked
        (run: GradientRun)
        (projection: Projection)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (progress: Action<int64, int64, int64>)
        (file: AtomicFile)
        =
        let precision =
            if run.SinglePrecision then
                Precision.Single
            else
                Precision.Double

        let layout =
            match run.Lambda with
            | Some rows -> rows.Layout run.Parameters
            | None -> BlockLayout.ofKind projection run.Kind run.Parameters

        use sink = new MtsGradients(layout, run.Kind, precision, file)
        let timed = TimedSink sink

        let lambda =
            run.Lambda
            |> Option.map (fun rows -> LambdaSink(rows, projection.Species.Length, run.Threads, timed))

        let rows: IGradientSink =
            match lambda with
            | Some products -> products
            | None -> timed

        let sending: Sending =
            match run.Kind with
            | ExpansionCoefficients form when run.Parameters.IsEmpty ->
                SendingCoefficients(run, form, projection, rows, progress)
            | PairCoefficients form -> SendingPairs(run, form, projection, timed, progress)
            | _ -> SendingDerivatives(run, projection, rows, progress)

        let seen = SeenNumbers()
        let reading = Diagnostics.Stopwatch()
        let computing = Diagnostics.Stopwatch()
        use source = frames.GetEnumerator()
        // Of the output, and of the frames: those have places of their own.
        let mutable failure = None
        let mutable unfit = None
        let mutable count = 0
        let mutable particles = 0L

        let centersOf number frame =
            match run.Centers with
            | Some selection ->
                CenterSelection.within selection number frame
                |> Result.map (fun all -> Some all.Length)
            | None -> Ok None

        let next () =
            reading.Start()
            let more = source.MoveNext()
            reading.Stop()
            more

        while failure.IsNone && unfit.IsNone && next () do
            match source.Current with
            | Error error -> unfit <- Some error
            | Ok(struct (number, frame)) ->
                match FrameRules.check projection frame with
                | Error error -> unfit <- Some(AniSoapError.at { Place.Unknown with Frame = Some number } error)
                | Ok() when not (seen.Add number) -> unfit <- Some(SeenNumbers.repeated number)
                | Ok() ->
                    match centersOf number frame with
                    | Error error -> unfit <- Some error
                    // None of its particles is wanted.
                    | Ok(Some 0) -> ()
                    | Ok chosen ->
                        computing.Start()
                        sending.Send(number, frame)
                        computing.Stop()
                        count <- count + 1
                        particles <- particles + int64 (defaultArg chosen frame.Particles.Length)
                        failure <- sink.Failure

        if failure.IsNone && unfit.IsNone then
            computing.Start()
            sending.Finish()
            lambda |> Option.iter (fun products -> products.Flush())
            computing.Stop()
            failure <- sink.Misfit

        match unfit, failure with
        | Some error, _ -> Ok(Error error)
        | None, Some error -> Error error
        | None, None ->
            let writing = Diagnostics.Stopwatch.StartNew()
            sink.Finish(run.Info, run.Names)

            let statistics: GradientStatistics = {
                GradientStatistics.Frames = count
                GradientStatistics.Particles = particles
                GradientStatistics.Pairs = sending.Pairs
                GradientStatistics.Features = layout.Size
                GradientStatistics.ReadSeconds = reading.Elapsed.TotalSeconds
                GradientStatistics.ComputeSeconds = computing.Elapsed.TotalSeconds - timed.Seconds
                GradientStatistics.WriteSeconds = timed.Seconds + writing.Elapsed.TotalSeconds
            }

            Ok(Ok statistics)

    /// Writes the features of numbered frames with their gradients into a file that is not committed yet. `progress` is told frames, particles and pairs so far; it may
    /// throw to end the run. Ends at the first error of the frames.
    let write
        (run: GradientRun)
        (projection: Projection)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (progress: Action<int64, int64, int64>)
        (file: AtomicFile)
        : Result<GradientStatistics, AniSoapError> =
        FeatureKind.check projection run.Kind
        |> Result.bind (fun () ->
            Files.guard file.Path (fun () -> writeChecked run projection frames progress file)
            |> Result.bind id)
