namespace AniSoap

open System
open System.Numerics

/// Finds rows of a flat table of integers: an open-addressing hash table of row numbers beside the rows themselves,
/// eight bytes or less a row and not one object a row.
[<Sealed>]
type internal RowIndex private (rows: int[], width: int, slots: int[]) =

    // Fibonacci hashing: the multiplier is 2^64 over the golden ratio, and the top bits are the well-mixed ones.
    static let hash (row: ReadOnlySpan<int>) =
        let mutable h = 0UL

        for value in row do
            h <- BitOperations.RotateLeft((h ^^^ uint64 (uint32 value)) * 0x9E3779B97F4A7C15UL, 29)

        int ((h * 0x9E3779B97F4A7C15UL) >>> 33)

    /// The slot that holds the row, or the empty one where it belongs. Slots hold row numbers plus one; zero is empty.
    static let slotOf (rows: int[]) width (slots: int[]) (row: ReadOnlySpan<int>) =
        let mask = slots.Length - 1
        let mutable slot = hash row &&& mask

        while slots[slot] <> 0
              && not (row.SequenceEqual(ReadOnlySpan(rows, (slots[slot] - 1) * width, width))) do
            slot <- (slot + 1) &&& mask

        slot

    /// The index of a table, and the first row that repeats an earlier one (−1 where all differ).
    static member Build(rows: int[], width: int) =
        let count = rows.Length / width
        let slots = Array.zeroCreate (int (BitOperations.RoundUpToPowerOf2(uint32 (2 * count + 1))))
        let mutable repeated = -1

        for position in 0 .. count - 1 do
            let slot = slotOf rows width slots (ReadOnlySpan(rows, position * width, width))

            if slots[slot] = 0 then
                slots[slot] <- position + 1
            elif repeated < 0 then
                repeated <- position

        struct (RowIndex(rows, width, slots), repeated)

    /// The row's number, or −1.
    member _.Find(row: ReadOnlySpan<int>) =
        if row.Length = width then
            slots[slotOf rows width slots row] - 1
        else
            -1
