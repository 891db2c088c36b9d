namespace AniSoap.Learning

open System
open System.Runtime.Intrinsics
open AniSoap
open AniSoap.Numerics

/// Memory of one thread's fits, which grows and is used again.
[<Sealed>]
type internal SiteKernelWork() =
    let mutable columns = Array.empty<float[]>
    let mutable derivatives = Array.empty<float[]>

    let grown (arrays: float[][]) count length =
        if arrays.Length >= count && (count = 0 || arrays[0].Length >= length) then
            arrays
        else
            let length =
                if arrays.Length > 0 then
                    max length arrays[0].Length
                else
                    length

            Array.init (max count arrays.Length) (fun k ->
                if k < arrays.Length && arrays[k].Length >= length then
                    arrays[k]
                else
                    Array.zeroCreate<float> length)

    member val Lab = Array.empty<float> with get, set
    member val Powers = Array.empty<float> with get, set
    member val Tile = Array.empty<float> with get, set
    member _.Columns = columns
    member _.Derivatives = derivatives

    member work.Prepare(rows: int, columnCount: int, derivativeCount: int, sites: int) =
        columns <- grown columns columnCount rows
        derivatives <- grown derivatives derivativeCount rows
        let wide = Lanes.Count * (2 * SiteExponentials.count + 4) * (sites + 1)

        if work.Powers.Length < wide then
            work.Powers <- Array.zeroCreate wide

        // Of all sites: places, and sums of forces (3) and their slopes (6) of both bodies.
        if work.Lab.Length < 2 * 12 * Lanes.Count * (sites + 1) then
            work.Lab <- Array.zeroCreate (2 * 12 * Lanes.Count * (sites + 1))

        let tile = 10 * Lanes.Count * (max columnCount derivativeCount)

        if work.Tile.Length < tile then
            work.Tile <- Array.zeroCreate tile

