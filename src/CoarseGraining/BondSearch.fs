namespace AniSoap

open System.Collections.Generic

/// A bond of two atoms: the second stands `Shift` cells from where its position is.
[<Struct>]
type internal Bond = { First: int; Second: int; Shift: Shift }

/// The bins along an axis: how many, where they begin, their width as a fraction, and how many each way a reach takes.
[<Struct>]
type private BinRange = { Count: int; Low: float; Width: float; Reach: int; Repeats: bool }

/// Points by bins of a cell that may lean and may be smaller than the reach.
[<Sealed>]
type private PointBins(images: PeriodicImages, points: Vector3[], reach: float) =
    /// More bins than this a point would be empty ones.
    static let binsPerPoint = 2.0

    let toFraction = images.ToFraction
    let rows = images.Basis

    let ranges =
        let bounds =
            toFraction
            |> Array.mapi (fun axis row ->
                if images.Repeats[axis] then
                    struct (0.0, 1.0)
                else
                    let mutable low, high = infinity, -infinity

                    for point in points do
                        let s = Vector3.dot row point
                        low <- min low s
                        high <- max high s

                    struct (low, max (high - low) (1e-3 * reach * Vector3.norm row)))

        // A bin is as wide as the reach, or wider where there would be too many.
        let wanted =
            bounds
            |> Array.mapi (fun axis (struct (_, extent)) ->
                max 1.0 (floor (extent / (reach * Vector3.norm toFraction[axis]))))

        let most = max 64.0 (binsPerPoint * float points.Length)
        let total = wanted[0] * wanted[1] * wanted[2]
        let shrink = if total > most then (most / total) ** (1.0 / 3.0) else 1.0

        // What one axis cannot have fewer of the others must.
        let counts = wanted |> Array.map (fun bins -> max 1.0 (floor (min most (bins * shrink))))

        while counts[0] * counts[1] * counts[2] > 2.0 * most do
            let largest = Array.findIndex ((=) (Array.max counts)) counts
            counts[largest] <- max 1.0 (floor (counts[largest] / 2.0))

        bounds
        |> Array.mapi (fun axis (struct (low, extent)) ->
            let width = extent / counts[axis]

            {
                Count = int counts[axis]
                Low = low
                Width = width
                Reach = int (ceil (reach * Vector3.norm toFraction[axis] / width - 1e-9))
                Repeats = images.Repeats[axis]
            })

    let a, b, c = ranges[0], ranges[1], ranges[2]
    let home = Array.zeroCreate<int> points.Length
    let whole = Array.zeroCreate<struct (int * int * int)> points.Length
    let moved = Array.zeroCreate<Vector3> points.Length
    let starts = Array.zeroCreate<int>(a.Count * b.Count * c.Count + 1)
    let order = Array.zeroCreate<int> points.Length

    let place (range: BinRange) s =
        if range.Repeats then
            let cells = floor s
            struct (int cells, min (range.Count - 1) (int ((s - cells) / range.Width)))
        else
            struct (0, max 0 (min (range.Count - 1) (int ((s - range.Low) / range.Width))))

    do
        for i in 0 .. points.Length - 1 do
            let struct (x, p) = place a (Vector3.dot toFraction[0] points[i])
            let struct (y, q) = place b (Vector3.dot toFraction[1] points[i])
            let struct (z, r) = place c (Vector3.dot toFraction[2] points[i])
            home[i] <- (p * b.Count + q) * c.Count + r
            whole[i] <- struct (x, y, z)
            moved[i] <- points[i] - (float x * rows[0] + float y * rows[1] + float z * rows[2])
            starts[home[i] + 1] <- starts[home[i] + 1] + 1

        for bin in 1 .. starts.Length - 1 do
            starts[bin] <- starts[bin] + starts[bin - 1]

        let next = Array.copy starts

        for i in 0 .. points.Length - 1 do
            order[next[home[i]]] <- i
            next[home[i]] <- next[home[i]] + 1

    /// The neighbouring bins of every bin, as steps.
    let around = [|
        for dp in -a.Reach .. a.Reach do
            for dq in -b.Reach .. b.Reach do
                for dr in -c.Reach .. c.Reach -> struct (dp, dq, dr)
    |]

    /// How often an index has turned around an axis; no image where the axis does not repeat.
    let turns (range: BinRange) index =
        if index >= 0 then
            index / range.Count
        else
            -((range.Count - 1 - index) / range.Count)

    /// The pairs of two bins, the second shifted by multiples of the basis.
    let pairsOf own there x y z (reaches: float[]) accept (found: List<Bond>) =
        let offset = float x * rows[0] + float y * rows[1] + float z * rows[2]
        let isPositive = x > 0 || (x = 0 && (y > 0 || (y = 0 && z > 0)))

        for at in starts[own] .. starts[own + 1] - 1 do
            let i = order[at]
            let from = moved[i] - offset

            for other in starts[there] .. starts[there + 1] - 1 do
                let j = order[other]

                if i < j || (i = j && isPositive) then
                    let d = moved[j] - from
                    let sum = reaches[i] + reaches[j]

                    if d.X * d.X + d.Y * d.Y + d.Z * d.Z < sum * sum && accept i j then
                        let struct (xi, yi, zi) = whole[i]
                        let struct (xj, yj, zj) = whole[j]
                        let shift = images.Original(x + xi - xj, y + yi - yj, z + zi - zj)
                        found.Add { First = i; Second = j; Shift = shift }

    let binsAround p q r (visit: int -> int -> int -> int -> unit) =
        for struct (dp, dq, dr) in around do
            let x, y, z = turns a (p + dp), turns b (q + dq), turns c (r + dr)

            // Beyond the end of an axis that does not repeat there is nothing.
            if (x = 0 || a.Repeats) && (y = 0 || b.Repeats) && (z = 0 || c.Repeats) then
                let column = (p + dp - x * a.Count) * b.Count + (q + dq - y * b.Count)
                let there = column * c.Count + (r + dr - z * c.Count)

                if starts[there + 1] > starts[there] then
                    visit there x y z

    member _.Pairs(reaches, accept: int -> int -> bool) =
        let found = List<Bond>(points.Length)

        for p in 0 .. a.Count - 1 do
            for q in 0 .. b.Count - 1 do
                for r in 0 .. c.Count - 1 do
                    let own = (p * b.Count + q) * c.Count + r

                    if starts[own + 1] > starts[own] then
                        binsAround p q r (fun there x y z -> pairsOf own there x y z reaches accept found)

        found.ToArray()

/// Pairs of points nearer than the sum of their reaches, every image by itself.
module internal BondSearch =
    /// All pairs i, j and shifts with |r_j + shift − r_i| < reach_i + reach_j, each once (i ≤ j; of a point and its own
    /// images one of two opposite ones), as `accept i j` lets them.
    let pairs (images: PeriodicImages) (points: Vector3[]) (reaches: float[]) (accept: int -> int -> bool) : Bond[] =
        let reach = if points.Length = 0 then 0.0 else 2.0 * Array.max reaches

        if reach <= 0.0 then
            [||]
        else
            PointBins(images, points, reach).Pairs(reaches, accept)
