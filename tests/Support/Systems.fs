/// Runs whose frames have system numbers of their own.
module AniSoap.Tests.Systems

open AniSoap

/// The options of a run of frames with these numbers.
let numbered (systems: int list) : RunOptions = { RunOptions.defaults with Systems = Some(Seq.ofList systems) }

/// The numbers of frames that stand beside them.
let ofPairs (frames: (int * Frame) seq) : RunOptions = numbered (frames |> Seq.map fst |> Seq.toList)
