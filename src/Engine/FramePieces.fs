namespace AniSoap.Numerics

open System
open AniSoap

/// Where frames come from.
type internal IFrameFeed =
    /// The next frame; none when there are no more. May wait for it.
    abstract Take: unit -> FrameJob voption
    /// Whether it would not have to wait.
    abstract IsReady: bool
    /// No more are wanted: who waits is woken.
    abstract Stop: unit -> unit

module internal CenterChunk =
    /// Centres in one piece of work: few enough to share evenly, enough that sharing costs nothing.
    [<Literal>]
    let Size = 16

/// Some neighbouring centres of one frame: what one thread does at a time.
[<Struct>]
type internal Chunk = {
    Job: FrameJob
    From: int
    UpTo: int
    /// The next frame, where this chunk is the one after which it is to be made ready.
    Ahead: FrameJob voption
}

/// The centres of frames in chunks, for `Schedule`, counted as they are handed over. A frame without centres is one empty chunk. What chunks are does not depend on
/// the number of threads, and so neither do sums over them, bit for bit.
[<AbstractClass>]
type internal FramePieces<'W>(slots: int, chunkSize: int) =
    // Chunks before the end of a frame at which the next one is made ready: else all would wait for the first that needs it.
    let chunksAhead = 8
    let chunks = Array.zeroCreate<Chunk> slots
    let pairs = Array.zeroCreate<int64> slots
    let mutable feed = Unchecked.defaultof<IFrameFeed>
    let mutable progress = Unchecked.defaultof<Action<int64, int64, int64>>
    let mutable current: FrameJob voption = ValueNone
    let mutable upcoming: FrameJob voption = ValueNone
    let mutable from = 0

    member _.Slots = slots
    member _.Chunk(slot: int) = chunks[slot]

    /// Frames, centres and pairs handed over so far; pairs are directed, the centres with themselves not counted.
    member val Frames = 0L with get, set
    member val Centers = 0L with get, set
    member val Pairs = 0L with get, set

    /// To be called before a run; `progress` is told frames, centres and pairs handed over, and may throw to end it.
    member pieces.Begin(frames: IFrameFeed, report: Action<int64, int64, int64>) =
        // A run before may have been ended early.
        for slot in 0 .. slots - 1 do
            chunks[slot] <- Unchecked.defaultof<Chunk>

        feed <- frames
        progress <- report
        current <- ValueNone
        upcoming <- ValueNone
        from <- 0
        pieces.Frames <- 0L
        pieces.Centers <- 0L
        pieces.Pairs <- 0L

    /// Computes a chunk; returns the number of its pairs.
    abstract ComputeChunk: work: 'W * slot: int * chunk: Chunk -> int64

    /// Hands a chunk over. `isLast`: its frame is complete.
    abstract EmitChunk: slot: int * chunk: Chunk * isLast: bool -> unit

    interface IPieces<'W> with
        member _.Give slot =
            if current.IsNone then
                current <- if upcoming.IsSome then upcoming else feed.Take()
                upcoming <- ValueNone
                from <- 0

            match current with
            | ValueNone -> false
            | ValueSome job ->
                let count = job.Count
                let upTo = min count (from + chunkSize)

                let ahead =
                    if
                        slots > 1
                        && upcoming.IsNone
                        && count - upTo < chunksAhead * chunkSize
                        && feed.IsReady
                    then
                        upcoming <- feed.Take()
                        upcoming
                    else
                        ValueNone

                chunks[slot] <- { Job = job; From = from; UpTo = upTo; Ahead = ahead }
                from <- upTo

                if upTo = count then
                    current <- ValueNone

                true

        member pieces.Compute(work, slot) =
            let chunk = chunks[slot]
            pairs[slot] <- pieces.ComputeChunk(work, slot, chunk)

            match chunk.Ahead with
            | ValueSome job -> job.Prepared |> ignore
            | ValueNone -> ()

        member pieces.Emit slot =
            let chunk = chunks[slot]
            let isLast = (chunk.UpTo = chunk.Job.Count)
            pieces.EmitChunk(slot, chunk, isLast)
            pieces.Pairs <- pieces.Pairs + pairs[slot]
            pieces.Centers <- pieces.Centers + int64 (chunk.UpTo - chunk.From)

            if isLast then
                pieces.Frames <- pieces.Frames + 1L
                chunk.Job.Release()

            // Its frame may be forgotten.
            chunks[slot] <- Unchecked.defaultof<Chunk>
            progress.Invoke(pieces.Frames, pieces.Centers, pieces.Pairs)

        member _.Stop() = feed.Stop()

/// One frame, any number of times.
[<Sealed>]
type internal SingleFrame(pool: FramePool) =
    let job = FrameJob pool
    let mutable isTaken = true
    member _.Job = job
    member _.Begin() = isTaken <- false

    interface IFrameFeed with
        member _.Take() =
            if isTaken then
                ValueNone
            else
                isTaken <- true
                ValueSome job

        member _.IsReady = true
        member _.Stop() = ()

/// Frames that are in memory anyway.
[<Sealed>]
type internal FrameArray
    (projection: Projection, pool: FramePool, frames: (int * Frame)[], centersOf: (int -> int[]) voption) =
    let mutable next = 0

    interface IFrameFeed with
        member _.Take() =
            if next = frames.Length then
                ValueNone
            else
                let number, frame = frames[next]
                next <- next + 1
                let job = FrameJob pool
                job.Projection <- projection
                job.Number <- number
                job.Frame <- frame

                job.Chosen <-
                    match centersOf with
                    | ValueSome chosen -> ValueSome(chosen number)
                    | ValueNone -> ValueNone

                ValueSome job

        member _.IsReady = true
        member _.Stop() = ()