/// Rows of pairs of bodies made of sites, and their derivatives by the sites.
///
/// Symbols: A_a = R_A s_a and B_b = R_B s_b sites from their bodies' centres, lab frame; r from the first centre to the second; d = r + B_b − A_a, of length ρ;
/// φ_k radial functions, f the cutoff; u = Σ_k w_k φ_k f of the pair of types.
///
///     energy Σ_ab φ,   force on the second F = −Σ_ab (φ′/ρ) d,   torque on the first T_A = Σ_a A_a × Σ_b (φ′/ρ) d
///
/// The torque on the second follows from the balance of torques, T_B = −T_A − r × F, for columns and derivatives alike. With g = u′/ρ and H = Σ (u″ − g)/ρ² d dᵀ + g 1
/// over the sites of the other body, f_a = Σ_b g d, a shift c of a site of the first in the lab changes
///
///     energy by −f_a · c,   F by H c,   T_A by −f_a × c − A_a × H c
///
/// and one of the second, with f_b = Σ_a g d, the energy by f_b · c, F by −H c and T_B by f_b × c − B_b × H c. Shifts are along the body's axes, columns of R.
module internal SiteKernel =
    let private functions = SiteExponentials.count

    let private rates = SiteExponentials.rates

    let private factorsA = SiteExponentials.factors |> Array.map (fun (struct (a, _)) -> a)

    let private factorsB = SiteExponentials.factors |> Array.map (fun (struct (_, b)) -> b)

    let inline private dot3 (ax: Vector256<float>) ay az bx by bz = Lanes.fma ax bx (Lanes.fma ay by (az * bz))

    /// R s of all sites of a species, three by lanes each, from `at` on.
    let private place (geometry: float[]) rotation (sites: float[]) first count (lab: float[]) at =
        FullOptimization.ask ()

        for s in 0 .. count - 1 do
            let x = Lanes.all sites[3 * (first + s)]
            let y = Lanes.all sites[3 * (first + s) + 1]
            let z = Lanes.all sites[3 * (first + s) + 2]

            for row in 0..2 do
                let r = rotation + 3 * Lanes.Count * row

                let v =
                    dot3
                        (Lanes.load geometry r)
                        (Lanes.load geometry (r + Lanes.Count))
                        (Lanes.load geometry (r + 2 * Lanes.Count))
                        x
                        y
                        z

                Lanes.store v lab (at + Lanes.Count * (3 * s + row))

    /// f, f′, f″ of four distances.
    let private smooth (cutoff: SiteCutoff voption) (distance: Vector256<float>) (into: float[]) =
        match cutoff with
        | ValueSome cutoff ->
            for lane in 0 .. Lanes.Count - 1 do
                let struct (f, slope, bend) = SiteCutoff.at cutoff (distance.GetElement lane)
                into[lane] <- f
                into[Lanes.Count + lane] <- slope
                into[2 * Lanes.Count + lane] <- bend
        | ValueNone -> ()

    let inline private isBeyond (cutoff: SiteCutoff voption) (distance: Vector256<float>) =
        match cutoff with
        | ValueSome cutoff -> Vector256.GreaterThanAny(distance, Lanes.all (cutoff.Radius - cutoff.SmoothingWidth))
        | ValueNone -> false

    /// T_B = −T_A − r × F of a tile of ten rows, or T_A of T_B.
    let private balance (geometry: float[]) block (tile: float[]) at known wanted =
        let L = Lanes.Count

        let x, y, z =
            Lanes.load geometry block, Lanes.load geometry (block + L), Lanes.load geometry (block + 2 * L)

        let fx, fy, fz = Lanes.load tile (at + L), Lanes.load tile (at + 2 * L), Lanes.load tile (at + 3 * L)
        let known, wanted = at + known * L, at + wanted * L
        Lanes.store (z * fy - y * fz - Lanes.load tile known) tile wanted
        Lanes.store (x * fz - z * fx - Lanes.load tile (known + L)) tile (wanted + L)
        Lanes.store (y * fx - x * fy - Lanes.load tile (known + 2 * L)) tile (wanted + 2 * L)

    /// Adds a tile of ten rows by lanes to a column, times the rows' weights.
    let private put (rows: SiteRows) (group: SitePairGroup) block (tile: float[]) at (column: float[]) =
        FullOptimization.ask ()
        let L = Lanes.Count
        let weights = rows.Weights

        if group.IsIsolated then
            let start = group.RowStart + 10 * L * block

            for i in 0..L .. 9 * L do
                Lanes.store (Lanes.load tile (at + i) * Lanes.load weights (start + i)) column (start + i)
        else
            let places = group.Places

            for lane in 0 .. L - 1 do
                let p = 5 * L * block + lane
                let row = places[p]
                column[row] <- column[row] + weights[row] * tile[at + lane]

                for axis in 0..2 do
                    let force = tile[at + (1 + axis) * L + lane]
                    let row = places[p + L] + axis
                    column[row] <- column[row] - weights[row] * force
                    let row = places[p + 2 * L] + axis
                    column[row] <- column[row] + weights[row] * force
                    let row = places[p + 3 * L] + axis
                    column[row] <- column[row] + weights[row] * tile[at + (4 + axis) * L + lane]
                    let row = places[p + 4 * L] + axis
                    column[row] <- column[row] + weights[row] * tile[at + (7 + axis) * L + lane]

    let private clear (columns: float[][]) count rows =
        for k in 0 .. count - 1 do
            Array.Clear(columns[k], 0, rows)

    /// The columns of all sites at `sites` (three numbers each, species after species): `count` for every pair of types.
    let columns
        (unit: float)
        (cutoff: SiteCutoff voption)
        (rows: SiteRows)
        (types: SiteTypes)
        (sites: float[])
        (work: SiteKernelWork)
        =
        FullOptimization.ask ()
        let L = Lanes.Count
        let factorsA, factorsB, rates = factorsA, factorsB, rates
        let count = types.Kinds * functions
        work.Prepare(rows.Rows, count, 0, types.Sites)
        let lab, powers, tile, all = work.Lab, work.Powers, work.Tile, work.Columns

        if rows.Groups |> Array.exists (fun group -> not group.IsIsolated) then
            clear all count rows.Rows

        let smoothed = Array.zeroCreate<float>(3 * L)
        let perUnit = 1.0 / unit

        for group in rows.Groups do
            let geometry = group.Geometry
            let typesA, typesB = types.Of group.First, types.Of group.Second
            let atB = 3 * L * typesA.Length
            let n = typesB.Length
            // Behind the powers and their slopes: d of every site of the second.
            let slopes, ds = L * functions * n, 2 * L * functions * n

            for block in 0 .. group.Blocks - 1 do
                let g = 21 * L * block
                let rx, ry, rz = Lanes.load geometry g, Lanes.load geometry (g + L), Lanes.load geometry (g + 2 * L)
                place geometry (g + 3 * L) sites (types.Offset group.First) typesA.Length lab 0
                place geometry (g + 12 * L) sites (types.Offset group.Second) n lab atB
                Array.Clear(tile, 0, 10 * L * count)

                for a in 0 .. typesA.Length - 1 do
                    let ax = Lanes.load lab (3 * L * a)
                    let ay = Lanes.load lab (3 * L * a + L)
                    let az = Lanes.load lab (3 * L * a + 2 * L)

                    for b in 0 .. n - 1 do
                        let at = atB + 3 * L * b
                        let dx = rx + Lanes.load lab at - ax
                        let dy = ry + Lanes.load lab (at + L) - ay
                        let dz = rz + Lanes.load lab (at + 2 * L) - az
                        let distance = Vector256.Sqrt(dot3 dx dy dz dx dy dz)
                        let inverse = Vector256.Divide(Vector256<float>.One, distance)
                        Lanes.store dx powers (ds + 3 * L * b)
                        Lanes.store dy powers (ds + 3 * L * b + L)
                        Lanes.store dz powers (ds + 3 * L * b + 2 * L)
                        let first = Vector256.Exp(Vector256<float>.One - distance * perUnit)
                        Lanes.store first powers (L * b)
                        let slope = inverse * -perUnit

                        for k in 1 .. functions - 1 do
                            let p =
                                Lanes.load powers (L * (n * factorsA[k] + b))
                                * Lanes.load powers (L * (n * factorsB[k] + b))

                            Lanes.store p powers (L * (n * k + b))

                        if isBeyond cutoff distance then
                            smooth cutoff distance smoothed
                            let f = Lanes.load smoothed 0
                            let down = Lanes.load smoothed L * inverse

                            for k in 0 .. functions - 1 do
                                let p = Lanes.load powers (L * (n * k + b))
                                Lanes.store (p * (f * slope * rates[k] + down)) powers (slopes + L * (n * k + b))
                                Lanes.store (p * f) powers (L * (n * k + b))
                        else
                            for k in 0 .. functions - 1 do
                                let p = Lanes.load powers (L * (n * k + b))
                                Lanes.store (p * slope * rates[k]) powers (slopes + L * (n * k + b))

                    let mutable start = 0

                    while start < n do
                        let u = typesB[start]
                        let mutable stop = start

                        while stop < n && typesB[stop] = u do
                            stop <- stop + 1

                        let first = types.Kind(typesA[a], u) * functions

                        for k in 0 .. functions - 1 do
                            let mutable e = Vector256<float>.Zero
                            let mutable fx = Vector256<float>.Zero
                            let mutable fy = Vector256<float>.Zero
                            let mutable fz = Vector256<float>.Zero

                            for b in start .. stop - 1 do
                                let p = Lanes.load powers (slopes + L * (n * k + b))
                                e <- e + Lanes.load powers (L * (n * k + b))
                                fx <- Lanes.fma p (Lanes.load powers (ds + 3 * L * b)) fx
                                fy <- Lanes.fma p (Lanes.load powers (ds + 3 * L * b + L)) fy
                                fz <- Lanes.fma p (Lanes.load powers (ds + 3 * L * b + 2 * L)) fz

                            let t = 10 * L * (first + k)
                            Lanes.add e tile t
                            Lanes.add -fx tile (t + L)
                            Lanes.add -fy tile (t + 2 * L)
                            Lanes.add -fz tile (t + 3 * L)
                            Lanes.add (ay * fz - az * fy) tile (t + 4 * L)
                            Lanes.add (az * fx - ax * fz) tile (t + 5 * L)
                            Lanes.add (ax * fy - ay * fx) tile (t + 6 * L)

                        start <- stop

                for k in 0 .. count - 1 do
                    balance geometry g tile (10 * L * k) 4 7
                    put rows group block tile (10 * L * k) all[k]

    /// Ten rows of a shift of one site along the three axes of its body, added to the tile.
    let private addShift
        (geometry: float[])
        g
        rotation
        (lab: float[])
        place
        sums
        (sign: float)
        own
        other
        (tile: float[])
        (scratch: float[])
        at
        =
        FullOptimization.ask ()
        let L = Lanes.Count
        let ax, ay, az = Lanes.load lab place, Lanes.load lab (place + L), Lanes.load lab (place + 2 * L)
        let fx, fy, fz = Lanes.load lab sums, Lanes.load lab (sums + L), Lanes.load lab (sums + 2 * L)
        let xx, xy = Lanes.load lab (sums + 3 * L), Lanes.load lab (sums + 4 * L)
        let xz, yy = Lanes.load lab (sums + 5 * L), Lanes.load lab (sums + 6 * L)
        let yz, zz = Lanes.load lab (sums + 7 * L), Lanes.load lab (sums + 8 * L)

        for axis in 0..2 do
            let cx = Lanes.load geometry (rotation + L * axis)
            let cy = Lanes.load geometry (rotation + L * (3 + axis))
            let cz = Lanes.load geometry (rotation + L * (6 + axis))
            let hx, hy, hz = dot3 xx xy xz cx cy cz, dot3 xy yy yz cx cy cz, dot3 xz yz zz cx cy cz
            // The first: −f·c, H c, −f × c − a × H c; the second: f·c, −H c, f × c − b × H c.
            Lanes.store (dot3 fx fy fz cx cy cz * -sign) scratch 0
            Lanes.store (hx * sign) scratch L
            Lanes.store (hy * sign) scratch (2 * L)
            Lanes.store (hz * sign) scratch (3 * L)
            Lanes.store ((fy * cz - fz * cy) * -sign - (ay * hz - az * hy)) scratch (own * L)
            Lanes.store ((fz * cx - fx * cz) * -sign - (az * hx - ax * hz)) scratch ((own + 1) * L)
            Lanes.store ((fx * cy - fy * cx) * -sign - (ax * hy - ay * hx)) scratch ((own + 2) * L)
            balance geometry g scratch 0 own other

            for i in 0..L .. 9 * L do
                Lanes.add (Lanes.load scratch i) tile (at + 10 * L * axis + i)

    /// The derivatives of columns times weights by the sites' positions, three columns a site.
    let derivatives
        (unit: float)
        (cutoff: SiteCutoff voption)
        (rows: SiteRows)
        (types: SiteTypes)
        (sites: float[])
        (weights: float[])
        (work: SiteKernelWork)
        =
        FullOptimization.ask ()
        let L = Lanes.Count
        let factorsA, factorsB, rates = factorsA, factorsB, rates
        let count = 3 * types.Sites
        work.Prepare(rows.Rows, types.Kinds * functions, count, types.Sites)
        let lab, powers, tile, all = work.Lab, work.Powers, work.Tile, work.Derivatives

        // Sites of species that a group has not are not moved by it.
        clear all count rows.Rows
        let smoothed, scratch = Array.zeroCreate<float>(3 * L), Array.zeroCreate<float>(10 * L)
        let perUnit = 1.0 / unit
        let firstOrder = weights |> Array.mapi (fun i w -> -w * rates[i % functions] * perUnit)

        let secondOrder =
            weights
            |> Array.mapi (fun i w -> w * rates[i % functions] * rates[i % functions] * perUnit * perUnit)

        for group in rows.Groups do
            let geometry = group.Geometry
            let typesA, typesB = types.Of group.First, types.Of group.Second
            let m, n = typesA.Length, typesB.Length
            let atB = 3 * L * m
            let sumsA, sumsB = 3 * L * (m + n), 3 * L * (m + n) + 9 * L * m
            let offsetA, offsetB = types.Offset group.First, types.Offset group.Second

            for block in 0 .. group.Blocks - 1 do
                let g = 21 * L * block
                let rx, ry, rz = Lanes.load geometry g, Lanes.load geometry (g + L), Lanes.load geometry (g + 2 * L)
                place geometry (g + 3 * L) sites offsetA m lab 0
                place geometry (g + 12 * L) sites offsetB n lab atB
                Array.Clear(lab, sumsA, 9 * L * (m + n))

                for a in 0 .. m - 1 do
                    let ax = Lanes.load lab (3 * L * a)
                    let ay = Lanes.load lab (3 * L * a + L)
                    let az = Lanes.load lab (3 * L * a + 2 * L)

                    for b in 0 .. n - 1 do
                        let at = atB + 3 * L * b
                        let dx = rx + Lanes.load lab at - ax
                        let dy = ry + Lanes.load lab (at + L) - ay
                        let dz = rz + Lanes.load lab (at + 2 * L) - az
                        let distance = Vector256.Sqrt(dot3 dx dy dz dx dy dz)
                        let inverse = Vector256.Divide(Vector256<float>.One, distance)
                        let kind = types.Kind(typesA[a], typesB[b]) * functions
                        Lanes.store (Vector256.Exp(Vector256<float>.One - distance * perUnit)) powers 0
                        let p = Lanes.load powers 0
                        let mutable u0 = p * weights[kind]
                        let mutable u1 = p * firstOrder[kind]
                        let mutable u2 = p * secondOrder[kind]

                        for k in 1 .. functions - 1 do
                            let p = Lanes.load powers (L * factorsA[k]) * Lanes.load powers (L * factorsB[k])
                            Lanes.store p powers (L * k)
                            u0 <- Lanes.fma p (Lanes.all weights[kind + k]) u0
                            u1 <- Lanes.fma p (Lanes.all firstOrder[kind + k]) u1
                            u2 <- Lanes.fma p (Lanes.all secondOrder[kind + k]) u2

                        if isBeyond cutoff distance then
                            smooth cutoff distance smoothed
                            let f, slope = Lanes.load smoothed 0, Lanes.load smoothed L
                            u2 <- u2 * f + u1 * slope * 2.0 + u0 * Lanes.load smoothed (2 * L)
                            u1 <- u1 * f + u0 * slope

                        let s = u1 * inverse
                        let h = (u2 - s) * inverse * inverse
                        let fx, fy, fz = s * dx, s * dy, s * dz
                        let hx, hy, hz = h * dx, h * dy, h * dz
                        let xx, xy, xz = Lanes.fma hx dx s, hx * dy, hx * dz
                        let yy, yz, zz = Lanes.fma hy dy s, hy * dz, Lanes.fma hz dz s

                        let inline addAll at =
                            Lanes.add fx lab at
                            Lanes.add fy lab (at + L)
                            Lanes.add fz lab (at + 2 * L)
                            Lanes.add xx lab (at + 3 * L)
                            Lanes.add xy lab (at + 4 * L)
                            Lanes.add xz lab (at + 5 * L)
                            Lanes.add yy lab (at + 6 * L)
                            Lanes.add yz lab (at + 7 * L)
                            Lanes.add zz lab (at + 8 * L)

                        addAll (sumsA + 9 * L * a)
                        addAll (sumsB + 9 * L * b)

                Array.Clear(tile, 0, 10 * L * count)

                for a in 0 .. m - 1 do
                    addShift
                        geometry
                        g
                        (g + 3 * L)
                        lab
                        (3 * L * a)
                        (sumsA + 9 * L * a)
                        1.0
                        4
                        7
                        tile
                        scratch
                        (30 * L * (offsetA + a))

                for b in 0 .. n - 1 do
                    addShift
                        geometry
                        g
                        (g + 12 * L)
                        lab
                        (atB + 3 * L * b)
                        (sumsB + 9 * L * b)
                        -1.0
                        7
                        4
                        tile
                        scratch
                        (30 * L * (offsetB + b))

                let inline putAll offset number =
                    for k in 3 * offset .. 3 * (offset + number) - 1 do
                        put rows group block tile (10 * L * k) all[k]

                putAll offsetA m

                if group.First <> group.Second then
                    putAll offsetB n
