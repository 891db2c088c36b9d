namespace AniSoap

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

/// Energies of bodies made of sites, with forces, torques and virial, of one frame after another. One call at a time; memory is that of the largest frame. Particles of
/// species without a body do not act. The same bits for any number of threads.
[<Sealed>]
type SiteEnergy private (model: SiteModel, threads: int) =
    let cutoff = model.CutoffRadius
    let bodies = [| for body in model.Bodies -> body.Species |]

    let layout = SiteLayout model
    let grid = NeighborGrid()
    let list = ListSearch()
    let mutable search: NeighborSearch = grid
    let mutable isDirected = false
    let mutable isDivided = false
    let works = Array.init threads (fun _ -> SiteWork())
    let sums = EnergySums()
    let mutable positions = Array.empty<float>
    // By particle: its body, −1 for none, and where its numbers begin.
    let mutable bodyOf = Array.empty<int>
    let mutable siteOf = Array.empty<int>
    let mutable lab = AlignedBuffer 0

    // Where centres' energies go in the call that is under way, empty where nobody wants them.
    let mutable energies = Memory<float>.Empty

    let fill (frame: Frame) =
        FullOptimization.ask ()
        let particles = frame.Particles
        let count = particles.Length

        if bodyOf.Length < count then
            bodyOf <- Array.zeroCreate count
            siteOf <- Array.zeroCreate count
            positions <- Array.zeroCreate (3 * count)

        let mutable total = 0

        for i in 0 .. count - 1 do
            let body = Array.IndexOf(bodies, particles.SpeciesOf i)
            bodyOf[i] <- body
            siteOf[i] <- total

            if body >= 0 then
                total <- total + layout.Length body

        if lab.Length < total then
            lab <- AlignedBuffer(total + total / 4)

        for i in 0 .. count - 1 do
            if bodyOf[i] >= 0 then
                layout.Turn(
                    bodyOf[i],
                    Quaternion.toMatrix (particles.OrientationOf i),
                    NativePtr.add lab.Pointer siteOf[i]
                )

        FramePositions.fill 1.0 frame positions

    /// Of a grid every pair once: towards the later particle, and of images of a particle towards those with the first shift that is not zero above zero.
    let keepOnce center (found: NeighborBuffer) =
        let mutable kept = 0

        for k in 0 .. found.Count - 1 do
            let neighbor = found.Second[k]

            if
                neighbor > center
                || neighbor = center
                   && (let a, b, c = found.Shift[3 * k], found.Shift[3 * k + 1], found.Shift[3 * k + 2]
                       a > 0 || a = 0 && (b > 0 || b = 0 && c > 0))
            then
                found.Second[kept] <- neighbor
                found.X[kept] <- found.X[k]
                found.Y[kept] <- found.Y[k]
                found.Z[kept] <- found.Z[k]
                kept <- kept + 1

        found.Count <- kept

    let compute =
        Action<SiteWork, int>(fun work piece ->
            let count = search.Count
            let share = if isDirected then 0.5 else 1.0
            let sum = sums[piece]

            for place in EnergySums.First(piece, count) .. EnergySums.First(piece + 1, count) - 1 do
                let center = search.Center place
                let body = bodyOf[center]
                let mutable energy = 0.0

                if body >= 0 then
                    search.Find(place, work.Neighbors)

                    if obj.ReferenceEquals(search, grid) then
                        keepOnce center work.Neighbors

                    let first = NativePtr.add lab.Pointer siteOf[center]
                    let pairs = SiteReach.gather layout work work.Neighbors body first bodyOf siteOf lab.Pointer

                    if pairs > 0 then
                        energy <- share * SiteEnergyKernel.look layout work pairs

                        SiteEnergyKernel.pull
                            layout
                            work
                            work.Neighbors
                            body
                            first
                            center
                            bodyOf
                            siteOf
                            lab.Pointer
                            share
                            isDivided
                            sum

                        if not isDivided then
                            let row = sum.Row center
                            NativePtr.set row 3 (NativePtr.get row 3 + energy)

                if isDirected && not energies.IsEmpty then
                    energies.Span[place] <- energy)

    // `isOnce`: neighbours from outside have every pair once, and there is room for every particle's energy, or none.
    let evaluate
        (frame: Frame)
        isOnce
        (centers: Memory<float>)
        (forces: Memory<float>)
        (torques: Memory<float>)
        (virial: Memory<float>)
        (neighbors: INeighbors | null)
        =
        let count = frame.Particles.Length

        EnergyRoom.check count forces torques virial
        |> Result.bind (fun () -> NeighborLimits.check cutoff frame)
        |> Result.bind (fun () ->
            sums.Clear count
            fill frame

            match neighbors with
            | null ->
                grid.Fill(positions, count, frame.Cell, 1.0, cutoff)
                search <- grid
                isDirected <- false
            | outside ->
                list.Fill(outside, outside.CenterCount, positions, count, cutoff)
                search <- list
                isDirected <- not isOnce

            isDivided <- not isDirected && not centers.IsEmpty
            let stray () = if obj.ReferenceEquals(search, list) then list.Stray else -1

            (if centers.IsEmpty then
                 Ok()
             else
                 EnergyRoom.checkLength "the centres' energies" centers.Length (if isOnce then count else search.Count))
            |> Result.bind (fun () -> PairFrame.CheckStray(stray ()))
            |> Result.bind (fun () ->
                energies <- centers
                Schedule.forEach works EnergySums.Pieces compute
                energies <- Memory.Empty
                let energy = sums.Total(forces, torques, virial)

                if isDivided then
                    for i in 0 .. count - 1 do
                        centers.Span[i] <- sums.EnergyOf i

                PairFrame.CheckStray(stray ()) |> Result.map (fun () -> energy)))

    /// Energies of a model on so many threads (0: as many as there are processors).
    static member Create(model: SiteModel, threads: int) : Result<SiteEnergy, AniSoapError> =
        RunOptions.threadCount threads
        |> Result.map (fun threads -> SiteEnergy(model, threads))

    /// What acts.
    member _.Model = model

    /// The energy of a frame, into `forces` and `torques` (lab frame, about each centre) three numbers a particle, into `virial` W_ab = Σ r_a f_b = −∂E/∂ε_ab, a
    /// slowest; with neighbours from outside, where every pair is half of each of its centres' (one that is no centre's is another process's), or its own. Refuses memory of other lengths.
    member energy.Evaluate
        (
            frame: Frame,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        energy.EvaluateCenters(frame, Memory.Empty, forces, torques, virial, neighbors)

    /// The same with the energies of the centres, whose sum it is, in the order of the neighbours from outside or of the particles: a pair's energy is half of each of its
    /// bodies'. No memory for them: they are not written.
    member _.EvaluateCenters
        (
            frame: Frame,
            centers: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        evaluate frame false centers forces torques virial neighbors

    /// The same with neighbours from outside that have every pair once, with either of its particles as the centre, as simulation programs list pairs whose forces are opposite: half the work.
    /// `particles` has the energies of all particles, half of a pair's for each, or no room.
    member _.EvaluatePairs
        (
            frame: Frame,
            particles: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            neighbors: INeighbors
        ) : Result<float, AniSoapError> =
        evaluate frame true particles forces torques virial neighbors

    /// The energy of the frame's particles at other places, without a copy of them: `positions` are x, y, z, `orientations` unit quaternions w, x, y, z of one
    /// particle after another. The rest as in `Evaluate`. Refuses numbers that are not finite.
    member engine.EvaluateAt
        (
            frame: Frame,
            positions: float[],
            orientations: float[],
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>
        ) : Result<float, AniSoapError> =
        EnergyRoom.moved frame positions orientations
        |> Result.bind (fun moved -> engine.Evaluate(moved, forces, torques, virial))
