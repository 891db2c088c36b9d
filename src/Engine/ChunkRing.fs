namespace AniSoap.Numerics

open System.Diagnostics
open System.Threading

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

/// Gives chunks out to threads in the order of the frames and takes them back in any order; what is finished is emitted in order, by whichever
/// thread finishes the one that was waited for. Nobody waits for a whole batch. At most as many chunks as there are slots are under way, so that
/// slow writing stops computing in the end, and computing reading.
///
/// `take` waits for the next frame; `isReady` says whether it would not have to. The chunks of a frame depend on nothing but its size.
[<Sealed>]
type internal ChunkRing(sums: ChunkSums, take: unit -> FrameJob voption, isReady: unit -> bool, emit: int -> unit) =
    // Two locks: one to give out, held while waiting for a frame or for room; one for what is finished, held for moments.
    let giving = obj ()
    let ring = obj ()
    let isDone = Array.zeroCreate<bool> sums.Capacity
    let mutable given = 0L
    let mutable emitted = 0L
    let mutable isEmitting = false
    let mutable isStopped = false
    let mutable current: FrameJob voption = ValueNone
    let mutable upcoming: FrameJob voption = ValueNone
    let mutable from = 0

    // Chunks before the end of a frame at which the next one is made ready.
    let chunksAhead = 8

    let waitForRoom () =
        lock ring (fun () ->
            while not isStopped && given - emitted >= int64 sums.Capacity do
                Monitor.Wait ring |> ignore

            not isStopped)

    let giveOut (job: FrameJob) =
        let count = job.Frame.Particles.Length
        let upTo = min count (from + sums.ChunkSize)

        let ahead =
            if upcoming.IsNone && count - upTo < chunksAhead * sums.ChunkSize && isReady () then
                upcoming <- take ()
                upcoming
            else
                ValueNone

        let slot = int (given % int64 sums.Capacity)

        sums.Put(slot, { Job = job; From = from; UpTo = upTo; Ahead = ahead })

        given <- given + 1L
        from <- upTo

        if upTo = count then
            current <- ValueNone

        ValueSome slot

    /// The slot of the next chunk to be computed; none when there will be no more.
    member _.Next() : int voption =
        lock giving (fun () ->
            if current.IsNone && not isStopped then
                current <- if upcoming.IsSome then upcoming else take ()
                upcoming <- ValueNone
                from <- 0

            match current with
            | ValueSome job when waitForRoom () -> giveOut job
            | _ -> ValueNone)

    /// Takes a computed slot back, and emits whatever can be emitted now unless somebody is at it.
    member _.Finish(slot: int) =
        let mutable emits =
            lock ring (fun () ->
                isDone[slot] <- true
                let free = not isEmitting
                isEmitting <- true
                free)

        while emits do
            let next =
                lock ring (fun () ->
                    let next = int (emitted % int64 sums.Capacity)

                    if isDone[next] && not isStopped then
                        next
                    else
                        isEmitting <- false
                        -1)

            if next < 0 then
                emits <- false
            else
                emit next
                sums.Clear next

                lock ring (fun () ->
                    isDone[next] <- false
                    emitted <- emitted + 1L
                    Monitor.PulseAll ring)

    /// Ends it early: nobody waits, nothing more is given out or emitted.
    member _.Stop() =
        lock ring (fun () ->
            isStopped <- true
            Monitor.PulseAll ring)
