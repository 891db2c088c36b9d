namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// The pair spectrum of one frame and all of its derivatives: a row of columns for the sum over the frame's centres (the energy's row), three a particle for minus its
/// derivatives by position (forces) and by turning (torques), nine for the virial W_ab = −∂/∂ε_ab at fixed orientations. Sums go over centres in order and over the
/// neighbours of each in the order of the search: the same bits whoever computes. Filled again and again, it uses its memory again.
[<Sealed>]
type internal PairRows(basis: PairBasis) =
    let layout = basis.Layout
    let length = basis.Length
    // What is written beyond the columns of a species pair, or of all, is zeros added.
    let stride = PairScalars.padded length + 4
    let work = PairScalars.PairScalarWorkspace basis
    let frame = PairFrame basis
    let channels = ChannelLanes.Room(basis, work.Stride)
    // One pair's channels.
    let weights = Array.zeroCreate<float>(ChannelLanes.DerivativeNumbers * channels.Count)
    // The same before they are weighed by channels of species.
    let plain = Array.zeroCreate<float> weights.Length
    let starts = Array.zeroCreate<int>(basis.Species.Length + 1)
    let ownPadded = PairScalars.padded layout.OwnLength
    let neighborPadded = PairScalars.padded layout.NeighborLength
    // One pair's scalars: sets of whole vectors.
    let ownSets = AlignedBuffer(PairScalars.OwnSets * ownPadded + 4)
    let neighborSets = AlignedBuffer(PairScalars.NeighborSets * neighborPadded + 4)
    let mutable rows = AlignedBuffer 8
    let mutable particles = 0

    let takeLane lane =
        FullOptimization.ask ()
        let lanes = work.Stride

        for set in 0 .. PairScalars.OwnSets - 1 do
            for i in 0 .. layout.OwnLength - 1 do
                NativePtr.set
                    ownSets.Pointer
                    (set * ownPadded + i)
                    (NativePtr.get work.Own.Pointer ((set * layout.OwnLength + i) * lanes + lane))

        for set in 0 .. PairScalars.NeighborSets - 1 do
            for i in 0 .. layout.NeighborLength - 1 do
                NativePtr.set
                    neighborSets.Pointer
                    (set * neighborPadded + i)
                    (NativePtr.get work.Neighbor.Pointer ((set * layout.NeighborLength + i) * lanes + lane))

    let rowOf (row: int) column = NativePtr.add rows.Pointer (row * stride + column)

    /// Adds a channel's columns of one pair: F = w X with X the scalars, ∂F = w ∂X + ∂w X.
    let add (sets: nativeptr<float>) setLength hasTurns at center neighbor column (r: Vector3) =
        FullOptimization.ask ()
        let w = weights
        let inline load (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)
        let inline create (value: float) = Vector256.Create value
        let inline fma x y z = Vector256.MultiplyAddEstimate(x, y, (z: Vector256<float>))

        let inline plus (p: nativeptr<float>) i v = Vector256.Store(Vector256.Add(load p i, v), NativePtr.add p i)

        let inline minus (p: nativeptr<float>) i v = Vector256.Store(Vector256.Subtract(load p i, v), NativePtr.add p i)

        let value = create w[at]
        let wx, wy, wz = create w[at + 1], create w[at + 2], create w[at + 3]
        let tx, ty, tz = create w[at + 4], create w[at + 5], create w[at + 6]
        let rx, ry, rz = create r.X, create r.Y, create r.Z
        let energy = rowOf 0 column
        let force i axis = rowOf (1 + 3 * i + axis) column
        let torque i axis = rowOf (1 + 3 * (particles + i) + axis) column
        let virial = rowOf (1 + 6 * particles) column
        let fx, fy, fz = force center 0, force center 1, force center 2
        let gx, gy, gz = force neighbor 0, force neighbor 1, force neighbor 2
        let sx, sy, sz = torque center 0, torque center 1, torque center 2
        let ux, uy, uz = torque neighbor 0, torque neighbor 1, torque neighbor 2
        let mutable i = 0

        while i < setLength do
            let x = load sets i
            plus energy i (Vector256.Multiply(value, x))
            // By r of the neighbour.
            let dx = fma value (load sets (setLength + i)) (Vector256.Multiply(wx, x))
            let dy = fma value (load sets (2 * setLength + i)) (Vector256.Multiply(wy, x))
            let dz = fma value (load sets (3 * setLength + i)) (Vector256.Multiply(wz, x))
            // By ω of the centre.
            let mutable ax = Vector256.Multiply(tx, x)
            let mutable ay = Vector256.Multiply(ty, x)
            let mutable az = Vector256.Multiply(tz, x)

            if hasTurns then
                ax <- fma value (load sets (4 * setLength + i)) ax
                ay <- fma value (load sets (5 * setLength + i)) ay
                az <- fma value (load sets (6 * setLength + i)) az

            plus fx i dx
            plus fy i dy
            plus fz i dz
            minus gx i dx
            minus gy i dy
            minus gz i dz
            minus sx i ax
            minus sy i ay
            minus sz i az
            // By ω of the neighbour: −∂/∂ω of the centre − r × ∂/∂r.
            plus ux i (Vector256.Add(ax, Vector256.Subtract(Vector256.Multiply(ry, dz), Vector256.Multiply(rz, dy))))
            plus uy i (Vector256.Add(ay, Vector256.Subtract(Vector256.Multiply(rz, dx), Vector256.Multiply(rx, dz))))
            plus uz i (Vector256.Add(az, Vector256.Subtract(Vector256.Multiply(rx, dy), Vector256.Multiply(ry, dx))))
            minus virial i (Vector256.Multiply(rx, dx))
            minus virial (stride + i) (Vector256.Multiply(rx, dy))
            minus virial (2 * stride + i) (Vector256.Multiply(rx, dz))
            minus virial (3 * stride + i) (Vector256.Multiply(ry, dx))
            minus virial (4 * stride + i) (Vector256.Multiply(ry, dy))
            minus virial (5 * stride + i) (Vector256.Multiply(ry, dz))
            minus virial (6 * stride + i) (Vector256.Multiply(rz, dx))
            minus virial (7 * stride + i) (Vector256.Multiply(rz, dy))
            minus virial (8 * stride + i) (Vector256.Multiply(rz, dz))
            i <- i + 4

    /// Adds a pair's columns of a directed pair of species, or of channels.
    let addColumns center k pairColumn =
        let buffer = work.Pairs.Work.Neighbors
        let neighbor = buffer.Second[k]
        let r = Vector3.create buffer.X[k] buffer.Y[k] buffer.Z[k]
        let r = basis.Single.Unit.Length * r

        for channel in 0 .. layout.OwnChannels - 1 do
            add
                ownSets.Pointer
                ownPadded
                true
                (ChannelLanes.DerivativeNumbers * channel)
                center
                neighbor
                (pairColumn + channel * layout.OwnLength)
                r

        let first = pairColumn + layout.OwnChannels * layout.OwnLength

        for channel in 0 .. layout.NeighborChannels - 1 do
            add
                neighborSets.Pointer
                neighborPadded
                false
                (ChannelLanes.DerivativeNumbers * (layout.OwnChannels + channel))
                center
                neighbor
                (first + channel * layout.NeighborLength)
                r

    /// Adds a pair with the channels times a weight.
    let addScaled center k pairColumn weight =
        for i in 0 .. weights.Length - 1 do
            weights[i] <- weight * plain[i]

        addColumns center k pairColumn

    let addPair center k species t =
        if basis.ChannelWeights.Length = 0 then
            addColumns center k (basis.FirstColumn(species, t))
        else
            Array.Copy(weights, plain, weights.Length)
            basis.VisitChannels(species, t, (fun pairColumn weight -> addScaled center k pairColumn weight))

    let addCenter place =
        let center = PairBlock.find frame work.Pairs place starts
        let species = frame.Gaussians.SpeciesIndex[center]

        for t in 0 .. basis.Species.Length - 1 do
            for first in starts[t] .. work.Pairs.Work.Lanes .. starts[t + 1] - 1 do
                let count = min work.Pairs.Work.Lanes (starts[t + 1] - first)
                PairScalars.compute frame work center first count
                ChannelLanes.fillWidest frame work.Pairs.Work center channels first count

                for lane in 0 .. count - 1 do
                    takeLane lane
                    ChannelLanes.takeLane channels lane weights
                    addPair center work.Pairs.Work.Order[first + lane] species t

    /// Columns.
    member _.Length = length
    /// From one row to the next.
    member _.Stride = stride
    /// Rows: 1 + 6 particles + 9.
    member _.Count = 1 + 6 * particles + 9
    member _.Particles = particles
    member _.Storage = rows

    /// One row.
    member _.Row(row: int) : ReadOnlySpan<float> = Span<float>.op_Implicit(rows.Span.Slice(row * stride, length))

    /// Whether arrays hold the rows of a frame of so many particles.
    member _.CheckSize(count: int) : Result<unit, AniSoapError> =
        ArraySize.check "numbers of a frame's pair spectrum with its derivatives" [
            6L * int64 count + 10L
            int64 stride
        ]
        |> Result.bind (fun _ -> frame.CheckSize count)

    /// Computes the rows of a frame that was checked, with neighbours from outside or without.
    member rows'.Fill(given: Frame, neighbors: INeighbors | null) =
        particles <- given.Particles.Length
        let size = rows'.Count * stride

        if rows.Length < size then
            rows <- AlignedBuffer(ArraySize.withRoom (ArraySize.most / 2L) size)

        rows.Span.Slice(0, size).Clear()
        frame.Fill(given, neighbors)

        for place in 0 .. frame.Search.Count - 1 do
            addCenter place

    /// A place whose neighbours from outside are no particles of the frame; −1 as long as all are well.
    member _.Stray = frame.Stray
