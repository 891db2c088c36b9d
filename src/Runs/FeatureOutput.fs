namespace AniSoap.Formats

open System
open System.Threading
open AniSoap

/// A file of features that is to be written: where, how, and what stands in it beside the numbers.
[<NoComparison; NoEquality>]
type FeatureTarget = {
    /// The file; its ending says the format.
    Path: string
    /// How it is written.
    Options: WriteOptions
    /// The names of its labels.
    Names: LabelNames
    /// What stands beside the numbers.
    Metadata: Map<string, string>
    /// For chemiscope's files, which hold the frames too: those that the rows are of, once more, and who is told what
    /// cannot be written of them.
    Frames: ((unit -> Result<Snapshot, AniSoapError> seq) * (string -> unit)) option
    /// The particles that features are computed of, where not of all: no others are computed.
    Centers: CenterSelection option
}

/// Features on their way to a file, which appears when it is completed; disposing of it without that leaves nothing. It is
/// there before a frame is read, so that what cannot be written is known at once.
[<AbstractClass>]
type FeatureOutput internal () =
    /// Computes the features of frames, each with a number of its own, and writes them as they come. `progress` is told
    /// frames, particles and pairs so far.
    abstract Run:
        threads: int *
        frames: seq<Result<struct (int * Frame), AniSoapError>> *
        progress: Action<int64, int64, int64> *
        cancellation: CancellationToken ->
            Result<FeatureStatistics, AniSoapError>

    /// What kept the output from being written, if that was it: then the input is not to blame.
    abstract Failure: AniSoapError option

    /// Ends the file and gives it its name.
    abstract Complete: unit -> Result<unit, AniSoapError>

    /// Lets go of the file.
    abstract Dispose: unit -> unit

    interface IDisposable with
        member output.Dispose() = output.Dispose()

