namespace AniSoap.Numerics

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Threading
open AniSoap

/// One entry of what a pair's coefficients change by.
[<Struct>]
type internal PairChange = { Parameter: GradientParameter; Atom: int; Rows: float[] }

/// Takes one pair while its numbers last.
type internal PairTake =
    delegate of kind: int * sample: ReadOnlySpan<int> * values: ReadOnlySpan<float> * changes: PairChange list -> unit

/// A frame whose Gaussians and grid are made by the first thread that needs them.
[<Sealed>]
type internal PairJob(projection: Projection, system: int, frame: Frame) =
    let prepared =
        Lazy<PreparedFrame>((fun () -> PreparedFrame(projection, frame)), LazyThreadSafetyMode.ExecutionAndPublication)

    member _.System = system
    member _.Count = frame.Particles.Length
    /// Centres of one piece of work.
    member val Step = 1 with get, set
    member _.Prepared = prepared.Value

/// The pairs of some centres that follow each other in a frame, computed by any thread and handed on when their turn comes.
[<Sealed>]
type internal PairPiece(size: int) =
    let samples = List<int>()
    let changes = List<PairChange list>()
    let mutable values = Array.empty<float>
    let mutable count = 0

    /// Longer arrays are let go of with their pairs.
    static let keptLength = 1 <<< 20

    member val Job = Unchecked.defaultof<PairJob> with get, set
    member val First = 0 with get, set
    member val UpTo = 0 with get, set
    /// Centres from here on are computed when their turn comes: their pairs are too many to wait.
    member val Done = 0 with get, set
    member _.Count = count

    member _.Add(kind: int, sample: ReadOnlySpan<int>, row: ReadOnlySpan<float>, more: PairChange list) =
        if values.Length < (count + 1) * size then
            let grown = Array.zeroCreate (max ((count + 1) * size) (2 * values.Length))
            Array.blit values 0 grown 0 (count * size)
            values <- grown

        samples.Add kind

        for number in sample do
            samples.Add number

        row.CopyTo(Span(values, count * size, size))
        changes.Add more
        count <- count + 1

    /// Hands on what was added, and forgets it.
    member _.Send(sample: int[], take: PairTake) =
        let width = 1 + sample.Length

        for pair in 0 .. count - 1 do
            for i in 0 .. sample.Length - 1 do
                sample[i] <- samples[width * pair + 1 + i]

            let row = ReadOnlySpan(values, size * pair, size)
            take.Invoke(samples[width * pair], ReadOnlySpan sample, row, changes[pair])

        samples.Clear()
        changes.Clear()
        count <- 0

        if values.Length > keptLength then
            values <- Array.empty

/// One thread's memory for the pairs of a centre.
[<Sealed>]
type internal PairThread(single: Projection) =
    member val Pairs = PairKernel.PairWorkspace single
    member val Sample = Array.zeroCreate<int> 6

