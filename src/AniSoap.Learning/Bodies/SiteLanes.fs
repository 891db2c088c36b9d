namespace AniSoap.Learning

open System
open System.Runtime.Intrinsics
open AniSoap.Numerics

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
module internal SiteLanes =
    let functions = SiteExponentials.count

    let rates = SiteExponentials.rates

    let factorsA = SiteExponentials.factors |> Array.map (fun (struct (a, _)) -> a)

    let factorsB = SiteExponentials.factors |> Array.map (fun (struct (_, b)) -> b)

    let inline dot3 (ax: Vector256<float>) ay az bx by bz = Lanes.fma ax bx (Lanes.fma ay by (az * bz))

    /// R s of all sites of a species, three by lanes each, from `at` on.
    let place (geometry: float[]) rotation (sites: float[]) first count (lab: float[]) at =
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
    let smooth (cutoff: SiteCutoff voption) (distance: Vector256<float>) (into: float[]) =
        match cutoff with
        | ValueSome cutoff ->
            for lane in 0 .. Lanes.Count - 1 do
                let struct (f, slope, bend) = SiteCutoff.at cutoff (distance.GetElement lane)
                into[lane] <- f
                into[Lanes.Count + lane] <- slope
                into[2 * Lanes.Count + lane] <- bend
        | ValueNone -> ()

    let inline isBeyond (cutoff: SiteCutoff voption) (distance: Vector256<float>) =
        match cutoff with
        | ValueSome cutoff -> Vector256.GreaterThanAny(distance, Lanes.all (cutoff.Radius - cutoff.SmoothingWidth))
        | ValueNone -> false

    /// T_B = −T_A − r × F of a tile of ten rows, or T_A of T_B.
    let balance (geometry: float[]) block (tile: float[]) at known wanted =
        let L = Lanes.Count

        let x, y, z =
            Lanes.load geometry block, Lanes.load geometry (block + L), Lanes.load geometry (block + 2 * L)

        let fx, fy, fz = Lanes.load tile (at + L), Lanes.load tile (at + 2 * L), Lanes.load tile (at + 3 * L)
        let known, wanted = at + known * L, at + wanted * L
        Lanes.store (z * fy - y * fz - Lanes.load tile known) tile wanted
        Lanes.store (x * fz - z * fx - Lanes.load tile (known + L)) tile (wanted + L)
        Lanes.store (y * fx - x * fy - Lanes.load tile (known + 2 * L)) tile (wanted + 2 * L)

    /// Adds a tile of ten rows by lanes to a column, times the rows' weights.
    let put (rows: SiteRows) (group: SitePairGroup) block (tile: float[]) at (column: float[]) =
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

    let clear (columns: float[][]) count rows =
        for k in 0 .. count - 1 do
            Array.Clear(columns[k], 0, rows)
