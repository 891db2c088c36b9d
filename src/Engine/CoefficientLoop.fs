namespace AniSoap.Numerics

open System
open System.Threading
open AniSoap
open AniSoap.Numerics

/// Takes the coefficients of one centre: the system's number, the centre, its species' place in the run, and the
/// coefficients, l slowest, then m, then the columns.
type internal CoefficientHandler =
    delegate of system: int * center: int * species: int * values: ReadOnlySpan<float> -> unit

/// A frame whose Gaussians and grid are made by the first thread that needs them, for all species of the run.
[<Sealed>]
type internal CoefficientJob(projection: Projection, number: int, frame: Frame) =
    let prepared =
        Lazy<PreparedFrame>((fun () -> PreparedFrame(projection, frame)), LazyThreadSafetyMode.ExecutionAndPublication)

    member _.Number = number
    member _.Frame = frame
    member _.Prepared = prepared.Value

/// Coefficients of all centres of frames that come one at a time, handed on in the order of frames and centres;
/// `progress` is told frames handed on, and centres and pairs done so far. Centres of
/// several frames are computed together, so that small frames too keep all threads busy; what is held depends on the
/// length of a row and on the frames that are under way.
[<Sealed>]
type internal CoefficientLoop
    (
        projection: Projection,
        form: RadialForm,
        size: int,
        threads: int,
        take: CoefficientHandler,
        progress: Action<int64, int64, int64>
    ) =
    /// Memory for coefficients under way, in doubles.
    static let mostDoubles = 2_000_000
    static let mostPieces = 512

    let workspaces = Array.init (max 1 threads) (fun _ -> Workspace projection)
    let chunk = CenterLoop.ChunkSize

    // A few pieces for each thread, however long a row is.
    let capacity = max (4 * workspaces.Length) (min mostPieces (mostDoubles / (chunk * size)))
    let slots: float[][] = Array.create capacity Array.empty
    let pieces = Array.zeroCreate<struct (CoefficientJob * int)> capacity
    let reporting = obj ()
    let mutable waiting = 0
    let mutable doneFrames = 0L
    let mutable doneCenters = 0L
    let mutable donePairs = 0L

    let compute =
        Action<Workspace, int>(fun work i ->
            let struct (job, first) = pieces[i]
            let prepared = job.Prepared
            let mutable found = 0L

            for center in first .. min prepared.Frame.Particles.Length (first + chunk) - 1 do
                found <-
                    found
                    + int64 (CenterKernel.findNeighbors prepared.Search prepared.Gaussians work center)

                CenterKernel.expand prepared.Gaussians work

                let source =
                    match form with
                    | RadialForm.Raw -> work.Coefficients
                    | RadialForm.Orthonormal ->
                        CenterKernel.orthonormalize work
                        work.Mixed

                let row = Span(slots[i], (center - first) * size, size)
                FeatureRows.copyCoefficients projection (form = RadialForm.Raw) source.Pointer row

            let found = found

            // Whoever listens may end the run here.
            lock reporting (fun () ->
                let upTo = min prepared.Frame.Particles.Length (first + chunk)
                doneCenters <- doneCenters + int64 (upTo - first)
                donePairs <- donePairs + found
                progress.Invoke(doneFrames, doneCenters, donePairs)))

    /// Pairs done so far, the centres with themselves not counted.
    member _.Pairs = donePairs

    /// Computes and hands on what waits.
    member _.Flush() =
        CenterLoop.share workspaces waiting compute

        for i in 0 .. waiting - 1 do
            let struct (job, first) = pieces[i]
            let gaussians = job.Prepared.Gaussians
            let count = job.Frame.Particles.Length
            let upTo = min count (first + chunk)

            for center in first .. upTo - 1 do
                let row = ReadOnlySpan(slots[i], (center - first) * size, size)
                take.Invoke(job.Number, center, gaussians.SpeciesIndex[center], row)

            if upTo = count then
                doneFrames <- doneFrames + 1L

            pieces[i] <- Unchecked.defaultof<struct (CoefficientJob * int)>

        waiting <- 0
        progress.Invoke(doneFrames, doneCenters, donePairs)

    /// Adds a frame that the projection knows the species of.
    member loop.Add(system: int, frame: Frame) =
        let job = CoefficientJob(projection, system, frame)

        for first in 0..chunk .. frame.Particles.Length - 1 do
            if waiting = capacity then
                loop.Flush()

            if slots[waiting].Length = 0 then
                slots[waiting] <- Array.zeroCreate (chunk * size)

            pieces[waiting] <- struct (job, first)
            waiting <- waiting + 1

        // Whoever listens may want to end the run.
        progress.Invoke(doneFrames, doneCenters, donePairs)
