namespace AniSoap.Numerics

open System
open System.Threading
open AniSoap
open AniSoap.Numerics

/// Forward derivatives of the centres of frames: one set of threads' memory for one kind of features by some parameters.
[<Sealed>]
type internal ForwardLoop(projection: Projection, kind: FeatureKind, parameters: Set<GradientParameter>, threads: int) =
    let wanted = GradientParameter.forward parameters
    let single = SingleSpeciesTable projection
    let workspaces = Array.init threads (fun _ -> ForwardWorkspace(projection, single, wanted))
    let size = FeatureKind.size projection kind
    // A few for each thread: centres take different times.
    let pieces = ForwardPieces(size, FeatureKind.rows kind, (if threads = 1 then 1 else 4 * threads))

    member _.Kind = kind
    member _.Parameters = parameters
    member _.Size = size

    /// Pairs handed on, the centres with themselves not counted.
    member _.Pairs = pieces.Pairs

    /// Hands on every centre in order; what is handed on may be read until `take` returns.
    member _.Run
        (
            feed: IFrameFeed,
            take: Action<FrameJob, int, CenterGradients>,
            report: Action<int64, int64, int64>,
            cancellation: CancellationToken
        ) =
        pieces.Take <- take
        pieces.Begin(feed, report)
        Schedule.run workspaces threads pieces.Slots pieces cancellation

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
