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

module internal BinAxis =
    /// Bins are half a cutoff thick, where that does not make more bins than particles: fewer candidates a pair than whole ones.
    [<Literal>]
    let private BinsPerCutoff = 2.0

    /// More than any frame has particles, and small enough that the product of three is a number.
    [<Literal>]
    let private MostBins = 1e12

    /// Thins bins evenly until there are at most `limit`, so that sparse or stretched frames stay linear in memory.
    let rec private thin limit rounds (counts: float[]) =
        let excess = counts[0] * counts[1] * counts[2] / limit
        let divisible = counts |> Array.filter (fun n -> n > 1.0) |> Array.length

        if excess <= 1.0 || divisible = 0 || rounds = 0 then
            counts
        else
            let factor = Math.Pow(excess, 1.0 / float divisible)

            counts
            |> Array.map (fun n -> max 1.0 (Math.Floor(n / factor)))
            |> thin limit (rounds - 1)

    /// `spans`: fractional coordinates covered along each axis; `thickness`: the cutoff in fractional coordinates of each axis.
    let create (periodic: bool[]) (spans: struct (float * float)[]) (thickness: float[]) particles : BinAxis[] =
        let extents = spans |> Array.map (fun struct (low, high) -> high - low)

        let counts =
            Array.map2
                (fun extent thick -> Math.Clamp(Math.Floor(BinsPerCutoff * extent / thick), 1.0, MostBins))
                extents
                thickness
            |> thin (max 1.0 (float particles)) 4

        Array.init 3 (fun k ->
            let struct (low, _) = spans[k]

            let reach =
                if extents[k] > 0.0 then
                    Math.Floor(thickness[k] * counts[k] / extents[k]) + 1.0
                else
                    0.0

            {
                IsPeriodic = periodic[k]
                Origin = low
                Extent = extents[k]
                Count = int counts[k]
                // Beyond the last bin there is nothing to find unless it repeats.
                Reach = int (if periodic[k] then min reach 1e6 else min reach counts[k])
            })

    let binOf (axis: BinAxis) (fractional: float) =
        if axis.Extent > 0.0 then
            let bin = int ((fractional - axis.Origin) / axis.Extent * float axis.Count)
            Math.Clamp(bin, 0, axis.Count - 1)
        else
            0
