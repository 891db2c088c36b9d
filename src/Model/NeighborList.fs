namespace AniSoap

open System
open System.Collections.Immutable

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
    /// By neighbour, then by shift.
    let private order =
        Comparison<NeighborPair>(fun a b ->
            if a.Second <> b.Second then a.Second.CompareTo b.Second
            elif a.ShiftA <> b.ShiftA then a.ShiftA.CompareTo b.ShiftA
            elif a.ShiftB <> b.ShiftB then a.ShiftB.CompareTo b.ShiftB
            else a.ShiftC.CompareTo b.ShiftC)

    let private checkCutoff (cutoff: float) (frame: Frame) =
        if not (Double.IsFinite cutoff && cutoff > 0.0) then
            Error(AniSoapError.invalid "cutoff_radius" cutoff "a finite number above zero")
        else
            NeighborLimits.check cutoff frame

    /// Calls `visit` with each centre and the buffer of its neighbours, lengths in units of `unit`.
    let private forEach (cutoff: float) (frame: Frame) (visit: float -> int -> NeighborBuffer -> unit) =
        // In a unit near the cutoff: squares of lengths of any size stay within double precision.
        let unit = Math.ScaleB(1.0, Math.Clamp(Math.ILogB cutoff, -1000, 1000))
        let grid = NeighborGrid.Create(frame, cutoff / unit, 1.0 / unit)
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

    /// Bytes for a pair in a growing list and the array made of it.
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
        |> Result.map (fun () ->
            let pairs = ImmutableArray.CreateBuilder<NeighborPair>()

            forEach cutoff frame (fun unit first buffer ->
                let found = Array.init buffer.Count (pairOf unit first buffer)
                Array.Sort(found, order)
                pairs.AddRange found)

            pairs.ToImmutable())

    /// Calls `visit` for the same pairs without keeping them: centre after centre, the neighbours of each in an order of their own. Memory is that of
    /// the frame; more pairs than the limits allow are refused before.
    let visit
        (cutoff: float)
        (frame: Frame)
        (limits: Limits)
        (visit: Action<NeighborPair>)
        : Result<unit, AniSoapError> =
        checkCutoff cutoff frame
        |> Result.bind (fun () ->
            let estimate = PairEstimate.ofFrame (float limits.MaxPairs) cutoff frame
            Limits.checkPairs limits cutoff (Limits.rounded estimate.Pairs))
        |> Result.map (fun () ->
            forEach cutoff frame (fun unit first buffer ->
                for k in 0 .. buffer.Count - 1 do
                    visit.Invoke(pairOf unit first buffer k)))
