namespace AniSoap

open System
open System.Runtime.InteropServices
open AniSoap.Numerics

/// Energies E = Σ w F linear in pair spectra F, with forces, torques and virial, of one frame after another. One call at a time; memory is that of the largest
/// frame. The same bits for any number of threads.
[<Sealed>]
type PairEnergy private (basis: PairBasis, weights: AlignedBuffer, threads: int) =
    let frame = PairFrame basis
    let workspaces = Array.init threads (fun _ -> ScalarLanes.Workspace basis)
    let sums = EnergySums()

    // Where centres' energies go in the call that is under way, empty where nobody wants them.
    let mutable energies = Memory<float>.Empty

    let compute =
        Action<ScalarLanes.Workspace, int>(fun workspace piece ->
            let count = frame.Search.Count

            for place in EnergySums.First(piece, count) .. EnergySums.First(piece + 1, count) - 1 do
                let energy = PairPull.addCenter frame workspace weights place sums[piece]

                if not energies.IsEmpty then
                    energies.Span[place] <- energy)

    /// Energies of these weights, one for every column of `PairBasis.properties`, on so many threads (0: as many as there are processors).
    static member Create
        (basis: PairBasis, weights: ReadOnlyMemory<float>, threads: int)
        : Result<PairEnergy, AniSoapError> =
        if weights.Length <> basis.Length then
            AniSoapError.invalid
                "number of weights"
                weights.Length
                (String.Concat(string basis.Length, ", one for every column"))
            |> Error
        else
            RunOptions.threadCount threads
            |> Result.map (fun threads ->
                let room = AlignedBuffer weights.Length
                weights.Span.CopyTo room.Span
                PairEnergy(basis, room, threads))

    /// What the weights stand for.
    member _.Basis = basis

    /// The energy of a frame, into `forces` and `torques` (lab frame, about each centre) three numbers a particle, into `virial` W_ab = Σ r_a f_b = −∂E/∂ε_ab, a
    /// slowest; with neighbours from outside or its own. Refuses frames with species that the basis does not know, and memory of other lengths.
    member energy.Evaluate
        (
            given: Frame,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        energy.EvaluateCenters(given, Memory.Empty, forces, torques, virial, neighbors)

    /// The same with the energies of the centres, whose sum it is, in the order of the neighbours from outside or of the particles: a pair's energy is that of its two
    /// directions, each with its own centre. No memory for them: they are not written.
    member _.EvaluateCenters
        (
            given: Frame,
            centers: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        let count = given.Particles.Length

        EnergyRoom.check count forces torques virial
        |> Result.bind (fun () -> FrameCheck.run basis.Projection given)
        |> Result.bind (fun () -> frame.CheckSize count)
        |> Result.bind (fun () ->
            frame.Fill(given, neighbors)

            if centers.IsEmpty then
                Ok()
            else
                EnergyRoom.checkLength "the centres' energies" centers.Length frame.Search.Count)
        |> Result.bind (fun () -> PairFrame.CheckStray frame.Stray)
        |> Result.bind (fun () ->
            energies <- centers
            sums.Clear count
            Schedule.forEach workspaces EnergySums.Pieces compute
            energies <- Memory.Empty
            let energy = sums.Total(forces, torques, virial)
            PairFrame.CheckStray frame.Stray |> Result.map (fun () -> energy))

    /// The energy of the frame's particles at other places, without a copy of them: `positions` are x, y, z, `orientations` unit quaternions w, x, y, z of one
    /// particle after another. The rest as in `Evaluate`; for simulations, where nothing but these numbers changes. Refuses numbers that are not finite.
    member engine.EvaluateAt
        (
            given: Frame,
            positions: float[],
            orientations: float[],
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>
        ) : Result<float, AniSoapError> =
        EnergyRoom.moved given positions orientations
        |> Result.bind (fun moved -> engine.Evaluate(moved, forces, torques, virial))
