namespace AniSoap.Learning

open System
open System.Runtime.Intrinsics
open AniSoap
open AniSoap.Numerics
open SiteLanes

/// What rows change by when sites move (the note of `SiteLanes`).
module internal SiteShifts =
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
    let fill
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
