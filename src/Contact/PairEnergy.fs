namespace AniSoap

open System
open System.Runtime.InteropServices
open AniSoap.Numerics

/// Energies E = Σ w F linear in pair spectra F, with forces, torques and virial, of one frame after another. One call at a time; memory is that of the largest
/// frame. The same bits for any number of threads.
[<Sealed>]
type PairEnergy private (basis: PairBasis, weights: AlignedBuffer, threads: int) =
    // Pieces of the centres whose sums are added in their order, whatever the threads.
    static let pieces = 16
    static let isStray = Predicate<float>(fun number -> not (Double.IsFinite number))

    static let checkLength name actual expected =
        if actual = expected then
            Ok()
        else
            AniSoapError.invalid ("length of " + name) actual (string expected) |> Error

    /// So many finite numbers a particle.
    static let checkNumbers name width count (numbers: float[]) =
        checkLength ("the " + name) numbers.Length (width * count)
        |> Result.bind (fun () ->
            match Array.FindIndex(numbers, isStray) with
            | -1 -> Ok()
            | stray ->
                AniSoapError.invalid name numbers[stray] "finite numbers"
                |> AniSoapError.at { Place.Unknown with Particle = Some(stray / width) }
                |> Error)

    let frame = PairFrame basis
    let workspaces = Array.init threads (fun _ -> ScalarLanes.Workspace basis)
    let sums = Array.init pieces (fun _ -> Array.empty<float>)

    // Where centres' energies go in the call that is under way, empty where nobody wants them.
    let mutable energies = Memory<float>.Empty

    let compute =
        Action<ScalarLanes.Workspace, int>(fun workspace piece ->
            let count = frame.Search.Count

            for place in piece * count / pieces .. (piece + 1) * count / pieces - 1 do
                let energy = PairPull.addCenter frame workspace weights place sums[piece]

                if not energies.IsEmpty then
                    energies.Span[place] <- energy)

    /// The energy of a frame that was checked.
    let run (given: Frame) (forces: Memory<float>) (torques: Memory<float>) (virial: Memory<float>) =
        let count = given.Particles.Length
        let size = 6 * count + 10

        for piece in 0 .. pieces - 1 do
            if sums[piece].Length <> size then
                sums[piece] <- Array.zeroCreate size
            else
                Array.Clear sums[piece]

        Schedule.forEach workspaces pieces compute
        let total = sums[0]

        for piece in 1 .. pieces - 1 do
            for i in 0 .. size - 1 do
                total[i] <- total[i] + sums[piece][i]

        for i in 0 .. count - 1 do
            total.AsSpan(6 * i, 3).CopyTo(forces.Span.Slice(3 * i))
            total.AsSpan(6 * i + 3, 3).CopyTo(torques.Span.Slice(3 * i))

        total.AsSpan(6 * count, 9).CopyTo virial.Span
        PairFrame.CheckStray frame.Stray |> Result.map (fun () -> total[size - 1])

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

        checkLength "the forces" forces.Length (3 * count)
        |> Result.bind (fun () -> checkLength "the torques" torques.Length (3 * count))
        |> Result.bind (fun () -> checkLength "the virial" virial.Length 9)
        |> Result.bind (fun () -> FrameCheck.run basis.Projection given)
        |> Result.bind (fun () -> frame.CheckSize count)
        |> Result.bind (fun () ->
            frame.Fill(given, neighbors)

            if centers.IsEmpty then
                Ok()
            else
                checkLength "the centres' energies" centers.Length frame.Search.Count)
        |> Result.bind (fun () ->
            energies <- centers
            let result = run given forces torques virial
            energies <- Memory.Empty
            result)

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
        let particles = given.Particles
        let count = particles.Length

        checkNumbers "positions" 3 count positions
        |> Result.bind (fun () -> checkNumbers "orientations" 4 count orientations)
        |> Result.bind (fun () ->
            let moved =
                ParticleArray(particles.SpeciesArray, positions, orientations, particles.SemiAxesArray, count)

            engine.Evaluate({ given with Particles = moved }, forces, torques, virial))
