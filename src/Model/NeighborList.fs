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

    /// All directed pairs of a frame with |r| < cutoff, strictly: every periodic image is a neighbour of its own, images of
    /// the centre too, the centre itself (r = 0 without a shift) is not listed. Ordered by centre, then by neighbour, then by shift.
    /// Time and memory grow linearly with the number of pairs; any cell, any mix of periodic axes.
    /// Refuses cells with more than ten million images within the cutoff and particles that doubles cannot place.
    let create (cutoff: float) (frame: Frame) : Result<ImmutableArray<NeighborPair>, AniSoapError> =
        if not (Double.IsFinite cutoff && cutoff > 0.0) then
            Error(AniSoapError.invalid "cutoff_radius" cutoff "a finite number above zero")
        else
            NeighborLimits.check cutoff frame
            |> Result.map (fun () ->
                // In a unit near the cutoff: squares of lengths of any size stay within double precision.
                let unit = Math.ScaleB(1.0, Math.Clamp(Math.ILogB cutoff, -1000, 1000))
                let grid = NeighborGrid.Create(frame, cutoff / unit, 1.0 / unit)
                let buffer = NeighborBuffer()
                let pairs = ImmutableArray.CreateBuilder<NeighborPair>()

                for first in 0 .. frame.Particles.Length - 1 do
                    grid.Find(first, buffer)

                    let found =
                        Array.init buffer.Count (fun k -> {
                            First = first
                            Second = buffer.Second[k]
                            ShiftA = buffer.Shift[3 * k]
                            ShiftB = buffer.Shift[3 * k + 1]
                            ShiftC = buffer.Shift[3 * k + 2]
                            Displacement = unit * Vector3.create buffer.X[k] buffer.Y[k] buffer.Z[k]
                        })

                    Array.Sort(found, order)
                    pairs.AddRange found

                pairs.ToImmutable())
