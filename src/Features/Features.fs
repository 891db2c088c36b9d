namespace AniSoap

open System
open System.Threading
open AniSoap.Numerics

/// Features with their derivatives, forwards (`withGradients`: every feature by every particle) and backwards (`pullback`: one number by everything).
module Features =
    /// Features and derivatives of frames, one frame after another, into a sink. Memory depends on the largest frame's neighbourhoods.
    [<Sealed>]
    type internal Sender(threads: int, kind: FeatureKind, parameters: Set<GradientParameter>, projection: Projection) =
        let loop = ForwardLoop(projection, FeatureKind.whole kind, parameters, threads)
        let picks = FeatureKind.picks projection kind

        let inner =
            match kind with
            | MeanSpectra columns when FeatureKind.isInner projection kind ->
                ValueSome(InnerMeanRows(projection, SpectrumColumns.isCompact columns, loop.Size))
            | _ -> ValueNone

        let means = MeanGradients(projection, loop.Size, parameters, inner)
        let single = SingleFrame(FramePool())

        /// Sends one frame, or chosen centres of it; returns the number of its pairs. `report` is told the centres and pairs of the frame that are done.
        member _.Send
            (system: int, frame: Frame, centers: int[] voption, sink: IGradientSink, report: Action<int64, int64>)
            : int64 =
            let sink =
                if picks.Length = 0 then
                    sink
                else
                    ChoosingSink(sink, picks, loop.Size)

            single.Job.Projection <- projection
            single.Job.Frame <- frame
            single.Job.Chosen <- centers
            single.Begin()
            let speciesOf (job: FrameJob) center = job.Prepared.Gaussians.SpeciesIndex[center]
            let told = Action<int64, int64, int64>(fun _ centers pairs -> report.Invoke(centers, pairs))

            match kind with
            | MeanSpectra _ ->
                let take = Action<_, _>(fun job sums -> means.Send(sink, system, job, sums))
                loop.RunMeans(single, take, told, CancellationToken.None)
            | PairCoefficients _
            | ExpansionCoefficients _
            | ParticleSpectra _ ->
                let take =
                    Action<_, _, _>(fun job center gradients ->
                        ForwardLoop.Send(sink, parameters, speciesOf job center, system, center, gradients))

                loop.Run(single, take, told, CancellationToken.None)

    let private checkRows (parameters: Set<GradientParameter>) (kind: FeatureKind) (projection: Projection) frames =
        // Every atom that a centre depends on has three rows for each parameter: no more atoms than neighbours or particles.
        let rows (_, frame: Frame) =
            let count = float frame.Particles.Length
            let pairs = (PairEstimate.ofFrame 0.0 projection.Hypers.CutoffRadius frame).Pairs + count

            match kind with
            | PairCoefficients _ -> 9.0 * pairs
            | _ -> 3.0 * min pairs (count * count)

        let rows = Limits.rounded (frames |> Array.sumBy rows)

        // Of pairs, what is derived takes some room too.
        let parts =
            if kind.IsPairCoefficients then
                parameters.Count + 1
            else
                parameters.Count

        let factors = [ rows; int64 parts; int64 (FeatureKind.size projection kind) ]

        RunEstimate.checkResult "all derivatives" factors projection
        |> Result.map ignore

    let private sendPairs (options: RunOptions) form parameters projection (frames: (int * Frame)[]) (sink: IPairSink) =
        let report = Action<_, _, _>(fun frames centers pairs -> RunOptions.report options frames centers pairs)
        let stream = PairStream(projection, form, parameters, options.Threads, sink, report)

        for system, frame in frames do
            stream.Add(system, frame)

        stream.Flush()

    let private sendCenters (options: RunOptions) kind parameters projection (frames: (int * Frame)[]) sink =
        let sender = Sender(options.Threads, kind, parameters, projection)
        let mutable particles = 0L
        let mutable pairs = 0L

        for f in 0 .. frames.Length - 1 do
            let system, frame = frames[f]
            let before, pairsBefore = particles, pairs

            let report =
                Action<_, _>(fun centers found ->
                    RunOptions.report options (int64 f) (before + centers) (pairsBefore + found))

            pairs <- pairs + sender.Send(system, frame, ValueNone, sink, report)
            particles <- particles + int64 frame.Particles.Length
            RunOptions.report options (int64 (f + 1)) particles pairs

    /// The features alone.
    let private without options kind projection frames =
        match kind with
        | MeanSpectra columns -> PowerSpectrum.meanWith options columns projection frames
        | ParticleSpectra columns -> PowerSpectrum.perParticleWith options columns projection frames
        | ExpansionCoefficients form -> Expansion.coefficientsWith options form projection frames
        | PairCoefficients form -> Expansion.pairCoefficientsWith options form projection frames

    /// The features of frames with their derivatives as gradients of the blocks. Keys, samples, components and properties are those of the features without
    /// gradients. Gradient samples: `sample`, the row; `system`, `atom`: what moves, turns or grows (strain: `sample` alone). Every atom that the
    /// row depends on stands there, the centre too; images of one atom are added up; of pairs, their two atoms, or the one where a particle meets its own
    /// image. The result does not depend on the number of threads, bit for bit. Refuses species that the projection does not know. Without parameters: the features.
    let withGradients
        (options: RunOptions)
        (kind: FeatureKind)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        let parameters = Set.ofSeq parameters

        let derived options frames =
            checkRows parameters kind projection frames
            |> Result.map (fun () ->
                let blocks = GradientBlocks(projection, kind, parameters)

                match kind with
                | PairCoefficients form -> sendPairs options form parameters projection frames blocks
                | _ -> sendCenters options kind parameters projection frames blocks

                blocks.ToMap())

        if parameters.IsEmpty then
            without options kind projection frames
        else
            FeatureKind.check projection kind
            |> Result.bind (fun () -> RunFrames.prepare options projection frames)
            |> Result.bind (fun (options, frames) -> derived options frames)

    /// The coefficients of every pair (as `Expansion.pairCoefficientsWith`) with their derivatives: gradient samples are the pair's two atoms, or the one where
    /// a particle meets its own image.
    let pairsWithGradients
        (options: RunOptions)
        (form: RadialForm)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        withGradients options (PairCoefficients form) parameters projection frames

    /// The power spectrum of a frame, and the derivatives of a number E by the frame's positions, orientations, strain and (where asked for) semi-axes,
    /// given its derivatives by the spectrum, in one pass without any Jacobian. The result does not depend on the number of threads, bit for bit.
    /// Semi-axes are derived by only where they are among `parameters`, for they cost about as much again; all else comes along in any case. Refuses frames
    /// that the projection cannot expand, and derivatives of another length.
    let pullback
        (options: RunOptions)
        (columns: SpectrumColumns)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frame: Frame)
        (cotangent: SpectrumCotangent)
        : Result<FrameGradient, AniSoapError> =
        Pullback.spectrum options columns parameters projection frame cotangent

    /// The derivatives of a number E by a frame's positions, orientations, strain and (where asked for) semi-axes, given its derivatives by the coefficients: a
    /// map with the keys, samples, components and properties of `Expansion.coefficients` of this frame (of `coefficientsWith` for bare primitives),
    /// whatever its system number.
    let pullbackCoefficients
        (options: RunOptions)
        (form: RadialForm)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frame: Frame)
        (cotangent: TensorMap)
        : Result<FrameGradient, AniSoapError> =
        Pullback.coefficients options form parameters projection frame cotangent
