namespace AniSoap

open System.Threading.Tasks

/// Work on things by their numbers that do not touch each other.
module internal Workers =
    /// Fewer are not worth a second thread.
    [<Literal>]
    let private FewerThanWorthIt = 256

    /// `action` for 0 to count − 1 on so many threads, however few there are; 0 means as many threads as processors.
    let all threads count (action: int -> unit) =
        if threads = 1 || count < 2 then
            for i in 0 .. count - 1 do
                action i
        else
            let most =
                if threads <= 0 then
                    System.Environment.ProcessorCount
                else
                    threads

            Parallel.For(0, count, ParallelOptions(MaxDegreeOfParallelism = most), action)
            |> ignore

    /// Numbers that one thread takes at once, where each thing takes little time.
    [<Literal>]
    let private Stretch = 256

    /// The same for things that take little time each, with room to work in that no two threads share.
    let eachIn threads count (room: unit -> 'room) (action: 'room -> int -> unit) =
        all (if count < FewerThanWorthIt then 1 else threads) ((count + Stretch - 1) / Stretch) (fun stretch ->
            let own = room ()

            for i in stretch * Stretch .. min count ((stretch + 1) * Stretch) - 1 do
                action own i)

    /// The same for things that take little time each.
    let each threads count (action: int -> unit) = all (if count < FewerThanWorthIt then 1 else threads) count action
