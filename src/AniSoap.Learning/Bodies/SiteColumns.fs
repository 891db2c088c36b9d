namespace AniSoap.Learning

open System
open System.Runtime.Intrinsics
open AniSoap
open AniSoap.Numerics
open SiteLanes

/// The columns that weights of radial functions multiply (the note of `SiteLanes`).
module internal SiteColumns =
    /// The columns of all sites at `sites` (three numbers each, species after species): `count` for every pair of types.
    let fill
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
