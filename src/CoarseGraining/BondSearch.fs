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
    let starts = Array.zeroCreate<int>(a.Count * b.Count * c.Count + 1)
    let order = LargeArray.zeros<int> points.Length
    /// The points in the cell, bin after bin.
    let sorted = LargeArray.zeros<Vector3> points.Length

    let place (range: BinRange) s =
        if range.Repeats then
            let cells = floor s
            struct (int cells, min (range.Count - 1) (int ((s - cells) / range.Width)))
        else
            struct (0, max 0 (min (range.Count - 1) (int ((s - range.Low) / range.Width))))

    let along axis i = Vector3.dot toFraction[axis] points[i]

    /// Whether all points are in the cell as they stand.
    let mutable areHome = true

    do
        let home = LargeArray.zeros<int> points.Length

        for i in 0 .. points.Length - 1 do
            let struct (x, p) = place a (along 0 i)
            let struct (y, q) = place b (along 1 i)
            let struct (z, r) = place c (along 2 i)
            areHome <- areHome && x = 0 && y = 0 && z = 0
            home[i] <- (p * b.Count + q) * c.Count + r
            starts[home[i] + 1] <- starts[home[i] + 1] + 1

        for bin in 1 .. starts.Length - 1 do
            starts[bin] <- starts[bin] + starts[bin - 1]

        let next = Array.copy starts

        for i in 0 .. points.Length - 1 do
            let at = next[home[i]]
            next[home[i]] <- at + 1
            order[at] <- i

            sorted[at] <-
                if areHome then
                    points[i]
                else
                    let struct (x, _) = place a (along 0 i)
                    let struct (y, _) = place b (along 1 i)
                    let struct (z, _) = place c (along 2 i)

                    if x = 0 && y = 0 && z = 0 then
                        points[i]
                    else
                        points[i] - (float x * rows[0] + float y * rows[1] + float z * rows[2])

    /// Columns of bins along c, as steps along a and b, one of each two opposite ones: a pair is met from one of its points.
    let forward = [|
        for dp in 0 .. a.Reach do
            for dq in (if dp = 0 then 0 else -b.Reach) .. b.Reach -> struct (dp, dq)
    |]

    /// How often an index has turned around an axis; no image where the axis does not repeat.
    let turns (range: BinRange) index =
        if index >= 0 then
            index / range.Count
        else
            -((range.Count - 1 - index) / range.Count)

    /// The shift from the image of i to that of j, which are x, y and z turns apart where they stand in bins.
    let shiftOf i j x y z : Shift =
        if areHome then
            if x = 0 && y = 0 && z = 0 then
                Shift.zero
            else
                images.Original(x, y, z)
        else
            let struct (xi, _) = place a (along 0 i)
            let struct (yi, _) = place b (along 1 i)
            let struct (zi, _) = place c (along 2 i)
            let struct (xj, _) = place a (along 0 j)
            let struct (yj, _) = place b (along 1 j)
            let struct (zj, _) = place c (along 2 j)
            images.Original(x + xi - xj, y + yi - yj, z + zi - zj)

    let bond i j x y z =
        let shift = shiftOf i j x y z

        if i <= j then
            { First = i; Second = j; Shift = shift }
        else
            { First = j; Second = i; Shift = Shift.minus Shift.zero shift }

    /// The pairs of the points of a bin with those from `first` to `last` in the order of bins, shifted by multiples of
    /// the basis; with those behind the point itself where it is the same bin.
    let pairsOf own first last x y z (reaches: float[]) accept (found: List<Bond>) =
        let offset = float x * rows[0] + float y * rows[1] + float z * rows[2]
        let isOwn = first = starts[own] && x = 0 && y = 0 && z = 0

        for at in starts[own] .. starts[own + 1] - 1 do
            let from = sorted[at] - offset
            let reach = reaches[at]

            for other in (if isOwn then at + 1 else first) .. last do
                let d = sorted[other] - from
                let sum = reach + reaches[other]

                if d.X * d.X + d.Y * d.Y + d.Z * d.Z < sum * sum then
                    let i, j = order[at], order[other]

                    if accept i j then
                        found.Add(bond i j x y z)

    /// The pairs of a bin with a column's bins from r + low to r + high: those within one turn stand one behind the other.
    let column own p q r low high (reaches: float[]) accept found =
        let x, y = turns a p, turns b q

        // Beyond the end of an axis that does not repeat there is nothing.
        if (x = 0 || a.Repeats) && (y = 0 || b.Repeats) then
            let start = ((p - x * a.Count) * b.Count + (q - y * b.Count)) * c.Count
            let mutable at = r + low

            while at <= r + high do
                let z = turns c at
                let last = min (r + high) ((z + 1) * c.Count - 1)

                if z = 0 || c.Repeats then
                    let first = starts[start + at - z * c.Count]
                    let behind = starts[start + last - z * c.Count + 1]

                    if behind > first then
                        pairsOf own first (behind - 1) x y z reaches accept found

                at <- last + 1

    let slab p (reaches: float[]) accept (found: List<Bond>) =
        for q in 0 .. b.Count - 1 do
            for r in 0 .. c.Count - 1 do
                let own = (p * b.Count + q) * c.Count + r

                if starts[own + 1] > starts[own] then
                    for struct (dp, dq) in forward do
                        if dp = 0 && dq = 0 then
                            column own p q r 0 0 reaches accept found
                            column own p q r 1 c.Reach reaches accept found
                        else
                            column own (p + dp) (q + dq) r (-c.Reach) c.Reach reaches accept found

    member _.Pairs(threads, reaches: float[], accept: int -> int -> bool) =
        let reaches = order |> Array.map (fun i -> reaches[i])
        let found = Array.zeroCreate<List<Bond>> a.Count
        let bins = b.Count * c.Count

        Workers.all threads a.Count (fun p ->
            // Molecules have about as many bonds as atoms.
            let here = List<Bond>(starts[(p + 1) * bins] - starts[p * bins])
            slab p reaches accept here
            found[p] <- here)

        let all = Array.zeroCreate<Bond>(found |> Array.sumBy _.Count)
        let mutable next = 0

        for here in found do
            here.CopyTo(all, next)
            next <- next + here.Count

        all

/// Pairs of points nearer than the sum of their reaches, every image by itself.
module internal BondSearch =
    /// Fewer are not worth a second thread.
    [<Literal>]
    let private FewPoints = 4000

    /// All pairs i, j and shifts with |r_j + shift − r_i| < reach_i + reach_j, each once (i ≤ j; of a point and its own
    /// images one of two opposite ones), as `accept i j` lets them; it is called from several threads.
    let pairs
        threads
        (images: PeriodicImages)
        (points: Vector3[])
        (reaches: float[])
        (accept: int -> int -> bool)
        : Bond[] =
        let reach = if points.Length = 0 then 0.0 else 2.0 * Array.max reaches

        if reach <= 0.0 then
            [||]
        else
            PointBins(images, points, reach).Pairs((if points.Length < FewPoints then 1 else threads), reaches, accept)
