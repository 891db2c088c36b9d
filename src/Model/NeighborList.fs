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
    ShiftB: int
    ShiftC: int
    /// From the centre to the neighbour's image.
    Displacement: Vector3
}

/// Neighbours of the centre under study, in flat buffers that grow and are used again.
type internal NeighborBuffer() =
    let mutable capacity = 0

    member val Count = 0 with get, set
    member val Second: int[] = Array.empty with get, set
    member val X: float[] = Array.empty with get, set
    member val Y: float[] = Array.empty with get, set
    member val Z: float[] = Array.empty with get, set
    member val Shift: int[] = Array.empty with get, set

    member buffer.EnsureRoom(count: int) =
        if count > capacity then
            let grow (old: 'a[]) size =
                let grown = Array.zeroCreate size
                Array.blit old 0 grown 0 old.Length
                grown

            capacity <- max count (max 64 (2 * capacity))
            buffer.Second <- grow buffer.Second capacity
            buffer.X <- grow buffer.X capacity
            buffer.Y <- grow buffer.Y capacity
            buffer.Z <- grow buffer.Z capacity
            buffer.Shift <- grow buffer.Shift (3 * capacity)

/// A grid of bins over one frame, made in time linear in the number of particles, that finds the neighbours of any
/// particle. Immutable once made: threads share it.
///
/// Particles are wrapped into the cell along periodic axes and binned by fractional coordinates; the bins searched
/// around a centre are counted on through the images, so that cells smaller than the cutoff need no special case. The
/// displacement is taken from the positions as given plus whole cell vectors, so wrapping costs no digits.
type internal NeighborGrid private (frame, cutoff, periodic: bool[], counts: int[], reach: int[], binOf, wrap: int[], starts, members) =

    static member Create(frame: Frame, cutoff: float) =
        let particles = frame.Particles
        let count = particles.Length
        let basis = frame.Cell.Basis
        // Fractional coordinates are the rows of the inverse transpose times the position.
        let toFractional = Matrix3.transpose (Matrix3.inverse basis)
        let fractionalLength axis =
            // 1 / distance between the lattice planes of this axis.
            let row = match axis with 0 -> toFractional.Row1 | 1 -> toFractional.Row2 | _ -> toFractional.Row3
            Vector3.norm row

        let periodicity = frame.Cell.Periodicity
        let periodic = [| periodicity.A; periodicity.B; periodicity.C |]
        let fractional = Array.zeroCreate<float> (3 * count)
        let low = Array.create 3 infinity
        let high = Array.create 3 -infinity
        let wrap = Array.zeroCreate<int> (3 * count)

        for i in 0 .. count - 1 do
            let f = toFractional * particles[i].Position
            fractional[3 * i] <- f.X
            fractional[3 * i + 1] <- f.Y
            fractional[3 * i + 2] <- f.Z

            for k in 0..2 do
                let value = fractional[3 * i + k]

                if periodic[k] then
                    let floor = Math.Floor value
                    wrap[3 * i + k] <- int floor
                    fractional[3 * i + k] <- value - floor
                else
                    low[k] <- min low[k] value
                    high[k] <- max high[k] value

        // Bins half a cutoff thick: fewer candidates a pair than whole ones. At most about one bin a particle, so
        // that sparse or stretched frames stay linear in memory.
        let binsPerCutoff = 2.0
        let origin = Array.init 3 (fun k -> if periodic[k] || count = 0 then 0.0 else low[k])
        let extent = Array.init 3 (fun k -> if periodic[k] || count = 0 then 1.0 else high[k] - low[k])

        let wanted =
            Array.init 3 (fun k -> max 1.0 (Math.Floor(extent[k] / (fractionalLength k * cutoff) * binsPerCutoff)))

        let limit = max 1.0 (float count)
        let excess = max 1.0 (wanted[0] * wanted[1] * wanted[2] / limit)
        // Thin the axes evenly, but only those that have more than one bin.
        let rec thin (bins: float[]) excess rounds =
            let open' = bins |> Array.filter (fun b -> b > 1.0) |> Array.length

            if excess <= 1.0 || open' = 0 || rounds = 0 then
                bins
            else
                let factor = Math.Pow(excess, 1.0 / float open')
                let thinned = bins |> Array.map (fun b -> max 1.0 (Math.Floor(b / factor)))
                thin thinned (thinned[0] * thinned[1] * thinned[2] / limit) (rounds - 1)

        let counts = thin wanted excess 4 |> Array.map int

        let reach =
            Array.init 3 (fun k ->
                let width = extent[k] / float counts[k]
                // In bins: a neighbour at fractional distance cutoff * |row| is at most this many bins away.
                if width > 0.0 then
                    let bins = fractionalLength k * cutoff / width
                    int (Math.Min(Math.Floor(bins * (1.0 + 1e-12)) + 1.0, 1e6))
                else
                    0)

        let binOf = Array.zeroCreate<int> (3 * count)

        for i in 0 .. count - 1 do
            for k in 0..2 do
                let position = (fractional[3 * i + k] - origin[k]) / extent[k]
                let bin = if extent[k] > 0.0 then int (position * float counts[k]) else 0
                binOf[3 * i + k] <- Math.Clamp(bin, 0, counts[k] - 1)

        // A counting sort: starts[b] .. starts[b + 1] − 1 are the members of bin b, in the order of the file.
        let flat i = (binOf[3 * i] * counts[1] + binOf[3 * i + 1]) * counts[2] + binOf[3 * i + 2]
        let starts = Array.zeroCreate<int> (counts[0] * counts[1] * counts[2] + 1)

        for i in 0 .. count - 1 do
            starts[flat i + 1] <- starts[flat i + 1] + 1

        for b in 1 .. starts.Length - 1 do
            starts[b] <- starts[b] + starts[b - 1]

        let next = Array.copy starts
        let members = Array.zeroCreate<int> count

        for i in 0 .. count - 1 do
            let bin = flat i
            members[next[bin]] <- i
            next[bin] <- next[bin] + 1

        NeighborGrid(frame, cutoff, periodic, counts, reach, binOf, wrap, starts, members)

    /// Fills the buffer with the neighbours of particle `first` (itself, unshifted, not among them), bin by bin.
    member _.Find(first: int, buffer: NeighborBuffer) =
        let particles = frame.Particles
        let basis = frame.Cell.Basis
        let center = particles[first].Position
        let squaredCutoff = cutoff * cutoff
        buffer.Count <- 0

        // Bin index along an axis, counted on through the images: bin + counts * image.
        let inline imageOf axis bin =
            if periodic[axis] then
                (if bin >= 0 then bin / counts[axis] else -((counts[axis] - 1 - bin) / counts[axis]))
            else
                0

        let inline within axis bin = periodic[axis] || (bin >= 0 && bin < counts[axis])

        for binA in binOf[3 * first] - reach[0] .. binOf[3 * first] + reach[0] do
            if within 0 binA then
                let imageA = imageOf 0 binA

                for binB in binOf[3 * first + 1] - reach[1] .. binOf[3 * first + 1] + reach[1] do
                    if within 1 binB then
                        let imageB = imageOf 1 binB

                        for binC in binOf[3 * first + 2] - reach[2] .. binOf[3 * first + 2] + reach[2] do
                            if within 2 binC then
                                let imageC = imageOf 2 binC

                                let bin =
                                    ((binA - imageA * counts[0]) * counts[1] + (binB - imageB * counts[1])) * counts[2]
                                    + (binC - imageC * counts[2])

                                let from = starts[bin]
                                let upTo = starts[bin + 1]
                                buffer.EnsureRoom(buffer.Count + upTo - from)

                                for slot in from .. upTo - 1 do
                                    let second = members[slot]
                                    let shiftA = imageA + wrap[3 * first] - wrap[3 * second]
                                    let shiftB = imageB + wrap[3 * first + 1] - wrap[3 * second + 1]
                                    let shiftC = imageC + wrap[3 * first + 2] - wrap[3 * second + 2]

                                    let position = particles[second].Position
                                    let a = float shiftA
                                    let b = float shiftB
                                    let c = float shiftC
                                    let x = position.X - center.X + (a * basis.Row1.X + b * basis.Row2.X + c * basis.Row3.X)
                                    let y = position.Y - center.Y + (a * basis.Row1.Y + b * basis.Row2.Y + c * basis.Row3.Y)
                                    let z = position.Z - center.Z + (a * basis.Row1.Z + b * basis.Row2.Z + c * basis.Row3.Z)

                                    if
                                        x * x + y * y + z * z < squaredCutoff
                                        && not (second = first && shiftA = 0 && shiftB = 0 && shiftC = 0)
                                    then
                                        let k = buffer.Count
                                        buffer.Second[k] <- second
                                        buffer.X[k] <- x
                                        buffer.Y[k] <- y
                                        buffer.Z[k] <- z
                                        buffer.Shift[3 * k] <- shiftA
                                        buffer.Shift[3 * k + 1] <- shiftB
                                        buffer.Shift[3 * k + 2] <- shiftC
                                        buffer.Count <- k + 1

module NeighborList =
    /// All directed pairs of a frame with |r| < cutoff, strictly: every periodic image is a neighbour of its own, images of
    /// the centre too, the centre itself (r = 0 without a shift) is not listed. Ordered by centre, then by neighbour, then by shift.
    /// Time and memory grow linearly with the number of pairs; any cell, any mix of periodic axes.
    let create (cutoff: float) (frame: Frame) : Result<ImmutableArray<NeighborPair>, AniSoapError> =
        if not (Double.IsFinite cutoff && cutoff > 0.0) then
            Error(AniSoapError.invalid "cutoff_radius" cutoff "a finite number above zero")
        else
            let grid = NeighborGrid.Create(frame, cutoff)
            let buffer = NeighborBuffer()
            let pairs = ImmutableArray.CreateBuilder<NeighborPair>()

            for first in 0 .. frame.Particles.Length - 1 do
                grid.Find(first, buffer)

                Array.init buffer.Count (fun k -> {
                    First = first
                    Second = buffer.Second[k]
                    ShiftA = buffer.Shift[3 * k]
                    ShiftB = buffer.Shift[3 * k + 1]
                    ShiftC = buffer.Shift[3 * k + 2]
                    Displacement = Vector3.create buffer.X[k] buffer.Y[k] buffer.Z[k]
                })
                |> Array.sortBy (fun pair -> struct (pair.Second, pair.ShiftA, pair.ShiftB, pair.ShiftC))
                |> pairs.AddRange

            Ok(pairs.ToImmutable())
