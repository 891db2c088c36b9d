namespace AniSoap

// Pointers to the caller's memory while it is pinned.
#nowarn "9"

open System
open System.Runtime.InteropServices
open System.Threading
open AniSoap.Numerics

/// Features and derivatives of any number of frames, one after another, by one projection: an engine owns the memory that computing takes and uses it again and
/// again. Results go into memory of the caller's; with one thread nothing is allocated a call once the buffers have grown. The numbers are those of the pure
/// functions (of power spectra, expansions, and features with their derivatives), bit for bit, for any number of threads.
///
/// Room for results is `Memory`, which an array is as it stands. A span would not do: F# makes a tail call of a last call, and where its arguments have to be
/// copied .NET loses sight of the arrays behind spans that the garbage collector moves (dotnet/fsharp issue 13447).
///
/// One call at a time: threads that compute on their own have an engine each. What is wrong with the input comes back as an error; exceptions are left to
/// cancellation (OperationCanceledException) and to what handlers throw, and an engine can be used after them.
[<Sealed>]
type Engine private (projection: Projection, threads: int) =
    let memory = EngineMemory(projection, threads)
    let lengthOf columns = SpectrumColumns.length columns projection
    let species = projection.Species.Length
    let coefficients = FeatureRows.coefficientCount projection.Table
    let mutable forward: ForwardLoop voption = ValueNone

    let centersOf (frame: Frame) (neighbors: INeighbors | null) =
        match neighbors with
        | null -> frame.Particles.Length
        | given -> given.CenterCount

    /// An engine for a projection, on so many threads (0: as many as there are processors).
    static member Create(projection: Projection, threads: int) : Result<Engine, AniSoapError> =
        RunOptions.threadCount threads
        |> Result.map (fun count -> new Engine(projection, count))

    static member internal Of(projection, threads) = new Engine(projection, threads)
    member internal _.Memory = memory

    /// What the engine computes with.
    member _.Projection = projection

    /// Computing threads, the caller's among them.
    member _.Threads = threads

    /// Told how a call is going whenever some centres are done, one call at a time, in order, on any of the computing threads. May throw to end it.
    member _.Progress
        with get () = memory.Progress
        and set (tell: Action<RunProgress> | null) = memory.Progress <- tell

    /// Told what is wrong with a call before the call gives it back as an error. May throw: engines that C#'s `CreateEngine` makes do, so that no error is lost by a
    /// call whose result nobody looks at.
    member _.Refused
        with get () = memory.Refused
        and set (tell: Action<AniSoapError> | null) = memory.Refused <- tell

    member private _.Spectra(perParticle, columns, frame, values: Memory<float>, neighbors, cancellation) =
        let centers = centersOf frame neighbors

        let checks =
            match columns with
            | SomeColumns _ -> SpectrumColumns.check columns perParticle projection
            | _ -> Ok()
            |> EngineRoom.also (
                if perParticle then
                    EngineRoom.length "the values" values.Length centers (lengthOf columns)
                else
                    EngineRoom.length "the values" values.Length 1 (SpectrumColumns.meanLength columns projection)
            )

        match memory.Enter(checks, frame, neighbors, centers, false, ValueSome columns) with
        | Error error -> Error error
        | Ok() ->
            try
                use pinned = fixed &MemoryMarshal.GetReference values.Span
                memory.Output <- pinned
                let pieces = memory.Spectra(perParticle, columns)
                let runThreads = memory.ThreadsForCall
                memory.RunSpectra(pieces, memory.Frame, memory.Append, memory.Report, runThreads, cancellation)
                memory.Outcome
            finally
                memory.Leave()

    /// Pulls rows back: those of `cotangents`, where there are some, else those that the handler makes.
    member private _.PullRows
        (
            frame,
            columns,
            cotangents: ReadOnlyMemory<float>,
            cotangentOf: SpectrumCotangentHandler,
            values: Memory<float>,
            gradient: GradientRoom,
            neighbors,
            cancellation
        ) : Result<unit, AniSoapError> =
        let size = lengthOf columns
        let centers = centersOf frame neighbors

        let checks =
            SpectrumColumns.requireAll columns
            |> EngineRoom.also (EngineRoom.length "the values" values.Length centers size)
            |> EngineRoom.also (EngineRoom.gradient frame gradient)

        match memory.Enter(checks, frame, neighbors, centers, not gradient.SemiAxes.IsEmpty, ValueSome columns) with
        | Error error -> Error error
        | Ok() ->
            try
                use pinned = fixed &MemoryMarshal.GetReference values.Span
                use pinnedCotangents = fixed &MemoryMarshal.GetReference cotangents.Span
                memory.Input(pinnedCotangents, size)
                let source = memory.Pulling.Rows columns
                source.Begin(memory.Job.Subset, pinned, cotangentOf)
                memory.Pull(source, gradient, cancellation)

                match source.Failure with
                | ValueSome error -> memory.Told(Error error)
                | ValueNone -> memory.Outcome
            finally
                memory.Leave()

    member private _.PullCoefficientRows
        (frame, form, cotangents: ReadOnlyMemory<float>, cotangentOf, gradient: GradientRoom, neighbors, cancellation)
        : Result<unit, AniSoapError> =
        let checks =
            EngineRoom.gradient frame gradient
            |> EngineRoom.also (Projection.checkForm form projection)

        let centers = centersOf frame neighbors

        match memory.Enter(checks, frame, neighbors, centers, not gradient.SemiAxes.IsEmpty, ValueNone) with
        | Error error -> Error error
        | Ok() ->
            try
                use pinned = fixed &MemoryMarshal.GetReference cotangents.Span
                memory.Input(pinned, coefficients)
                let source = memory.PullCoefficients form
                source.Begin cotangentOf
                memory.Pull(source, gradient, cancellation)
                memory.Outcome
            finally
                memory.Leave()

    /// Numbers of one particle's spectrum.
    member _.SpectrumLength(columns: SpectrumColumns) : int = lengthOf columns

    /// Numbers of one particle's coefficients.
    member _.CoefficientLength: int = coefficients

    /// The mean power spectrum of a frame over its centres of each species: species as centres one after another, `SpectrumLength` numbers each
    /// (`SpectrumColumns.meanProperties`); zeros where there is no centre of a species.
    member engine.MeanSpectrum
        (
            frame: Frame,
            columns: SpectrumColumns,
            values: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        engine.Spectra(false, columns, frame, values, neighbors, cancellation)

    /// The power spectrum of every centre, a row of `SpectrumLength` numbers each.
    member engine.ParticleSpectra
        (
            frame: Frame,
            columns: SpectrumColumns,
            values: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        engine.Spectra(true, columns, frame, values, neighbors, cancellation)

    /// The coefficients c_nlm of every centre, a row of `CoefficientLength` numbers each: l slowest, then m, then n, then the species of the neighbours.
    member _.Coefficients
        (
            frame: Frame,
            form: RadialForm,
            values: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let centers = centersOf frame neighbors

        let checks =
            EngineRoom.length "the values" values.Length centers coefficients
            |> EngineRoom.also (Projection.checkForm form projection)

        match memory.Enter(checks, frame, neighbors, centers, false, ValueNone) with
        | Error error -> Error error
        | Ok() ->
            try
                use pinned = fixed &MemoryMarshal.GetReference values.Span
                memory.Output <- pinned

                memory.RunCoefficients(
                    form,
                    true,
                    memory.Frame,
                    memory.AppendCoefficients,
                    memory.Report,
                    memory.ThreadsForCall,
                    cancellation
                )

                memory.Outcome
            finally
                memory.Leave()

    /// The coefficients of every pair, one after another in the order of centres, neighbours and whole cell vectors; a centre with itself is a pair unless it is
    /// switched off. The handler is called on any of the computing threads, one call at a time.
    member _.Pairs
        (
            frame: Frame,
            form: RadialForm,
            take: PairCoefficientHandler,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let checks = Projection.checkForm form projection

        match memory.Enter(checks, frame, neighbors, centersOf frame neighbors, false, ValueNone) with
        | Error error -> Error error
        | Ok() ->
            try
                memory.RunPairs(form, take, cancellation)
                memory.Outcome
            finally
                memory.Leave()

    /// Features of every centre (for means those of the centres that they are means of) with their derivatives by everything that they depend on, one centre
    /// after another. The handler is called on any of the computing threads, one call at a time.
    member _.Derivatives
        (
            frame: Frame,
            kind: FeatureKind,
            parameters: GradientParameter seq,
            take: Action<CenterDerivatives>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let wanted = Set.ofSeq parameters

        let all =
            match kind with
            | ParticleSpectra columns
            | MeanSpectra columns -> SpectrumColumns.requireAll columns
            | _ -> Ok()

        let checks = all |> EngineRoom.also (FeatureKind.checkCenters projection kind)

        match memory.Enter(checks, frame, neighbors, centersOf frame neighbors, false, ValueNone) with
        | Error error -> Error error
        | Ok() ->
            try
                let loop =
                    match forward with
                    | ValueSome known when known.Kind = kind && known.Parameters = wanted -> known
                    | _ ->
                        let made = ForwardLoop(projection, kind, wanted, threads)
                        forward <- ValueSome made
                        made

                let handed = CenterDerivatives wanted

                let hand =
                    Action<_, _, _>(fun (job: FrameJob) center gradients ->
                        handed.Set(center, job.Frame.Particles.SpeciesOf center, gradients)
                        take.Invoke handed)

                loop.Run(memory.Frame, hand, memory.Report, cancellation) |> ignore
                memory.Outcome
            finally
                memory.Leave()

    /// The mean power spectrum as `MeanSpectrum` has it, and the derivatives of a number E, given ∂E/∂(mean spectrum): forces, torques and virial with their
    /// signs turned.
    member _.PullMean
        (
            frame: Frame,
            columns: SpectrumColumns,
            cotangent: ReadOnlyMemory<float>,
            values: Memory<float>,
            gradient: GradientRoom,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let checks =
            SpectrumColumns.requireAll columns
            |> EngineRoom.also (
                EngineRoom.length "the derivatives by features" cotangent.Length species (lengthOf columns)
            )
            |> EngineRoom.also (EngineRoom.length "the values" values.Length species (lengthOf columns))
            |> EngineRoom.also (CotangentCheck.finite CotangentCheck.ByFeature cotangent.Span)
            |> EngineRoom.also (EngineRoom.gradient frame gradient)

        let centers = centersOf frame neighbors

        match memory.Enter(checks, frame, neighbors, centers, not gradient.SemiAxes.IsEmpty, ValueSome columns) with
        | Error error -> Error error
        | Ok() ->
            try
                let source = memory.Pulling.Mean columns
                source.Begin(memory.Job.Prepared, memory.Job.Subset, cotangent.Span)
                memory.Pull(source, gradient, cancellation)
                source.Finish(memory.Job.Subset, values.Span)
                memory.Outcome
            finally
                memory.Leave()

    /// The spectrum of every centre as `ParticleSpectra` has them, and the derivatives of a number E, given ∂E/∂(spectrum) of every centre.
    member engine.PullParticles
        (
            frame: Frame,
            columns: SpectrumColumns,
            cotangents: ReadOnlyMemory<float>,
            values: Memory<float>,
            gradient: GradientRoom,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        match
            EngineRoom.length
                "the derivatives by features"
                cotangents.Length
                (centersOf frame neighbors)
                (lengthOf columns)
        with
        | Error error -> memory.Told(Error error)
        | Ok() -> engine.PullRows(frame, columns, cotangents, memory.Fetch, values, gradient, neighbors, cancellation)

    /// The same where ∂E/∂(spectrum) of a centre is known from its spectrum: for energies that are sums over particles. The handler is called on several
    /// threads at once, with the place of the centre: its particle, where no list of centres is given.
    member engine.PullEach
        (
            frame: Frame,
            columns: SpectrumColumns,
            cotangentOf: SpectrumCotangentHandler,
            values: Memory<float>,
            gradient: GradientRoom,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let none = ReadOnlyMemory<float>.Empty
        engine.PullRows(frame, columns, none, cotangentOf, values, gradient, neighbors, cancellation)

    member internal engine.PullCoefficientsBy(frame, form, cotangentOf, gradient, cancellation) =
        let none = ReadOnlyMemory<float>.Empty
        engine.PullCoefficientRows(frame, form, none, cotangentOf, gradient, null, cancellation)

    /// The derivatives of a number E, given ∂E/∂c of every centre: a row of `CoefficientLength` numbers each, as `Coefficients` has them.
    member engine.PullCoefficients
        (
            frame: Frame,
            form: RadialForm,
            cotangents: ReadOnlyMemory<float>,
            gradient: GradientRoom,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let checks =
            EngineRoom.length
                "the derivatives by coefficients"
                cotangents.Length
                (centersOf frame neighbors)
                coefficients
            |> EngineRoom.also (CotangentCheck.finite "derivative by coefficient" cotangents.Span)

        match checks with
        | Error error -> memory.Told(Error error)
        | Ok() ->
            let fetch = memory.FetchCoefficients
            engine.PullCoefficientRows(frame, form, cotangents, fetch, gradient, neighbors, cancellation)

    interface IDisposable with
        member _.Dispose() = memory.Dispose()
