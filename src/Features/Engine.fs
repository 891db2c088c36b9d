namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Runtime.InteropServices
open System.Threading
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

// Pointers to the caller's memory while it is pinned.
#nowarn "9"

/// The features of one centre with their derivatives: to be read until the handler that was given them returns.
[<Sealed>]
type CenterDerivatives internal (parameters: Set<GradientParameter>) =
    let mutable gradients = Unchecked.defaultof<CenterGradients>
    let mutable center = 0
    let mutable species = 0

    member internal _.Set(particle: int, kind: int, given: CenterGradients) =
        center <- particle
        species <- kind
        gradients <- given

    /// The particle.
    member _.Center = center

    /// Its species.
    member _.Species = species

    /// The features.
    member _.Values: ReadOnlySpan<float> = ReadOnlySpan gradients.Values

    /// The particles that the features depend on, ascending, the centre among them; images of one particle are added up.
    member _.Atoms: ReadOnlySpan<int> = Span.op_Implicit (CollectionsMarshal.AsSpan gradients.Atoms)

    /// What the features change by when the particle at a place of `Atoms` moves, turns or grows: a row for each of three axes; none unless asked for.
    member _.ByAtom(parameter: GradientParameter, place: int) : ReadOnlySpan<float> =
        let rows =
            match parameter with
            | _ when not (parameters.Contains parameter) -> Array.empty
            | GradientParameter.Positions -> gradients.Positions
            | GradientParameter.Orientations -> gradients.Orientations
            | GradientParameter.SemiAxes -> gradients.SemiAxes
            | GradientParameter.Strain -> Array.empty

        if rows.Length = 0 then
            ReadOnlySpan<float>.Empty
        else
            ReadOnlySpan(rows, 3 * gradients.Size * place, 3 * gradients.Size)

    /// The same by strain: nine rows [p][q] of ∂/∂ε_qp; none unless asked for.
    member _.ByStrain: ReadOnlySpan<float> =
        if parameters.Contains GradientParameter.Strain then
            ReadOnlySpan gradients.Strain
        else
            ReadOnlySpan<float>.Empty

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

    // The derivatives by features that are pulled back.
    let mutable input = NativePtr.ofNativeInt<float> 0n
    let mutable inputRow = 0

    let append =
        SpectrumRowHandler(fun _ _ _ row ->
            row.CopyTo(Span(NativePtr.toVoidPtr (NativePtr.add output filled), row.Length))
            filled <- filled + row.Length)

    let fetch =
        SpectrumCotangentHandler(fun place _ row ->
            ReadOnlySpan<float>(NativePtr.toVoidPtr (NativePtr.add input (place * inputRow)), inputRow).CopyTo row)

    let fetchCoefficients =
        CoefficientCotangent(fun place row ->
            ReadOnlySpan<float>(NativePtr.toVoidPtr (NativePtr.add input (place * inputRow)), inputRow).CopyTo row)

    let mutable progress: Action<RunProgress> | null = null

    let report =
        Action<int64, int64, int64>(fun frames particles pairs ->
            match progress with
            | null -> ()
            | tell -> tell.Invoke { Frames = frames; Particles = particles; Pairs = pairs })

    let index columns = if columns = OrderedPairs then 0 else 1

    /// Slots for rows under way: within so many doubles, as far as each thread can have a few.
    let slotsFor (doubles: int64) (budget: int64) =
        if threads = 1 then
            1
        else
            max (4 * threads) (int (min 512L (budget / doubles)))

    let spectrumSlots perParticle =
        let rows =
            if perParticle then
                CenterChunk.Size
            else
                min CenterChunk.Size projection.Species.Length

        slotsFor (int64 rows * int64 (SpectrumColumns.fullLength projection + 8)) 4_000_000L

    // By the table that a number of species has.
    let pulls = Dictionary<ContractionTable, PullMemory>(HashIdentity.Reference)
    let lengthOf columns = SpectrumColumns.length columns projection

    let coefficientPulls = Array.create<CoefficientPull voption> 2 ValueNone
    // By form; those in order first.
    let coefficients = Array.create<CoefficientPieces voption> 4 ValueNone
    let pairs = Array.create<PairPieces voption> 2 ValueNone
    let mutable pairWorkspaces: PairKernel.PairWorkspace[] = Array.empty
    let mutable forward: ForwardLoop voption = ValueNone

    let columnsOfOne =
        lazy
            (let counts = Array.init (projection.Hypers.MaxAngular + 1) projection.RadialCount

             projection.OnSpecies(
                 ImmutableArray.Create(projection.Species[0]),
                 ContractionTable(projection.Hypers.MaxAngular, counts, 1)
             ))

    let appendCoefficients =
        CoefficientHandler(fun _ _ _ row ->
            row.CopyTo(Span(NativePtr.toVoidPtr (NativePtr.add output filled), row.Length))
            filled <- filled + row.Length)

    let subsetsOf columns =
        match subsets[index columns] with
        | ValueSome known -> known
        | ValueNone ->
            let made = SpeciesSubsets(projection, columns)
            subsets[index columns] <- ValueSome made
            made

    /// Threads that are worth starting for so many centres.
    let threadsFor centers = max 1 (min threads ((centers + CenterChunk.Size - 1) / CenterChunk.Size))

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

    /// Memory that may be empty.
    let checkRoom name (given: int) (expected: int64) = if given = 0 then Ok() else checkLength name given expected

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

    let leave () = Volatile.Write(&isBusy, 0)

    /// Makes the one frame of a call ready, with the species that occur where columns are said, else with all.
    let prepare (frame: Frame) (neighbors: INeighbors | null) withBodies (columns: SpectrumColumns voption) =
        match FrameCheck.run projection frame with
        | Error error -> Error error
        | Ok() ->
            let job = single.Job
            // A call before may have been ended early.
            job.Release()

            match columns with
            | ValueSome columns ->
                let subset = (subsetsOf columns).Of frame
                job.Subset <- subset
                job.Projection <- subset.Own
            | ValueNone -> job.Projection <- projection

            job.Frame <- frame
            job.WithBodies <- withBodies
            job.Stray <- -1

            job.Neighbors <-
                match neighbors with
                | null -> ValueNone
                | given -> ValueSome given

            single.Begin()
            strayNeighbor job.Prepared.Stray

    /// Begins a call: who gets Ok leaves again.
    let enter frame neighbors withBodies columns : Result<unit, AniSoapError> =
        if Interlocked.CompareExchange(&isBusy, 1, 0) <> 0 then
            Error(
                AniSoapError.invalid
                    "engine"
                    "in use"
                    "one call at a time; threads that compute on their own have an engine each"
            )
        else
            let result =
                if isDisposed then
                    Error(AniSoapError.invalid "engine" "disposed" "an engine that is not")
                else
                    prepare frame neighbors withBodies columns

            match result with
            | Ok() -> ()
            | Error _ -> leave ()

            result

    let pullMemory (own: Projection) =
        let mutable memory = Unchecked.defaultof<PullMemory>

        if not (pulls.TryGetValue(own.Table, &memory)) then
            // Few sizes of sets of species are met.
            if pulls.Count >= 4 then
                pulls.Clear()

            memory <- PullMemory(own, threads, lengthOf)
            pulls.Add(own.Table, memory)

        memory

    let centersOf (frame: Frame) (neighbors: INeighbors | null) =
        match neighbors with
        | null -> frame.Particles.Length
        | given -> given.CenterCount

    /// An engine for a projection, on so many threads (0: as many as there are processors).
    static member Create(projection: Projection, threads: int) : Result<Engine, AniSoapError> =
        RunOptions.threadCount threads
        |> Result.map (fun count -> new Engine(projection, count))

    static member internal Of(projection, threads) = new Engine(projection, threads)

    /// What the engine computes with.
    member _.Projection = projection

    /// Computing threads, the caller's among them.
    member _.Threads = threads

    /// Told how a call is going whenever some centres are done, one call at a time, in order, on any of the computing threads. May throw to end it.
    member _.Progress
        with get () = progress
        and set (tell: Action<RunProgress> | null) = progress <- tell

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
        let at = 2 * index columns + (if perParticle then 1 else 0)

        match spectra[at] with
        | ValueSome known -> known
        | ValueNone ->
            let made = SpectrumPieces(projection, perParticle, columns, spectrumSlots perParticle)
            spectra[at] <- ValueSome made
            made

    member internal _.RunSpectra
        (pieces: SpectrumPieces, feed: IFrameFeed, write, told, runThreads, cancellation: CancellationToken)
        =
        pieces.Write <- write
        pieces.Begin(feed, told)
        Schedule.run workspaces runThreads pieces.Slots pieces cancellation

    member internal _.CoefficientPieces(form: RadialForm, inOrder: bool) =
        let at = (if form = RadialForm.Raw then 2 else 0) + (if inOrder then 0 else 1)

        match coefficients[at] with
        | ValueSome known -> known
        | ValueNone ->
            let size = FeatureRows.coefficientCount projection.Table
            let slots = slotsFor (int64 CenterChunk.Size * int64 size) 2_000_000L
            let made = CoefficientPieces(projection, form, slots, inOrder)
            coefficients[at] <- ValueSome made
            made

    member internal _.RunCoefficients
        (pieces: CoefficientPieces, feed: IFrameFeed, take, told, runThreads, cancellation: CancellationToken)
        =
        pieces.Take <- take
        pieces.Begin(feed, told)
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
        let centers = centersOf frame neighbors
        let rows = if perParticle then centers else projection.Species.Length
        let expected = int64 rows * int64 (SpectrumColumns.length columns projection)

        match checkLength "the values" values.Length expected with
        | Error error -> Error error
        | Ok() ->
            match enter frame neighbors false (ValueSome columns) with
            | Error error -> Error error
            | Ok() ->
                try
                    use pinned = fixed &MemoryMarshal.GetReference values
                    output <- pinned
                    filled <- 0
                    let pieces = engine.SpectrumPieces(perParticle, columns)
                    engine.RunSpectra(pieces, single, append, report, threadsFor centers, cancellation)
                    strayNeighbor single.Job.Stray
                finally
                    leave ()

    member private _.CheckGradient(frame: Frame, gradient: GradientSpans) : Result<unit, AniSoapError> =
        let three = 3L * int64 frame.Particles.Length

        match checkRoom "the derivatives by positions" gradient.Positions.Length three with
        | Error error -> Error error
        | Ok() ->
            match checkRoom "the derivatives by orientations" gradient.Orientations.Length three with
            | Error error -> Error error
            | Ok() ->
                match checkRoom "the derivatives by semi-axes" gradient.SemiAxes.Length three with
                | Error error -> Error error
                | Ok() -> checkRoom "the derivatives by strain" gradient.Strain.Length 9L

    /// Pulls back through the frame that was prepared.
    member private _.Pull
        (memory: PullMemory, source: PullSource, gradient: GradientSpans, cancellation: CancellationToken)
        =
        let withShapes = not gradient.SemiAxes.IsEmpty
        let struct (pieces, workspaces) = memory.Pieces withShapes
        let job = single.Job
        pieces.Source(source, job.Frame.Particles.Length)
        pieces.Begin(single, report)
        Schedule.run workspaces (threadsFor job.Count) pieces.Slots pieces cancellation
        pieces.Finish gradient

    member private engine.PullRows
        (
            frame: Frame,
            columns: SpectrumColumns,
            cotangentOf: SpectrumCotangentHandler,
            values: Span<float>,
            gradient: GradientSpans,
            neighbors: INeighbors | null,
            cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let size = SpectrumColumns.length columns projection

        match checkLength "the values" values.Length (int64 (centersOf frame neighbors) * int64 size) with
        | Error error -> Error error
        | Ok() ->
            match engine.CheckGradient(frame, gradient) with
            | Error error -> Error error
            | Ok() ->
                match enter frame neighbors (not gradient.SemiAxes.IsEmpty) (ValueSome columns) with
                | Error error -> Error error
                | Ok() ->
                    try
                        let memory = pullMemory single.Job.Projection
                        let source = memory.Rows columns
                        use pinned = fixed &MemoryMarshal.GetReference values
                        source.Begin(single.Job.Subset, pinned, cotangentOf)
                        engine.Pull(memory, source, gradient, cancellation)

                        match source.Failure with
                        | ValueSome error -> Error error
                        | ValueNone -> strayNeighbor single.Job.Stray
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

    /// Numbers of one particle's coefficients.
    member _.CoefficientLength: int = FeatureRows.coefficientCount projection.Table

    /// The coefficients c_nlm of every centre, a row of `CoefficientLength` numbers each: l slowest, then m, then n, then the species of the neighbours.
    member engine.Coefficients
        (
            frame: Frame,
            form: RadialForm,
            values: Span<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let centers = centersOf frame neighbors

        match checkLength "the values" values.Length (int64 centers * int64 engine.CoefficientLength) with
        | Error error -> Error error
        | Ok() ->
            match Projection.checkForm form projection with
            | Error error -> Error error
            | Ok() ->
                match enter frame neighbors false ValueNone with
                | Error error -> Error error
                | Ok() ->
                    try
                        use pinned = fixed &MemoryMarshal.GetReference values
                        output <- pinned
                        filled <- 0
                        let pieces = engine.CoefficientPieces(form, true)
                        let runThreads = threadsFor centers
                        engine.RunCoefficients(pieces, single, appendCoefficients, report, runThreads, cancellation)
                        strayNeighbor single.Job.Stray
                    finally
                        leave ()

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
        match Projection.checkForm form projection with
        | Error error -> Error error
        | Ok() ->
            match enter frame neighbors false ValueNone with
            | Error error -> Error error
            | Ok() ->
                try
                    let at = if form = RadialForm.Raw then 1 else 0

                    if pairWorkspaces.Length = 0 then
                        pairWorkspaces <- Array.init threads (fun _ -> PairKernel.PairWorkspace columnsOfOne.Value)

                    let pieces =
                        match pairs[at] with
                        | ValueSome known -> known
                        | ValueNone ->
                            let made = PairPieces(columnsOfOne.Value, form, (if threads = 1 then 1 else 4 * threads))
                            pairs[at] <- ValueSome made
                            made

                    pieces.Take <- take
                    pieces.Begin(single, report)
                    Schedule.run pairWorkspaces (threadsFor single.Job.Count) pieces.Slots pieces cancellation
                    strayNeighbor single.Job.Stray
                finally
                    leave ()

    /// Features of every centre (for means those of the centres that they are means of) with their derivatives by everything that they depend on, one centre after another. The
    /// handler is called on any of the computing threads, one call at a time.
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

        match FeatureKind.check projection kind with
        | Error error -> Error error
        | Ok() ->
            match enter frame neighbors false ValueNone with
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

                    loop.Run(single, hand, report, cancellation)
                    strayNeighbor single.Job.Stray
                finally
                    leave ()

    /// The mean power spectrum as `MeanSpectrum` has it, and the derivatives of a number E, given ∂E/∂(mean spectrum): forces, torques and virial with their
    /// signs turned.
    member engine.PullMean
        (
            frame: Frame,
            columns: SpectrumColumns,
            cotangent: ReadOnlySpan<float>,
            values: Span<float>,
            gradient: GradientSpans,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let expected =
            int64 projection.Species.Length
            * int64 (SpectrumColumns.length columns projection)

        match checkLength "the derivatives by features" cotangent.Length expected with
        | Error error -> Error error
        | Ok() ->
            match checkLength "the values" values.Length expected with
            | Error error -> Error error
            | Ok() ->
                match CotangentCheck.finite CotangentCheck.ByFeature cotangent with
                | Error error -> Error error
                | Ok() ->
                    match engine.CheckGradient(frame, gradient) with
                    | Error error -> Error error
                    | Ok() ->
                        match enter frame neighbors (not gradient.SemiAxes.IsEmpty) (ValueSome columns) with
                        | Error error -> Error error
                        | Ok() ->
                            try
                                let memory = pullMemory single.Job.Projection
                                let source = memory.Mean columns
                                source.Begin(single.Job.Prepared, single.Job.Subset, cotangent)
                                engine.Pull(memory, source, gradient, cancellation)
                                source.Finish(single.Job.Subset, values)
                                strayNeighbor single.Job.Stray
                            finally
                                leave ()

    /// The spectrum of every centre as `ParticleSpectra` has them, and the derivatives of a number E, given ∂E/∂(spectrum) of every centre.
    member engine.PullParticles
        (
            frame: Frame,
            columns: SpectrumColumns,
            cotangents: ReadOnlySpan<float>,
            values: Span<float>,
            gradient: GradientSpans,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        match checkLength "the derivatives by features" cotangents.Length (int64 values.Length) with
        | Error error -> Error error
        | Ok() ->
            use pinned = fixed &MemoryMarshal.GetReference cotangents
            input <- pinned
            inputRow <- SpectrumColumns.length columns projection
            engine.PullRows(frame, columns, fetch, values, gradient, neighbors, cancellation)

    /// The same where ∂E/∂(spectrum) of a centre is known from its spectrum: for energies that are sums over particles. The handler is called on several
    /// threads at once, with the place of the centre: its particle, where no list of centres is given.
    member engine.PullEach
        (
            frame: Frame,
            columns: SpectrumColumns,
            cotangentOf: SpectrumCotangentHandler,
            values: Span<float>,
            gradient: GradientSpans,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        engine.PullRows(frame, columns, cotangentOf, values, gradient, neighbors, cancellation)

    member internal engine.PullCoefficientsBy
        (
            frame: Frame,
            form: RadialForm,
            cotangentOf: CoefficientCotangent,
            gradient: GradientSpans,
            neighbors: INeighbors | null,
            cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        match engine.CheckGradient(frame, gradient) with
        | Error error -> Error error
        | Ok() ->
            match Projection.checkForm form projection with
            | Error error -> Error error
            | Ok() ->
                match enter frame neighbors (not gradient.SemiAxes.IsEmpty) ValueNone with
                | Error error -> Error error
                | Ok() ->
                    try
                        let at = if form = RadialForm.Raw then 1 else 0
                        let memory = pullMemory projection

                        let source =
                            match coefficientPulls[at] with
                            | ValueSome known -> known
                            | ValueNone ->
                                let made = CoefficientPull(projection, form, (if threads = 1 then 1 else 16 * threads))
                                coefficientPulls[at] <- ValueSome made
                                made

                        source.Begin cotangentOf
                        engine.Pull(memory, source, gradient, cancellation)
                        strayNeighbor single.Job.Stray
                    finally
                        leave ()

    /// The derivatives of a number E, given ∂E/∂c of every centre: a row of `CoefficientLength` numbers each, as `Coefficients` has them.
    member engine.PullCoefficients
        (
            frame: Frame,
            form: RadialForm,
            cotangents: ReadOnlySpan<float>,
            gradient: GradientSpans,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null,
            [<Optional>] cancellation: CancellationToken
        ) : Result<unit, AniSoapError> =
        let expected = int64 (centersOf frame neighbors) * int64 engine.CoefficientLength

        match checkLength "the derivatives by coefficients" cotangents.Length expected with
        | Error error -> Error error
        | Ok() ->
            match CotangentCheck.finite "derivative by coefficient" cotangents with
            | Error error -> Error error
            | Ok() ->
                use pinned = fixed &MemoryMarshal.GetReference cotangents
                input <- pinned
                inputRow <- engine.CoefficientLength
                engine.PullCoefficientsBy(frame, form, fetchCoefficients, gradient, neighbors, cancellation)

    interface IDisposable with
        member _.Dispose() =
            isDisposed <- true
            Array.fill spectra 0 4 ValueNone
