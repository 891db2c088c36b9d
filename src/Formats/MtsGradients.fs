namespace AniSoap

open System
open System.Buffers
open System.IO
open System.Runtime.InteropServices
open AniSoap.Gradients

/// Writes features with their gradients as a TensorMap while they come: rows wait in files beside the target, one for each species as centre and each
/// parameter, until all shapes are known. Memory does not grow with the number of rows.
[<Sealed>]
type internal MtsGradients
    (
        projection: Projection,
        kind: FeatureKind,
        parameters: Set<GradientParameter>,
        precision: Precision,
        file: AtomicFile
    ) =
    let segments = GradientLabels.segments projection kind
    let size = FeatureKind.size projection kind
    let species = projection.Species.Length
    let wanted = GradientParameter.all |> List.filter parameters.Contains |> List.toArray
    let bytes = if precision = Precision.Single then 4 else 8
    let buffer = NpyData.newBuffer ()

    // [0]: the features; then a parameter each.
    let spills () =
        Array.init (1 + wanted.Length) (fun _ -> Array.init species (fun _ -> new Spill(file.Path)))

    let values = spills ()
    let samples = spills ()
    let counts = Array.init (1 + wanted.Length) (fun _ -> Array.zeroCreate<int64> species)
    let mutable failure = None
    let names = GradientLabels.sampleNames kind

    let spillOf (all: Spill[][]) i t =
        let some = all[i]
        some[t].Stream

    let add i t (sample: ReadOnlySpan<int>) (rows: ReadOnlySpan<float>) =
        NpyData.writeIntegers (spillOf samples i t) sample

        match NpyData.writeFloats precision buffer (spillOf values i t) rows with
        | Ok() -> ()
        | Error error -> failure <- Some error

        counts[i][t] <- counts[i][t] + 1L

    let rowOf t = int (counts[0][t]) - 1

    /// The numbers of one segment out of rows of all.
    let copySegment (source: Stream) (segment: Segment) (target: Stream) =
        source.Position <- 0L
        let rows = max 1 ((1 <<< 20) / (size * bytes))
        let block = ArrayPool<byte>.Shared.Rent(rows * size * bytes)

        try
            let mutable got = source.ReadAtLeast(Span(block, 0, rows * size * bytes), rows * size * bytes, false)

            while got > 0 do
                for row in 0 .. got / (size * bytes) - 1 do
                    target.Write(ReadOnlySpan(block, (row * size + segment.From) * bytes, segment.Length * bytes))

                got <- source.ReadAtLeast(Span(block, 0, rows * size * bytes), rows * size * bytes, false)
        finally
            ArrayPool<byte>.Shared.Return block

    interface IGradientSink with
        member _.Row(t, system, atom, row) =
            let sample = [| system; atom |]
            add 0 t (ReadOnlySpan(sample, 0, names.Length)) row

        member _.Atom(parameter, t, system, atom, rows) =
            let sample = [| rowOf t; system; atom |]
            add (1 + Array.IndexOf(wanted, parameter)) t (ReadOnlySpan sample) rows

        member _.Strain(t, rows) =
            let sample = [| rowOf t |]
            add (1 + Array.IndexOf(wanted, Strain)) t (ReadOnlySpan sample) rows

    /// What kept a number from being written, if anything.
    member _.Failure = failure

    /// Writes the archive.
    member _.Finish(info: Map<string, string>) =
        let zip = ZipWriter file.Stream

        let addLabels name labels =
            let head = NpyHeader.bytesOf (NpyData.labelsHeader labels)
            NpyData.writeIntegers (zip.Begin(name, head.Length)) labels.Values
            zip.End head

        let addSamples name (names: string seq) (count: int64) (source: Stream) =
            let element = Record [ for name in names -> name, NpyHeader.int4 ]
            let head = NpyHeader.bytesOf (NpyData.header element [ count ])
            source.Position <- 0L
            source.CopyTo(zip.Begin(name, head.Length), 1 <<< 20)
            zip.End head

        let addValues prefix (own: Labels list) (segment: Segment) (count: int64) (source: Stream) =
            let components = own @ segment.Components

            let shape = [
                count
                yield! components |> List.map (fun labels -> int64 labels.Count)
                int64 segment.Properties.Count
            ]

            let head = NpyHeader.bytesOf (NpyData.header (Scalar(NpyData.scalarOf precision)) shape)
            copySegment source segment (zip.Begin(prefix + "values.npy", head.Length))
            zip.End head

            components
            |> List.iteri (fun j labels -> addLabels (prefix + $"components/{j}.npy") labels)

        addLabels "keys.npy" (GradientLabels.keys projection kind)

        for s in 0 .. segments.Length - 1 do
            for t in 0 .. species - 1 do
                let prefix = $"blocks/{s * species + t}/"
                addValues prefix [] segments[s] (counts[0][t]) (spillOf values 0 t)
                addSamples (prefix + "samples.npy") names (counts[0][t]) (spillOf samples 0 t)
                addLabels (prefix + "properties.npy") segments[s].Properties

                for i in 1 .. wanted.Length do
                    let parameter = wanted[i - 1]
                    let prefix = prefix + $"gradients/{GradientParameter.name parameter}/"

                    addValues
                        prefix
                        (GradientParameter.components parameter)
                        segments[s]
                        (counts[i][t])
                        (spillOf values i t)

                    let names = GradientParameter.sampleNames parameter
                    addSamples (prefix + "samples.npy") names (counts[i][t]) (spillOf samples i t)

        if not info.IsEmpty then
            zip.Add("info.json", Metadata.toFlatJson info)

        zip.Finish()

    interface IDisposable with
        member _.Dispose() =
            for spill in Seq.concat (Seq.append values samples) do
                (spill :> IDisposable).Dispose()

