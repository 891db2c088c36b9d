namespace AniSoap

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics

/// A grid of bins over one frame, made in time linear in the number of particles, that finds the neighbours of any
/// particle. Immutable once made: threads share it.
///
/// Particles are wrapped into the cell along periodic axes and sorted by bins; the bins searched around a centre are counted on
/// through the images, so that cells smaller than the cutoff need no special case. Bins that follow each other along the third
/// axis lie side by side in memory, so that candidates are looked at four at a time. Candidates are picked by their wrapped positions with
/// some slack; whether one is a neighbour is decided by r = r_j − r_i + whole cell vectors from the positions as given, so
/// wrapping costs no digits.
[<Sealed>]
type internal NeighborGrid
    private
    (
        basis: Matrix3,
        cutoff: float,
        pickDistance: float,
        axes: BinAxis[],
        wrap: int[],
        slotOf: int[],
        starts: int[],
        members: int[],
        given: float[],
        slotX: float[],
        slotY: float[],
        slotZ: float[],
        bins: int[]
    ) =

    static member Create(frame: Frame, cutoff: float) = NeighborGrid.Create(frame, cutoff, 1.0)

    /// The grid of a frame whose lengths are all multiplied by `scale`; the cutoff is such a length.
    static member Create(frame: Frame, cutoff: float, scale: float) =
        let particles = frame.Particles
        let count = particles.Length
        let basis = scale * frame.Cell.Basis
        // Fractional coordinates are the inverse transpose of the cell times the position; its rows are as long as the inverse of the
        // distance between the lattice planes.
        let toFractional = Matrix3.transpose (Matrix3.inverse basis)
        let rows = [| toFractional.Row1; toFractional.Row2; toFractional.Row3 |]
        let periodicity = frame.Cell.Periodicity
        let periodic = [| periodicity.A; periodicity.B; periodicity.C |]
        let fractional = Array.zeroCreate<float>(3 * count)
        let wrap = Array.zeroCreate<int>(3 * count)
        let low = Array.create 3 infinity
        let high = Array.create 3 -infinity
        let mutable largest = 0.0

        for i in 0 .. count - 1 do
            let position = scale * particles[i].Position
            largest <- max largest (max (abs position.X) (max (abs position.Y) (abs position.Z)))

            for k in 0..2 do
                let value = Vector3.dot rows[k] position

                if periodic[k] then
                    let floor = Math.Floor value
                    wrap[3 * i + k] <- int floor
                    fractional[3 * i + k] <- value - floor
                else
                    fractional[3 * i + k] <- value
                    low[k] <- min low[k] value
                    high[k] <- max high[k] value

        let spans =
            Array.init 3 (fun k ->
                if periodic[k] || count = 0 then
                    struct (0.0, 1.0)
                else
                    struct (low[k], high[k]))

        // What wrapping may be off by, generously.
        let pickDistance = cutoff * (1.0 + 1e-9) + 1e-14 * largest

        let axes =
            BinAxis.create periodic spans (rows |> Array.map (fun row -> Vector3.norm row * pickDistance)) count

        let bins = Array.init (3 * count) (fun index -> BinAxis.binOf axes[index % 3] fractional[index])

        // A counting sort: starts[b] … starts[b + 1] − 1 are the members of bin b, in the order of the file.
        let flat i =
            (bins[3 * i] * axes[1].Count + bins[3 * i + 1]) * axes[2].Count
            + bins[3 * i + 2]

        let starts = Array.zeroCreate<int>(axes[0].Count * axes[1].Count * axes[2].Count + 1)

        for i in 0 .. count - 1 do
            starts[flat i + 1] <- starts[flat i + 1] + 1

        for b in 1 .. starts.Length - 1 do
            starts[b] <- starts[b] + starts[b - 1]

        let next = Array.copy starts
        let members = Array.zeroCreate<int> count
        let slotOf = Array.zeroCreate<int> count
        // By slot: positions as given, whole cell vectors taken off by wrapping, and wrapped positions.
        let given = Array.zeroCreate<float>(3 * count)
        let slotWrap = Array.zeroCreate<int>(3 * count)
        let slotBins = Array.zeroCreate<int>(3 * count)
        // Padded, so that four can be loaded at the last slot.
        let wrapped = Array.init 3 (fun _ -> Array.zeroCreate<float>(count + 4))

        for i in 0 .. count - 1 do
            let bin = flat i
            let slot = next[bin]
            next[bin] <- slot + 1
            members[slot] <- i
            slotOf[i] <- slot
            let position = scale * particles[i].Position
            given[3 * slot] <- position.X
            given[3 * slot + 1] <- position.Y
            given[3 * slot + 2] <- position.Z

            for k in 0..2 do
                slotWrap[3 * slot + k] <- wrap[3 * i + k]
                slotBins[3 * slot + k] <- bins[3 * i + k]

            let back =
                float wrap[3 * i] * basis.Row1
                + float wrap[3 * i + 1] * basis.Row2
                + float wrap[3 * i + 2] * basis.Row3

            wrapped[0][slot] <- position.X - back.X
            wrapped[1][slot] <- position.Y - back.Y
            wrapped[2][slot] <- position.Z - back.Z

        NeighborGrid(
            basis,
            cutoff,
            pickDistance,
            axes,
            slotWrap,
            slotOf,
            starts,
            members,
            given,
            wrapped[0],
            wrapped[1],
            wrapped[2],
            slotBins
        )

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

    /// The particle of a slot: all particles, bin by bin.
    member _.Member(slot: int) = members[slot]

    /// Fills the buffer with the neighbours of particle `first` (itself, unshifted, not among them), bin by bin.
    member grid.Find(first: int, buffer: NeighborBuffer) = grid.FindAt(slotOf[first], buffer)

    /// The same for the particle of a slot. Slots one after another look at the same bins, so that those of a large frame stay in the caches: many times
    /// faster than particles in an order of their own.
    member grid.FindAt(own: int, buffer: NeighborBuffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        let x = slotX[own]
        let y = slotY[own]
        let z = slotZ[own]
        let mutable hits = 0
        let mutable run = 0
        let axisA, axisB, axisC = axes[0], axes[1], axes[2]

        // The image that a bin counted on through the images belongs to.
        let inline imageOf (axis: BinAxis) bin =
            if uint32 bin < uint32 axis.Count || not axis.IsPeriodic then
                0
            elif bin >= 0 then
                bin / axis.Count
            else
                -((axis.Count - 1 - bin) / axis.Count)

        let inline lowest (axis: BinAxis) bin =
            if axis.IsPeriodic then
                bin - axis.Reach
            else
                max 0 (bin - axis.Reach)

        let inline highest (axis: BinAxis) bin =
            if axis.IsPeriodic then
                bin + axis.Reach
            else
                min (axis.Count - 1) (bin + axis.Reach)

        let lastC = highest axisC bins[3 * own + 2]

        for binA in lowest axisA bins[3 * own] .. highest axisA bins[3 * own] do
            let imageA = imageOf axisA binA

            for binB in lowest axisB bins[3 * own + 1] .. highest axisB bins[3 * own + 1] do
                let imageB = imageOf axisB binB
                let a = float imageA
                let b = float imageB
                let rowX = x - (a * basis.Row1.X + b * basis.Row2.X)
                let rowY = y - (a * basis.Row1.Y + b * basis.Row2.Y)
                let rowZ = z - (a * basis.Row1.Z + b * basis.Row2.Z)

                let row =
                    ((binA - imageA * axisA.Count) * axisB.Count + binB - imageB * axisB.Count)
                    * axisC.Count
                // Bins of one image follow each other in memory.
                let mutable binC = lowest axisC bins[3 * own + 2]

                while binC <= lastC do
                    let imageC = imageOf axisC binC
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
