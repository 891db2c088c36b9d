namespace AniSoap.Numerics

open System
open AniSoap
open AniSoap.Numerics

/// Forward derivatives of every centre of a frame, handed on in the order of the centres: as many as there are threads at once, so that memory holds the
/// derivatives of a few centres, however many there are.
[<Sealed>]
type internal ForwardLoop(projection: Projection, kind: FeatureKind, parameters: Set<GradientParameter>, threads: int) =
    let threads = max 1 threads
    let single = SingleSpeciesTable projection
    let wanted = GradientParameter.forward parameters
    let workspaces = Array.init threads (fun _ -> ForwardWorkspace(projection, single, wanted))
    let size = FeatureKind.size projection kind
    // A few for each thread: centres take different times.
    let slots = Array.init (if threads = 1 then 1 else 4 * threads) (fun _ -> CenterGradients size)

    member _.Size = size

    /// Calls `take center gradients` for every centre in order; `gradients` may be read until it returns. Counts the pairs, the centres with themselves not.
    /// `report` is told centres and pairs done so far.
    member _.Run
        (prepared: PreparedFrame, take: Action<int, CenterGradients>, report: Action<int64, int64>, pairs: byref<int64>)
        =
        let count = prepared.Frame.Particles.Length
        let features = FeatureKind.rows kind
        let mutable start = 0

        while start < count do
            let batch = min slots.Length (count - start)
            let first = start

            CenterLoop.share
                workspaces
                batch
                (Action<_, _>(fun workspace slot ->
                    ForwardKernel.compute prepared features workspace (first + slot) slots[slot]))

            for slot in 0 .. batch - 1 do
                take.Invoke(first + slot, slots[slot])
                pairs <- pairs + slots[slot].Pairs

            start <- start + batch
            report.Invoke(int64 start, pairs)

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
