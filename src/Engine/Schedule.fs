namespace AniSoap.Numerics

open System
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks

/// Work in pieces: given out in their order, computed on any thread, handed over in their order. A piece under way has a slot, a number
/// from 0 that nothing else has meanwhile.
type internal IPieces<'W> =
    /// Puts the next piece into a free slot; false when there are no more. One call at a time; may wait for input.
    abstract Give: slot: int -> bool
    /// Computes a piece with a thread's own workspace.
    abstract Compute: work: 'W * slot: int -> unit
    /// Hands a piece over: one call at a time, in order, on any thread.
    abstract Emit: slot: int -> unit
    /// The run ends early: who waits for input is woken.
    abstract Stop: unit -> unit

/// Several threads at the same pieces, at most as many under way as there are slots, so that slow writing stops computing in the end, and computing
/// reading. Nobody waits for a whole batch: whoever finishes the piece that is next hands it over, and those finished behind it.
[<Sealed>]
type internal PieceRing<'W>(pieces: IPieces<'W>, slots: int) =
    // Two locks: one to give out, held while waiting for input or for room; one for what is finished, held for moments.
    let giving = obj ()
    let ring = obj ()
    let isDone = Array.zeroCreate<bool> slots
    let mutable given = 0L
    let mutable emitted = 0L
    let mutable isEmitting = false
    let mutable isStopped = false
    let mutable failure: ExceptionDispatchInfo voption = ValueNone

    let waitForRoom () =
        lock ring (fun () ->
            while not isStopped && given - emitted >= int64 slots do
                Monitor.Wait ring |> ignore

            not isStopped)

    /// The slot of the next piece to be computed; −1 when there will be no more.
    let next () =
        lock giving (fun () ->
            let slot = int (given % int64 slots)

            if waitForRoom () && pieces.Give slot then
                given <- given + 1L
                slot
            else
                -1)

    /// Takes a computed piece back, and hands over whatever can be handed over now unless somebody is at it.
    let finish slot =
        let mutable emits =
            lock ring (fun () ->
                isDone[slot] <- true
                let free = not isEmitting
                isEmitting <- true
                free)

        while emits do
            let next =
                lock ring (fun () ->
                    let next = int (emitted % int64 slots)

                    if isDone[next] && not isStopped then
                        next
                    else
                        isEmitting <- false
                        -1)

            if next < 0 then
                emits <- false
            else
                pieces.Emit next

                lock ring (fun () ->
                    isDone[next] <- false
                    emitted <- emitted + 1L
                    Monitor.PulseAll ring)

    /// Ends it early: nobody waits, nothing more is given out or handed over.
    member _.Stop() =
        lock ring (fun () ->
            isStopped <- true
            Monitor.PulseAll ring)

        pieces.Stop()

    /// One thread's part: pieces, until there are no more. What goes wrong ends the run for all.
    member loop.Work(work: 'W, cancellation: CancellationToken) =
        try
            let mutable slot = next ()

            while slot >= 0 do
                cancellation.ThrowIfCancellationRequested()
                pieces.Compute(work, slot)
                finish slot
                slot <- next ()

            cancellation.ThrowIfCancellationRequested()
        with error ->
            lock ring (fun () ->
                if failure.IsNone then
                    failure <- ValueSome(ExceptionDispatchInfo.Capture error))

            loop.Stop()

    /// Throws what ended the run, if anything did.
    member _.ThrowFailure() =
        match failure with
        | ValueSome error -> error.Throw()
        | ValueNone -> ()

/// The one way in which work is shared between threads.
module internal Schedule =
    /// Everything on the calling thread, one piece after another in slot 0.
    let private alone (work: 'W) (pieces: IPieces<'W>) (cancellation: CancellationToken) =
        cancellation.ThrowIfCancellationRequested()

        while pieces.Give 0 do
            pieces.Compute(work, 0)
            pieces.Emit 0
            cancellation.ThrowIfCancellationRequested()

    /// The calling thread and others, as many as there are workspaces.
    let private together (workspaces: 'W[]) threads slots (pieces: IPieces<'W>) (cancellation: CancellationToken) =
        let ring = PieceRing(pieces, slots)
        // Who waits for input is woken when the run is cancelled.
        use _ = cancellation.Register(Action ring.Stop)

        let others =
            Array.init (threads - 1) (fun i -> Task.Run(fun () -> ring.Work(workspaces[i + 1], cancellation)))

        ring.Work(workspaces[0], cancellation)
        // Those that have not been started yet find nothing to do, here.
        Task.WaitAll others
        ring.ThrowFailure()

    /// Carries out pieces on `threads` threads, each with a workspace of its own, with at most `slots` of them under way. Throws what a piece throws, and
    /// OperationCanceledException when cancelled; nothing is under way any more then.
    let run (workspaces: 'W[]) (threads: int) (slots: int) (pieces: IPieces<'W>) (cancellation: CancellationToken) =
        if threads <= 1 then
            alone workspaces[0] pieces cancellation
        else
            together workspaces threads slots pieces cancellation

    /// Calls `work` for the numbers 0 … count − 1, in no order, on as many threads as there are workspaces.
    let forEach (workspaces: 'W[]) (count: int) (work: Action<'W, int>) =
        let threads = min workspaces.Length count
        let slots = 4 * max 1 threads
        let numbers = Array.zeroCreate<int> slots
        let next = [| 0 |]

        let pieces = {
            new IPieces<'W> with
                member _.Give slot =
                    numbers[slot] <- next[0]
                    next[0] <- next[0] + 1
                    numbers[slot] < count

                member _.Compute(workspace, slot) = work.Invoke(workspace, numbers[slot])
                member _.Emit _ = ()
                member _.Stop() = ()
        }

        if count > 0 then
            run workspaces threads slots pieces CancellationToken.None
