namespace AniSoap

open System
open System.Numerics
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// The particles of a grid in the order of its bins, one array for each coordinate, so that four or eight can be looked at together; padded so that eight can be
/// loaded at the last. What is looked at are the runs of slots that a buffer names, each in one image of the cell.
[<Sealed>]
type internal GridSlots() =
    // By which of four lanes are taken: where these are, in order, for vectors of four numbers of 32 bits and of four of 64 (two halves each).
    let taken =
        Array.init 16 (fun bits -> [|
            for lane in 0..3 do
                if bits &&& (1 <<< lane) <> 0 then
                    lane
        |])

    let lanes =
        taken
        |> Array.collect (fun lanes -> Array.init 4 (fun i -> if i < lanes.Length then lanes[i] else 0))

    let halves = lanes |> Array.collect (fun lane -> [| 2 * lane; 2 * lane + 1 |])

    /// Slots that may be loaded beyond the last, and places that may be written beyond the last neighbour.
    [<Literal>]
    static let Padding = 8

    /// The particle of a slot.
    member val Members: int[] = Array.empty with get, set
    /// Its position, wrapped into the cell.
    member val X: float[] = Array.empty with get, set
    member val Y: float[] = Array.empty with get, set
    member val Z: float[] = Array.empty with get, set

    /// Makes room for so many particles.
    member slots.EnsureRoom(particles: int) =
        if slots.Members.Length < particles + Padding then
            slots.Members <- LargeArray.zeros (particles + Padding)
            slots.X <- LargeArray.zeros (particles + Padding)
            slots.Y <- LargeArray.zeros (particles + Padding)
            slots.Z <- LargeArray.zeros (particles + Padding)

    /// Notes the slots of the buffer's runs that lie within the picking distance of the one at `center`; returns how many there are. Every candidate is
    /// written down and the place moved on only past hits: there is no branch to guess wrong.
    member slots.Pick(center: int, pickDistance: float, basis: Matrix3, buffer: NeighborBuffer) : int =
        AniSoap.Numerics.FullOptimization.ask ()
        buffer.EnsureHits(buffer.Candidates + Padding)
        let slotX = slots.X
        let slotY = slots.Y
        let slotZ = slots.Z
        let images = buffer.RunImages
        let hitSlot = buffer.HitSlot
        let hitRun = buffer.HitRun
        let limit = Vector256.Create(pickDistance * pickDistance: float)
        let mutable k = 0

        for run in 0 .. buffer.Runs - 1 do
            let a = float images[4 * run]
            let b = float images[4 * run + 1]
            let c = float images[4 * run + 2]

            let x =
                Vector256.Create(slotX[center] - (a * basis.Row1.X + b * basis.Row2.X) - c * basis.Row3.X: float)

            let y =
                Vector256.Create(slotY[center] - (a * basis.Row1.Y + b * basis.Row2.Y) - c * basis.Row3.Y: float)

            let z =
                Vector256.Create(slotZ[center] - (a * basis.Row1.Z + b * basis.Row2.Z) - c * basis.Row3.Z: float)

            let upTo = buffer.RunEnd[run]
            let mutable slot = buffer.RunStart[run]

            while slot < upTo do
                let inline load (values: float[]) =
                    Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference values, unativeint slot)

                let dx = load slotX - x
                let dy = load slotY - y
                let dz = load slotZ - z
                let near = Vector256.LessThan(dx * dx + dy * dy + dz * dz, limit)
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

    /// Fills the buffer with those slots of its runs that lie within the cutoff of the one at `center`, each by its name (`Members`, say). Displacements of all candidates that are looked at
    /// together are moved together by which of them are hits and written down, and the place moved on only past hits: there is no branch to guess wrong.
    member slots.Take(center: int, cutoff: float, basis: Matrix3, names: int[], buffer: NeighborBuffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        buffer.EnsureRoom(buffer.Candidates + Padding)
        let slotX = slots.X
        let slotY = slots.Y
        let slotZ = slots.Z
        let second = buffer.Second
        let resultX = buffer.X
        let resultY = buffer.Y
        let resultZ = buffer.Z
        let shifts = buffer.Shift
        let starts = buffer.RunStart
        let ends = buffer.RunEnd
        let images = buffer.RunImages
        let centerX = slotX[center]
        let centerY = slotY[center]
        let centerZ = slotZ[center]
        let mutable k = 0

        for run in 0 .. buffer.Runs - 1 do
            let before = k
            let a = float images[4 * run]
            let b = float images[4 * run + 1]
            let c = float images[4 * run + 2]
            let byX = a * basis.Row1.X + b * basis.Row2.X + c * basis.Row3.X
            let byY = a * basis.Row1.Y + b * basis.Row2.Y + c * basis.Row3.Y
            let byZ = a * basis.Row1.Z + b * basis.Row2.Z + c * basis.Row3.Z
            let upTo = ends[run]
            let mutable slot = starts[run]

            if Avx512F.IsSupported then
                let x = Vector512.Create(centerX: float)
                let y = Vector512.Create(centerY: float)
                let z = Vector512.Create(centerZ: float)
                let byX = Vector512.Create(byX: float)
                let byY = Vector512.Create(byY: float)
                let byZ = Vector512.Create(byZ: float)
                let limit = Vector512.Create(cutoff * cutoff: float)
                let steps = Vector512.Create(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)

                while slot < upTo do
                    let inline load (values: float[]) =
                        Vector512.LoadUnsafe(&MemoryMarshal.GetArrayDataReference values, unativeint slot)

                    let dx = load slotX - x + byX
                    let dy = load slotY - y + byY
                    let dz = load slotZ - z + byZ
                    // Slots beyond the end do not count.
                    let valid = Vector512.LessThan(steps, Vector512.Create(float (upTo - slot): float))
                    let hits = Vector512.LessThan(dx * dx + dy * dy + dz * dz, limit) &&& valid

                    let inline put (values: Vector512<float>) (target: float[]) =
                        Vector512.StoreUnsafe(
                            Avx512F.Compress(Vector512<float>.Zero, hits, values),
                            &MemoryMarshal.GetArrayDataReference target,
                            unativeint k
                        )

                    put dx resultX
                    put dy resultY
                    put dz resultZ

                    let found =
                        Avx512F.ConvertToVector512Int64(
                            Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference names, unativeint slot)
                        )

                    Vector256.StoreUnsafe(
                        Avx512F.ConvertToVector256Int32(Avx512F.Compress(Vector512<int64>.Zero, hits.AsInt64(), found)),
                        &MemoryMarshal.GetArrayDataReference second,
                        unativeint k
                    )

                    k <- k + BitOperations.PopCount(Vector512.ExtractMostSignificantBits hits)
                    slot <- slot + 8
            else
                let x = Vector256.Create(centerX: float)
                let y = Vector256.Create(centerY: float)
                let z = Vector256.Create(centerZ: float)
                let byX = Vector256.Create(byX: float)
                let byY = Vector256.Create(byY: float)
                let byZ = Vector256.Create(byZ: float)
                let limit = Vector256.Create(cutoff * cutoff: float)

                while slot < upTo do
                    let inline load (values: float[]) =
                        Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference values, unativeint slot)

                    let dx = load slotX - x + byX
                    let dy = load slotY - y + byY
                    let dz = load slotZ - z + byZ
                    let near = Vector256.LessThan(dx * dx + dy * dy + dz * dz, limit)
                    let valid = if upTo - slot >= 4 then 15 else (1 <<< (upTo - slot)) - 1
                    let bits = int (Vector256.ExtractMostSignificantBits near) &&& valid

                    if Avx2.IsSupported then
                        let order =
                            Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference halves, unativeint (8 * bits))

                        let inline put (values: Vector256<float>) (target: float[]) =
                            Vector256.StoreUnsafe(
                                Avx2.PermuteVar8x32(values.AsInt32(), order).AsDouble(),
                                &MemoryMarshal.GetArrayDataReference target,
                                unativeint k
                            )

                        put dx resultX
                        put dy resultY
                        put dz resultZ

                        let found = Vector128.LoadUnsafe(&MemoryMarshal.GetArrayDataReference names, unativeint slot)

                        let order =
                            Vector128.LoadUnsafe(&MemoryMarshal.GetArrayDataReference lanes, unativeint (4 * bits))

                        Vector128.StoreUnsafe(
                            Avx.PermuteVar(found.AsSingle(), order).AsInt32(),
                            &MemoryMarshal.GetArrayDataReference second,
                            unativeint k
                        )

                        k <- k + BitOperations.PopCount(uint32 bits)
                    else
                        for lane in 0 .. min 3 (upTo - slot - 1) do
                            second[k] <- names[slot + lane]
                            resultX[k] <- dx.GetElement lane
                            resultY[k] <- dy.GetElement lane
                            resultZ[k] <- dz.GetElement lane
                            k <- k + ((bits >>> lane) &&& 1)

                    slot <- slot + 4

            // Four numbers at a time: the fourth is written over by the next, or stands in the room behind the last.
            let shift = Vector128.LoadUnsafe(&MemoryMarshal.GetArrayDataReference images, unativeint (4 * run))

            for i in before .. k - 1 do
                Vector128.StoreUnsafe(shift, &MemoryMarshal.GetArrayDataReference shifts, unativeint (3 * i))

        buffer.Count <- k
