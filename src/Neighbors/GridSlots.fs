namespace AniSoap

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// The particles of a grid in the order of its bins, one array for each coordinate, so that four can be looked at together; padded so that four can be
/// loaded at the last. `NeighborGrid` fills them in.
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

    /// The particle of a slot.
    member val Members: int[] = Array.empty with get, set
    /// Its position, wrapped into the cell.
    member val X: float[] = Array.empty with get, set
    member val Y: float[] = Array.empty with get, set
    member val Z: float[] = Array.empty with get, set

    /// Notes the slots `from` … `upTo` − 1 that lie within the picking distance in one image of the cell, after `hits` noted before; returns
    /// how many there are then. Every candidate is written down and the place moved on only past hits: there is no branch to guess wrong.
    member slots.Pick
        (
            pickDistance: float,
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
        let slotX = slots.X
        let slotY = slots.Y
        let slotZ = slots.Z
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

    /// Adds to the buffer, behind `hits` neighbours found before, those among the slots `from` … `upTo` − 1, moved by the image's cell vectors, that lie within
    /// the cutoff of a place; returns how many there are then. `own`: the slot of the centre where it may be among these itself, else −8. Displacements of all four
    /// candidates are moved together by which of them are hits and written down, and the place moved on only past hits: there is no branch to guess wrong.
    member slots.Take
        (
            own: int,
            center: int,
            cutoff: float,
            basis: Matrix3,
            from: int,
            upTo: int,
            a: int,
            b: int,
            c: int,
            buffer: NeighborBuffer,
            hits: int
        ) =
        AniSoap.Numerics.FullOptimization.ask ()
        buffer.EnsureRoom(hits + upTo - from + 5)
        let slotX = slots.X
        let slotY = slots.Y
        let slotZ = slots.Z
        let members = slots.Members
        let second = buffer.Second
        let resultX = buffer.X
        let resultY = buffer.Y
        let resultZ = buffer.Z
        let shifts = buffer.Shift
        let fa = float a
        let fb = float b
        let fc = float c
        let x = Vector256.Create(slots.X[center]: float)
        let y = Vector256.Create(slots.Y[center]: float)
        let z = Vector256.Create(slots.Z[center]: float)
        let byX = Vector256.Create(fa * basis.Row1.X + fb * basis.Row2.X + fc * basis.Row3.X: float)
        let byY = Vector256.Create(fa * basis.Row1.Y + fb * basis.Row2.Y + fc * basis.Row3.Y: float)
        let byZ = Vector256.Create(fa * basis.Row1.Z + fb * basis.Row2.Z + fc * basis.Row3.Z: float)
        let limit = Vector256.Create(cutoff * cutoff: float)
        let mutable k = hits
        let mutable slot = from

        while slot < upTo do
            let inline load (values: float[]) =
                Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference values, unativeint slot)

            let dx = load slotX - x + byX
            let dy = load slotY - y + byY
            let dz = load slotZ - z + byZ
            let near = Vector256.LessThan(dx * dx + dy * dy + dz * dz, limit)
            // Slots beyond the end do not count, nor does the centre.
            let valid = if upTo - slot >= 4 then 15 else (1 <<< (upTo - slot)) - 1
            let self = if uint32 (own - slot) < 4u then 1 <<< (own - slot) else 0
            let bits = int (Vector256.ExtractMostSignificantBits near) &&& valid &&& ~~~self

            if Avx2.IsSupported then
                let order = Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference halves, unativeint (8 * bits))

                let inline put (values: Vector256<float>) (target: float[]) =
                    Vector256.StoreUnsafe(
                        Avx2.PermuteVar8x32(values.AsInt32(), order).AsDouble(),
                        &MemoryMarshal.GetArrayDataReference target,
                        unativeint k
                    )

                put dx resultX
                put dy resultY
                put dz resultZ

                let found = Vector128.LoadUnsafe(&MemoryMarshal.GetArrayDataReference members, unativeint slot)

                let order = Vector128.LoadUnsafe(&MemoryMarshal.GetArrayDataReference lanes, unativeint (4 * bits))

                Vector128.StoreUnsafe(
                    Avx.PermuteVar(found.AsSingle(), order).AsInt32(),
                    &MemoryMarshal.GetArrayDataReference second,
                    unativeint k
                )

                k <- k + System.Numerics.BitOperations.PopCount(uint32 bits)
            else
                for lane in 0 .. min 3 (upTo - slot - 1) do
                    second[k] <- members[slot + lane]
                    resultX[k] <- dx.GetElement lane
                    resultY[k] <- dy.GetElement lane
                    resultZ[k] <- dz.GetElement lane
                    k <- k + ((bits >>> lane) &&& 1)

            slot <- slot + 4

        // Four numbers at a time: the fourth is written over by the next, or stands in the room behind the last.
        let shift = Vector128.Create(a, b, c, 0)

        for i in hits .. k - 1 do
            Vector128.StoreUnsafe(shift, &MemoryMarshal.GetArrayDataReference shifts, unativeint (3 * i))

        k
