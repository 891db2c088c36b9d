namespace AniSoap.Learning

open System.Collections.Immutable
open AniSoap

/// How a kernel ridge regression is fitted. Start from `KernelRidge.defaults`.
[<NoComparison>]
type KernelRidgeOptions = {
    /// The kernel of two rows.
    Kernel: Kernel
    /// λ, above 0.
    Regularization: float
    /// A weight for each row; none for equal ones.
    Weights: ImmutableArray<float>
}

/// y = Σ c_i k(x_i, x) over the rows that it was fitted to.
[<ReferenceEquality>]
type KernelRidgeModel = {
    /// The kernel of two rows.
    Kernel: Kernel
    /// The rows x_i that it was fitted to.
    Points: Matrix
    /// c: a row a target, a column a point.
    Coefficients: Matrix
}

/// Kernel ridge regression: C. Saunders, A. Gammerman, V. Vovk, Proc. ICML (1998) 515. (K + λ W⁻¹) c = y; no intercept: centre the targets first.
/// Memory grows with the square of the rows, time with their cube: for many rows use `SparseKernel`.
module KernelRidge =
    /// A Gaussian kernel with γ = 1, λ = 1e-6, equal weights.
    let defaults: KernelRidgeOptions = {
        Kernel = Kernel.Gaussian 1.0
        Regularization = 1e-6
        Weights = ImmutableArray.Empty
    }

    /// The model of rows x (samples × features) and y (samples × targets). Refuses what `Kernel.matrix` does, a regularisation that is not
    /// above 0, and one so small that the kernel cannot be solved with it.
    let fit (options: KernelRidgeOptions) (x: Matrix) (y: Matrix) : Result<KernelRidgeModel, AniSoapError> =
        attempt {
            do! Checks.pairing x y
            let! weights = Checks.weights x.Rows options.Weights
            let accepted = "a finite number above 0"

            do!
                Refuse.unless (options.Regularization > 0.0 && options.Regularization <= Checks.Largest) (fun () ->
                    Refuse.number "regularization" options.Regularization accepted)

            let! kernel = Kernel.matrix options.Kernel x x
            // √w K √w + λ, which rows of weight 0 do not disturb.
            let roots = weights |> Array.map sqrt

            let system =
                Matrix.init x.Rows x.Rows (fun i j ->
                    roots[i] * kernel[i, j] * roots[j]
                    + (if i = j then options.Regularization else 0.0))

            match Cholesky.decompose system with
            | None ->
                return!
                    Refuse.number
                        "regularization"
                        options.Regularization
                        "a larger one: the kernel of these rows is singular to rounding"
            | Some factor ->
                let coefficients =
                    Array.init y.Columns (fun target ->
                        Array.init y.Rows (fun row -> roots[row] * y[row, target])
                        |> Cholesky.solve factor
                        |> Array.map2 (*) roots)

                return {
                    Kernel = options.Kernel
                    Points = x
                    Coefficients = Matrix.ofOwned y.Columns x.Rows (Array.concat coefficients)
                }
        }

    /// The targets of rows: samples × targets.
    let predict (model: KernelRidgeModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        Kernel.matrix model.Kernel x model.Points
        |> Result.map (fun kernel -> Products.rowsByRows kernel model.Coefficients)
