namespace AniSoap.Numerics

// Pointers to the caller's memory while it is pinned.
#nowarn "9"

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Threading
open Microsoft.FSharp.NativeInterop
open AniSoap

/// A value for each choice of columns, made when it is first asked for; of chosen columns for those that were asked for last.
[<Sealed>]
type internal ByColumns<'T>(make: SpectrumColumns -> 'T) =
    let ordered = lazy make OrderedPairs
    let unordered = lazy make UnorderedPairs
    let mutable chosen: struct (ChosenColumns * 'T) voption = ValueNone

    member _.Of(columns: SpectrumColumns) : 'T =
        match columns, chosen with
        | OrderedPairs, _ -> ordered.Value
        | UnorderedPairs, _ -> unordered.Value
        | SomeColumns asked, ValueSome(struct (known, value)) when
            obj.ReferenceEquals(asked, known) || asked.Equals known
            ->
            value
        | SomeColumns asked, _ ->
            let value = make columns
            chosen <- ValueSome(struct (asked, value))
            value

/// What an engine keeps from call to call: pieces of work with their slots, threads' memory, and the frame of the call. Made when it is first needed.
[<Sealed>]
type internal EngineMemory(projection: Projection, threads: int) =
    let byForm (make: RadialForm -> 'T) = [| lazy make RadialForm.Orthonormal; lazy make RadialForm.Raw |]

    /// Slots for rows under way: within so many doubles, as far as each thread can have a few.
    let slotsFor (doubles: int) (budget: int64) =
        if threads = 1 then
            1
        else
            max (4 * threads) (int (min 512L (budget / int64 doubles)))

    let spectrumPieces perParticle columns =
        let rows =
            if perParticle then
                CenterChunk.Size
            else
                min CenterChunk.Size projection.Species.Length

        let size =
            match columns with
            | SomeColumns chosen -> chosen.OfParticle.Count
            | _ -> SpectrumColumns.fullLength projection

        let slots = slotsFor (rows * (size + 8)) 4_000_000L
        SpectrumPieces(projection, perParticle, columns, slots)

    let coefficientPieces inOrder form =
        let size = FeatureRows.coefficientCount projection.Table
        CoefficientPieces(projection, form, slotsFor (CenterChunk.Size * size) 2_000_000L, inOrder)

    // A pair has the columns of one neighbour.
    let single = lazy projection.OnePair()

    let few = if threads = 1 then 1 else 4 * threads
    let pool = FramePool()
    let frame = SingleFrame pool
    let workspaces = Array.init threads (fun _ -> Workspaces())
    let subsets = ByColumns(fun columns -> SpeciesSubsets(projection, columns))
    let means = ByColumns(spectrumPieces false)
    let particles = ByColumns(spectrumPieces true)
    let coefficients = byForm (coefficientPieces true)
    let scattered = byForm (coefficientPieces false)
    let pairs = byForm (fun form -> PairPieces(single.Value, form, few))
    let pairWorkspaces = lazy Array.init threads (fun _ -> PairKernel.PairWorkspace single.Value)
    // By the table that a number of species has.
    let pulls = Dictionary<ContractionTable, PullMemory>(HashIdentity.Reference)
    let coefficientPulls = byForm (fun form -> CoefficientPull(projection, form, PullMemory.Slots threads))
    let mutable isBusy = 0
    let mutable isDisposed = false
    let mutable progress: Action<RunProgress> | null = null
    let mutable refused: Action<AniSoapError> | null = null
    // The caller's memory during a call: results, how many are there, and the derivatives by features that are pulled back.
    let mutable output = NativePtr.ofNativeInt<float> 0n
    let mutable filled = 0
    let mutable input = NativePtr.ofNativeInt<float> 0n
    let mutable inputRow = 0

    let append (row: SparseRow) =
        row.CopyTo(Span(NativePtr.toVoidPtr (NativePtr.add output filled), row.Length))
        filled <- filled + row.Length

    let fetch place (row: Span<float>) =
        ReadOnlySpan<float>(NativePtr.toVoidPtr (NativePtr.add input (place * inputRow)), inputRow).CopyTo row

    let report =
        Action<int64, int64, int64>(fun frames particles pairs ->
            match progress with
            | null -> ()
            | tell -> tell.Invoke { Frames = frames; Particles = particles; Pairs = pairs })

    let subsetOf columns (given: Frame) = (subsets.Of columns: SpeciesSubsets).Of given

    /// Makes the frame of a call ready, with the species that occur where columns are said, else with all.
    let prepare (given: Frame) (neighbors: INeighbors | null) centers withBodies (columns: SpectrumColumns voption) =
        match FrameCheck.run projection given with
        | Error error -> Error error
        | Ok() ->
            let job = frame.Job
            // A call before may have been ended early.
            job.Release()

            match columns with
            | ValueSome columns ->
                let subset = subsetOf columns given
                job.Subset <- subset
                job.Projection <- subset.Own
            | ValueNone -> job.Projection <- projection

            job.Frame <- given
            job.WithBodies <- withBodies
            job.OutsideCount <- centers
            job.Chosen <- ValueNone
            job.Stray <- -1

            job.Neighbors <-
                match neighbors with
                | null -> ValueNone
                | outside -> ValueSome outside

            frame.Begin()
            ListSearch.Check job.Prepared.Stray

    member _.Projection = projection
    member _.Threads = threads
    member _.Pool = pool
    member _.Frame = frame
    member _.Job = frame.Job
    member _.Report = report

    member _.Progress
        with get () = progress
        and set (tell: Action<RunProgress> | null) = progress <- tell

    /// Told what is wrong with a call before the call gives it back.
    member _.Refused
        with get () = refused
        and set (tell: Action<AniSoapError> | null) = refused <- tell

    /// The same result, after an error in it was told.
    member _.Told(result: Result<unit, AniSoapError>) : Result<unit, AniSoapError> =
        match result with
        | Ok() -> ()
        | Error error ->
            match refused with
            | null -> ()
            | tell -> tell.Invoke error

        result

    /// Threads that are worth starting for the frame of the call.
    member _.ThreadsForCall = max 1 (min threads ((frame.Job.Count + CenterChunk.Size - 1) / CenterChunk.Size))

    /// Begins a call whose arguments are well: who gets Ok leaves again.
    member memory.Enter(checks: Result<unit, AniSoapError>, given, neighbors, centers, withBodies, columns) =
        memory.Told(memory.TryEnter(checks, given, neighbors, centers, withBodies, columns))

    member private _.TryEnter(checks: Result<unit, AniSoapError>, given, neighbors, centers, withBodies, columns) =
        match checks with
        | Error error -> Error error
        | Ok() when Interlocked.CompareExchange(&isBusy, 1, 0) <> 0 ->
            AniSoapError.invalid
                "engine"
                "in use"
                "one call at a time; threads that compute on their own have an engine each"
            |> Error
        | Ok() ->
            let mutable isWell = false

            try
                let result =
                    if isDisposed then
                        Error(AniSoapError.invalid "engine" "disposed" "an engine that is not")
                    else
                        prepare given neighbors centers withBodies columns

                isWell <- result.IsOk
                result
            finally
                if not isWell then
                    Volatile.Write(&isBusy, 0)

    /// Ends a call.
    member _.Leave() = Volatile.Write(&isBusy, 0)

    /// What is wrong with the call's neighbours from outside, now that they have been asked for.
    member memory.Outcome = memory.Told(ListSearch.Check frame.Job.Stray)

    member _.Dispose() = isDisposed <- true

    /// The caller's memory, pinned until the call ends.
    member _.Output
        with set (pointer: nativeptr<float>) =
            output <- pointer
            filled <- 0

    /// The same of derivatives by features: so many numbers a centre.
    member _.Input(pointer: nativeptr<float>, row: int) =
        input <- pointer
        inputRow <- row

    member val Append = SparseRowHandler(fun _ _ _ row -> append row)
    member val AppendCoefficients = CoefficientHandler(fun _ _ _ row -> append (SparseRow.Dense row))
    member val Fetch = SpectrumCotangentHandler(fun place _ row -> fetch place row)
    member val FetchCoefficients = CoefficientCotangent(fun place row -> fetch place row)

    /// A frame on its way, of species that the projection knows; of its particles those that are said are centres, or all.
    member _.NewJob(columns, number, given, centers) =
        let job = FrameJob pool
        let subset = subsetOf columns given
        job.Subset <- subset
        job.Projection <- subset.Own
        job.Number <- number
        job.Frame <- given
        job.Chosen <- centers
        job

    member _.Spectra(perParticle, columns) : SpectrumPieces =
        let pieces = if perParticle then particles else means
        pieces.Of columns

    member _.RunSpectra(pieces: SpectrumPieces, feed: IFrameFeed, write, told, runThreads, cancellation) =
        pieces.Write <- write
        pieces.Begin(feed, told)
        Schedule.run workspaces runThreads pieces.Slots pieces cancellation

    /// Coefficients handed on in order, or by whoever computed them.
    member _.RunCoefficients(form, inOrder, feed: IFrameFeed, take, told, runThreads, cancellation) =
        let all = if inOrder then coefficients else scattered
        let pieces = all[if form = RadialForm.Raw then 1 else 0].Value
        pieces.Take <- take
        pieces.Begin(feed, told)
        Schedule.run workspaces runThreads pieces.Slots pieces cancellation

    member memory.RunPairs(form, take, cancellation) =
        let pieces = pairs[if form = RadialForm.Raw then 1 else 0].Value
        pieces.Take <- take
        pieces.Begin(frame, report)
        Schedule.run pairWorkspaces.Value memory.ThreadsForCall pieces.Slots pieces cancellation

    /// What pulling back takes with the species of the frame of the call.
    member _.Pulling: PullMemory =
        let own = frame.Job.Projection
        let mutable known = Unchecked.defaultof<PullMemory>

        if not (pulls.TryGetValue(own.Table, &known)) then
            // Few sizes of sets of species are met.
            if pulls.Count >= 4 then
                pulls.Clear()

            known <- PullMemory(own, threads, fun columns -> SpectrumColumns.length columns projection)
            pulls.Add(own.Table, known)

        known

    member _.PullCoefficients form = coefficientPulls[if form = RadialForm.Raw then 1 else 0].Value

    /// Pulls back through the frame of the call.
    member memory.Pull(source: PullSource, gradient: GradientRoom, cancellation) =
        let struct (pieces, pullWorkspaces) = memory.Pulling.Pieces(not gradient.SemiAxes.IsEmpty)
        pieces.Source(source, frame.Job.Frame.Particles.Length)
        pieces.Begin(frame, report)
        Schedule.run pullWorkspaces memory.ThreadsForCall pieces.Slots pieces cancellation
        pieces.Finish gradient
