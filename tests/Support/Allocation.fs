/// What calls allocate on this thread.
module AniSoap.Tests.Allocation

open System

/// Bytes that a call allocates: the least of five. Where a collection falls into one, what it leaves unused of the memory that the thread allocates from counts as allocated.
let least (call: unit -> unit) =
    Seq.init 5 (fun _ ->
        let before = GC.GetAllocatedBytesForCurrentThread()
        call ()
        GC.GetAllocatedBytesForCurrentThread() - before)
    |> Seq.min
