namespace AniSoap

open System

/// The particles of a frame wrapped into its cell along periodic axes and sorted by bins, in time linear in their number. Filled again and again, it uses its
/// memory again.
///
/// What is kept of a particle is written slot after slot, once it is known which particle comes into which: a particle in an order of its own costs one jump
/// through memory where its position is read, not one for each number of it.
[<Sealed>]
type internal BinnedParticles() =
    /// A particle's coordinate along an axis of the cell.
    static let fractional (positions: float[]) (row: Vector3) i =
        row.X * positions[3 * i]
        + row.Y * positions[3 * i + 1]
        + row.Z * positions[3 * i + 2]

    /// Whole cell vectors that wrapping takes off along an axis.
    static let cellsOf (axis: BinAxis) value = if axis.IsPeriodic then Math.Floor(value: float) else 0.0

    let mutable count = 0
    let mutable axisA = Unchecked.defaultof<BinAxis>
    let mutable axisB = Unchecked.defaultof<BinAxis>
    let mutable axisC = Unchecked.defaultof<BinAxis>
    let mutable hasWraps = false
    // By particle: its bin, then its slot.
    let mutable slotOf = Array.empty<int>
    // starts[b] … starts[b + 1] − 1 are the slots of bin b; `next` serves for filling.
    let mutable starts = Array.empty<int>
    let mutable next = Array.empty<int>
    // By slot: how far into the bins its particle is along each axis; its position as given and the whole cell vectors taken off by wrapping, where there are any.
    let mutable places = Array.empty<float>
    let mutable given = Array.empty<float>
    let mutable wrap = Array.empty<int>
    let slots = GridSlots()

    let ensureRoom particles =
        if slotOf.Length < particles then
            let room =
                if slotOf.Length = 0 then
                    particles
                else
                    particles + particles / 4

            slotOf <- LargeArray.zeros room
            places <- LargeArray.zeros (3 * room)
            slots.EnsureRoom room

    /// What the particles cover along one axis: the cell where it repeats.
    let span (positions: float[]) (row: Vector3) repeats reach : AxisSpan =
        AniSoap.Numerics.FullOptimization.ask ()
        let mutable low = infinity
        let mutable high = -infinity

        if repeats || count = 0 then
            low <- 0.0
            high <- 1.0
        else
            for i in 0 .. count - 1 do
                let value = fractional positions row i
                low <- min low value
                high <- max high value

        { Repeats = repeats; Low = low; High = high; Thickness = Vector3.norm row * reach }

    /// A counting sort into bins, members of a bin in the order of the file.
    let sort (positions: float[]) (toFractional: Matrix3) =
        AniSoap.Numerics.FullOptimization.ask ()
        let binCount = axisA.Count * axisB.Count * axisC.Count

        if starts.Length <= binCount then
            starts <- Array.zeroCreate (binCount + 1)
            next <- Array.zeroCreate (binCount + 1)
        else
            Array.Clear(starts, 0, binCount + 1)

        let axisA = axisA
        let axisB = axisB
        let axisC = axisC
        let row1 = toFractional.Row1
        let row2 = toFractional.Row2
        let row3 = toFractional.Row3
        let starts = starts
        let slotOf = slotOf
        let mutable outside = false

        for i in 0 .. count - 1 do
            let a = fractional positions row1 i
            let b = fractional positions row2 i
            let c = fractional positions row3 i
            let cellsA = cellsOf axisA a
            let cellsB = cellsOf axisB b
            let cellsC = cellsOf axisC c
            outside <- outside || cellsA <> 0.0 || cellsB <> 0.0 || cellsC <> 0.0

            let bin =
                (BinAxis.binOf axisA (a - cellsA) * axisB.Count
                 + BinAxis.binOf axisB (b - cellsB))
                * axisC.Count
                + BinAxis.binOf axisC (c - cellsC)

            slotOf[i] <- bin
            starts[bin + 1] <- starts[bin + 1] + 1

        hasWraps <- outside

        for b in 1..binCount do
            starts[b] <- starts[b] + starts[b - 1]

        Array.Copy(starts, next, binCount + 1)
        let next = next
        let members = slots.Members

        for i in 0 .. count - 1 do
            let bin = slotOf[i]
            let slot = next[bin]
            next[bin] <- slot + 1
            members[slot] <- i
            slotOf[i] <- slot

    /// Positions and places slot by slot.
    let place (positions: float[]) (basis: Matrix3) (toFractional: Matrix3) =
        AniSoap.Numerics.FullOptimization.ask ()

        if hasWraps && given.Length < 3 * count then
            given <- LargeArray.zeros (3 * slotOf.Length)
            wrap <- LargeArray.zeros (3 * slotOf.Length)

        let axisA = axisA
        let axisB = axisB
        let axisC = axisC
        let row1 = toFractional.Row1
        let row2 = toFractional.Row2
        let row3 = toFractional.Row3
        let isWrapped = hasWraps
        let members = slots.Members
        let slotX = slots.X
        let slotY = slots.Y
        let slotZ = slots.Z
        let places = places

        for slot in 0 .. count - 1 do
            let i = members[slot]
            let x = positions[3 * i]
            let y = positions[3 * i + 1]
            let z = positions[3 * i + 2]
            let a = fractional positions row1 i
            let b = fractional positions row2 i
            let c = fractional positions row3 i

            if not isWrapped then
                slotX[slot] <- x
                slotY[slot] <- y
                slotZ[slot] <- z
                places[3 * slot] <- BinAxis.placeOf axisA a
                places[3 * slot + 1] <- BinAxis.placeOf axisB b
                places[3 * slot + 2] <- BinAxis.placeOf axisC c
            else
                let cellsA = cellsOf axisA a
                let cellsB = cellsOf axisB b
                let cellsC = cellsOf axisC c
                given[3 * slot] <- x
                given[3 * slot + 1] <- y
                given[3 * slot + 2] <- z
                wrap[3 * slot] <- int cellsA
                wrap[3 * slot + 1] <- int cellsB
                wrap[3 * slot + 2] <- int cellsC
                let back = cellsA * basis.Row1 + cellsB * basis.Row2 + cellsC * basis.Row3
                slotX[slot] <- x - back.X
                slotY[slot] <- y - back.Y
                slotZ[slot] <- z - back.Z
                places[3 * slot] <- BinAxis.placeOf axisA (a - cellsA)
                places[3 * slot + 1] <- BinAxis.placeOf axisB (b - cellsB)
                places[3 * slot + 2] <- BinAxis.placeOf axisC (c - cellsC)

    /// Takes the positions of so many particles, x, y, z of one after another, what makes them fractional coordinates, and how far is looked from one; whether the
    /// order is free in which neighbours are found.
    member _.Fill
        (
            positions: float[],
            particles: int,
            basis: Matrix3,
            toFractional: Matrix3,
            periodicity: Periodicity,
            reach: float,
            orderIsFree: bool
        ) =
        ensureRoom particles
        count <- particles
        let a = span positions toFractional.Row1 periodicity.A reach
        let b = span positions toFractional.Row2 periodicity.B reach
        let c = span positions toFractional.Row3 periodicity.C reach
        let struct (cutA, cutB, cutC) = BinAxis.create orderIsFree a b c count
        axisA <- cutA
        axisB <- cutB
        axisC <- cutC
        sort positions toFractional
        place positions basis toFractional

    member _.Count = count
    member _.AxisA = axisA
    member _.AxisB = axisB
    member _.AxisC = axisC
    /// Whether a particle lies outside of the cell.
    member _.HasWraps = hasWraps
    /// The slot of a particle.
    member _.SlotOf particle = slotOf[particle]
    member _.Slots = slots
    /// Where the slots of each bin begin, and one number more.
    member _.Starts = starts
    /// By slot, how far into the bins along each axis.
    member _.Places = places
    /// By slot, positions as given; only where there are particles outside of the cell.
    member _.Given = given
    /// By slot, whole cell vectors taken off; only where there are particles outside of the cell.
    member _.Wrap = wrap
