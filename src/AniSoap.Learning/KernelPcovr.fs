namespace AniSoap.Learning

open AniSoap

/// How kernel principal covariates are found. Start from `KernelPcovr.defaults`.
type KernelPcovrOptions = {
    /// The kernel of two rows.
    Kernel: Kernel
    /// Components, mixing and λ.
    Covariates: PcovrOptions
    /// Eigenvalues of the kernel below this share of the largest are left out.
    Cut: float
}

/// Principal covariates of a kernel's features.
[<ReferenceEquality>]
type KernelPcovrModel = {
    /// The features whose scalar products are the kernel.
    Features: KernelFeaturesModel
    /// What the features are multiplied by, so that the centred kernel has the trace of as many ones as rows.
    Scale: float
    /// The covariates of these features.
    Covariates: PcovrModel
}

/// Kernel principal covariates regression: B. A. Helfrecht et al., Mach. Learn.: Sci. Technol. 1 (2020) 045021. The kernel is centred and divided by its
/// trace over the number of rows (as `KernelNormalizer` does), through features that have it as their scalar products: for a linear
/// kernel the result is that of `Pcovr` on features scaled by one factor.
module KernelPcovr =
    /// A Gaussian kernel with γ = 1; two components, mixing 0.5, λ = 1e-6.
    let defaults: KernelPcovrOptions = {
        Kernel = Kernel.Gaussian 1.0
        Covariates = Pcovr.defaults
        Cut = KernelFeatures.DefaultCut
    }

    let private scaled (factor: float) (x: Matrix) =
        Matrix.init x.Rows x.Columns (fun row column -> factor * x[row, column])

    /// The covariates of rows x (samples × features) and y (samples × targets). Refuses what `Pcovr.fit` and `KernelFeatures.fit` do.
    let fit (options: KernelPcovrOptions) (x: Matrix) (y: Matrix) : Result<KernelPcovrModel, AniSoapError> =
        attempt {
            do! Pcovr.check options.Covariates
            do! Checks.pairing x y
            let! features = KernelFeatures.fit options.Cut options.Kernel x
            let! phi = KernelFeatures.transform features x
            let ones = Array.create x.Rows 1.0
            let mean = Moments.means ones phi

            do!
                Refuse.unless (not (Moments.isConstant mean phi)) (fun () ->
                    Refuse.because "rank of the centred kernel" "0" "rows that differ")

            let scale = 1.0 / sqrt (Array.sum (Moments.variances ones mean phi))
            let! covariates = Pcovr.fit options.Covariates (scaled scale phi) y
            return { Features = features; Scale = scale; Covariates = covariates }
        }

    let private features (model: KernelPcovrModel) (x: Matrix) =
        KernelFeatures.transform model.Features x |> Result.map (scaled model.Scale)

    /// The coordinates of rows: samples × components.
    let transform (model: KernelPcovrModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        features model x |> Result.bind (Pcovr.transform model.Covariates)

    /// The targets of rows, predicted through the coordinates.
    let predict (model: KernelPcovrModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        features model x |> Result.bind (Pcovr.predict model.Covariates)
