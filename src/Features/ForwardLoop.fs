namespace AniSoap.Numerics

open System
open System.Threading
open AniSoap
open AniSoap.Numerics

/// Forward derivatives of the centres of frames: one set of threads' memory for one kind of features by some parameters.
[<Sealed>]
type internal ForwardLoop(projection: Projection, kind: FeatureKind, parameters: Set<GradientParameter>, threads: int) =
    let wanted = GradientParameter.forward parameters
    // What is added up over centres: for inner means coefficients.
    let summed = FeatureKind.summed projection kind
    let layout = RowLayout(projection, FeatureKind.rows summed)
    let workspaces = Array.init threads (fun _ -> ForwardWorkspace(layout, wanted))
    let size = FeatureKind.size projection summed

    let meanLayout =
        if layout.IsSpectrum && projection.Hypers.NormalizeSpectra then
            RowLayout(projection, FeatureKind.rows summed, size)
        else
            layout

    // A few for each thread: centres take different times.
    let slots = if threads = 1 then 1 else 4 * threads
    let pieces = lazy ForwardPieces(layout, size, wanted, slots)

    let means =
        lazy MeanForwardPieces(layout, meanLayout, size, wanted, (if threads = 1 then 1 else 2 * threads))

    let run (pieces: FramePieces<ForwardWorkspace>) feed report cancellation =
        pieces.Begin(feed, report)
        Schedule.run workspaces threads pieces.Slots pieces cancellation
        pieces.Pairs

    member _.Kind = kind
    member _.Parameters = parameters
    /// Numbers of a row of features.
    member _.Size = FeatureKind.size projection kind

    /// Hands on every centre in order; what is handed on may be read until `take` returns. Returns the pairs handed on, the centres with themselves not counted.
    member _.Run
        (
            feed: IFrameFeed,
            take: Action<FrameJob, int, CenterGradients>,
            report: Action<int64, int64, int64>,
            cancellation: CancellationToken
        ) : int64 =
        pieces.Value.Take <- take
        run pieces.Value feed report cancellation

    /// The same of the sums over each frame's centres.
    member _.RunMeans
        (
            feed: IFrameFeed,
            take: Action<FrameJob, DerivativeSums>,
            report: Action<int64, int64, int64>,
            cancellation: CancellationToken
        ) : int64 =
        means.Value.Take <- take
        means.Value.Forget()
        run means.Value feed report cancellation

    /// Hands a centre's features and derivatives to a sink.
    static member Send
        (sink: IGradientSink, parameters: Set<GradientParameter>, species, system, center, gradients: CenterGradients)
        =
        let size = gradients.Size
        sink.Row(species, system, center, ReadOnlySpan gradients.Values)

        let atoms parameter (rows: float[]) =
            if parameters.Contains parameter then
                for place in 0 .. gradients.Atoms.Count - 1 do
                    let entry = ReadOnlySpan(rows, 3 * size * place, 3 * size)
                    sink.Atom(parameter, species, system, gradients.Atoms[place], entry)

        atoms GradientParameter.Positions gradients.Positions
        atoms GradientParameter.Orientations gradients.Orientations
        atoms GradientParameter.SemiAxes gradients.SemiAxes

        if parameters.Contains GradientParameter.Strain then
            sink.Strain(species, ReadOnlySpan gradients.Strain)
