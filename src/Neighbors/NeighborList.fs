namespace AniSoap

open System
open System.Collections.Immutable
open System.Runtime.InteropServices

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

/// Pairs of neighbours, periodic images included.
module NeighborList =
    let private checkCutoff (cutoff: float) (frame: Frame) =
        if not (Double.IsFinite cutoff && cutoff > 0.0) then
            Error(AniSoapError.invalid "cutoff_radius" cutoff "a finite number above zero")
        else
            NeighborLimits.check cutoff frame

    /// A unit near the cutoff: in it squares of lengths of any size stay within double precision.
    let private unitOf (cutoff: float) = Math.ScaleB(1.0, Math.Clamp(Math.ILogB cutoff, -1000, 1000))

    /// Calls `visit` with each centre and the buffer of its neighbours, lengths in units of `unit`.
    let private forEach (cutoff: float) (frame: Frame) (visit: float -> int -> NeighborBuffer -> unit) =
        let unit = unitOf cutoff
        let grid = NeighborGrid.Create(frame, cutoff / unit, 1.0 / unit, false)
        let buffer = NeighborBuffer()

        for first in 0 .. frame.Particles.Length - 1 do
            grid.Find(first, buffer)
            visit unit first buffer

    let private pairOf unit first (buffer: NeighborBuffer) k = {
        First = first
        Second = buffer.Second[k]
        ShiftA = buffer.Shift[3 * k]
        ShiftB = buffer.Shift[3 * k + 1]
        ShiftC = buffer.Shift[3 * k + 2]
        Displacement = unit * Vector3.create buffer.X[k] buffer.Y[k] buffer.Z[k]
    }

    /// Pairs that are put down together before they go to their place.
    [<Literal>]
    let private PiecePairs = 0x10000

    /// All pairs in order. Centres are visited bin by bin, for in a large frame in random order each would bring its surroundings from memory anew; their pairs,
    /// each centre's in order, are copied to their places once the number of every centre's is known.
    let private ordered (cutoff: float) (frame: Frame) : ImmutableArray<NeighborPair> =
        let unit = unitOf cutoff
        let grid = NeighborGrid.Create(frame, cutoff / unit, 1.0 / unit, true)
        let count = frame.Particles.Length
        let buffer = NeighborBuffer()
        let mutable keys = Array.empty<int64>
        let mutable order = Array.empty<int>
        let mutable places = Array.empty<int>
        let pieces = ResizeArray<NeighborPair[]>()
        let mutable piece = Array.empty<NeighborPair>
        let mutable used = 0
        // By centre: the piece that its pairs stand in, where they begin there, and how many they are.
        let pieceOf = Array.zeroCreate<int> count
        let startOf = Array.zeroCreate<int> count
        let lengthOf = Array.zeroCreate<int> count
        let mutable total = 0L

        for slot in 0 .. count - 1 do
            grid.FindAt(slot, buffer)
            let first = grid.Member slot
            let found = buffer.Count

            if found + 8 > keys.Length then
                let room = buffer.Second.Length + 8
                keys <- Array.zeroCreate room
                order <- Array.zeroCreate room
                places <- Array.zeroCreate room

            NeighborOrder.places buffer keys order places

            if used + found > piece.Length then
                piece <- GC.AllocateUninitializedArray(max found PiecePairs)
                pieces.Add piece
                used <- 0

            for k in 0 .. found - 1 do
                piece[used + places[k]] <- pairOf unit first buffer k

            pieceOf[first] <- pieces.Count - 1
            startOf[first] <- used
            lengthOf[first] <- found
            used <- used + found
            total <- total + int64 found

        let result = GC.AllocateUninitializedArray<NeighborPair>(Checked.int total)
        let mutable next = 0

        for first in 0 .. count - 1 do
            if lengthOf[first] > 0 then
                Array.Copy(pieces[pieceOf[first]], startOf[first], result, next, lengthOf[first])
                next <- next + lengthOf[first]

        ImmutableCollectionsMarshal.AsImmutableArray result

    /// Bytes for a pair in the pieces of the list and the array made of them, generously.
    [<Literal>]
    let private BytesPerPair = 150.0

    /// All directed pairs of a frame with |r| < cutoff, strictly: every periodic image is a neighbour of its own, images of
    /// the centre too, the centre itself (r = 0 without a shift) is not listed. Ordered by centre, then by neighbour, then by shift.
    /// Time and memory grow linearly with the number of pairs; any cell, any mix of periodic axes.
    /// Refuses cells with more than ten million images within the cutoff, particles that doubles cannot place, and frames whose pairs would take more than
    /// the memory of `Limits.defaults`.
    let create (cutoff: float) (frame: Frame) : Result<ImmutableArray<NeighborPair>, AniSoapError> =
        checkCutoff cutoff frame
        |> Result.bind (fun () ->
            let most = float Limits.defaults.MaxMemory / BytesPerPair
            let bytes = BytesPerPair * (PairEstimate.ofFrame most cutoff frame).Pairs
            Limits.checkMemory Limits.defaults "the list of a frame's pairs" (Limits.rounded bytes))
        |> Result.map (fun () -> ordered cutoff frame)

    /// Calls `visit` for the same pairs without keeping them: centre after centre, the neighbours of each in an order of their own. Memory is that of
    /// the frame; more pairs than the limits allow are refused before.
    let visit
        (limits: Limits)
        (cutoff: float)
        (visit: NeighborPair -> unit)
        (frame: Frame)
        : Result<unit, AniSoapError> =
        checkCutoff cutoff frame
        |> Result.bind (fun () ->
            let estimate = PairEstimate.ofFrame (float limits.MaxPairs) cutoff frame
            Limits.checkPairs limits cutoff (Limits.rounded estimate.Pairs))
        |> Result.map (fun () ->
            forEach cutoff frame (fun unit first buffer ->
                for k in 0 .. buffer.Count - 1 do
                    visit (pairOf unit first buffer k)))
