namespace AniSoap

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open AniSoap.Analysis
open AniSoap.Formats

/// How features of files are computed and written. `FeatureRun.defaults` is where to start.
[<NoComparison; NoEquality>]
type FeatureRunOptions = {
    /// Which columns power spectra have.
    Columns: SpectrumColumns
    /// What they are derived by, for `.mts`, which holds gradients.
    Gradients: Set<GradientParameter>
    /// The particles that features of particles are computed of, where not of all; frames have the numbers that they have in the files.
    Centers: CenterSelection option
    /// The names of labels.
    Names: LabelNames
    /// Whether a file is replaced, and how many bits numbers have.
    Write: WriteOptions
    /// How frames are read, which of them, and who is told of likely mistakes.
    Input: InputOptions
    /// The species of the run; `None`: found by a first pass over the files.
    Species: int list option
    /// What is refused as too large.
    Limits: Limits
    /// Threads, progress and cancellation. Frames are numbered as they stand in the files.
    Run: RunOptions
} with

    /// What is named here, for C#, which has no `{ FeatureRun.defaults with … }`, and all else by default: doubles of all ordered pairs of columns under metatensor's
    /// names, of all frames, on all processors; nobody is told anything, and no file is replaced.
    static member Of
        (
            [<Optional>] columns: SpectrumColumns | null,
            [<Optional>] gradients: GradientParameter seq | null,
            [<Optional>] centers: CenterSelection | null,
            [<Optional>] names: LabelNames | null,
            [<Optional>] write: WriteOptions | null,
            [<Optional>] input: InputOptions | null,
            [<Optional>] species: int seq | null,
            [<Optional>] limits: Limits | null,
            [<Optional>] run: RunOptions | null
        ) : FeatureRunOptions = {
        Columns = Given.orElse OrderedPairs columns
        Gradients = Given.orElse Seq.empty gradients |> Set.ofSeq
        Centers = Option.ofObj centers
        Names = Given.orElse LabelNames.Metatensor names
        Write = Given.orElse WriteOptions.defaults write
        Input = Given.orElse InputOptions.defaults input
        Species = Option.ofObj species |> Option.map List.ofSeq
        Limits = Given.orElse Limits.defaults limits
        Run = Given.orElse (RunOptions.threads 0) run
    }

