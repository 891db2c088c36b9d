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
    // By slot: sums, and for means the species of the rows, in the order of the frame's own.
    let buffers = Array.create slots (AlignedBuffer 0)
    let species = Array.init slots (fun _ -> ResizeArray<int>())
    // By slot: means of a frame that is one chunk, complete, in the columns of its own species.
    let completed = Array.create slots Array.empty<float>
    let row = Array.zeroCreate<float>((if perParticle then 1 else projection.Species.Length) * length)
    // Of the frame under way, by its own species: sums of spectra, and numbers of centres.
    let mutable sums = Array.empty<float>
    let mutable counts = Array.empty<int>
    let mutable isBegun = false
    // A spectrum of the frame's own species, on its way to the columns of the run.
    let mutable finished = Array.empty<float>
    let mutable write = Unchecked.defaultof<SpectrumRowHandler>
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

    /// Completes a sum of spectra of the frame's own species, into `target` with the columns of the run, zero before.
    let finish (subset: SpeciesSubset) count (sum: ReadOnlySpan<float>) (target: Span<float>) =
        let table = subset.Own.Table

        if subset.Sums.IsSome then
            let chosen = subset.Sums.Value

            for i in 0 .. sum.Length - 1 do
                target[chosen.Target[i]] <- sum[i] / count
        elif subset.IsWhole then
            ContractionKernel.finishSpectrum table isCompact count sum target
        else
            let targets = subset.Targets

            if finished.Length < targets.Length then
                finished <- Array.zeroCreate targets.Length

            ContractionKernel.finishSpectrum table isCompact count sum (Span finished)

            subset.Scatter(ReadOnlySpan finished, target)

    /// Zeros again where `finish` wrote: of a row of many species a frame of few fills a small part.
    let clear (subset: SpeciesSubset) (target: Span<float>) =
        if subset.Sums.IsSome then
            for place in subset.Sums.Value.Target do
                target[place] <- 0.0
        elif subset.IsWhole then
            target.Clear()
        else
            for place in subset.Targets do
                target[place] <- 0.0

    /// Hands the rows of a frame's means over.
    let hand (job: FrameJob) =
        if picks.Length = 0 then
            write.Invoke(job.Number, -1, -1, ReadOnlySpan row)
        else
            for i in 0 .. picks.Length - 1 do
                picked[i] <- row[picks[i]]

            write.Invoke(job.Number, -1, -1, ReadOnlySpan picked)

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
        let subset = job.Subset
        let width = subset.Targets.Length
        let kinds = species[slot]

        for place in 0 .. kinds.Count - 1 do
            subset.Scatter(
                ReadOnlySpan(completed[slot], place * width, width),
                Span(row, subset.Places[kinds[place]] * length, length)
            )

        hand job

        for place in 0 .. kinds.Count - 1 do
            clear subset (Span(row, subset.Places[kinds[place]] * length, length))

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

        // No centre of a species: zeros, as they stand there.
        for t in 0 .. subset.Own.Species.Length - 1 do
            if isBegun && counts[t] > 0 then
                let sum = ReadOnlySpan(sums, t * size, size)
                let target = Span(row, subset.Places[t] * length, length)

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

        hand job

        for place in subset.Places do
            clear subset (Span(row, place * length, length))

        isBegun <- false

    /// Where rows go.
    member _.Write
        with set handler =
            write <- handler
            isBegun <- false
            // A run before may have been ended early.
            Array.Clear row

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

        let isAlone = isCompletedAlone chunk

        // Long before it is written: rows are handed over one at a time, and nobody should wait for memory meanwhile.
        if isAlone then
            for kind in kinds do
                job.Subset.Approach(ReadOnlySpan(row, job.Subset.Places[kind] * length, length))

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

        if isAlone then
            complete slot chunk

        computing.Exit()
        pairs

    override _.EmitChunk(slot, chunk, isLast) =
        writing.Start()
        let job = chunk.Job

        if perParticle then
            for place in chunk.From .. chunk.UpTo - 1 do
                let center = job.Prepared.Search.Center place
                // Columns of species that the frame does not hold stay zero.
                finish job.Subset 1.0 (rowOf slot (place - chunk.From) job) (Span row)
                write.Invoke(job.Number, center, job.Frame.Particles.SpeciesOf center, ReadOnlySpan row)
                clear job.Subset (Span row)
        elif isCompletedAlone chunk then
            writeCompleted slot job
        else
            addToMean slot chunk

            if isLast then
                writeMean job

        writing.Stop()
