namespace AniSoap

open System
open AniSoap.Numerics

/// Features with their derivatives, forwards (`withGradients`: every feature by every particle) and backwards (`pullback`: one number by everything).
module Features =
    /// Features and derivatives of frames, one frame after another, into a sink. Memory depends on the largest frame's neighbourhoods.
    [<Sealed>]
    type internal Sender(threads: int, kind: FeatureKind, parameters: Set<GradientParameter>, projection: Projection) =
        let loop = ForwardLoop(projection, kind, parameters, threads)

        /// Sends one frame; returns the number of its pairs. `report` is told the centres and pairs of the frame that are done.
        member _.Send(system: int, frame: Frame, sink: IGradientSink, report: Action<int64, int64>) : int64 =
            let prepared = PreparedFrame(projection, frame)
            let speciesOf center = prepared.Gaussians.SpeciesIndex[center]
            let mutable pairs = 0L

            match kind with
            | MeanSpectra _ ->
                let means = MeanGradients(projection, loop.Size, parameters)

                loop.Run(
                    prepared,
                    Action<_, _>(fun center gradients -> means.Add(speciesOf center, gradients)),
                    report,
                    &pairs
                )

                means.Send(sink, system)
            | ExpansionCoefficients _
            | ParticleSpectra _ ->
                loop.Run(
                    prepared,
                    Action<_, _>(fun center gradients ->
                        ForwardLoop.Send(sink, parameters, speciesOf center, system, center, gradients)),
                    report,
                    &pairs
                )

            pairs

    /// The features of frames with their derivatives as gradients of the blocks, on up to `threads` threads; the result does not depend on their number, bit
    /// for bit. Keys, samples, components and properties are those of the features without gradients. Gradient samples: `sample`, the row;
    /// `system`, `atom`: what moves, turns or grows (strain: `sample` alone). Every atom that the row depends on stands there, the centre too; images of one atom
    /// are added up. Refuses species that the projection does not know.
    let withGradients
        (threads: int)
        (kind: FeatureKind)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frames: (int * Frame) seq)
        : Result<TensorMap, AniSoapError> =
        let parameters = Set.ofSeq parameters

        Expansion.checkThreads threads
        |> Result.bind (fun () -> FeatureKind.check projection kind)
        |> Result.bind (fun () -> Expansion.checkAll projection frames)
        |> Result.bind (fun frames ->
            // Every atom that a centre depends on has three rows for each parameter: no more atoms than neighbours or particles.
            let rows (_, frame: Frame) =
                let count = float frame.Particles.Length
                let pairs = (PairEstimate.ofFrame 0.0 projection.Hypers.CutoffRadius frame).Pairs + count
                3.0 * min pairs (count * count)

            let rows = Limits.rounded (frames |> Array.sumBy rows)
            let factors = [ rows; int64 parameters.Count; int64 (FeatureKind.size projection kind) ]

            RunEstimate.checkResult "all derivatives" factors projection
            |> Result.map (fun _ -> frames))
        |> Result.map (fun frames ->
            let blocks = GradientBlocks(projection, kind, parameters)
            let sender = Sender(threads, kind, parameters, projection)

            for system, frame in frames do
                sender.Send(system, frame, blocks, Action<_, _>(fun _ _ -> ())) |> ignore

            blocks.ToMap())

    /// The coefficients of every pair (as `Expansion.pairCoefficients`) with their derivatives: gradient samples are the pair's two atoms, or the one where
    /// a particle meets its own image.
    let pairsWithGradients
        (form: RadialForm)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frames: (int * Frame) seq)
        : Result<TensorMap, AniSoapError> =
        PairGradients.compute form (Set.ofSeq parameters) projection frames

    /// Given ∂E/∂(power spectrum) of a frame, the spectrum with ∂E/∂positions, ∂E/∂orientations, ∂E/∂strain and, where asked for, ∂E/∂semi-axes, in one pass
    /// without any Jacobian. See `Pullback.spectrum`.
    let pullback options projection frame cotangent = Pullback.spectrum options projection frame cotangent

    /// The same given ∂E/∂c_nlm: a map with the keys, samples and properties of `Expansion.coefficients` of this frame. See `Pullback.coefficients`.
    let pullbackCoefficients options form projection frame cotangent =
        Pullback.coefficients options form projection frame cotangent