/// Coefficients of all pairs of frames that come one at a time, with what they change by, handed on in the order of
/// frames, centres, neighbours and images: while one thread hands on, the others compute, within a frame too. What is held depends on the threads and on the neighbours of a centre, not on
/// the number of frames or particles' pairs. `progress` is told frames handed on, and centres and pairs done so far.
[<Sealed>]
type internal PairStream
    (
        projection: Projection,
        form: RadialForm,
        parameters: Set<GradientParameter>,
        threads: int,
        sink: IPairSink,
        progress: Action<int64, int64, int64>,
        mostPiece: int64
    ) =
    /// Numbers in a piece of work, about; and in all pairs of frames that wait, and these, at which they are computed.
    static let usualPiece = 250_000.0
    static let mostWaiting = 4_000_000.0
    static let mostFrames = 256

    let species = projection.Species.Length
    // A pair has the columns of one neighbour.
    let single = projection.OnePair()

    let size = FeatureKind.size projection (PairCoefficients form)
    let hasCenters = not projection.Hypers.SubtractCenterContribution

    // In the order in which gradients are written.
    let wanted = GradientParameter.ofPairs parameters

    /// Numbers of one pair.
    let numbers =
        wanted
        |> Array.fold
            (fun sum parameter -> sum + int64 size * (if parameter = GradientParameter.Strain then 9L else 6L))
            (int64 size)

    let workspaces = Array.init (max 1 threads) (fun _ -> PairThread single)
    let slots = if workspaces.Length = 1 then 1 else 4 * workspaces.Length
    let pieces = Array.init slots (fun _ -> PairPiece size)
    // Whoever hands on computes centres whose pairs are too many to wait, while others use their own memory.
    let sending = lazy PairThread single
    let sample = Array.zeroCreate<int> 6
    let reporting = obj ()
    let waiting = List<PairJob>()
    let mutable expected = 0.0
    // Of the frames that wait the one that pieces are given out of, and its first centre that has not been given out.
    let mutable current = 0
    let mutable upcoming = 0
    let mutable doneFrames = 0L
    let mutable doneCenters = 0L
    let mutable donePairs = 0L

    let send (kind: int) (sample: ReadOnlySpan<int>) (row: ReadOnlySpan<float>) (changes: PairChange list) =
        sink.Pair(kind, sample, row)

        for change in changes do
            match change.Parameter with
            | GradientParameter.Strain -> sink.Strain(kind, ReadOnlySpan change.Rows)
            | parameter -> sink.Atom(parameter, kind, sample[0], change.Atom, ReadOnlySpan change.Rows)

    let handOn = PairTake(fun kind sample row changes -> send kind sample row changes)

    let changesOf (frame: Frame) first second shift = [
        for parameter in wanted do
            for struct (atom, rows) in PairGradients.ofPair form projection parameter frame first second shift do
                { Parameter = parameter; Atom = atom; Rows = rows }
    ]

    /// The pairs of a centre whose neighbours have been found.
    let expand (thread: PairThread) (job: PairJob) center (take: PairTake) =
        let pairs = thread.Pairs
        let neighbors = pairs.Work.Neighbors
        let prepared = job.Prepared
        let kindOf = prepared.Gaussians.SpeciesIndex
        let sample = thread.Sample
        PairKernel.sort pairs

        PairKernel.expand
            prepared.Gaussians
            (form = RadialForm.Raw)
            pairs
            (PairKernel.PairHandler(fun k row ->
                let second = neighbors.Second[k]
                let a, b, c = neighbors.Shift[3 * k], neighbors.Shift[3 * k + 1], neighbors.Shift[3 * k + 2]
                sample[0] <- job.System
                sample[1] <- center
                sample[2] <- second
                sample[3] <- a
                sample[4] <- b
                sample[5] <- c

                let changes =
                    if wanted.Length = 0 then
                        []
                    else
                        changesOf prepared.Frame center second (Vector3.create (float a) (float b) (float c))

                take.Invoke(species * kindOf[center] + kindOf[second], ReadOnlySpan sample, row, changes)))

    let find (thread: PairThread) (job: PairJob) center =
        PairKernel.find job.Prepared.Search thread.Pairs center
        thread.Pairs.Work.Neighbors.Count

    /// Whoever listens may end the run here.
    let report centers (pairs: int64) =
        lock reporting (fun () ->
            doneCenters <- doneCenters + int64 centers
            donePairs <- donePairs + pairs - (if hasCenters then int64 centers else 0L)
            progress.Invoke(doneFrames, doneCenters, donePairs))

    let compute (thread: PairThread) (piece: PairPiece) =
        let take = PairTake(fun kind sample row changes -> piece.Add(kind, sample, row, changes))
        let mutable pairs = 0L
        let mutable isFull = false

        while not isFull && piece.Done < piece.UpTo do
            let found = int64 (find thread piece.Job piece.Done)

            if (pairs + found) * numbers > mostPiece then
                isFull <- true
            else
                expand thread piece.Job piece.Done take
                pairs <- pairs + found
                piece.Done <- piece.Done + 1

        report (piece.Done - piece.First) pairs

    let emit (piece: PairPiece) =
        piece.Send(sample, handOn)

        for center in piece.Done .. piece.UpTo - 1 do
            let thread = sending.Value
            let found = find thread piece.Job center
            expand thread piece.Job center handOn
            report 1 (int64 found)

        if piece.UpTo = piece.Job.Count then
            lock reporting (fun () -> doneFrames <- doneFrames + 1L)

        piece.Job <- Unchecked.defaultof<PairJob>

    let work = {
        new IPieces<PairThread> with
            member _.Give slot =
                if current = waiting.Count then
                    false
                else
                    let job = waiting[current]
                    let piece = pieces[slot]
                    piece.Job <- job
                    piece.First <- upcoming
                    piece.UpTo <- min job.Count (upcoming + job.Step)
                    piece.Done <- piece.First
                    upcoming <- piece.UpTo

                    if upcoming = job.Count then
                        // Its memory is that of its pieces from here on.
                        waiting[current] <- Unchecked.defaultof<PairJob>
                        current <- current + 1
                        upcoming <- 0

                    true

            member _.Compute(thread, slot) = compute thread pieces[slot]
            member _.Emit slot = emit pieces[slot]
            member _.Stop() = ()
    }

    /// At eight million numbers a piece takes no more centres.
    new(projection, form, parameters, threads, sink, progress) =
        PairStream(projection, form, parameters, threads, sink, progress, 8_000_000L)

    /// Pairs done so far, the centres with themselves not counted.
    member _.Pairs = donePairs

    /// Computes and hands on what waits.
    member _.Flush() =
        current <- 0
        upcoming <- 0
        Schedule.run workspaces workspaces.Length slots work CancellationToken.None
        waiting.Clear()
        expected <- 0.0
        progress.Invoke(doneFrames, doneCenters, donePairs)

    /// Adds a frame that the projection knows the species of.
    member stream.Add(system: int, frame: Frame) =
        let count = frame.Particles.Length

        if count = 0 then
            doneFrames <- doneFrames + 1L
        else
            let pairs = (PairEstimate.ofFrame 0.0 projection.Hypers.CutoffRadius frame).Pairs
            // Of one centre.
            let each = (pairs / float count + 1.0) * float numbers
            let step = int (Math.Clamp(usualPiece / each, 1.0, float CenterLoop.ChunkSize))
            waiting.Add(PairJob(projection, system, frame, Step = step))
            expected <- expected + float count * each

            if slots = 1 || expected > mostWaiting || waiting.Count >= mostFrames then
                stream.Flush()

        progress.Invoke(doneFrames, doneCenters, donePairs)
