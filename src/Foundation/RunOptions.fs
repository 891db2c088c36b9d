namespace AniSoap

open System
open System.Runtime.InteropServices
open System.Threading

/// How a run is going: what is done so far.
[<Struct; NoComparison>]
type RunProgress = {
    /// Frames done.
    Frames: int64
    /// Centres done.
    Particles: int64
    /// Pairs of a centre and a neighbour; images counted, a centre with itself not.
    Pairs: int64
}

/// What a run has done and where its time went, in seconds of the wall clock.
type FeatureStatistics = {
    /// Frames done.
    Frames: int64
    /// Centres done.
    Particles: int64
    /// Pairs of a centre and a neighbour; images counted, a centre with itself not.
    Pairs: int64
    /// Numbers in one row of features.
    Features: int64
    /// Time in which frames were read.
    ReadSeconds: float
    /// Time from frames to features.
    ComputeSeconds: float
    /// Time in which rows were written.
    WriteSeconds: float
}

/// How features are computed; nothing of it changes them by a bit. `RunOptions.defaults` and `RunOptions.threads` are where to start.
[<NoComparison; NoEquality>]
type RunOptions = {
    /// Computing threads; 0: as many as there are processors.
    Threads: int
    /// The number of each frame in the results (`system` of a row), all different, in the order of the frames. `None`: 0, 1, 2 …
    Systems: int seq option
    /// Told now and then how it is going: one call at a time, on any of the computing threads.
    Progress: (RunProgress -> unit) option
    /// Stops the run, by an OperationCanceledException.
    Cancellation: CancellationToken
} with

    /// Options as C# writes them, which has no `{ RunOptions.defaults with … }`: 0 threads are as many as there are processors; systems are numbered 0, 1, 2 …
    /// unless given.
    static member Of
        (
            [<Optional; DefaultParameterValue(1)>] threads: int,
            [<Optional>] progress: IProgress<RunProgress> | null,
            [<Optional>] cancellation: CancellationToken,
            [<Optional>] systems: int seq | null
        ) = {
        Threads = threads
        Systems = Option.ofObj systems
        Progress =
            progress
            |> Option.ofObj
            |> Option.map (fun progress report -> progress.Report report)
        Cancellation = cancellation
    }

/// Options of runs.
module RunOptions =
    /// One thread; systems are numbered from 0; nobody is told anything; not to be stopped.
    let defaults: RunOptions = { Threads = 1; Systems = None; Progress = None; Cancellation = CancellationToken.None }

    /// The defaults on so many threads; 0: as many as there are processors.
    let threads (count: int) : RunOptions = { defaults with Threads = count }

    [<Literal>]
    let private MostThreads = 4096

    /// The number of threads that is meant. Refuses numbers that no machine serves.
    let threadCount (threads: int) : Result<int, AniSoapError> =
        if threads = 0 then
            Ok Environment.ProcessorCount
        elif threads > 0 && threads <= MostThreads then
            Ok threads
        else
            Error(
                AniSoapError.invalid
                    "threads"
                    threads
                    $"a whole number from 1 to {string MostThreads}, or 0 for as many as there are processors"
            )

    /// Tells of frames, particles and pairs, and stops a run that is cancelled.
    let internal report (options: RunOptions) (frames: int64) (particles: int64) (pairs: int64) =
        options.Cancellation.ThrowIfCancellationRequested()

        match options.Progress with
        | Some tell -> tell { Frames = frames; Particles = particles; Pairs = pairs }
        | None -> ()
