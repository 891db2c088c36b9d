namespace AniSoap.Numerics

open System
open AniSoap

module internal CenterLoop =
    /// Centres in one piece of work: small enough to share evenly, large enough that sharing costs nothing.
    [<Literal>]
    let ChunkSize = 16

    /// Calls `work` for the numbers 0 … count − 1 on as many threads as there are workspaces, each with its own workspace. Who gets which
    /// number is left to chance: results must not depend on it.
    let share (workspaces: 'W[]) count (work: Action<'W, int>) = Schedule.forEach workspaces count work

    /// Calls `visit` for the centres 0 … count − 1, a piece of work at a time on each thread, and `report`, one call at a time, with the centres of
    /// every piece that is done and what `visit` said of them, added up.
    let forEachChunk (workspaces: 'W[]) count (visit: Func<'W, int, int>) (report: Action<int, int64>) =
        let reporting = obj ()
        let chunks = (count + ChunkSize - 1) / ChunkSize

        share
            workspaces
            chunks
            (Action<_, _>(fun workspace chunk ->
                let upTo = min count ((chunk + 1) * ChunkSize)
                let mutable pairs = 0L

                for center in chunk * ChunkSize .. upTo - 1 do
                    pairs <- pairs + int64 (visit.Invoke(workspace, center))

                lock reporting (fun () -> report.Invoke(upTo - chunk * ChunkSize, pairs))))
