namespace AniSoap.Numerics

open System.Collections.Generic
open System.Threading

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
