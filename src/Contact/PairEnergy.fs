namespace AniSoap

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

/// One thread's memory for energies, and the sums of one piece of the centres.
[<Sealed>]
type internal PairEnergyWorkspace(basis: PairBasis) =
    let work = PairScalars.PairScalarWorkspace basis
    let channels = PairChannels basis
    member _.Work = work
    member _.Channels = channels
    member val Starts = Array.zeroCreate<int>(basis.Species.Length + 1)
    /// By channel: w, ∂w/∂r, ∂w/∂ω of the centre, by lanes.
    member val Lanes = AlignedBuffer(7 * channels.Count * work.Stride)
    /// A pair's energy, its derivatives by r and by ω of the centre, by lanes.
    member val Sums = AlignedBuffer(7 * work.Stride)

/// Energies linear in pair spectra, E = Σ w F, a block of neighbours at a time: with S_b a pair's scalars and φ_k its channels, F_kb = φ_k S_b, so that
///
///     E = Σ_k φ_k e_k,  e_k = Σ_b w_kb S_b,        ∂E = Σ_b (Σ_k φ_k w_kb) ∂S_b + Σ_k ∂φ_k e_k
module internal PairEnergyKernel =
    let inline private load (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)

    let inline private fma x y z = Vector256.MultiplyAddEstimate(x, y, (z: Vector256<float>))

    /// Adds one family's part to the sums of the lanes.
    let private addFamily
        (weights: nativeptr<float>)
        (channels: nativeptr<float>)
        channelCount
        (scalars: nativeptr<float>)
        length
        hasTurns
        stride
        (sums: nativeptr<float>)
        =
        FullOptimization.ask ()
        let mutable lane = 0

        while lane < stride do
            let mutable energy = load sums lane
            let mutable rx = load sums (stride + lane)
            let mutable ry = load sums (2 * stride + lane)
            let mutable rz = load sums (3 * stride + lane)
            let mutable tx = load sums (4 * stride + lane)
            let mutable ty = load sums (5 * stride + lane)
            let mutable tz = load sums (6 * stride + lane)

            for k in 0 .. channelCount - 1 do
                let mutable e = Vector256<float>.Zero
                let w = NativePtr.add weights (k * length)

                for b in 0 .. length - 1 do
                    e <- fma (Vector256.Create(NativePtr.get w b: float)) (load scalars (b * stride + lane)) e

                let channel = NativePtr.add channels (7 * k * stride + lane)
                energy <- fma (load channel 0) e energy
                rx <- fma (load channel stride) e rx
                ry <- fma (load channel (2 * stride)) e ry
                rz <- fma (load channel (3 * stride)) e rz
                tx <- fma (load channel (4 * stride)) e tx
                ty <- fma (load channel (5 * stride)) e ty
                tz <- fma (load channel (6 * stride)) e tz

            let set = length * stride

            for b in 0 .. length - 1 do
                let mutable weight = Vector256<float>.Zero

                for k in 0 .. channelCount - 1 do
                    weight <-
                        fma
                            (Vector256.Create(NativePtr.get weights (k * length + b): float))
                            (load channels (7 * k * stride + lane))
                            weight

                let at = b * stride + lane
                rx <- fma weight (load scalars (set + at)) rx
                ry <- fma weight (load scalars (2 * set + at)) ry
                rz <- fma weight (load scalars (3 * set + at)) rz

                if hasTurns then
                    tx <- fma weight (load scalars (4 * set + at)) tx
                    ty <- fma weight (load scalars (5 * set + at)) ty
                    tz <- fma weight (load scalars (6 * set + at)) tz

            Vector256.Store(energy, NativePtr.add sums lane)
            Vector256.Store(rx, NativePtr.add sums (stride + lane))
            Vector256.Store(ry, NativePtr.add sums (2 * stride + lane))
            Vector256.Store(rz, NativePtr.add sums (3 * stride + lane))
            Vector256.Store(tx, NativePtr.add sums (4 * stride + lane))
            Vector256.Store(ty, NativePtr.add sums (5 * stride + lane))
            Vector256.Store(tz, NativePtr.add sums (6 * stride + lane))
            lane <- lane + 4

    let private fillChannels (frame: PairFrame) (workspace: PairEnergyWorkspace) center first count =
        let channels = workspace.Channels
        let core = workspace.Work.Pairs.Work
        let buffer = core.Neighbors
        let stride = workspace.Work.Stride
        let lanes = workspace.Lanes.Pointer

        for lane in 0 .. stride - 1 do
            if lane < count then
                let k = core.Order[first + lane]

                channels.Fill(frame, center, buffer.Second[k], Vector3.create buffer.X[k] buffer.Y[k] buffer.Z[k])

                for i in 0 .. 7 * channels.Count - 1 do
                    NativePtr.set lanes (i * stride + lane) channels.Values[i]
            else
                for i in 0 .. 7 * channels.Count - 1 do
                    NativePtr.set lanes (i * stride + lane) 0.0

    /// What the pairs of one centre bring: `sums` are 6 numbers a particle, force and torque, then nine of the virial and the energy.
    let addCenter
        (basis: PairBasis)
        (frame: PairFrame)
        (weights: AlignedBuffer)
        (workspace: PairEnergyWorkspace)
        place
        (sums: float[])
        =
        FullOptimization.ask ()
        let layout = basis.Layout
        let work = workspace.Work
        let core = work.Pairs.Work
        let stride = work.Stride
        let center = frame.Search.Center place
        PairScalars.find frame work place workspace.Starts
        let species = frame.Gaussians.SpeciesIndex[center]
        let lanes = core.Lanes
        let unit = basis.Single.Unit.Length
        let last = sums.Length - 10

        for t in 0 .. basis.Species.Length - 1 do
            let w = NativePtr.add weights.Pointer ((species * basis.Species.Length + t) * layout.Length)

            for first in workspace.Starts[t] .. lanes .. workspace.Starts[t + 1] - 1 do
                let count = min lanes (workspace.Starts[t + 1] - first)
                PairScalars.compute frame work center first count
                fillChannels frame workspace center first count
                workspace.Sums.Span.Clear()

                addFamily
                    w
                    workspace.Lanes.Pointer
                    layout.OwnChannels
                    work.Own.Pointer
                    layout.OwnLength
                    true
                    stride
                    workspace.Sums.Pointer

                addFamily
                    (NativePtr.add w (layout.OwnChannels * layout.OwnLength))
                    (NativePtr.add workspace.Lanes.Pointer (7 * layout.OwnChannels * stride))
                    layout.NeighborChannels
                    work.Neighbor.Pointer
                    layout.NeighborLength
                    false
                    stride
                    workspace.Sums.Pointer

                for lane in 0 .. count - 1 do
                    let k = core.Order[first + lane]
                    let neighbor = core.Neighbors.Second[k]
                    let inline number i = NativePtr.get workspace.Sums.Pointer (i * stride + lane)
                    let x, y, z = unit * core.Neighbors.X[k], unit * core.Neighbors.Y[k], unit * core.Neighbors.Z[k]
                    let dx, dy, dz = number 1, number 2, number 3
                    let tx, ty, tz = number 4, number 5, number 6
                    let i, j = 6 * center, 6 * neighbor
                    sums[i] <- sums[i] + dx
                    sums[i + 1] <- sums[i + 1] + dy
                    sums[i + 2] <- sums[i + 2] + dz
                    sums[i + 3] <- sums[i + 3] - tx
                    sums[i + 4] <- sums[i + 4] - ty
                    sums[i + 5] <- sums[i + 5] - tz
                    sums[j] <- sums[j] - dx
                    sums[j + 1] <- sums[j + 1] - dy
                    sums[j + 2] <- sums[j + 2] - dz
                    sums[j + 3] <- sums[j + 3] + tx + (y * dz - z * dy)
                    sums[j + 4] <- sums[j + 4] + ty + (z * dx - x * dz)
                    sums[j + 5] <- sums[j + 5] + tz + (x * dy - y * dx)
                    sums[last] <- sums[last] - x * dx
                    sums[last + 1] <- sums[last + 1] - x * dy
                    sums[last + 2] <- sums[last + 2] - x * dz
                    sums[last + 3] <- sums[last + 3] - y * dx
                    sums[last + 4] <- sums[last + 4] - y * dy
                    sums[last + 5] <- sums[last + 5] - y * dz
                    sums[last + 6] <- sums[last + 6] - z * dx
                    sums[last + 7] <- sums[last + 7] - z * dy
                    sums[last + 8] <- sums[last + 8] - z * dz
                    sums[last + 9] <- sums[last + 9] + number 0

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
    let workspaces = Array.init threads (fun _ -> PairEnergyWorkspace basis)
    let sums = Array.init pieces (fun _ -> Array.empty<float>)

    let compute =
        Action<PairEnergyWorkspace, int>(fun workspace piece ->
            let count = frame.Search.Count

            for place in piece * count / pieces .. (piece + 1) * count / pieces - 1 do
                PairEnergyKernel.addCenter basis frame weights workspace place sums[piece])

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
    member _.Evaluate
        (
            given: Frame,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        let count = given.Particles.Length
        let size = 6 * count + 10

        checkLength "the forces" forces.Length (3 * count)
        |> Result.bind (fun () -> checkLength "the torques" torques.Length (3 * count))
        |> Result.bind (fun () -> checkLength "the virial" virial.Length 9)
        |> Result.bind (fun () -> FrameCheck.run basis.Projection given)
        |> Result.bind (fun () -> frame.CheckSize count)
        |> Result.bind (fun () ->
            for piece in 0 .. pieces - 1 do
                if sums[piece].Length <> size then
                    sums[piece] <- Array.zeroCreate size
                else
                    Array.Clear sums[piece]

            frame.Fill(given, neighbors)
            Schedule.forEach workspaces pieces compute
            let total = sums[0]

            for piece in 1 .. pieces - 1 do
                for i in 0 .. size - 1 do
                    total[i] <- total[i] + sums[piece][i]

            for i in 0 .. count - 1 do
                total.AsSpan(6 * i, 3).CopyTo(forces.Span.Slice(3 * i))
                total.AsSpan(6 * i + 3, 3).CopyTo(torques.Span.Slice(3 * i))

            total.AsSpan(6 * count, 9).CopyTo virial.Span
            PairFrame.CheckStray frame.Stray |> Result.map (fun () -> total[size - 1]))

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
