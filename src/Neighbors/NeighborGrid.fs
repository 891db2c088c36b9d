namespace AniSoap

open System

/// A grid of bins over one frame, made in time linear in the number of particles, that finds the neighbours of any
/// particle. Not changed while it is searched: threads share it. Filled again and again, it uses its memory again.
///
/// Particles are wrapped into the cell along periodic axes and sorted by bins; the bins searched around a centre are counted on
/// through the images, so that cells smaller than the cutoff need no special case. Bins that follow each other along the third
/// axis lie side by side in memory, so that candidates are looked at four at a time. Whether one is a neighbour is decided by r = r_j − r_i + whole cell
/// vectors from the positions as given, so wrapping costs no digits: where all particles are in the cell as given these vectors are those of the image
/// searched (`Take`), else candidates are picked by their wrapped positions with some slack before (`Pick`, `Keep`). Rows of bins that the ball of the
/// cutoff does not reach are left out, and of the others what it does not reach.
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
    // The thickness of a bin along each axis, across its planes.
    let mutable thickA = 0.0
    let mutable thickB = 0.0
    let mutable thickC = 0.0
    // Whether these planes are at right angles to each other, and whether a particle lies outside of the cell.
    let mutable isRectangular = false
    let mutable hasWraps = false
    // By particle: fractional coordinates, whole cell vectors taken off by wrapping, bins, and the slot.
    let mutable fractional = Array.empty<float>
    let mutable particleWrap = Array.empty<int>
    let mutable particleBins = Array.empty<int>
    let mutable slotOf = Array.empty<int>
    // starts[b] … starts[b + 1] − 1 are the slots of bin b; `next` serves for filling.
    let mutable starts = Array.empty<int>
    let mutable next = Array.empty<int>
    // By slot: its position as given, its bins and whole cell vectors.
    let mutable given = Array.empty<float>
    let mutable wrap = Array.empty<int>
    let mutable bins = Array.empty<int>
    // How far into the bins a slot's particle is along each axis.
    let mutable places = Array.empty<float>
    let slots = GridSlots()

    let ensureRoom particles =
        if slotOf.Length < particles then
            let room =
                if slotOf.Length = 0 then
                    particles
                else
                    particles + particles / 4

            fractional <- Array.zeroCreate (3 * room)
            particleWrap <- Array.zeroCreate (3 * room)
            particleBins <- Array.zeroCreate (3 * room)
            slotOf <- Array.zeroCreate room
            slots.Members <- Array.zeroCreate (room + 4)
            places <- Array.zeroCreate (3 * room)
            given <- Array.zeroCreate (3 * room)
            wrap <- Array.zeroCreate (3 * room)
            bins <- Array.zeroCreate (3 * room)
            slots.X <- Array.zeroCreate (room + 4)
            slots.Y <- Array.zeroCreate (room + 4)
            slots.Z <- Array.zeroCreate (room + 4)

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

                if floor <> 0.0 then
                    hasWraps <- true

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
            slots.Members[slot] <- i
            slotOf[i] <- slot
            let x = positions[3 * i]
            let y = positions[3 * i + 1]
            let z = positions[3 * i + 2]
            given[3 * slot] <- x
            given[3 * slot + 1] <- y
            given[3 * slot + 2] <- z

            places[3 * slot] <- BinAxis.placeOf axisA fractional[3 * i]
            places[3 * slot + 1] <- BinAxis.placeOf axisB fractional[3 * i + 1]
            places[3 * slot + 2] <- BinAxis.placeOf axisC fractional[3 * i + 2]

            for k in 0..2 do
                wrap[3 * slot + k] <- particleWrap[3 * i + k]
                bins[3 * slot + k] <- particleBins[3 * i + k]

            let back =
                float particleWrap[3 * i] * basis.Row1
                + float particleWrap[3 * i + 1] * basis.Row2
                + float particleWrap[3 * i + 2] * basis.Row3

            slots.X[slot] <- x - back.X
            slots.Y[slot] <- y - back.Y
            slots.Z[slot] <- z - back.Z

    /// Takes the positions of so many particles, x, y, z of one after another, and their cell; positions are in the unit of the cutoff, the cell is multiplied by `scale`.
    /// Neighbours are found bin by bin, and sums over them are taken in this order: other bins would move results in their last digits.
    member grid.Fill(positions: float[], particles: int, cell: Cell, scale: float, cutoffRadius: float) =
        grid.Fill(positions, particles, cell, scale, cutoffRadius, false)

    /// The same; whether the order is free in which neighbours are found.
    member _.Fill
        (positions: float[], particles: int, cell: Cell, scale: float, cutoffRadius: float, orderIsFree: bool)
        =
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
        hasWraps <- false
        let a = span positions 0 toFractional.Row1 periodicity.A
        let b = span positions 1 toFractional.Row2 periodicity.B
        let c = span positions 2 toFractional.Row3 periodicity.C
        let struct (cutA, cutB, cutC) = BinAxis.create orderIsFree a b c count
        axisA <- cutA
        axisB <- cutB
        axisC <- cutC

        let thickness (axis: BinAxis) row = axis.Extent / float axis.Count / Vector3.norm row

        thickA <- thickness axisA toFractional.Row1
        thickB <- thickness axisB toFractional.Row2
        thickC <- thickness axisC toFractional.Row3

        let areRight row other = abs (Vector3.dot row other) <= 1e-12 * Vector3.norm row * Vector3.norm other

        isRectangular <-
            areRight toFractional.Row1 toFractional.Row2
            && areRight toFractional.Row1 toFractional.Row3
            && areRight toFractional.Row2 toFractional.Row3

        sort positions

    static member Create(frame: Frame, cutoff: float) = NeighborGrid.Create(frame, cutoff, 1.0, false)

    /// The grid of a frame whose lengths are all multiplied by `scale`; the cutoff is such a length. Whether the order is free in which neighbours are found.
    static member Create(frame: Frame, cutoff: float, scale: float, orderIsFree: bool) =
        let count = frame.Particles.Length
        let positions = Array.zeroCreate<float>(3 * count)
        FramePositions.fill scale frame positions
        let grid = NeighborGrid()
        grid.Fill(positions, count, frame.Cell, scale, cutoff, orderIsFree)
        grid

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

            second[k] <- slots.Members[found]
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
    override _.Near slot = slots.Members[slot]

    /// The particle of a slot: all particles, bin by bin.
    member _.Member(slot: int) = slots.Members[slot]

    /// Fills the buffer with the neighbours of particle `first` (itself, unshifted, not among them), bin by bin.
    override grid.Find(first: int, buffer: NeighborBuffer) = grid.FindAt(slotOf[first], buffer)

    /// The same for the particle of a slot. Slots one after another look at the same bins, so that those of a large frame stay in the caches: many times
    /// faster than particles in an order of their own.
    member grid.FindAt(own: int, buffer: NeighborBuffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        let x = slots.X[own]
        let y = slots.Y[own]
        let z = slots.Z[own]
        let mutable hits = 0
        let mutable run = 0
        let axisA = axisA
        let axisB = axisB
        let axisC = axisC
        let basis = basis
        let direct = not hasWraps
        let squared = pickDistance * pickDistance
        let placeC = places[3 * own + 2]
        let binOfA = bins[3 * own]
        let binOfB = bins[3 * own + 1]
        let firstC = BinAxis.lowest axisC bins[3 * own + 2]
        let endC = BinAxis.highest axisC bins[3 * own + 2]

        for binA in BinAxis.lowest axisA binOfA .. BinAxis.highest axisA binOfA do
            let imageA = BinAxis.imageOf axisA binA
            let awayA = thickA * BinAxis.distanceTo places[3 * own] binA
            let squaredA = awayA * awayA

            // The distance between planes is one that the ball has to reach at any angle.
            if squaredA <= squared then
                for binB in BinAxis.lowest axisB binOfB .. BinAxis.highest axisB binOfB do
                    let awayB = thickB * BinAxis.distanceTo places[3 * own + 1] binB

                    let left =
                        if isRectangular then squared - squaredA - awayB * awayB
                        elif awayB * awayB <= squared then squared
                        else -1.0

                    if left >= 0.0 then
                        let imageB = BinAxis.imageOf axisB binB

                        let row =
                            ((binA - imageA * axisA.Count) * axisB.Count + binB - imageB * axisB.Count)
                            * axisC.Count

                        let reach = if thickC > 0.0 then sqrt left / thickC + 1e-9 else 0.0
                        // Further than any bin of the axis where bins are thin.
                        let reach = min reach 1e8
                        let lastC = min endC (int (Math.Floor(placeC + reach)))
                        // Bins of one image follow each other in memory.
                        let mutable binC = max firstC (int (Math.Floor(placeC - reach)))

                        while binC <= lastC do
                            let imageC = BinAxis.imageOf axisC binC
                            let begins = imageC * axisC.Count
                            let last = min lastC (begins + axisC.Count - 1)
                            let from = starts[row + binC - begins]
                            let upTo = starts[row + last - begins + 1]

                            // Few bins of a small cutoff hold anything: a run is noted only where there is something.
                            if upTo > from then
                                if direct then
                                    let self = if (imageA ||| imageB ||| imageC) = 0 then own else -8

                                    hits <-
                                        slots.Take(
                                            self,
                                            own,
                                            cutoff,
                                            basis,
                                            from,
                                            upTo,
                                            imageA,
                                            imageB,
                                            imageC,
                                            buffer,
                                            hits
                                        )
                                else
                                    let a = float imageA
                                    let b = float imageB
                                    let c = float imageC

                                    hits <-
                                        slots.Pick(
                                            pickDistance,
                                            x - (a * basis.Row1.X + b * basis.Row2.X) - c * basis.Row3.X,
                                            y - (a * basis.Row1.Y + b * basis.Row2.Y) - c * basis.Row3.Y,
                                            z - (a * basis.Row1.Z + b * basis.Row2.Z) - c * basis.Row3.Z,
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

        if direct then
            buffer.Count <- hits
        else
            grid.Keep(own, hits, buffer)
