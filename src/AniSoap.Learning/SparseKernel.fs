namespace AniSoap.Learning

open AniSoap

/// How a sparse kernel regression is fitted. Start from `SparseKernel.defaults`.
[<NoComparison>]
type SparseKernelOptions = {
    /// The kernel of two rows.
    Kernel: Kernel
    /// λ, weights of rows, and whether there is an intercept.
    Ridge: RidgeOptions
    /// Eigenvalues of the points' kernel below this share of the largest are left out.
    Cut: float
}

/// A linear model of the whitened features that some points span.
[<ReferenceEquality>]
type SparseKernelModel = {
    /// The features.
    Features: KernelFeaturesModel
    /// The linear model of them.
    Ridge: RidgeModel
}

/// Sparse kernel regression, the subset of regressors: J. Quiñonero-Candela, C. E. Rasmussen, J. Mach. Learn. Res. 6 (2005) 1939; with whitened
/// features and QR instead of normal equations: L. Foster et al., J. Mach. Learn. Res. 10 (2009) 857. It minimises
/// Σ w |y − k(x, M) c|² + λ cᵀ K_MM c. With all rows as points it is kernel ridge regression.
module SparseKernel =
    /// A Gaussian kernel with γ = 1, λ = 1e-6, no intercept, equal weights.
    let defaults: SparseKernelOptions = {
        Kernel = Kernel.Gaussian 1.0
        Ridge = { Ridge.defaults with Intercept = false }
        Cut = KernelFeatures.DefaultCut
    }

    /// The model of rows x and y by points (rows of features, chosen by `FarthestPoints` say).
    let fit
        (options: SparseKernelOptions)
        (points: Matrix)
        (x: Matrix)
        (y: Matrix)
        : Result<SparseKernelModel, AniSoapError> =
        attempt {
            do! Checks.pairing x y
            let! features = KernelFeatures.fit options.Cut options.Kernel points
            let! phi = KernelFeatures.transform features x
            let! ridge = Ridge.fit options.Ridge phi y
            return { Features = features; Ridge = ridge }
        }

    /// The same with the best regularisation of a grid by cross-validation; the points stay.
    let search
        (folds: Folds)
        (grid: float seq)
        (options: SparseKernelOptions)
        (points: Matrix)
        (x: Matrix)
        (y: Matrix)
        : Result<struct (SparseKernelModel * RidgeSearch), AniSoapError> =
        attempt {
            do! Checks.pairing x y
            let! features = KernelFeatures.fit options.Cut options.Kernel points
            let! phi = KernelFeatures.transform features x
            let! search = RidgeSearch.run folds grid options.Ridge phi y
            return struct ({ Features = features; Ridge = search.Model }, search)
        }

    /// The targets of rows: samples × targets.
    let predict (model: SparseKernelModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        KernelFeatures.transform model.Features x
        |> Result.bind (Ridge.predict model.Ridge)
