namespace AniSoap

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics

/// A grid of bins over one frame, made in time linear in the number of particles, that finds the neighbours of any
/// particle. Not changed while it is searched: threads share it. Filled again and again, it uses its memory again.
///
/// Particles are wrapped into the cell along periodic axes and sorted by bins; the bins searched around a centre are counted on
/// through the images, so that cells smaller than the cutoff need no special case. Bins that follow each other along the third
/// axis lie side by side in memory, so that candidates are looked at four at a time. Candidates are picked by their wrapped positions with
/// some slack; whether one is a neighbour is decided by r = r_j − r_i + whole cell vectors from the positions as given, so
/// wrapping costs no digits.
[<Sealed>]
type internal NeighborGrid() =
    inherit NeighborSearch()
    let mutable count = 0
    let mutable basis = Matrix3.identity
    let mutable cutoff = 0.0
    let mutable pickDistance = 0.0
    let mutable axisA = Unchecked.defaultof<BinAxis>
    let mutable axisB = Unchecked.defaultof<BinAxis>
    let mutable axisC = Unchecked.defaultof<BinAxis>
    // By particle: fractional coordinates, whole cell vectors taken off by wrapping, bins, and the slot.
    let mutable fractional = Array.empty<float>
    let mutable particleWrap = Array.empty<int>
    let mutable particleBins = Array.empty<int>
    let mutable slotOf = Array.empty<int>
    // starts[b] … starts[b + 1] − 1 are the slots of bin b; `next` serves for filling.
    let mutable starts = Array.empty<int>
    let mutable next = Array.empty<int>
    // By slot: the particle, its position as given, its bins and whole cell vectors, and its wrapped position, padded so that four can be loaded at the last slot.
    let mutable members = Array.empty<int>
    let mutable given = Array.empty<float>
    let mutable wrap = Array.empty<int>
    let mutable bins = Array.empty<int>
    let mutable slotX = Array.empty<float>
    let mutable slotY = Array.empty<float>
    let mutable slotZ = Array.empty<float>

    let ensureRoom particles =
        if members.Length < particles then
            let room =
                if members.Length = 0 then
                    particles
                else
                    particles + particles / 4

            fractional <- Array.zeroCreate (3 * room)
            particleWrap <- Array.zeroCreate (3 * room)
            particleBins <- Array.zeroCreate (3 * room)
            slotOf <- Array.zeroCreate room
            members <- Array.zeroCreate room
            given <- Array.zeroCreate (3 * room)
            wrap <- Array.zeroCreate (3 * room)
            bins <- Array.zeroCreate (3 * room)
            slotX <- Array.zeroCreate (room + 4)
            slotY <- Array.zeroCreate (room + 4)
            slotZ <- Array.zeroCreate (room + 4)

    /// Fractional coordinates along one axis, wrapped where it repeats; what they cover.
    let span (positions: float[]) k (row: Vector3) repeats : AxisSpan =
        AniSoap.Numerics.FullOptimization.ask ()
        let mutable low = infinity
        let mutable high = -infinity

        for i in 0 .. count - 1 do
            let value =
                row.X * positions[3 * i]
                + row.Y * positions[3 * i + 1]
                + row.Z * positions[3 * i + 2]

            if repeats then
                let floor = Math.Floor value
                particleWrap[3 * i + k] <- int floor
                fractional[3 * i + k] <- value - floor
            else
                particleWrap[3 * i + k] <- 0
                fractional[3 * i + k] <- value
                low <- min low value
                high <- max high value

        let isCell = repeats || count = 0

        {
            Repeats = repeats
            Low = if isCell then 0.0 else low
            High = if isCell then 1.0 else high
            Thickness = Vector3.norm row * pickDistance
        }

    /// A counting sort into bins, members of a bin in the order of the file.
    let sort (positions: float[]) =
        AniSoap.Numerics.FullOptimization.ask ()
        let binCount = axisA.Count * axisB.Count * axisC.Count

        if starts.Length <= binCount then
            starts <- Array.zeroCreate (binCount + 1)
            next <- Array.zeroCreate (binCount + 1)
        else
            Array.Clear(starts, 0, binCount + 1)

        let inline flat i =
            (particleBins[3 * i] * axisB.Count + particleBins[3 * i + 1]) * axisC.Count
            + particleBins[3 * i + 2]

        for i in 0 .. count - 1 do
            particleBins[3 * i] <- BinAxis.binOf &axisA fractional[3 * i]
            particleBins[3 * i + 1] <- BinAxis.binOf &axisB fractional[3 * i + 1]
            particleBins[3 * i + 2] <- BinAxis.binOf &axisC fractional[3 * i + 2]
            let bin = flat i
            starts[bin + 1] <- starts[bin + 1] + 1

        for b in 1..binCount do
            starts[b] <- starts[b] + starts[b - 1]

        Array.Copy(starts, next, binCount + 1)

        for i in 0 .. count - 1 do
            let bin = flat i
            let slot = next[bin]
            next[bin] <- slot + 1
            members[slot] <- i
            slotOf[i] <- slot
            let x = positions[3 * i]
            let y = positions[3 * i + 1]
            let z = positions[3 * i + 2]
            given[3 * slot] <- x
            given[3 * slot + 1] <- y
            given[3 * slot + 2] <- z

            for k in 0..2 do
                wrap[3 * slot + k] <- particleWrap[3 * i + k]
                bins[3 * slot + k] <- particleBins[3 * i + k]

            let back =
                float particleWrap[3 * i] * basis.Row1
                + float particleWrap[3 * i + 1] * basis.Row2
                + float particleWrap[3 * i + 2] * basis.Row3

            slotX[slot] <- x - back.X
            slotY[slot] <- y - back.Y
            slotZ[slot] <- z - back.Z

    /// Takes the positions of so many particles, x, y, z of one after another, and their cell; positions are in the unit of the cutoff, the cell is multiplied by `scale`.
    member _.Fill(positions: float[], particles: int, cell: Cell, scale: float, cutoffRadius: float) =
        AniSoap.Numerics.FullOptimization.ask ()
        ensureRoom particles
        count <- particles
        cutoff <- cutoffRadius
        basis <- scale * cell.Basis
        // Fractional coordinates are the inverse transpose of the cell times the position; its rows are as long as the inverse of the
        // distance between the lattice planes.
        let toFractional = Matrix3.transpose (Matrix3.inverse basis)
        let mutable largest = 0.0

        for i in 0 .. 3 * count - 1 do
            largest <- max largest (abs positions[i])

        // What wrapping may be off by, generously.
        pickDistance <- cutoff * (1.0 + 1e-9) + 1e-14 * largest
        let periodicity = cell.Periodicity
        let a = span positions 0 toFractional.Row1 periodicity.A
        let b = span positions 1 toFractional.Row2 periodicity.B
        let c = span positions 2 toFractional.Row3 periodicity.C
        let struct (cutA, cutB, cutC) = BinAxis.create a b c count
        axisA <- cutA
        axisB <- cutB
        axisC <- cutC
        sort positions

    static member Create(frame: Frame, cutoff: float) = NeighborGrid.Create(frame, cutoff, 1.0)

    /// The grid of a frame whose lengths are all multiplied by `scale`; the cutoff is such a length.
    static member Create(frame: Frame, cutoff: float, scale: float) =
        let count = frame.Particles.Length
        let positions = Array.zeroCreate<float>(3 * count)
        FramePositions.fill scale frame positions
        let grid = NeighborGrid()
        grid.Fill(positions, count, frame.Cell, scale, cutoff)
        grid

    /// Notes the slots `from` … `upTo` − 1 that lie within the picking distance in one image of the cell, after `hits` noted before; returns
    /// how many there are then. Every candidate is written down and the place moved on only past hits: there is no branch to guess wrong.
    member private _.Pick
        (
            centerX: float,
            centerY: float,
            centerZ: float,
            from: int,
            upTo: int,
            run: int,
            buffer: NeighborBuffer,
            hits: int
        ) =
        AniSoap.Numerics.FullOptimization.ask ()
        let x = Vector256.Create(centerX: float)
        let y = Vector256.Create(centerY: float)
        let z = Vector256.Create(centerZ: float)
        let limit = Vector256.Create(pickDistance * pickDistance: float)
        buffer.EnsureHits(hits + upTo - from + 4, run)
        let hitSlot = buffer.HitSlot
        let hitRun = buffer.HitRun
        let mutable k = hits
        let mutable slot = from

        while slot < upTo do
            let inline load (values: float[]) =
                Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference values, unativeint slot)

            let dx = load slotX - x
            let dy = load slotY - y
            let dz = load slotZ - z
            let near = Vector256.LessThan(dx * dx + dy * dy + dz * dz, limit)
            // Slots beyond the end do not count.
            let valid = if upTo - slot >= 4 then 15 else (1 <<< (upTo - slot)) - 1
            let bits = int (Vector256.ExtractMostSignificantBits near) &&& valid
            hitSlot[k] <- slot
            hitRun[k] <- run
            k <- k + (bits &&& 1)
            hitSlot[k] <- slot + 1
            hitRun[k] <- run
            k <- k + ((bits >>> 1) &&& 1)
            hitSlot[k] <- slot + 2
            hitRun[k] <- run
            k <- k + ((bits >>> 2) &&& 1)
            hitSlot[k] <- slot + 3
            hitRun[k] <- run
            k <- k + (bits >>> 3)
            slot <- slot + 4

        k

    /// Of the noted candidates those that are neighbours, with r = r_j − r_i + whole cell vectors.
    member private _.Keep(own: int, hits: int, buffer: NeighborBuffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        buffer.EnsureRoom(hits + 1)
        let cx = given[3 * own]
        let cy = given[3 * own + 1]
        let cz = given[3 * own + 2]
        let ownA = wrap[3 * own]
        let ownB = wrap[3 * own + 1]
        let ownC = wrap[3 * own + 2]
        let squaredCutoff = cutoff * cutoff
        let hitSlot = buffer.HitSlot
        let hitRun = buffer.HitRun
        let images = buffer.RunImages
        let second = buffer.Second
        let resultX = buffer.X
        let resultY = buffer.Y
        let resultZ = buffer.Z
        let shifts = buffer.Shift
        let mutable k = 0

        for hit in 0 .. hits - 1 do
            let found = hitSlot[hit]
            let run = hitRun[hit]
            let shiftA = images[3 * run] + ownA - wrap[3 * found]
            let shiftB = images[3 * run + 1] + ownB - wrap[3 * found + 1]
            let shiftC = images[3 * run + 2] + ownC - wrap[3 * found + 2]
            let a = float shiftA
            let b = float shiftB
            let c = float shiftC
            let rx = given[3 * found] - cx + (a * basis.Row1.X + b * basis.Row2.X + c * basis.Row3.X)

            let ry =
                given[3 * found + 1] - cy
                + (a * basis.Row1.Y + b * basis.Row2.Y + c * basis.Row3.Y)

            let rz =
                given[3 * found + 2] - cz
                + (a * basis.Row1.Z + b * basis.Row2.Z + c * basis.Row3.Z)

            second[k] <- members[found]
            resultX[k] <- rx
            resultY[k] <- ry
            resultZ[k] <- rz
            shifts[3 * k] <- shiftA
            shifts[3 * k + 1] <- shiftB
            shifts[3 * k + 2] <- shiftC

            if
                rx * rx + ry * ry + rz * rz < squaredCutoff
                && not (found = own && shiftA = 0 && shiftB = 0 && shiftC = 0)
            then
                k <- k + 1

        buffer.Count <- k

    override _.Count = count
    override _.Center place = place
    override _.Near slot = members[slot]

    /// The particle of a slot: all particles, bin by bin.
    member _.Member(slot: int) = members[slot]

    /// Fills the buffer with the neighbours of particle `first` (itself, unshifted, not among them), bin by bin.
    override grid.Find(first: int, buffer: NeighborBuffer) = grid.FindAt(slotOf[first], buffer)

    /// The same for the particle of a slot. Slots one after another look at the same bins, so that those of a large frame stay in the caches: many times
    /// faster than particles in an order of their own.
    member grid.FindAt(own: int, buffer: NeighborBuffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        let x = slotX[own]
        let y = slotY[own]
        let z = slotZ[own]
        let mutable hits = 0
        let mutable run = 0
        let axisA = axisA
        let axisB = axisB
        let axisC = axisC
        let basis = basis

        let lastC = BinAxis.highest axisC bins[3 * own + 2]

        for binA in BinAxis.lowest axisA bins[3 * own] .. BinAxis.highest axisA bins[3 * own] do
            let imageA = BinAxis.imageOf axisA binA

            for binB in BinAxis.lowest axisB bins[3 * own + 1] .. BinAxis.highest axisB bins[3 * own + 1] do
                let imageB = BinAxis.imageOf axisB binB
                let a = float imageA
                let b = float imageB
                let rowX = x - (a * basis.Row1.X + b * basis.Row2.X)
                let rowY = y - (a * basis.Row1.Y + b * basis.Row2.Y)
                let rowZ = z - (a * basis.Row1.Z + b * basis.Row2.Z)

                let row =
                    ((binA - imageA * axisA.Count) * axisB.Count + binB - imageB * axisB.Count)
                    * axisC.Count
                // Bins of one image follow each other in memory.
                let mutable binC = BinAxis.lowest axisC bins[3 * own + 2]

                while binC <= lastC do
                    let imageC = BinAxis.imageOf axisC binC
                    let begins = imageC * axisC.Count
                    let last = min lastC (begins + axisC.Count - 1)
                    let from = starts[row + binC - begins]
                    let upTo = starts[row + last - begins + 1]

                    // Few bins of a small cutoff hold anything: a run is noted only where there is something.
                    if upTo > from then
                        let c = float imageC

                        hits <-
                            grid.Pick(
                                rowX - c * basis.Row3.X,
                                rowY - c * basis.Row3.Y,
                                rowZ - c * basis.Row3.Z,
                                from,
                                upTo,
                                run,
                                buffer,
                                hits
                            )

                        buffer.RunImages[3 * run] <- imageA
                        buffer.RunImages[3 * run + 1] <- imageB
                        buffer.RunImages[3 * run + 2] <- imageC
                        run <- run + 1

                    binC <- last + 1

        grid.Keep(own, hits, buffer)
