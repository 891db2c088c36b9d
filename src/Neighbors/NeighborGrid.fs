namespace AniSoap

open System

/// A grid of bins over one frame that finds the neighbours of any particle. Not changed while it is searched: threads share it. Filled again and again, it uses
/// its memory again.
///
/// The bins searched around a centre are counted on through the images, so that cells smaller than the cutoff need no special case. Bins that follow each other
/// along the third axis lie side by side in memory, so that candidates are looked at four or eight at a time. Whether one is a neighbour is decided by
/// r = r_j − r_i + whole cell vectors from the positions as given, so wrapping costs no digits: where all particles are in the cell as given these vectors are
/// those of the image searched (`Take`), else candidates are picked by their wrapped positions with some slack before (`Pick`, `Keep`). Rows of bins that the
/// ball of the cutoff does not reach are left out, and of the others what it does not reach.
[<Sealed>]
type internal NeighborGrid() =
    inherit NeighborSearch()
    let mutable basis = Matrix3.identity
    let mutable cutoff = 0.0
    let mutable pickDistance = 0.0
    // The thickness of a bin along each axis, across its planes, and whether these planes are at right angles to each other.
    let mutable thickA = 0.0
    let mutable thickB = 0.0
    let mutable thickC = 0.0
    let mutable isRectangular = false
    let binned = BinnedParticles()

    /// Takes the positions of so many particles, x, y, z of one after another, and their cell; positions are in the unit of the cutoff, the cell is multiplied by `scale`.
    /// Neighbours are found bin by bin, and sums over them are taken in this order: other bins would move results in their last digits.
    member grid.Fill(positions: float[], particles: int, cell: Cell, scale: float, cutoffRadius: float) =
        grid.Fill(positions, particles, cell, scale, cutoffRadius, false)

    /// The same; whether the order is free in which neighbours are found.
    member _.Fill
        (positions: float[], particles: int, cell: Cell, scale: float, cutoffRadius: float, orderIsFree: bool)
        =
        AniSoap.Numerics.FullOptimization.ask ()
        cutoff <- cutoffRadius
        basis <- scale * cell.Basis
        // Fractional coordinates are the inverse transpose of the cell times the position; its rows are as long as the inverse of the
        // distance between the lattice planes.
        let toFractional = Matrix3.transpose (Matrix3.inverse basis)
        let mutable largest = 0.0

        for i in 0 .. 3 * particles - 1 do
            largest <- max largest (abs positions[i])

        // What wrapping may be off by, generously.
        pickDistance <- cutoff * (1.0 + 1e-9) + 1e-14 * largest
        binned.Fill(positions, particles, basis, toFractional, cell.Periodicity, pickDistance, orderIsFree)

        let thickness (axis: BinAxis) row = axis.Extent / float axis.Count / Vector3.norm row

        thickA <- thickness binned.AxisA toFractional.Row1
        thickB <- thickness binned.AxisB toFractional.Row2
        thickC <- thickness binned.AxisC toFractional.Row3

        let areRight row other = abs (Vector3.dot row other) <= 1e-12 * Vector3.norm row * Vector3.norm other

        isRectangular <-
            areRight toFractional.Row1 toFractional.Row2
            && areRight toFractional.Row1 toFractional.Row3
            && areRight toFractional.Row2 toFractional.Row3

    static member Create(frame: Frame, cutoff: float) = NeighborGrid.Create(frame, cutoff, 1.0, false)

    /// The grid of a frame whose lengths are all multiplied by `scale`; the cutoff is such a length. Whether the order is free in which neighbours are found.
    static member Create(frame: Frame, cutoff: float, scale: float, orderIsFree: bool) =
        let count = frame.Particles.Length
        let positions = LargeArray.create<float>(3 * count)
        FramePositions.fill scale frame positions
        let grid = NeighborGrid()
        grid.Fill(positions, count, frame.Cell, scale, cutoff, orderIsFree)
        grid

    /// Notes the runs of slots, one image of the cell each, in which the neighbours of a slot's particle are: bin by bin. The slot itself is in none.
    member private _.Reach(own: int, buffer: NeighborBuffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        buffer.Clear()
        let axisA = binned.AxisA
        let axisB = binned.AxisB
        let axisC = binned.AxisC
        let starts = binned.Starts
        let places = binned.Places
        let squared = pickDistance * pickDistance
        let placeA = places[3 * own]
        let placeB = places[3 * own + 1]
        let placeC = places[3 * own + 2]
        let binOfA = BinAxis.binAt axisA placeA
        let binOfB = BinAxis.binAt axisB placeB
        let binOfC = BinAxis.binAt axisC placeC
        let firstC = BinAxis.lowest axisC binOfC
        let endC = BinAxis.highest axisC binOfC

        for binA in BinAxis.lowest axisA binOfA .. BinAxis.highest axisA binOfA do
            let imageA = BinAxis.imageOf axisA binA
            let awayA = thickA * BinAxis.distanceTo placeA binA
            let squaredA = awayA * awayA

            // The distance between planes is one that the ball has to reach at any angle.
            if squaredA <= squared then
                for binB in BinAxis.lowest axisB binOfB .. BinAxis.highest axisB binOfB do
                    let awayB = thickB * BinAxis.distanceTo placeB binB

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

                            if (imageA ||| imageB ||| imageC) = 0 && from <= own && own < upTo then
                                buffer.AddRun(from, own, 0, 0, 0)
                                buffer.AddRun(own + 1, upTo, 0, 0, 0)
                            else
                                buffer.AddRun(from, upTo, imageA, imageB, imageC)

                            binC <- last + 1

    /// Of the picked candidates those that are neighbours, with r = r_j − r_i + whole cell vectors.
    member private _.Keep(own: int, hits: int, names: int[], buffer: NeighborBuffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        buffer.EnsureRoom(hits + 8)
        let given = binned.Given
        let wrap = binned.Wrap
        let basis = basis
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
            let shiftA = images[4 * run] + ownA - wrap[3 * found]
            let shiftB = images[4 * run + 1] + ownB - wrap[3 * found + 1]
            let shiftC = images[4 * run + 2] + ownC - wrap[3 * found + 2]
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

            second[k] <- names[found]
            resultX[k] <- rx
            resultY[k] <- ry
            resultZ[k] <- rz
            shifts[3 * k] <- shiftA
            shifts[3 * k + 1] <- shiftB
            shifts[3 * k + 2] <- shiftC

            if rx * rx + ry * ry + rz * rz < squaredCutoff then
                k <- k + 1

        buffer.Count <- k

    override _.Count = binned.Count
    override _.Center place = place
    override _.Near slot = binned.Slots.Members[slot]

    /// The particle of a slot: all particles, bin by bin.
    member _.Member(slot: int) = binned.Slots.Members[slot]

    /// Fills the buffer with the neighbours of particle `first` (itself, unshifted, not among them), bin by bin.
    override grid.Find(first: int, buffer: NeighborBuffer) = grid.FindAt(binned.SlotOf first, buffer)

    /// The same for the particle of a slot. Slots one after another look at the same bins, so that those of a large frame stay in the caches: many times
    /// faster than particles in an order of their own.
    member grid.FindAt(slot: int, buffer: NeighborBuffer) = grid.FindNamed(slot, binned.Slots.Members, buffer)

    /// The same, with names for the particles of slots (and eight more that are not looked at).
    member grid.FindNamed(slot: int, names: int[], buffer: NeighborBuffer) =
        grid.Reach(slot, buffer)

        if binned.HasWraps then
            grid.Keep(slot, binned.Slots.Pick(slot, pickDistance, basis, buffer), names, buffer)
        else
            binned.Slots.Take(slot, cutoff, basis, names, buffer)

    /// The cell vectors as rows, in the unit of the cutoff.
    member _.Basis = basis

    /// The slot of every particle.
    member _.SlotOf(particle: int) = binned.SlotOf particle

    /// By slot four numbers: the position as given, and which particle it is.
    member _.PositionsBySlot() : float[] =
        AniSoap.Numerics.FullOptimization.ask ()
        let count = binned.Count
        let members = binned.Slots.Members
        let numbers = LargeArray.createPinned<float>(4 * count)
        let isWrapped = binned.HasWraps
        let given = binned.Given
        let slots = binned.Slots
        let x, y, z = slots.X, slots.Y, slots.Z

        for slot in 0 .. count - 1 do
            numbers[4 * slot] <- if isWrapped then given[3 * slot] else x[slot]
            numbers[4 * slot + 1] <- if isWrapped then given[3 * slot + 1] else y[slot]
            numbers[4 * slot + 2] <- if isWrapped then given[3 * slot + 2] else z[slot]
            numbers[4 * slot + 3] <- float members[slot]

        numbers
