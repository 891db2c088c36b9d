namespace AniSoap.Analysis

open System
open AniSoap
open AniSoap.Numerics

/// How much of the densities around particles a basis holds. The orthonormal coefficients c_nlm of a density ρ are those of its projection on the basis, so that
///
///     Σ_nlm c_nlm² ≤ ∫ρ² = Σ_jk (2π)^(−3/2) |C_j + C_k|^(−1/2) exp(−½ d·(C_j + C_k)⁻¹ d),   d = r_j − r_k
///
/// with C_j = R diag(a²) Rᵀ the squared shape of neighbour j at r_j: the integral over all space of the square of a sum of normalised Gaussians. Each neighbour species has a density of its
/// own. The part of l = 0 is nearly all of it and tells nothing of directions, so it is counted apart.
[<RequireQualifiedAccess>]
module internal DensityShare =
    /// ∫ρ_j ρ_k of two normalised Gaussians of squared shapes a and b, d apart.
    let overlap (a: SymmetricMatrix3) (b: SymmetricMatrix3) (d: Vector3) : float =
        let xx, yy, zz = a.XX + b.XX, a.YY + b.YY, a.ZZ + b.ZZ
        let xy, xz, yz = a.XY + b.XY, a.XZ + b.XZ, a.YZ + b.YZ
        let cxx, cyy, czz = yy * zz - yz * yz, xx * zz - xz * xz, xx * yy - xy * xy
        let cxy, cxz, cyz = xz * yz - xy * zz, xy * yz - xz * yy, xy * xz - xx * yz
        let determinant = xx * cxx + xy * cxy + xz * cxz

        let exponent =
            (d.X * d.X * cxx
             + d.Y * d.Y * cyy
             + d.Z * d.Z * czz
             + 2.0 * (d.X * d.Y * cxy + d.X * d.Z * cxz + d.Y * d.Z * cyz))
            / determinant

        exp (-0.5 * exponent) / (Math.Pow(2.0 * Math.PI, 1.5) * sqrt determinant)

    /// ∫ρ² of the neighbours of a cluster's first particle, species by species, added up.
    let norm (cluster: Frame) : float =
        let neighbors = cluster.Particles |> Seq.skip 1 |> Seq.toArray

        let shapes =
            neighbors
            |> Array.map (fun one -> ContactFunction.shape one.Orientation one.SemiAxes)

        let mutable sum = 0.0

        for j in 0 .. neighbors.Length - 1 do
            for k in 0..j do
                if neighbors[j].Species = neighbors[k].Species then
                    let one = overlap shapes[j] shapes[k] (neighbors[j].Position - neighbors[k].Position)
                    sum <- sum + (if j = k then one else 2.0 * one)

        sum

    /// Σ_nm c_nlm² for every l, over all neighbour species, added up over clusters' first particles. The density of the centre itself is left out.
    let byAngular (projection: Projection) (clusters: Frame[]) : Result<float[], AniSoapError> =
        let hypers = projection.Hypers
        use engine = Engine.Of(projection, 1)
        let values = Array.zeroCreate<float> engine.CoefficientLength
        let power = Array.zeroCreate<float>(hypers.MaxAngular + 1)
        let species = projection.Species.Length

        clusters
        |> Result.check (fun cluster ->
            engine.Coefficients(cluster, RadialForm.Orthonormal, Memory values, Surroundings.onlyFirst cluster)
            |> Result.map (fun () ->
                let mutable from = 0

                for l in 0 .. hypers.MaxAngular do
                    for i in from .. from + (2 * l + 1) * projection.RadialCount l * species - 1 do
                        power[l] <- power[l] + values[i] * values[i]

                    from <- from + (2 * l + 1) * projection.RadialCount l * species))
        |> Result.map (fun () -> power)
