namespace AniSoap

open System
open System.Collections.Immutable

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
        |> Result.map (fun () -> PairsInOrder.ofFrame (unitOf cutoff) cutoff frame)

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