/// A run that writes features with gradients.
[<NoComparison; RequireQualifiedAccess>]
type GradientRun = {
    /// Computing threads.
    Threads: int
    /// Which features.
    Kind: FeatureKind
    /// What they are derived by.
    Parameters: Set<GradientParameter>
    /// Four bytes a number instead of eight.
    SinglePrecision: bool
    /// What is written beside the numbers.
    Info: Map<string, string>
}

/// What a run has done: times in seconds of the wall clock.
[<RequireQualifiedAccess>]
type GradientStatistics = {
    /// Frames done.
    Frames: int
    /// Centres done.
    Particles: int64
    /// Pairs of a centre and a neighbour.
    Pairs: int64
    /// Numbers in one row of features.
    Features: int
    /// Time in which frames were read.
    ReadSeconds: float
    /// Time in which features and gradients were computed.
    ComputeSeconds: float
    /// Time in which they were written.
    WriteSeconds: float
}

/// Features with gradients of any number of frames, to a `.mts` file, in memory that depends on the largest frame.
module GradientFile =
    /// Times what a sink takes.
    [<Sealed>]
    type private TimedSink(inner: IGradientSink) =
        let clock = Diagnostics.Stopwatch()
        member _.Seconds = clock.Elapsed.TotalSeconds

        interface IGradientSink with
            member _.Row(t, system, atom, values) =
                clock.Start()
                inner.Row(t, system, atom, values)
                clock.Stop()

            member _.Atom(parameter, t, system, atom, rows) =
                clock.Start()
                inner.Atom(parameter, t, system, atom, rows)
                clock.Stop()

            member _.Strain(t, rows) =
                clock.Start()
                inner.Strain(t, rows)
                clock.Stop()

    /// Writes the features of numbered frames with their gradients into a file that is not committed yet. `progress` is told frames, particles and pairs so far; it may
    /// throw to end the run. Ends at the first error of the frames.
    let write
        (run: GradientRun)
        (projection: Projection)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (progress: Action<int64, int64, int64>)
        (file: AtomicFile)
        : Result<GradientStatistics, AniSoapError> =
        let single =
            match run.Kind with
            | ExpansionCoefficients Raw -> Ok()
            | ExpansionCoefficients Orthonormal when run.SinglePrecision ->
                RunEstimate.checkSinglePrecision -2.5 projection
            | _ when run.SinglePrecision -> RunEstimate.checkSinglePrecision -4.0 projection
            | _ -> Ok()

        single
        |> Result.bind (fun () -> FeatureKind.check projection run.Kind)
        |> Result.bind (fun () ->
            Files.guard file.Path (fun () ->
                use sink =
                    new MtsGradients(
                        projection,
                        run.Kind,
                        run.Parameters,
                        (if run.SinglePrecision then
                             Precision.Single
                         else
                             Precision.Double),
                        file
                    )

                let timed = TimedSink sink
                let sender = Features.Sender(run.Threads, run.Kind, run.Parameters, projection)
                let seen = AniSoap.Pipeline.SeenNumbers()
                let reading = Diagnostics.Stopwatch()
                let computing = Diagnostics.Stopwatch()
                use source = frames.GetEnumerator()
                // Of the output, and of the frames: those have places of their own.
                let mutable failure = None
                let mutable unfit = None
                let mutable count = 0
                let mutable particles = 0L
                let mutable pairs = 0L

                let next () =
                    reading.Start()
                    let more = source.MoveNext()
                    reading.Stop()
                    more

                while failure.IsNone && unfit.IsNone && next () do
                    match source.Current with
                    | Error error -> unfit <- Some error
                    | Ok(struct (number, frame)) ->
                        match Projection.checkFrame projection frame with
                        | Error error ->
                            unfit <- Some(AniSoapError.at { Place.Unknown with Frame = Some number } error)
                        | Ok() when not (seen.Add number) ->
                            unfit <- Some(AniSoap.Pipeline.SeenNumbers.repeated number)
                        | Ok() ->
                            computing.Start()
                            let frames, centers, before = int64 count, particles, pairs

                            let report =
                                Action<_, _>(fun (some: int64) (more: int64) ->
                                    progress.Invoke(frames, centers + some, before + more))

                            pairs <- pairs + sender.Send(number, frame, timed, report)
                            computing.Stop()
                            count <- count + 1
                            particles <- particles + int64 frame.Particles.Length
                            failure <- sink.Failure
                            progress.Invoke(int64 count, particles, pairs)

                match unfit, failure with
                | Some error, _ -> Ok(Error error)
                | None, Some error -> Error error
                | None, None ->
                    let writing = Diagnostics.Stopwatch.StartNew()
                    sink.Finish run.Info

                    let statistics: GradientStatistics = {
                        Frames = count
                        Particles = particles
                        Pairs = pairs
                        Features = FeatureKind.size projection run.Kind
                        ReadSeconds = reading.Elapsed.TotalSeconds
                        ComputeSeconds = computing.Elapsed.TotalSeconds - timed.Seconds
                        WriteSeconds = timed.Seconds + writing.Elapsed.TotalSeconds
                    }

                    Ok(Ok statistics))
            |> Result.bind id)
