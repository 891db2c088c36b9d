namespace AniSoap.Numerics

open System
open System.Diagnostics
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open AniSoap

/// Wall-clock time during which at least one thread was at work.
[<Sealed>]
type internal SharedClock() =
    let clock = Stopwatch()
    let mutable working = 0

    member _.Enter() =
        lock clock (fun () ->
            if working = 0 then
                clock.Start()

            working <- working + 1)

    member _.Exit() =
        lock clock (fun () ->
            working <- working - 1

            if working = 0 then
                clock.Stop())

    member _.Seconds = clock.Elapsed.TotalSeconds

/// Power spectra of frames: for means a chunk's sums over its centres, a row for each species among them, which are added up in order; else a spectrum a
/// centre. The projections of jobs are on the species that occur in them; rows have the columns of the run.
[<Sealed>]
type internal SpectrumPieces(projection: Projection, perParticle: bool, columns: SpectrumColumns, slots: int) =
    inherit FramePieces<Workspaces>(slots, CenterChunk.Size)
    let length = SpectrumColumns.length columns projection
    let isCompact = SpectrumColumns.isCompact columns

    // For each value of a mean's row its place among those of all species, where some columns of each are chosen.
    let picks =
        match columns with
        | SomeColumns chosen when chosen.HasCenters ->
            chosen.Picks
            |> Array.map (fun (struct (center, place)) -> projection.SpeciesIndex center * length + place)
        | _ -> Array.empty

    let picked = Array.zeroCreate<float> picks.Length
    // A row of all species, which only picked columns are taken out of; zero between rows.
    let all =
        Array.zeroCreate<float>(
            if picks.Length = 0 then
                0
            else
                projection.Species.Length * length
        )

    // By slot: sums, and for means the species of the rows, in the order of the frame's own.
    let buffers = Array.create slots (AlignedBuffer 0)
    let species = Array.init slots (fun _ -> ResizeArray<int>())
    // By slot: means of a frame that is one chunk, complete, in the columns of its own species.
    let completed = Array.create slots Array.empty<float>
    let rowLength = (if perParticle then 1 else projection.Species.Length) * length
    // Of the frame under way, by its own species: sums of spectra, and numbers of centres.
    let mutable sums = Array.empty<float>
    let mutable counts = Array.empty<int>
    let mutable isBegun = false
    // Spectra of the frame's own species as they are handed over, and where in the row each of them begins.
    let mutable finished = Array.empty<float>
    let starts = Array.zeroCreate<int>(max 1 projection.Species.Length)
    let mutable write = Unchecked.defaultof<SparseRowHandler>
    let computing = SharedClock()
    let writing = Stopwatch()

    // Inner means add up coefficients instead of spectra.
    let isInner = not perParticle && projection.Hypers.Averaging = Averaging.Inner
    let mutable inner: InnerMean voption = ValueNone

    let size (job: FrameJob) =
        match job.Subset.Sums with
        | ValueSome chosen -> chosen.Target.Length
        | ValueNone when isInner -> InnerMean.Length job.Projection
        | ValueNone -> SpectrumColumns.fullLength job.Projection

    // Sums begin on cache lines.
    let stride job = (size job + 7) / 8 * 8

    let roomFor slot doubles =
        if buffers[slot].Length >= doubles then
            buffers[slot].Span.Slice(0, doubles).Clear()
        else
            buffers[slot] <- AlignedBuffer doubles

        buffers[slot]

    let begin' (job: FrameJob) =
        let own = job.Projection
        let doubles = own.Species.Length * size job

        if sums.Length < doubles then
            sums <- Array.zeroCreate doubles
        else
            Array.Clear(sums, 0, doubles)

        if counts.Length < own.Species.Length then
            counts <- Array.zeroCreate own.Species.Length
        else
            Array.Clear counts

        isBegun <- true

    /// target += row
    let add (target: Span<float>) (row: ReadOnlySpan<float>) =
        FullOptimization.ask ()
        let mutable i = 0
        let whole = row.Length - row.Length % 4

        while i < whole do
            let sum =
                Vector256.Add(
                    Vector256.LoadUnsafe(&MemoryMarshal.GetReference target, unativeint i),
                    Vector256.LoadUnsafe(&MemoryMarshal.GetReference row, unativeint i)
                )

            Vector256.StoreUnsafe(sum, &MemoryMarshal.GetReference target, unativeint i)
            i <- i + 4

        while i < row.Length do
            target[i] <- target[i] + row[i]
            i <- i + 1

    let rowOf slot place job : ReadOnlySpan<float> =
        Span.op_Implicit (buffers[slot].Span.Slice(place * stride job, size job))

    /// Columns of a spectrum of the frame's own species, and their places among those of the run: none where all are there.
    let placesOf (subset: SpeciesSubset) =
        match subset.Sums with
        | ValueSome chosen -> chosen.Target
        | ValueNone when subset.IsWhole -> Array.empty
        | ValueNone -> subset.Targets

    let widthOf (subset: SpeciesSubset) =
        if subset.Sums.IsNone && subset.IsWhole then
            length
        else
            (placesOf subset).Length

    /// Completes a sum of spectra of the frame's own species.
    let finish (subset: SpeciesSubset) (count: float) (sum: ReadOnlySpan<float>) (target: Span<float>) =
        if subset.Sums.IsSome then
            for i in 0 .. sum.Length - 1 do
                target[i] <- sum[i] / count
        else
            ContractionKernel.finishSpectrum subset.Own.Table isCompact count sum target

    let finishedRoom doubles =
        if finished.Length < doubles then
            finished <- Array.zeroCreate doubles

    /// Hands the rows of a frame's means over, of as many species as `starts` has been filled for.
    let hand (job: FrameJob) parts (values: float[]) =
        let subset = job.Subset

        let row =
            SparseRow(
                rowLength,
                0,
                ReadOnlySpan(starts, 0, parts),
                ReadOnlySpan(placesOf subset),
                ReadOnlySpan(values, 0, parts * widthOf subset)
            )

        if picks.Length = 0 then
            write.Invoke(job.Number, -1, -1, row)
        else
            row.Scatter(Span all)

            for i in 0 .. picks.Length - 1 do
                picked[i] <- all[picks[i]]

            row.Clear(Span all)
            write.Invoke(job.Number, -1, -1, SparseRow.Dense(ReadOnlySpan picked))

    /// Whether means are completed by the thread that computes them: frames of few of the run's species that are one chunk.
    let isCompletedAlone (chunk: Chunk) =
        not perParticle
        && not isInner
        && chunk.From = 0
        && chunk.UpTo = chunk.Job.Count
        && not chunk.Job.Subset.IsWhole
        && chunk.Job.Subset.Sums.IsNone

    /// The means of the species in the chunk, its whole frame.
    let complete slot (chunk: Chunk) =
        let job = chunk.Job
        let search = job.Prepared.Search
        let width = job.Subset.Targets.Length
        let kinds = species[slot]

        if completed[slot].Length < kinds.Count * width then
            completed[slot] <- Array.zeroCreate (kinds.Count * width)

        for place in 0 .. kinds.Count - 1 do
            let mutable count = 0

            for i in chunk.From .. chunk.UpTo - 1 do
                if job.Prepared.Gaussians.SpeciesIndex[search.Center(search.Near i)] = kinds[place] then
                    count <- count + 1

            ContractionKernel.finishSpectrum
                job.Subset.Own.Table
                isCompact
                (float count)
                (rowOf slot place job)
                (Span(completed[slot], place * width, width))

    /// Hands complete means over.
    let writeCompleted slot (job: FrameJob) =
        let kinds = species[slot]

        for place in 0 .. kinds.Count - 1 do
            starts[place] <- job.Subset.Places[kinds[place]] * length

        hand job kinds.Count completed[slot]

    let addToMean slot (chunk: Chunk) =
        let job = chunk.Job
        let prepared = job.Prepared
        let size = size job

        if not isBegun then
            begin' job

        for place in chunk.From .. chunk.UpTo - 1 do
            let t = prepared.Gaussians.SpeciesIndex[prepared.Search.Center(prepared.Search.Near place)]
            counts[t] <- counts[t] + 1

        let kinds = species[slot]

        for place in 0 .. kinds.Count - 1 do
            add (Span(sums, kinds[place] * size, size)) (rowOf slot place job)

    let writeMean (job: FrameJob) =
        let subset = job.Subset
        let size = size job

        let width = widthOf subset
        finishedRoom (subset.Own.Species.Length * width)
        let mutable parts = 0

        // No centre of a species: zeros, which are left out.
        for t in 0 .. subset.Own.Species.Length - 1 do
            if isBegun && counts[t] > 0 then
                let sum = ReadOnlySpan(sums, t * size, size)
                let target = Span(finished, parts * width, width)
                starts[parts] <- subset.Places[t] * length
                parts <- parts + 1

                if isInner then
                    let mean =
                        match inner with
                        | ValueSome known when obj.ReferenceEquals(known.Projection, subset.Own) -> known
                        | _ ->
                            let made = InnerMean subset.Own
                            inner <- ValueSome made
                            made

                    finish subset 1.0 (mean.Take(sum, float counts[t])) target
                else
                    finish subset (float counts[t]) sum target

        hand job parts finished
        isBegun <- false

    /// Where rows go.
    member _.Write
        with set handler =
            write <- handler
            isBegun <- false
            // A run before may have been ended early.
            Array.Clear all

    /// Wall-clock time from frames to sums, and in which rows were handed over.
    member _.ComputeSeconds = computing.Seconds
    member _.WriteSeconds = writing.Elapsed.TotalSeconds

    override _.ComputeChunk(workspaces, slot, chunk) =
        computing.Enter()
        let job = chunk.Job
        let prepared = job.Prepared
        let search = prepared.Search
        let gaussians = prepared.Gaussians
        let work = workspaces.For job.Projection
        let stride = stride job
        // A mean may take its centres bin by bin: neighbours in space are neighbours in memory then, in whatever order the file has them.
        let kinds = species[slot]
        kinds.Clear()

        if not perParticle then
            for i in chunk.From .. chunk.UpTo - 1 do
                let t = gaussians.SpeciesIndex[search.Center(search.Near i)]

                if not (kinds.Contains t) then
                    kinds.Add t

            // As in the row.
            kinds.Sort()

        let rows = if perParticle then chunk.UpTo - chunk.From else kinds.Count
        let target = roomFor slot (rows * stride)
        let mutable pairs = 0L

        for i in chunk.From .. chunk.UpTo - 1 do
            let place = if perParticle then i else search.Near i
            pairs <- pairs + int64 (CenterKernel.findNeighbors search gaussians work place)
            CenterKernel.expand gaussians work
            CenterKernel.orthonormalize work

            let row =
                if perParticle then
                    i - chunk.From
                else
                    kinds.IndexOf gaussians.SpeciesIndex[search.Center place]

            if isInner then
                let into = target.Span.Slice(row * stride, size job)
                RowSums.addScaled 1.0 (Span.op_Implicit (work.Mixed.Span.Slice(0, size job))) into
            else
                CenterKernel.normalize work |> ignore

                match job.Subset.Sums with
                | ValueSome chosen -> CenterKernel.addChosen chosen work target (row * stride)
                | ValueNone -> CenterKernel.addSpectrum work target (row * stride)

        if isCompletedAlone chunk then
            complete slot chunk

        computing.Exit()
        pairs

    override _.EmitChunk(slot, chunk, isLast) =
        writing.Start()
        let job = chunk.Job

        if perParticle then
            let width = widthOf job.Subset
            finishedRoom width
            starts[0] <- 0

            for place in chunk.From .. chunk.UpTo - 1 do
                let center = job.Prepared.Search.Center place
                finish job.Subset 1.0 (rowOf slot (place - chunk.From) job) (Span(finished, 0, width))

                write.Invoke(
                    job.Number,
                    center,
                    job.Frame.Particles.SpeciesOf center,
                    SparseRow(
                        rowLength,
                        0,
                        ReadOnlySpan(starts, 0, 1),
                        ReadOnlySpan(placesOf job.Subset),
                        ReadOnlySpan(finished, 0, width)
                    )
                )
        elif isCompletedAlone chunk then
            writeCompleted slot job
        else
            addToMean slot chunk

            if isLast then
                writeMean job

        writing.Stop()
