namespace AniSoap.Numerics

open System
open System.Collections.Immutable
open AniSoap
open AniSoap.Numerics

/// What is done with each expanded centre: fills in what is to be pulled back, and pulls.
type internal PullHandler =
    delegate of
        pull: PullbackWorkspace * slot: int * center: int * bodies: FrameBodies voption * pulls: PairPulls -> unit

/// The reverse pass over all centres of a frame. Threads take centres in small pieces; what their pairs pull is added up afterwards in the order of the
/// centres, so that the result does not depend on the number of threads, bit for bit.
[<Sealed>]
type internal PullbackLoop(projection: Projection, withShapes: bool, threads: int) =
    let workspaces = Array.init (max 1 threads) (fun _ -> PullbackWorkspace(projection, withShapes))
    /// Pieces under way at once: their pairs are in memory.
    let slots = if threads <= 1 then 1 else 16 * threads
    let pulls = Array.init slots (fun _ -> PairPulls())

    static let add (target: float[]) at (x: float) (y: float) (z: float) =
        target[at] <- target[at] + x
        target[at + 1] <- target[at + 1] + y
        target[at + 2] <- target[at + 2] + z

    /// Adds the pairs of a piece to the frame's sums.
    let scatter (pulls: PairPulls) (positions: float[]) (rotations: float[]) (semiAxes: float[]) (strain: float[]) =
        let numbers = pulls.Numbers
        let mutable pair = 0

        for c in 0 .. pulls.Centers.Count - 1 do
            let first = 3 * pulls.Centers[c]

            while pair < pulls.Ends[c] do
                let row = ReadOnlySpan(numbers, PairPulls.Stride * pair, PairPulls.Stride)
                let second = 3 * pulls.Second[pair]
                add positions second row[0] row[1] row[2]
                add positions first -row[0] -row[1] -row[2]
                add rotations second row[3] row[4] row[5]

                if withShapes then
                    add semiAxes second row[6] row[7] row[8]

                for q in 0..2 do
                    add strain (3 * q) (row[q] * row[9]) (row[q] * row[10]) (row[q] * row[11])

                pair <- pair + 1

    let vectors (scale: float) (numbers: float[]) =
        let builder = ImmutableArray.CreateBuilder<Vector3>(numbers.Length / 3)

        for i in 0 .. numbers.Length / 3 - 1 do
            builder.Add(scale * Vector3.create numbers[3 * i] numbers[3 * i + 1] numbers[3 * i + 2])

        builder.MoveToImmutable()

    /// Pieces under way at once.
    member _.Slots = slots

    /// The derivatives of what `pull` pulls back at every centre. `collect`, if any, is told a piece's slot (and nothing else may use it meanwhile) in the
    /// order of the pieces.
    member _.Run(prepared: PreparedFrame, pull: PullHandler, collect: Action<int, int, int>) : FrameGradient =
        let count = prepared.Frame.Particles.Length
        let positions = Array.zeroCreate<float>(3 * count)
        let rotations = Array.zeroCreate<float>(3 * count)
        let semiAxes = Array.zeroCreate<float>(if withShapes then 3 * count else 0)
        let strain = Array.zeroCreate<float> 9

        let bodies =
            if withShapes then
                let bodies = FrameBodies()
                bodies.Fill(projection, prepared.Frame)
                ValueSome bodies
            else
                ValueNone

        let pieces = (count + CenterLoop.ChunkSize - 1) / CenterLoop.ChunkSize
        let upTo piece = min count ((piece + 1) * CenterLoop.ChunkSize)
        let mutable start = 0

        while start < pieces do
            let batch = min slots (pieces - start)
            let firstPiece = start

            CenterLoop.share
                workspaces
                batch
                (Action<_, _>(fun workspace slot ->
                    let target = pulls[slot]
                    let piece = firstPiece + slot
                    target.Clear()

                    for center in piece * CenterLoop.ChunkSize .. upTo piece - 1 do
                        CenterKernel.findNeighbors prepared.Search prepared.Gaussians workspace.Work center
                        |> ignore

                        PullbackKernel.expand prepared.Gaussians workspace
                        pull.Invoke(workspace, slot, center, bodies, target)
                        target.Centers.Add center
                        target.Ends.Add target.Count))

            for slot in 0 .. batch - 1 do
                let piece = firstPiece + slot
                scatter pulls[slot] positions rotations semiAxes strain
                collect.Invoke(slot, piece * CenterLoop.ChunkSize, upTo piece)

            start <- start + batch

        {
            // From derivatives by lengths in the kernels' unit.
            Positions = vectors projection.Unit.FromUser positions
            Orientations = vectors 1.0 rotations
            SemiAxes = vectors projection.Unit.FromUser semiAxes
            Strain =
                Matrix3.ofRows
                    (Vector3.create strain[0] strain[1] strain[2])
                    (Vector3.create strain[3] strain[4] strain[5])
                    (Vector3.create strain[6] strain[7] strain[8])
        }
