namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Radial functions of bodies whose sites are known: cubic B-splines for every pair of types, linear, with a prior of smooth functions.
///
/// Symbols: A columns of all splines (weighted rows by splines), y weighted targets, D second differences of neighbouring splines of one function; the weights are those of
/// min |y − A w|² + λ |D w|², where columns are scaled by their root mean square over all. λ is chosen by fifths of the rows that follow each other, held out in turn.
module internal SiteGiven =
    /// Splines of one function: the first piece, the length of pieces, and the first column.
    [<Struct>]
    type Range = { Start: float; Spacing: float; Count: int; Column: int }

    /// Pieces between the shortest and the longest distance.
    [<Literal>]
    let private Pieces = 24

    let ranges (cutoff: SiteCutoff) (nearest: float[]) : Range[] =
        let mutable column = 0

        nearest
        |> Array.map (fun near ->
            let start = 0.94 * (if Double.IsFinite near then near else 0.5 * cutoff.Radius)
            let spacing = (cutoff.Radius - start) / float Pieces
            let range = { Start = start; Spacing = spacing; Count = Pieces + 3; Column = column }
            column <- column + range.Count
            range)

    /// Adds what a pair of sites brings to the ten rows of a pair of bodies: energy, force on the second, torque on the first. `values` are twelve numbers of memory.
    let private addSites
        (tile: float[])
        (values: float[])
        (range: Range)
        (cutoff: SiteCutoff)
        (d: Vector3)
        (lever: Vector3)
        distance
        =
        let first = SiteSplines.fill range.Start range.Spacing distance values
        let struct (f, slope, _) = SiteCutoff.at cutoff distance
        let turn = Vector3.cross lever d

        for k in 0..3 do
            let place = first + k

            if place >= 0 && place < range.Count then
                let t = 10 * (range.Column + place)
                let g = (values[4 + k] * f + values[k] * slope) / distance
                tile[t] <- tile[t] + values[k] * f
                tile[t + 1] <- tile[t + 1] - g * d.X
                tile[t + 2] <- tile[t + 2] - g * d.Y
                tile[t + 3] <- tile[t + 3] - g * d.Z
                tile[t + 4] <- tile[t + 4] + g * turn.X
                tile[t + 5] <- tile[t + 5] + g * turn.Y
                tile[t + 6] <- tile[t + 6] + g * turn.Z

    let private siteOf (geometry: float[]) at (sites: float[]) s =
        let inline r i = geometry[at + i * Lanes.Count]
        let x, y, z = sites[3 * s], sites[3 * s + 1], sites[3 * s + 2]

        Vector3.create (r 0 * x + r 1 * y + r 2 * z) (r 3 * x + r 4 * y + r 5 * z) (r 6 * x + r 7 * y + r 8 * z)

    /// The columns of all splines.
    let columns
        (cutoff: SiteCutoff)
        (rows: SiteRows)
        (types: SiteTypes)
        (sites: float[])
        (ranges: Range[])
        : float[][] =
        let L = Lanes.Count
        let count = ranges |> Array.sumBy _.Count
        let all = Array.init count (fun _ -> Array.zeroCreate<float> rows.Rows)
        let tile, values = Array.zeroCreate<float>(10 * count), Array.zeroCreate<float> 12
        let weights = rows.Weights

        for group in rows.Groups do
            let geometry, places = group.Geometry, group.Places
            let typesA, typesB = types.Of group.First, types.Of group.Second
            let offsetA, offsetB = types.Offset group.First, types.Offset group.Second
            let b = Array.zeroCreate<Vector3> typesB.Length

            for block in 0 .. group.Blocks - 1 do
                for lane in 0 .. L - 1 do
                    let g = 21 * L * block + lane
                    let r = Vector3.create geometry[g] geometry[g + L] geometry[g + 2 * L]

                    for k in 0 .. b.Length - 1 do
                        b[k] <- siteOf geometry (g + 12 * L) sites (offsetB + k)

                    let mutable isEmpty = true

                    for i in 0 .. typesA.Length - 1 do
                        let a = siteOf geometry (g + 3 * L) sites (offsetA + i)

                        for j in 0 .. b.Length - 1 do
                            let d = r + b[j] - a
                            let distance = Vector3.norm d

                            if distance < cutoff.Radius then
                                if isEmpty then
                                    Array.Clear tile
                                    isEmpty <- false

                                addSites tile values ranges[types.Kind(typesA[i], typesB[j])] cutoff d a distance

                    if not isEmpty then
                        for k in 0 .. count - 1 do
                            let t = 10 * k
                            let fx, fy, fz = tile[t + 1], tile[t + 2], tile[t + 3]

                            if tile[t] <> 0.0 || fx <> 0.0 || fy <> 0.0 || fz <> 0.0 then
                                let column = all[k]
                                let inline add row value = column[row] <- column[row] + weights[row] * value
                                tile[t + 7] <- r.Z * fy - r.Y * fz - tile[t + 4]
                                tile[t + 8] <- r.X * fz - r.Z * fx - tile[t + 5]
                                tile[t + 9] <- r.Y * fx - r.X * fy - tile[t + 6]

                                if group.IsIsolated then
                                    let start = group.RowStart + 10 * L * block + lane

                                    for row in 0..9 do
                                        add (start + L * row) tile[t + row]
                                else
                                    let p = 5 * L * block + lane
                                    add places[p] tile[t]

                                    for axis in 0..2 do
                                        add (places[p + L] + axis) -tile[t + 1 + axis]
                                        add (places[p + 2 * L] + axis) tile[t + 1 + axis]
                                        add (places[p + 3 * L] + axis) tile[t + 4 + axis]
                                        add (places[p + 4 * L] + axis) tile[t + 7 + axis]

        all

    /// Weights of columns by normal equations of parts of the rows, with the prior.
    let solve (gram: float[]) (right: float[]) count (ranges: Range[]) (size: float) (lambda: float) =
        let a = Array.copy gram

        for range in ranges do
            for k in range.Column .. range.Column + range.Count - 3 do
                let places, factors = [| k; k + 1; k + 2 |], [| 1.0; -2.0; 1.0 |]

                for i in 0..2 do
                    for j in 0..2 do
                        let at = count * places[i] + places[j]
                        a[at] <- a[at] + lambda * size * factors[i] * factors[j]

        for k in 0 .. count - 1 do
            a[count * k + k] <- a[count * k + k] + 1e-15 * size

        let w = Array.copy right

        if SmallSystems.decompose a count then
            SmallSystems.forward a count (Span w)
            SmallSystems.backward a count (Span w)
            Some w
        else
            None

    let private folds = 5

    /// What is left of rows that were held out in turn.
    type HeldOut = {
        /// Root of the weighted squares relative to those of the targets.
        Left: float
        /// Root mean squares of weighted rows: energies a particle, forces, torques; not a number without such rows.
        Kinds: float[]
        /// The same of rows as they are, whatever they count.
        Plain: float[]
    }

    /// The normal equations of all rows.
    let equations (rows: SiteRows) (columns: float[][]) : struct (float[] * float[]) =
        let count = columns.Length
        let gram = Array.zeroCreate<float>(count * count)
        Products4.all columns count columns count (rows.Rows / 4 * 4) gram count true

        let right =
            columns
            |> Array.map (fun x ->
                Vectors.dot (ReadOnlySpan(x, 0, rows.Rows)) (ReadOnlySpan(rows.Targets, 0, rows.Rows)))

        struct (gram, right)

    /// The weights, what is left of held-out rows, and λ.
    let fit (rows: SiteRows) (columns: float[][]) (ranges: Range[]) : struct (float[] * HeldOut * float) =
        let count = columns.Length
        let at fold = rows.Rows / 4 * fold / folds * 4

        let parts =
            Array.init folds (fun fold ->
                let from, length = at fold, at (fold + 1) - at fold
                let piece (x: float[]) = Array.sub x from length
                let some = columns |> Array.map piece
                let y = piece rows.Targets
                let gram = Array.zeroCreate<float>(count * count)
                Products4.all some count some count length gram count true
                let right = some |> Array.map (fun x -> Vectors.dot (ReadOnlySpan x) (ReadOnlySpan y))
                struct (gram, right, Vectors.dot (ReadOnlySpan y) (ReadOnlySpan y)))

        let sum without =
            let gram, right = Array.zeroCreate<float>(count * count), Array.zeroCreate<float> count

            parts
            |> Array.iteri (fun k (struct (g, r, _)) ->
                if k <> without then
                    Vectors.add 1.0 (ReadOnlySpan g) (Span gram)
                    Vectors.add 1.0 (ReadOnlySpan r) (Span right))

            struct (gram, right)

        let struct (whole, right) = sum -1
        let size = Seq.sum (seq { for k in 0 .. count - 1 -> whole[count * k + k] }) / float count
        let rests = Array.init folds sum

        let heldOut lambda =
            let mutable left = 0.0

            for fold in 0 .. folds - 1 do
                let struct (g, r) = rests[fold]
                let struct (gram, b, square) = parts[fold]

                match solve g r count ranges size lambda with
                | Some w ->
                    let mutable quadratic = 0.0

                    for i in 0 .. count - 1 do
                        quadratic <-
                            quadratic
                            + w[i] * Vectors.dot (ReadOnlySpan(gram, count * i, count)) (ReadOnlySpan w)

                    left <- left + square - 2.0 * Vectors.dot (ReadOnlySpan w) (ReadOnlySpan b) + quadratic
                | None -> left <- infinity

            left / rows.Squares

        let best = [ for power in -16 .. 1 -> Math.Pow(10.0, float power) ] |> List.minBy heldOut

        let weights =
            solve whole right count ranges size best
            |> Option.defaultWith (fun () -> Array.zeroCreate count)

        let squares, plain, counts =
            Array.zeroCreate<float> 3, Array.zeroCreate<float> 3, Array.zeroCreate<float> 3

        for fold in 0 .. folds - 1 do
            let struct (g, r) = rests[fold]
            let from, length = at fold, at (fold + 1) - at fold
            let left = Array.sub rows.Targets from length

            solve g r count ranges size best
            |> Option.iter (
                Array.iteri (fun k w -> Vectors.add -w (ReadOnlySpan(columns[k], from, length)) (Span left))
            )

            for i in 0 .. length - 1 do
                let kind, weight = rows.Kinds[from + i], rows.Weights[from + i]

                if kind >= 0 && weight > 0.0 then
                    squares[kind] <- squares[kind] + left[i] * left[i]
                    plain[kind] <- plain[kind] + left[i] / weight * (left[i] / weight)
                    counts[kind] <- counts[kind] + 1.0

        let mean sums = Array.map2 (fun sum n -> sqrt (sum / n)) sums counts

        let left = { Left = sqrt (max 0.0 (heldOut best)); Kinds = mean squares; Plain = mean plain }

        struct (weights, left, best)

    /// The potential of bodies whose sites are known.
    let potential
        (cutoff: SiteCutoff)
        (bodies: SiteBody list)
        (distances: SiteTypes -> float[] -> SiteRows -> struct (float[] * float[]))
        (rows: SiteRows)
        : Result<struct (SitePotential * HeldOut), AniSoapError> =
        let names = KnownSites.names bodies
        let types, sites = KnownSites.types bodies, KnownSites.positions bodies

        let struct (nearest, farthest) = distances types sites rows
        let ranges = ranges cutoff nearest
        let struct (weights, left, _) = fit rows (columns cutoff rows types sites ranges) ranges

        let functions = [
            for t in 0 .. names.Length - 1 do
                for u in t .. names.Length - 1 do
                    let kind = types.Kind(t, u)
                    let range = ranges[kind]

                    let near =
                        if Double.IsFinite nearest[kind] then
                            nearest[kind]
                        else
                            range.Start

                    {
                        First = names[t]
                        Second = names[u]
                        Form =
                            SiteForm.Splines(
                                range.Start,
                                range.Spacing,
                                ImmutableArray.Create<float>(weights, range.Column, range.Count)
                            )
                        Nearest = near
                        Farthest = max near farthest[kind]
                    }
        ]

        SitePotential.Create(bodies, functions, cutoff)
        |> Result.map (fun made -> struct (made, left))
