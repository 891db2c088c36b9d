namespace AniSoap.Learning

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open AniSoap

/// From results to exceptions, and from plain arrays to matrices.
module internal Plain =
    let orThrow (result: Result<'a, AniSoapError>) : 'a =
        match result with
        | Ok value -> value
        | Error error -> raise (ArgumentException(AniSoapError.describe error))

    let weights (values: float[] | null) : ImmutableArray<float> =
        match values with
        | null -> ImmutableArray.Empty
        | values -> ImmutableArray.Create<float> values

    let apply (operation: Matrix -> Result<Matrix, AniSoapError>) (x: float[,]) : float[,] =
        (operation (Matrix.ofArray2D x) |> orThrow).ToArray()

/// Every model of this library by plain arrays, for C#: arrays with two indices hold a row a sample and a column a feature or target. What
/// cannot be done is an `ArgumentException` that names the value and what is accepted. The models have their `Predict` and
/// `Transform` as extension methods.
[<AbstractClass; Sealed>]
type Learn private () =
    /// The model of a file that the program's `regress` or `reduce`, or `LearnedFile.save`, has written.
    static member Load(path: string) : LearnedModel = LearnedFile.load path |> Plain.orThrow

    /// One target as an array with two indices and one column.
    static member Column(values: float[]) : float[,] = Array2D.init values.Length 1 (fun row _ -> values[row])

    /// Numbers that stand row after row, as those of a labelled block without components do, as an array with two indices.
    static member Rows(values: ReadOnlySpan<float>, columns: int) : float[,] =
        let rows = if columns > 0 then values.Length / columns else 0

        if columns < 1 || rows * columns <> values.Length then
            Plain.orThrow (Refuse.count "columns" columns (String.Concat("a divisor of ", values.Length)))

        let array = Array2D.zeroCreate rows columns

        for i in 0 .. values.Length - 1 do
            array[i / columns, i % columns] <- values[i]

        array

    /// The kernel x · y.
    static member LinearKernel: Kernel = Kernel.Linear

    /// The kernel (γ x · y + constant)^degree.
    static member PolynomialKernel(degree: int, gamma: float, constant: float) : Kernel =
        Kernel.Polynomial(degree, gamma, constant)

    /// The kernel exp(−γ |x − y|²).
    static member GaussianKernel(gamma: float) : Kernel = Kernel.Gaussian gamma

    /// The kernel of every row of x with every row of y.
    static member KernelMatrix(kernel: Kernel, x: float[,], y: float[,]) : float[,] =
        Plain.apply (fun x -> Kernel.matrix kernel x (Matrix.ofArray2D y)) x

    /// The distance of every row of x from every row of y in the space of a kernel: |x − y| for the linear one.
    static member Distances(kernel: Kernel, x: float[,], y: float[,]) : float[,] =
        Plain.apply (fun x -> Comparison.distances kernel x (Matrix.ofArray2D y)) x

    /// How alike every row of x is to every row of y, 1 for rows that are the same: the cosine for the linear kernel.
    static member Similarities(kernel: Kernel, x: float[,], y: float[,]) : float[,] =
        Plain.apply (fun x -> Comparison.similarities kernel x (Matrix.ofArray2D y)) x

    /// Every row divided by its length.
    static member NormalizeRows(x: float[,]) : float[,] = Plain.apply Comparison.normalize x

    /// A scaler: by columns, or all columns by one factor.
    static member Scaler
        (x: float[,], perColumn: bool, [<Optional; DefaultParameterValue(null: float[] | null)>] weights: float[] | null) : ScalerModel =
        Scaler.fit { Scaler.defaults with PerColumn = perColumn; Weights = Plain.weights weights } (Matrix.ofArray2D x)
        |> Plain.orThrow

    /// The centring and scaling of a kernel of rows with themselves.
    static member KernelNormalizer(kernel: float[,]) : KernelNormalizerModel =
        KernelNormalizer.fit (Matrix.ofArray2D kernel) |> Plain.orThrow

    /// A ridge regression.
    static member Ridge
        (
            x: float[,],
            y: float[,],
            regularization: float,
            [<Optional; DefaultParameterValue(true)>] intercept: bool,
            [<Optional; DefaultParameterValue(null: float[] | null)>] weights: float[] | null
        ) : RidgeModel =
        let options: RidgeOptions = {
            Regularization = regularization
            Intercept = intercept
            Weights = Plain.weights weights
        }

        Ridge.fit options (Matrix.ofArray2D x) (Matrix.ofArray2D y) |> Plain.orThrow

    /// The best ridge regression of several regularisations: by leaving out each row in turn, or, if groups of rows are given, by folds that keep
    /// groups together.
    static member RidgeSearch
        (
            x: float[,],
            y: float[,],
            regularizations: float[],
            [<Optional; DefaultParameterValue(null: int[] | null)>] groups: int[] | null,
            [<Optional; DefaultParameterValue(5)>] folds: int,
            [<Optional; DefaultParameterValue(true)>] intercept: bool,
            [<Optional; DefaultParameterValue(null: float[] | null)>] weights: float[] | null
        ) : RidgeSearch =
        let splits =
            match groups with
            | null -> Folds.LeaveOneOut
            | groups -> Folds.Groups(ImmutableArray.Create<int> groups, folds)

        let options = { Ridge.defaults with Intercept = intercept; Weights = Plain.weights weights }

        RidgeSearch.run splits regularizations options (Matrix.ofArray2D x) (Matrix.ofArray2D y)
        |> Plain.orThrow

    /// A kernel ridge regression.
    static member KernelRidge(x: float[,], y: float[,], kernel: Kernel, regularization: float) : KernelRidgeModel =
        let options = { KernelRidge.defaults with Kernel = kernel; Regularization = regularization }

        KernelRidge.fit options (Matrix.ofArray2D x) (Matrix.ofArray2D y)
        |> Plain.orThrow

    /// A kernel regression on some points.
    static member SparseKernel
        (points: float[,], x: float[,], y: float[,], kernel: Kernel, regularization: float)
        : SparseKernelModel =
        let options = {
            SparseKernel.defaults with
                Kernel = kernel
                Ridge = { SparseKernel.defaults.Ridge with Regularization = regularization }
        }

        SparseKernel.fit options (Matrix.ofArray2D points) (Matrix.ofArray2D x) (Matrix.ofArray2D y)
        |> Plain.orThrow

    /// The numbers of rows that lie farthest from each other.
    static member FarthestSamples(x: float[,], count: int, [<Optional; DefaultParameterValue(0)>] first: int) : int[] =
        let found = FarthestPoints.samples first count (Matrix.ofArray2D x) |> Plain.orThrow
        Seq.toArray found.Positions

    /// The numbers of columns that lie farthest from each other.
    static member FarthestFeatures(x: float[,], count: int, [<Optional; DefaultParameterValue(0)>] first: int) : int[] =
        let found = FarthestPoints.features first count (Matrix.ofArray2D x) |> Plain.orThrow
        Seq.toArray found.Positions

    /// The numbers of rows chosen by CUR.
    static member CurSamples(x: float[,], count: int, [<Optional; DefaultParameterValue(1)>] vectors: int) : int[] =
        let found = Cur.samples vectors count (Matrix.ofArray2D x) |> Plain.orThrow
        Seq.toArray found.Positions

    /// The numbers of columns chosen by CUR.
    static member CurFeatures(x: float[,], count: int, [<Optional; DefaultParameterValue(1)>] vectors: int) : int[] =
        let found = Cur.features vectors count (Matrix.ofArray2D x) |> Plain.orThrow
        Seq.toArray found.Positions

    /// Principal components.
    static member Pca(x: float[,], components: int) : PcaModel =
        Pca.fit components (Matrix.ofArray2D x) |> Plain.orThrow

    /// Principal covariates.
    static member Pcovr
        (
            x: float[,],
            y: float[,],
            components: int,
            mixing: float,
            [<Optional; DefaultParameterValue(1e-6)>] regularization: float
        ) : PcovrModel =
        Pcovr.fit
            { Components = components; Mixing = mixing; Regularization = regularization }
            (Matrix.ofArray2D x)
            (Matrix.ofArray2D y)
        |> Plain.orThrow

    /// Principal covariates of a kernel.
    static member KernelPcovr
        (
            x: float[,],
            y: float[,],
            kernel: Kernel,
            components: int,
            mixing: float,
            [<Optional; DefaultParameterValue(1e-6)>] regularization: float
        ) : KernelPcovrModel =
        let options: KernelPcovrOptions = {
            Kernel = kernel
            Covariates = { Components = components; Mixing = mixing; Regularization = regularization }
            Cut = KernelFeatures.DefaultCut
        }

        KernelPcovr.fit options (Matrix.ofArray2D x) (Matrix.ofArray2D y)
        |> Plain.orThrow
