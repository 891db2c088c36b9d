namespace AniSoap.Learning

open System.Collections.Immutable
open AniSoap

/// How a scaler treats columns. Start from `Scaler.defaults`.
[<NoComparison>]
type ScalerOptions = {
    /// Every column by its own standard deviation; or all by one factor, which keeps their proportions (right for kernels).
    PerColumn: bool
    /// Whether the mean is subtracted.
    Center: bool
    /// Whether anything is divided at all.
    Scale: bool
    /// A weight for each row; none for equal ones.
    Weights: ImmutableArray<float>
}

/// Columns as (x − mean) / factor.
[<ReferenceEquality>]
type ScalerModel = {
    /// What is subtracted of each column.
    Mean: ImmutableArray<float>
    /// What each column is divided by.
    Factors: ImmutableArray<float>
}

/// Scalers, as scikit-matter's StandardFlexibleScaler (Mach. Learn.: Sci. Technol. 1 (2020) 045021): by columns, or all columns by the
/// square root of the sum of their variances. Variances are divided by the number of rows (by the sum of weights).
module Scaler =
    /// One factor for all columns, centred, equal weights.
    let defaults: ScalerOptions = { PerColumn = false; Center = true; Scale = true; Weights = ImmutableArray.Empty }

    /// Means and factors of rows. A column that is constant within rounding is not divided; refuses data of which no column varies
    /// (unless nothing is to be divided), numbers that are not finite, and weights that do not fit.
    let fit (options: ScalerOptions) (x: Matrix) : Result<ScalerModel, AniSoapError> =
        attempt {
            do! Checks.matrix "x" x
            let! weights = Checks.weights x.Rows options.Weights
            let mean = Moments.means weights x
            let variances = Moments.variances weights mean x
            let sizes = Moments.sizes x
            let constant column = sqrt variances[column] <= 1e-14 * sizes[column]
            let varying = [| 0 .. x.Columns - 1 |] |> Array.filter (constant >> not)

            do!
                Refuse.unless (not options.Scale || varying.Length > 0) (fun () ->
                    Refuse.because "variance of x" "0 in all columns" "rows that differ: nothing can be scaled")

            let factors =
                if not options.Scale then
                    Array.create x.Columns 1.0
                elif options.PerColumn then
                    Array.init x.Columns (fun column -> if constant column then 1.0 else sqrt variances[column])
                else
                    Array.create x.Columns (sqrt (varying |> Array.sumBy (fun column -> variances[column])))

            return {
                Mean = ImmutableArray.Create<float>(if options.Center then mean else Array.zeroCreate x.Columns)
                Factors = ImmutableArray.Create<float> factors
            }
        }

    /// The rows, scaled.
    let transform (scaler: ScalerModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        Checks.newRows "x" scaler.Mean.Length x
        |> Result.map (fun () ->
            Matrix.init x.Rows x.Columns (fun row column ->
                (x[row, column] - scaler.Mean[column]) / scaler.Factors[column]))

    /// Scaled rows in their own units again.
    let inverse (scaler: ScalerModel) (scaled: Matrix) : Result<Matrix, AniSoapError> =
        Checks.newRows "scaled" scaler.Mean.Length scaled
        |> Result.map (fun () ->
            Matrix.init scaled.Rows scaled.Columns (fun row column ->
                scaled[row, column] * scaler.Factors[column] + scaler.Mean[column]))
