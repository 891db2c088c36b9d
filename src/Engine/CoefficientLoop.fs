namespace AniSoap.Numerics

open System
open System.Threading
open AniSoap

/// Coefficients of all centres of frames that come one at a time, handed on in the order of frames and centres; `progress` is told frames handed on, and centres
/// and pairs done so far. Frames wait until together they keep all threads busy; what is held depends on the length of a row and on the frames that wait.
[<Sealed>]
type internal CoefficientLoop
    (
        projection: Projection,
        form: RadialForm,
        size: int,
        centersOf: (int -> int[]) voption,
        threads: int,
        take: CoefficientHandler,
        progress: Action<int64, int64, int64>
    ) =
    /// Memory for coefficients under way, in doubles.
    static let mostDoubles = 2_000_000
    static let mostPieces = 512

    let workspaces = Array.init (max 1 threads) (fun _ -> Workspaces())
    let pool = FramePool()
    // A few pieces for each thread, however long a row is.
    let capacity = max (4 * workspaces.Length) (min mostPieces (mostDoubles / (CenterChunk.Size * size)))
    let slots = if workspaces.Length = 1 then 1 else capacity
    let pieces = CoefficientPieces(projection, form, slots, true)
    let waiting = ResizeArray<int * Frame>()
    let mutable centers = 0
    let mutable doneFrames = 0L
    let mutable doneCenters = 0L
    let mutable donePairs = 0L

    let report =
        Action<int64, int64, int64>(fun frames centers pairs ->
            progress.Invoke(doneFrames + frames, doneCenters + centers, donePairs + pairs))

    do pieces.Take <- take

    /// Pairs done so far, the centres with themselves not counted.
    member _.Pairs = donePairs

    /// Computes and hands on what waits.
    member _.Flush() =
        pieces.Begin(FrameArray(projection, pool, waiting.ToArray(), centersOf), report)
        Schedule.run workspaces workspaces.Length slots pieces CancellationToken.None
        doneFrames <- doneFrames + pieces.Frames
        doneCenters <- doneCenters + pieces.Centers
        donePairs <- donePairs + pieces.Pairs
        waiting.Clear()
        centers <- 0

    /// Adds a frame that the projection knows the species of.
    member loop.Add(system: int, frame: Frame) =
        waiting.Add((system, frame))
        centers <- centers + max 1 frame.Particles.Length

        if centers >= capacity * CenterChunk.Size then
            loop.Flush()

        // Whoever listens may want to end the run.
        progress.Invoke(doneFrames, doneCenters, donePairs)