/// Files of features while they are computed.
module FeatureOutput =
    /// A row that could not be written, on its way through those who compute.
    exception private Unwritten of AniSoapError

    let private settings (perParticle: bool) columns threads : SpectrumOptions = {
        Threads = threads
        PerParticle = perParticle
        Columns = columns
    }

    /// Power spectra, row by row.
    [<Sealed>]
    type private Rows
        (projection: Projection, perParticle, columns, centers, isMap: bool, width: int, writer: TableWriter) =
        inherit FeatureOutput()
        let species = Seq.toArray projection.Species
        let sample = Array.zeroCreate<int> writer.Layout.SampleNames.Length
        let mutable failure = None

        let append (values: SparseRow) =
            match writer.Append(ReadOnlySpan sample, &values) with
            | Ok() -> ()
            | Error error -> raise (Unwritten error)

        /// The spectrum of a particle, or the mean of a frame: all species as centre, side by side, which in a TensorMap
        /// are a row each.
        let add frame particle centerType (values: SparseRow) =
            sample[0] <- frame

            if perParticle then
                sample[1] <- particle
                sample[2] <- centerType
                append values
            elif isMap then
                let columns = values.Length / species.Length

                for t in 0 .. species.Length - 1 do
                    sample[1] <- species[t]
                    append (values.Slice(t * columns, columns))
            else
                append values

        override _.Failure = failure

        override _.Run(threads, frames, progress, cancellation) =
            try
                SpectrumStream.runOf
                    projection
                    (settings perParticle columns threads)
                    centers
                    frames
                    (SparseRowHandler(fun frame particle centerType values -> add frame particle centerType values))
                    (SpectrumProgressHandler(fun frames particles pairs -> progress.Invoke(frames, particles, pairs)))
                    cancellation
                |> Result.map (fun statistics -> { statistics with Features = int64 width })
            with Unwritten error ->
                failure <- Some error
                Error error

        override _.Complete() = writer.Complete()
        override _.Dispose() = writer.Dispose()

    /// Blocks with gradients, and coefficients.
    [<Sealed>]
    type private Blocks(projection: Projection, kind, lambda, parameters, target: FeatureTarget, file: AtomicFile) =
        inherit FeatureOutput()
        let mutable failure = None
        override _.Failure = failure

        override _.Run(threads, frames, progress, cancellation) =
            let run: GradientRun = {
                Threads = threads
                Kind = kind
                Parameters = parameters
                SinglePrecision = (target.Options.Precision = Precision.Single)
                Info = target.Metadata
                Centers = target.Centers
                Lambda = lambda
                Names =
                    match target.Names with
                    | LabelNames.Package ->
                        let keys =
                            match kind with
                            | PairCoefficients _ -> Expansion.pairKeys projection
                            | _ -> Expansion.keys projection

                        Some(PackageNames.blocks keys)
                    | LabelNames.Metatensor -> None
            }

            let report =
                Action<int64, int64, int64>(fun frames particles pairs ->
                    cancellation.ThrowIfCancellationRequested()
                    progress.Invoke(frames, particles, pairs))

            match GradientFile.write run projection frames report file with
            | Error(Inaccessible(path, _) as error) when path = file.Path ->
                failure <- Some error
                Error error
            | Error error -> Error error
            | Ok statistics ->
                Ok {
                    FeatureStatistics.Frames = int64 statistics.Frames
                    Particles = statistics.Particles
                    Pairs = statistics.Pairs
                    Features = int64 statistics.Features
                    ReadSeconds = statistics.ReadSeconds
                    ComputeSeconds = statistics.ComputeSeconds
                    WriteSeconds = statistics.WriteSeconds
                }

        override _.Complete() = file.Commit()
        override _.Dispose() = file.Dispose()

    let private isEnding (path: string) (ending: string) = path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

    let private rows target perParticle columns (projection: Projection) : Result<FeatureOutput, AniSoapError> =
        let path, names = target.Path, target.Names
        let isMap = isEnding path ".mts"

        SpectrumColumns.check columns perParticle projection
        |> Result.bind (fun () ->
            if isMap then
                FeatureKind.checkBlocks projection (MeanSpectra columns)
            else
                Ok())
        |> Result.bind (fun () ->
            let ofParticle = lazy (SpectrumLabels.ofParticle names columns projection)

            // A TensorMap has a block for each species as centre: there a mean is a row for each of them.
            let layout = {
                SampleNames = [
                    SpectrumLabels.frame names isMap

                    if perParticle then
                        SpectrumLabels.particle names isMap

                    if perParticle || isMap then
                        SpectrumLabels.centerType names
                ]
                Properties =
                    if perParticle || isMap then
                        ofParticle.Value
                    else
                        SpectrumLabels.ofMean names columns projection
                Precision = target.Options.Precision
                Metadata = target.Metadata
            }

            let width =
                if perParticle then
                    layout.Properties.Count
                elif isMap then
                    layout.Properties.Count * projection.Species.Length
                else
                    layout.Properties.Count

            let existing = target.Options.Existing

            let started =
                match target.Frames with
                | _ when isMap -> Mts.rows (SpectrumLabels.byCenter names projection) existing path layout
                | Some(frames, lost) when isEnding path ".json" || isEnding path ".json.gz" ->
                    Chemiscope.rows frames projection.Hypers.CutoffRadius lost existing path layout
                | _ -> FeatureFile.rows existing path layout

            started
            |> Result.map (fun writer ->
                new Rows(projection, perParticle, columns, target.Centers, isMap, width, writer)))

    let private blocks target kind lambda parameters projection : Result<FeatureOutput, AniSoapError> =
        if not (isEnding target.Path ".mts") then
            Error(AniSoapError.invalid "ending of a file of coefficients or gradients" target.Path ".mts")
        elif target.Names = LabelNames.Package && not (Set.isEmpty parameters) then
            Error(
                AniSoapError.invalid
                    "names of gradients"
                    "those of the Python package"
                    "metatensor's: the package has none for gradients"
            )
        else
            AtomicFile.Create(target.Path, target.Options.Existing)
            |> Result.map (fun file -> new Blocks(projection, kind, lambda, parameters, target, file))

    /// What chosen centres are no centres of.
    let private checkCenters (target: FeatureTarget) kind =
        let refuse what accepted = Error(AniSoapError.invalid "chosen centres" what accepted)

        match target.Centers, kind with
        | None, _ -> Ok()
        | Some _, MeanSpectra _ -> refuse "means of frames" "features of particles: a mean is over all of them"
        | Some _, PairCoefficients _ -> refuse "coefficients of pairs" "features of particles"
        | Some _, _ when target.Frames.IsSome ->
            refuse target.Path "a file that holds features alone, without their frames"
        | _ -> Ok()

    /// Starts a file of features of this kind, with their derivatives by the parameters.
    let create
        (target: FeatureTarget)
        (kind: FeatureKind)
        (parameters: Set<GradientParameter>)
        (projection: Projection)
        : Result<FeatureOutput, AniSoapError> =
        checkCenters target kind
        |> Result.bind (fun () ->
            match kind with
            | MeanSpectra columns when parameters.IsEmpty -> rows target false columns projection
            | ParticleSpectra columns when parameters.IsEmpty -> rows target true columns projection
            | _ -> blocks target kind None parameters projection)

    /// Starts a file of λ-SOAP, as `Product.lambdaSoap` has it for each of these values of L alone: a row a particle, keys o3_lambda, o3_sigma, center_type. Refuses
    /// other endings than `.mts`, and the names of the Python package, which has none for these columns.
    let lambdaSoap
        (target: FeatureTarget)
        (lambdas: int seq)
        (parameters: Set<GradientParameter>)
        (projection: Projection)
        : Result<FeatureOutput, AniSoapError> =
        let kind = ExpansionCoefficients RadialForm.Orthonormal

        if target.Names = LabelNames.Package then
            Error(AniSoapError.invalid "names of λ-SOAP" "those of the Python package" "metatensor's")
        else
            checkCenters target kind
            |> Result.bind (fun () -> Coupling.LambdaRows.Create(lambdas, projection))
            |> Result.bind (fun rows -> blocks target kind (Some rows) parameters projection)
