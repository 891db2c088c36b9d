namespace AniSoap.Numerics

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open AniSoap

/// Hands items from one thread to another, holding no more than a given weight of them at a time (but always at least one), so that what
/// waits is bounded by the largest item and not by the length of the input.
[<Sealed>]
type internal BoundedQueue<'T>(limit: int64) =
    let items = Queue<struct ('T * int64)>()
    let mutable held = 0L
    let mutable isComplete = false

    /// Waits until there is room. False if nobody will take it any more.
    member _.Add(item: 'T, weight: int64) =
        lock items (fun () ->
            while not isComplete && items.Count > 0 && held + weight > limit do
                Monitor.Wait items |> ignore

            if isComplete then
                false
            else
                items.Enqueue(struct (item, weight))
                held <- held + weight
                Monitor.PulseAll items
                true)

    /// No more items will come, or none are wanted any more.
    member _.Complete() =
        lock items (fun () ->
            isComplete <- true
            Monitor.PulseAll items)

    /// Waits for the next item; none once the queue is complete and empty.
    member _.Take() : 'T voption =
        lock items (fun () ->
            while items.Count = 0 && not isComplete do
                Monitor.Wait items |> ignore

            if items.Count = 0 then
                ValueNone
            else
                let struct (item, weight) = items.Dequeue()
                held <- held - weight
                Monitor.PulseAll items
                ValueSome item)

    /// Whether `Take` would answer at once.
    member _.IsReady = lock items (fun () -> items.Count > 0 || isComplete)

/// Frames that are read: by whoever needs the next one, or, where that takes time and several threads compute, by one more thread that reads ahead.
[<Sealed>]
type internal FrameReading(next: Func<FrameJob voption>, mayReadAhead: bool, seconds: Func<float>) =
    /// Particles that may wait between reading and computing (or one frame, if it has more).
    static let waitingParticles = 16384L

    /// Seconds of reading after which it pays to have a thread that reads ahead: starting one costs about as much.
    static let patience = 0.002

    let queue = BoundedQueue<FrameJob> waitingParticles
    let mutable reading = Task.CompletedTask
    let mutable readsAhead = false

    let read () =
        try
            let mutable more = true

            while more do
                match next.Invoke() with
                | ValueNone -> more <- false
                | ValueSome job -> more <- queue.Add(job, int64 job.Frame.Particles.Length)
        finally
            queue.Complete()

    /// Ends reading: the thread that reads uses the file and is waited for. But not for ever when the run has failed while it waits for input itself.
    member _.Finish(isWell: bool) =
        let limit =
            if isWell then
                Timeout.InfiniteTimeSpan
            else
                TimeSpan.FromSeconds 1.0

        (reading :> IAsyncResult).AsyncWaitHandle.WaitOne limit |> ignore

        if isWell then
            reading.GetAwaiter().GetResult()

    interface IFrameFeed with
        member _.Take() =
            if readsAhead then
                queue.Take()
            else
                let job = next.Invoke()

                if mayReadAhead && job.IsSome && seconds.Invoke() > patience then
                    readsAhead <- true
                    reading <- Task.Factory.StartNew(Action read, TaskCreationOptions.LongRunning)

                job

        member _.IsReady = not readsAhead || queue.IsReady
        member _.Stop() = queue.Complete()