/// The files of numbered frames: numbers run on from file to file. Frames are read by one thread, asked about by others.
[<Sealed>]
type internal FrameOrigins() =
    let opened = List<struct (int * string)>()

    member _.Note(read: Numbered<'T>) =
        let first = read.Number - read.NumberInFile

        lock opened (fun () ->
            if opened.Count = 0 || opened[opened.Count - 1] <> struct (first, read.Path) then
                opened.Add(struct (first, read.Path)))

    member private _.Of(number: int) =
        lock opened (fun () ->
            match opened.FindLastIndex(fun (struct (first, _)) -> first <= number) with
            | -1 -> ValueNone
            | at -> ValueSome opened[at])

    /// The place with the file's name and the frame's number in it, where no file has been named yet.
    member origins.Locate(place: Place) : Place =
        match place.Source, origins.Of(defaultArg place.Frame Int32.MaxValue) with
        | None, ValueSome(struct (first, path)) -> {
            place with
                Source = Some path
                Frame = place.Frame |> Option.map (fun frame -> frame - first)
          }
        | _ -> place

    member origins.Locate(error: AniSoapError) : AniSoapError =
        AniSoapError.withPlace (fun place -> origins.Locate place) error

/// Features of files of frames into a file that says how it was made: its ending is its format, memory depends on the
/// largest frame, and `Hypers.load` and the program's `--hypers` read the hyperparameters out of it.
module FeatureRun =
    /// What is written.
    type private Wanted =
        | Kind of FeatureKind
        | LambdaSoap of int list

    /// Doubles of all ordered pairs of columns under metatensor's names, of all frames, on all processors; nobody is told
    /// anything, and no file is replaced.
    let defaults: FeatureRunOptions = FeatureRunOptions.Of()

    let private speciesOf options inputs =
        match options.Species with
        | Some species -> Ok(List.sort species)
        | None -> FrameFile.species options.Input inputs |> Result.map Array.toList

    let private metadata options wanted inputs (projection: Projection) =
        RunMetadata.toMap {
            Verb =
                match wanted with
                | LambdaSoap _
                | Kind(MeanSpectra _)
                | Kind(ParticleSpectra _) -> "power-spectrum"
                | Kind(ExpansionCoefficients _)
                | Kind(PairCoefficients _) -> "expansion"
            Inputs = inputs
            Species = List.ofSeq projection.Species
            Hypers = projection.Hypers
            RotationType =
                if options.Input.RotationType = RotationType.Matrix then
                    Some "matrix"
                else
                    None
            RotationKey = options.Input.RotationKey
        }

    /// A frame without particles has no mean.
    let private checkFrame (read: Numbered<Frame>) =
        if read.Value.Particles.IsEmpty then
            Error(
                Malformed(
                    "a frame without particles",
                    "at least one (a selection can leave the frame out)",
                    { Place.Unknown with Frame = Some read.Number }
                )
            )
        else
            Ok()

    let private startOutput (holdsFrames: bool) (write: WriteOptions) (output: string) =
        let isChemiscope = Endings.tryFrames output = Some FrameFormat.Chemiscope

        (if holdsFrames && isChemiscope then
             Ok()
         else
             Endings.featuresOf output |> Result.map ignore)
        |> Result.bind (fun () -> AtomicFile.Create(output, write.Existing))

    /// Begins a file for features of files, before any work, since whether one can be made has no other sure test: `Existing.Begun` with it is how it is filled.
    /// Refuses an ending that is no format's, and what must stay.
    let start write output : Result<AtomicFile, AniSoapError> = startOutput true write output

    /// The same for frames as they come, which chemiscope's files cannot hold a second time.
    let startOfFrames write output : Result<AtomicFile, AniSoapError> = startOutput false write output

    /// Frames into the file; `finish` has the last word before it appears.
    let private send options wanted inputs again output projection (origins: FrameOrigins) frames finish =
        let target = {
            Path = output
            Options = options.Write
            Names = options.Names
            Metadata = metadata options wanted inputs projection
            Frames = again
            Centers = options.Centers
        }

        match wanted with
        | Kind kind -> FeatureOutput.create target kind options.Gradients projection
        | LambdaSoap lambdas -> FeatureOutput.lambdaSoap target lambdas options.Gradients projection
        |> Result.bind (fun file ->
            use file = file

            RunOptions.threadCount options.Run.Threads
            |> Result.bind (fun threads ->
                let progress = Action<_, _, _>(RunOptions.report options.Run)
                file.Run(threads, frames, progress, options.Run.Cancellation))
            |> Result.bind (fun statistics ->
                finish statistics
                |> Result.bind file.Complete
                |> Result.map (fun () -> statistics))
            |> Result.mapError (fun error -> if file.Failure.IsSome then error else origins.Locate error))

    let private wantedOfFiles options wanted (projection: Projection) (inputs: string seq) output =
        let inputs = List.ofSeq inputs
        let input = { options.Input with CutoffRadius = Some projection.Hypers.CutoffRadius }
        let origins = FrameOrigins()
        let say suspicions = suspicions |> Seq.iter (Suspicion.describe >> input.Warn)
        let watch = SuspicionWatch projection
        say (Suspicion.ofProjection projection)

        let frames =
            FrameFile.readNumbered input inputs
            |> Seq.map (
                Result.bind (fun read ->
                    origins.Note read

                    checkFrame read
                    |> Result.map (fun () ->
                        let place = origins.Locate { Place.Unknown with Frame = Some read.Number }
                        say (watch.Add(place, read.Value))
                        struct (read.Number, read.Value)))
            )

        let again () =
            FrameFile.snapshotsNumbered { input with Warn = ignore } inputs
            |> Seq.map (Result.map _.Value)

        send options wanted inputs (Some(again, input.Warn)) output projection origins frames (fun statistics ->
            if statistics.Frames = 0L then
                Error(Malformed("no frames", "at least one frame to take", Place.Unknown))
            else
                say (watch.Finish())
                Ok())

    /// Features of one kind of the frames of files by a projection that is ready: its species and limits are those of the run.
    let ofFiles
        options
        kind
        (projection: Projection)
        (inputs: string seq)
        output
        : Result<FeatureStatistics, AniSoapError> =
        wantedOfFiles options (Kind kind) projection inputs output

    /// The same of frames as they come, numbered from 0.
    let ofFrames options kind projection (frames: Frame seq) output : Result<FeatureStatistics, AniSoapError> =
        let numbered = frames |> Seq.mapi (fun number frame -> Ok(struct (number, frame)))

        send options (Kind kind) [] None output projection (FrameOrigins()) numbered (fun _ -> Ok())

    let private run wanted (options: FeatureRunOptions) (hypers: Hypers) (inputs: string seq) (output: string) =
        // Whether hyperparameters can work is seen with any species, and before the files are gone through for theirs.
        Projection.create hypers [ 0 ]
        |> Result.bind (fun ready ->
            start options.Write output
            |> Result.bind (fun file ->
                use file = file
                let options = { options with Write = { options.Write with Existing = Existing.Begun [ file ] } }

                speciesOf options inputs
                |> Result.bind (fun species -> Projection.withSpecies species ready)
                |> Result.bind (fun ready ->
                    wantedOfFiles options wanted (Projection.withLimits options.Limits ready) inputs output)))

    /// The mean power spectrum of each frame: a row a frame.
    let meanSpectra options hypers inputs output : Result<FeatureStatistics, AniSoapError> =
        run (Kind(MeanSpectra options.Columns)) options hypers inputs output

    /// The power spectrum of each particle: a row a particle.
    let particleSpectra options hypers inputs output : Result<FeatureStatistics, AniSoapError> =
        run (Kind(ParticleSpectra options.Columns)) options hypers inputs output

    /// The coefficients c_nlm of every centre, in blocks by key (`.mts`).
    let coefficients options hypers inputs output : Result<FeatureStatistics, AniSoapError> =
        run (Kind(ExpansionCoefficients RadialForm.Orthonormal)) options hypers inputs output

    /// The coefficients of every pair of a centre and a neighbour, not summed to centres (`.mts`).
    let pairCoefficients options hypers inputs output : Result<FeatureStatistics, AniSoapError> =
        run (Kind(PairCoefficients RadialForm.Orthonormal)) options hypers inputs output

    /// λ-SOAP of each particle for these values of L, in blocks by o3_lambda, o3_sigma and center_type (`.mts`); `Product.lambdaSoap` has them in memory.
    let lambdaSoap
        (lambdas: int seq)
        (options: FeatureRunOptions)
        hypers
        inputs
        output
        : Result<FeatureStatistics, AniSoapError> =
        run (LambdaSoap(List.ofSeq lambdas)) options hypers inputs output
