namespace AniSoap.Learning

open MathNet.Numerics.LinearAlgebra
open AniSoap

/// Features φ(x) whose scalar products are the kernel, as far as some points span it: φ(x) · φ(y) = k(x, M) K_MM⁻¹ k(M, y).
[<ReferenceEquality>]
type KernelFeaturesModel = {
    /// The kernel of two rows.
    Kernel: Kernel
    /// The points M.
    Points: Matrix
    /// A row a feature, a column a point: eigenvectors of K_MM over the roots of their eigenvalues, largest first.
    Whitening: Matrix
}

/// Whitened features of kernels: the Nyström map, C. Williams, M. Seeger, Adv. Neural Inf. Process. Syst. 13 (2000) 682. Eigenvalues of K_MM that are
/// rounding are left out, and nothing is inverted.
module KernelFeatures =
    /// Eigenvalues of K_MM below this share of the largest are left out unless asked otherwise.
    [<Literal>]
    let DefaultCut = 1e-12

    /// The features that points span: at most as many as points, fewer where they are alike. Eigenvalues below `cut` times the largest are left
    /// out (`DefaultCut`). Refuses what `Kernel.matrix` does, and a cut outside 1e-15 … 1.
    let fit (cut: float) (kernel: Kernel) (points: Matrix) : Result<KernelFeaturesModel, AniSoapError> =
        attempt {
            do!
                Refuse.unless (cut >= 1e-15 && cut < 1.0) (fun () ->
                    Refuse.number "cut" cut "1e-15 up to, without it, 1")

            do! Checks.matrix "points" points
            let! within = Kernel.matrix kernel points points

            let eigen =
                (Matrix<float>.Build.DenseOfRowMajor(within.Rows, within.Columns, within.Values.ToArray())).Evd
                    Symmetricity.Symmetric

            let values = eigen.EigenValues |> Seq.map _.Real |> Seq.toArray
            let largest = Array.max values

            do!
                Refuse.unless (largest > 0.0) (fun () ->
                    Refuse.number "largest eigenvalue of the kernel" largest "points of which at least one is not zero")

            // MathNet's are ascending.
            let kept =
                [| values.Length - 1 .. -1 .. 0 |]
                |> Array.filter (fun k -> values[k] > cut * largest)

            return {
                Kernel = kernel
                Points = points
                Whitening =
                    Matrix.init kept.Length points.Rows (fun k point ->
                        eigen.EigenVectors[point, kept[k]] / sqrt values[kept[k]])
            }
        }

    /// The features of rows: samples × features.
    let transform (model: KernelFeaturesModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        Kernel.matrix model.Kernel x model.Points
        |> Result.map (fun kernel -> Products.rowsByRows kernel model.Whitening)
