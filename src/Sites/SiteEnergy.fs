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
    let bodies = model.Bodies |> Seq.toArray

    let layout = SiteLayout model
    let grid = NeighborGrid()
    let list = ListSearch()
    let mutable search: NeighborSearch = grid
    let mutable isDirected = false
    let buffers = Array.init threads (fun _ -> NeighborBuffer())
    let sums = EnergySums()
    let mutable positions = Array.empty<float>
    // By particle: its body, −1 for none, and where its numbers begin.
    let mutable bodyOf = Array.empty<int>
    let mutable siteOf = Array.empty<int>
    let mutable lab = AlignedBuffer 0

    // Where centres' energies go in the call that is under way, empty where nobody wants them.
    let mutable energies = Memory<float>.Empty

    let fill (frame: Frame) =
        let particles = frame.Particles
        let count = particles.Length

        if bodyOf.Length < count then
            bodyOf <- Array.zeroCreate count
            siteOf <- Array.zeroCreate count
            positions <- Array.zeroCreate (3 * count)

        let mutable total = 0

        for i in 0 .. count - 1 do
            let species = particles.SpeciesOf i
            let body = Array.FindIndex(bodies, fun body -> body.Species = species)
            bodyOf[i] <- body
            siteOf[i] <- total

            if body >= 0 then
                total <- total + layout.Length body

        if lab.Length < total then
            lab <- AlignedBuffer total

        for i in 0 .. count - 1 do
            if bodyOf[i] >= 0 then
                let r = Quaternion.toMatrix (particles.OrientationOf i)
                let body = bodyOf[i]
                let numbers = Span<float>(NativePtr.toVoidPtr (NativePtr.add lab.Pointer siteOf[i]), layout.Length body)
                numbers.Fill SiteLayout.Nowhere
                let sites = layout.Positions body

                for k in 0 .. sites.Length - 1 do
                    let p = r * sites[k]
                    let at = SiteLayout.Place k
                    numbers[at] <- p.X
                    numbers[at + SiteLayout.Lanes] <- p.Y
                    numbers[at + 2 * SiteLayout.Lanes] <- p.Z

        FramePositions.fill 1.0 frame positions

    /// Of a grid every pair once: towards the later particle, and of images of a particle towards those with the first shift that is not zero above zero.
    let isTaken center (buffer: NeighborBuffer) k =
        let neighbor = buffer.Second[k]

        isDirected
        || neighbor > center
        || neighbor = center
           && (let a, b, c = buffer.Shift[3 * k], buffer.Shift[3 * k + 1], buffer.Shift[3 * k + 2]
               a > 0 || a = 0 && (b > 0 || b = 0 && c > 0))

    let compute =
        Action<NeighborBuffer, int>(fun buffer piece ->
            let count = search.Count
            let share = if isDirected then 0.5 else 1.0

            for place in EnergySums.First(piece, count) .. EnergySums.First(piece + 1, count) - 1 do
                let center = search.Center place
                let mutable energy = 0.0

                if bodyOf[center] >= 0 then
                    search.Find(place, buffer)
                    let body = bodyOf[center]

                    for k in 0 .. buffer.Count - 1 do
                        let neighbor = buffer.Second[k]
                        let other = bodyOf[neighbor]

                        if other >= 0 && isTaken center buffer k then
                            energy <-
                                energy
                                + SiteEnergyKernel.addPair
                                    layout
                                    body
                                    (NativePtr.add lab.Pointer siteOf[center])
                                    other
                                    (NativePtr.add lab.Pointer siteOf[neighbor])
                                    center
                                    neighbor
                                    buffer.X[k]
                                    buffer.Y[k]
                                    buffer.Z[k]
                                    share
                                    sums[piece]

                if not energies.IsEmpty then
                    energies.Span[place] <- energy)

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
                // A centre's own half of each of its pairs, where that is asked for.
                isDirected <- not centers.IsEmpty
            | outside ->
                list.Fill(outside, outside.CenterCount, positions, count, cutoff)
                search <- list
                isDirected <- true

            let stray () = if obj.ReferenceEquals(search, list) then list.Stray else -1

            (if centers.IsEmpty then
                 Ok()
             else
                 EnergyRoom.checkLength "the centres' energies" centers.Length search.Count)
            |> Result.bind (fun () -> PairFrame.CheckStray(stray ()))
            |> Result.bind (fun () ->
                energies <- centers
                Schedule.forEach buffers EnergySums.Pieces compute
                energies <- Memory.Empty
                let energy = sums.Total(forces, torques, virial)
                PairFrame.CheckStray(stray ()) |> Result.map (fun () -> energy)))

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
