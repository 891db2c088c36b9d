namespace AniSoap

open System

/// How a frame is cut into bins along one axis of its cell.
[<Struct>]
type internal BinAxis = {
    IsPeriodic: bool
    /// Fractional coordinate of the first bin's beginning, and the length of all bins together.
    Origin: float
    Extent: float
    Count: int
    /// How many bins to either side a neighbour may be.
    Reach: int
}

/// What an axis of the cell gives to cut: the fractional coordinates covered, and the cutoff in such coordinates.
[<Struct>]
type internal AxisSpan = { Repeats: bool; Low: float; High: float; Thickness: float }

module internal BinAxis =
    /// Bins are half a cutoff thick, where that does not make more bins than particles: fewer candidates a pair than whole ones.
    [<Literal>]
    let private BinsPerCutoff = 2.0

    /// More than any frame has particles, and small enough that the product of three is a number.
    [<Literal>]
    let private MostBins = 1e12

    let private wished (perCutoff: float) (span: AxisSpan) =
        Math.Clamp(Math.Floor(perCutoff * (span.High - span.Low) / span.Thickness), 1.0, MostBins)

    let private cut (span: AxisSpan) (count: float) : BinAxis =
        let extent = span.High - span.Low

        let reach =
            if extent > 0.0 then
                Math.Floor(span.Thickness * count / extent) + 1.0
            else
                0.0

        {
            IsPeriodic = span.Repeats
            Origin = span.Low
            Extent = extent
            Count = int count
            // Beyond the last bin there is nothing to find unless it repeats.
            Reach = int (if span.Repeats then min reach 1e6 else min reach count)
        }

    /// The three axes of a frame of so many particles: no more bins than particles, thinned evenly, so that sparse or stretched frames stay linear in memory.
    /// Where they would be more than particles and the order is free in which neighbours are found, bins are a whole cutoff thick: rows of fewer, longer bins
    /// are looked through faster.
    let create
        (orderIsFree: bool)
        (a: AxisSpan)
        (b: AxisSpan)
        (c: AxisSpan)
        (particles: int)
        : struct (BinAxis * BinAxis * BinAxis) =
        let limit = max 1.0 (float particles)
        let bins perCutoff = wished perCutoff a * wished perCutoff b * wished perCutoff c

        let perCutoff =
            if orderIsFree && bins BinsPerCutoff > limit then
                1.0
            else
                BinsPerCutoff

        let mutable na = wished perCutoff a
        let mutable nb = wished perCutoff b
        let mutable nc = wished perCutoff c
        let mutable rounds = 4

        while rounds > 0 do
            let excess = na * nb * nc / limit

            let divisible =
                (if na > 1.0 then 1 else 0)
                + (if nb > 1.0 then 1 else 0)
                + (if nc > 1.0 then 1 else 0)

            if excess <= 1.0 || divisible = 0 then
                rounds <- 0
            else
                let factor = Math.Pow(excess, 1.0 / float divisible)
                na <- max 1.0 (Math.Floor(na / factor))
                nb <- max 1.0 (Math.Floor(nb / factor))
                nc <- max 1.0 (Math.Floor(nc / factor))
                rounds <- rounds - 1

        struct (cut a na, cut b nb, cut c nc)

    /// How far into the bins, counted from the first, a fractional coordinate is.
    let inline placeOf (axis: BinAxis) (fractional: float) =
        if axis.Extent > 0.0 then
            (fractional - axis.Origin) / axis.Extent * float axis.Count
        else
            0.0

    /// The bin of a place: one of the axis, whatever rounding did.
    let inline binAt (axis: BinAxis) (place: float) = Math.Clamp(int place, 0, axis.Count - 1)

    /// The bin of a fractional coordinate.
    let inline binOf (axis: BinAxis) (fractional: float) = binAt axis (placeOf axis fractional)

    /// How far a bin is from a place, in bins; a little less than that, for the place was rounded.
    let inline distanceTo (place: float) (bin: int) =
        max 0.0 ((max (float bin - place) (place - float (bin + 1))) - 1e-9)

    /// The image that a bin counted on through the images belongs to.
    let inline imageOf (axis: BinAxis) bin =
        if uint32 bin < uint32 axis.Count || not axis.IsPeriodic then
            0
        elif bin >= 0 then
            bin / axis.Count
        else
            -((axis.Count - 1 - bin) / axis.Count)

    /// The first bin in which a neighbour of a bin's particle may be.
    let inline lowest (axis: BinAxis) bin =
        if axis.IsPeriodic then
            bin - axis.Reach
        else
            max 0 (bin - axis.Reach)

    /// The last one.
    let inline highest (axis: BinAxis) bin =
        if axis.IsPeriodic then
            bin + axis.Reach
        else
            min (axis.Count - 1) (bin + axis.Reach)
