namespace AniSoap

open System
open System.IO

/// Data that must wait until other parts of a file are complete: a file in the target's folder that nobody sees, and that
/// is gone with the process.
[<Sealed>]
type internal Spill(target: string) =
    let stream = Temporary.createUnnamed target

    member _.Stream: Stream = stream

    /// Everything written so far, to another stream.
    member _.CopyTo(target: Stream) =
        stream.Position <- 0L
        stream.CopyTo(target, 1 <<< 20)

    interface IDisposable with
        member _.Dispose() = Files.abandon stream
