namespace AniSoap

// Pointers into pinned arrays.
#nowarn "9"

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop

/// One directed pair: the second particle, or a periodic image of it, lies within the cutoff of the first.
[<Struct; NoComparison>]
type NeighborPair = {
    /// Index of the centre in its frame.
    First: int
    /// Index of the neighbour in its frame.
    Second: int
    /// Whole cell vectors a, b, c added to the second particle's position.
    ShiftA: int
    /// Whole vectors b.
    ShiftB: int
    /// Whole vectors c.
    ShiftC: int
    /// From the centre to the neighbour's image.
    Displacement: Vector3
}

/// A pair while its place in the list is not known: the slot of its neighbour, and whole cell vectors. A third of what it takes in the list, since new memory
/// is what lists of millions of particles spend most of their time on.
[<Struct; NoComparison; NoEquality>]
type private FoundPair = { Slot: int; A: int; B: int; C: int }

/// Where the pairs of a slot's particle wait.
[<Struct; NoComparison; NoEquality>]
type private Waiting = { Address: nativeint; Count: int }

/// All pairs of a frame in order. Centres are visited bin by bin, for in a large frame in random order each would bring its surroundings from memory anew; what is
/// found, each centre's in order, waits until the number of all pairs is known. Then the list is written from its beginning to its end, displacements computed anew
/// (the same numbers), and what a centre further on needs is asked for beforehand, step by step.
module internal PairsInOrder =
    /// Pairs that are put down together: as many as there were before, from 1 to 64 MB.
    [<Literal>]
    let private LeastPairs = 0x10000L

    [<Literal>]
    let private MostPairs = 0x400000L

    /// Centres ahead for which is asked: for where their pairs wait, for these, and for the positions of their neighbours.
    [<Literal>]
    let private WaitingAhead = 24

    [<Literal>]
    let private PairsAhead = 16

    [<Literal>]
    let private PositionsAhead = 8

    /// Particles from which on the caches do not hold what is asked for.
    [<Literal>]
    let private ManyParticles = 10_000

    /// What was found, by slot, and the memory that it stands in.
    let private find (grid: NeighborGrid) : struct (Waiting[] * FoundPair[] list * int64) =
        AniSoap.Numerics.FullOptimization.ask ()
        let count = grid.Count
        let buffer = NeighborBuffer()
        let names = Array.init (count + 8) id
        let waiting = LargeArray.createPinned<Waiting> count
        let mutable keys = Array.empty<int64>
        let mutable order = Array.empty<int>
        let mutable places = Array.empty<int>
        let mutable slots = Array.empty<int>
        let mutable pieces = []
        let mutable piece = Array.empty<FoundPair>
        let mutable used = 0
        let mutable total = 0L

        for slot in 0 .. count - 1 do
            grid.FindNamed(slot, names, buffer)
            let found = buffer.Count

            if found + 8 > keys.Length then
                let room = buffer.Second.Length + 8
                keys <- Array.zeroCreate room
                order <- Array.zeroCreate room
                places <- Array.zeroCreate room
                slots <- Array.zeroCreate room

            let second = buffer.Second

            for k in 0 .. found - 1 do
                slots[k] <- second[k]
                second[k] <- grid.Member second[k]

            NeighborOrder.places buffer keys order places

            if used + found > piece.Length then
                piece <- LargeArray.createPinned (max found (int (Math.Clamp(total, LeastPairs, MostPairs))))
                pieces <- piece :: pieces
                used <- 0

            let shift = buffer.Shift

            for k in 0 .. found - 1 do
                piece[used + places[k]] <- {
                    Slot = slots[k]
                    A = shift[3 * k]
                    B = shift[3 * k + 1]
                    C = shift[3 * k + 2]
                }

            waiting[slot] <- { Address = Marshal.UnsafeAddrOfPinnedArrayElement(piece, used); Count = found }

            used <- used + found
            total <- total + int64 found

        struct (waiting, pieces, total)

    /// The pairs in order of their centres.
    let private write (grid: NeighborGrid) unit (waiting: Waiting[]) (result: NeighborPair[]) =
        AniSoap.Numerics.FullOptimization.ask ()
        let count = waiting.Length
        let numbers = grid.PositionsBySlot()

        let positions = Marshal.UnsafeAddrOfPinnedArrayElement(numbers, 0)
        let records = Marshal.UnsafeAddrOfPinnedArrayElement(waiting, 0)
        let basis = grid.Basis
        let isAsking = Sse.IsSupported && count >= ManyParticles

        let inline ask (start: nativeint) size (place: int) =
            Sse.Prefetch0((start + nativeint size * nativeint place).ToPointer())

        let mutable next = 0

        for first in 0 .. count - 1 do
            if isAsking then
                if first + WaitingAhead < count then
                    ask records sizeof<Waiting> (grid.SlotOf(first + WaitingAhead))

                if first + PairsAhead < count then
                    let slot = grid.SlotOf(first + PairsAhead)
                    let ahead = waiting[slot]
                    ask positions 32 slot
                    // Four of them are a cache line.
                    let mutable k = 0

                    while k < ahead.Count + 3 do
                        ask ahead.Address sizeof<FoundPair> k
                        k <- k + 4

                if first + PositionsAhead < count then
                    let ahead = waiting[grid.SlotOf(first + PositionsAhead)]
                    let pairs: nativeptr<FoundPair> = NativePtr.ofNativeInt ahead.Address

                    for k in 0 .. ahead.Count - 1 do
                        ask positions 32 (NativePtr.get pairs k).Slot

            let own = grid.SlotOf first
            let x = numbers[4 * own]
            let y = numbers[4 * own + 1]
            let z = numbers[4 * own + 2]
            let own = waiting[own]
            let pairs: nativeptr<FoundPair> = NativePtr.ofNativeInt own.Address

            for k in 0 .. own.Count - 1 do
                let pair = NativePtr.get pairs k
                let at = 4 * pair.Slot
                let a = float pair.A
                let b = float pair.B
                let c = float pair.C
                // As the search has them, operation by operation.
                let rx = numbers[at] - x + (a * basis.Row1.X + b * basis.Row2.X + c * basis.Row3.X)
                let ry = numbers[at + 1] - y + (a * basis.Row1.Y + b * basis.Row2.Y + c * basis.Row3.Y)
                let rz = numbers[at + 2] - z + (a * basis.Row1.Z + b * basis.Row2.Z + c * basis.Row3.Z)

                result[next] <- {
                    First = first
                    Second = int numbers[at + 3]
                    ShiftA = pair.A
                    ShiftB = pair.B
                    ShiftC = pair.C
                    Displacement = unit * Vector3.create rx ry rz
                }

                next <- next + 1

    /// All pairs, each centre's by neighbour, then by shift; lengths are computed in units of `unit`.
    let ofFrame (unit: float) (cutoff: float) (frame: Frame) : ImmutableArray<NeighborPair> =
        let grid = NeighborGrid.Create(frame, cutoff / unit, 1.0 / unit, true)
        let struct (waiting, pieces, total) = find grid
        let result = LargeArray.create<NeighborPair>(Checked.int total)
        write grid unit waiting result
        GC.KeepAlive pieces
        ImmutableCollectionsMarshal.AsImmutableArray result
