namespace AniSoap.Learning

open System.Runtime.CompilerServices

/// What models do with rows, by plain arrays: for C#. What cannot be done is an `ArgumentException`.
[<AbstractClass; Sealed; Extension>]
type LearnedModels private () =
    /// The rows, scaled.
    [<Extension>]
    static member Transform(model: ScalerModel, x: float[,]) : float[,] = Plain.apply (Scaler.transform model) x

    /// Scaled rows in their own units again.
    [<Extension>]
    static member Inverse(model: ScalerModel, x: float[,]) : float[,] = Plain.apply (Scaler.inverse model) x

    /// The kernel of any rows with the fitted ones, centred and scaled.
    [<Extension>]
    static member Transform(model: KernelNormalizerModel, kernel: float[,]) : float[,] =
        Plain.apply (KernelNormalizer.transform model) kernel

    /// The targets of rows.
    [<Extension>]
    static member Predict(model: RidgeModel, x: float[,]) : float[,] = Plain.apply (Ridge.predict model) x

    /// The targets of rows.
    [<Extension>]
    static member Predict(model: KernelRidgeModel, x: float[,]) : float[,] = Plain.apply (KernelRidge.predict model) x

    /// The targets of rows.
    [<Extension>]
    static member Predict(model: SparseKernelModel, x: float[,]) : float[,] = Plain.apply (SparseKernel.predict model) x

    /// The coordinates of rows.
    [<Extension>]
    static member Transform(model: PcaModel, x: float[,]) : float[,] = Plain.apply (Pca.transform model) x

    /// Rows of features from coordinates.
    [<Extension>]
    static member Inverse(model: PcaModel, coordinates: float[,]) : float[,] =
        Plain.apply (Pca.inverse model) coordinates

    /// The coordinates of rows.
    [<Extension>]
    static member Transform(model: PcovrModel, x: float[,]) : float[,] = Plain.apply (Pcovr.transform model) x

    /// The targets of rows.
    [<Extension>]
    static member Predict(model: PcovrModel, x: float[,]) : float[,] = Plain.apply (Pcovr.predict model) x

    /// The coordinates of rows.
    [<Extension>]
    static member Transform(model: KernelPcovrModel, x: float[,]) : float[,] =
        Plain.apply (KernelPcovr.transform model) x

    /// The targets of rows.
    [<Extension>]
    static member Predict(model: KernelPcovrModel, x: float[,]) : float[,] = Plain.apply (KernelPcovr.predict model) x

    /// The targets of rows of features, in the order of the model's columns and not scaled.
    [<Extension>]
    static member Predict(model: LearnedModel, x: float[,]) : float[,] = Plain.apply (LearnedModel.predict model) x

    /// The coordinates of rows of features, in the order of the model's columns and not scaled.
    [<Extension>]
    static member Transform(model: LearnedModel, x: float[,]) : float[,] = Plain.apply (LearnedModel.transform model) x
