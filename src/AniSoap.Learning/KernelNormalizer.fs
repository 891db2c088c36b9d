namespace AniSoap.Learning

open System.Collections.Immutable
open AniSoap

/// Centring and scaling of kernels with the rows that a model is fitted to.
[<ReferenceEquality>]
type KernelNormalizerModel = {
    /// The mean of every column of the kernel of the fitted rows with themselves.
    ColumnMeans: ImmutableArray<float>
    /// The mean of the whole kernel.
    Mean: float
    /// What the centred kernel is divided by: its trace over the number of rows.
    Factor: float
}

/// Kernels as those of centred features of variance 1: B. Schölkopf, A. Smola, K.-R. Müller, Neural Comput. 10 (1998) 1299, appendix; scaled
/// as scikit-matter's KernelNormalizer does.
module KernelNormalizer =
    let private rowMean (kernel: Matrix) (row: int) =
        let mutable sum = 0.0

        for value in kernel.Row row do
            sum <- sum + value

        sum / float kernel.Columns

    /// Means and factor of the kernel of rows with themselves. Refuses one that is not square, whose numbers are not finite, or whose rows
    /// are all alike.
    let fit (kernel: Matrix) : Result<KernelNormalizerModel, AniSoapError> =
        attempt {
            do! Checks.matrix "kernel" kernel

            do!
                Refuse.unless (kernel.Rows = kernel.Columns) (fun () ->
                    Refuse.because "kernel" (kernel.ToString()) "as many rows as columns")

            let count = float kernel.Rows
            let means = Moments.means (Array.create kernel.Rows 1.0) kernel
            let mean = Array.average means
            let diagonal = [| 0 .. kernel.Rows - 1 |] |> Array.map (fun i -> kernel[i, i])

            let trace =
                Array.sum (Array.init kernel.Rows (fun i -> diagonal[i] - means[i] - rowMean kernel i + mean))

            do!
                Refuse.unless (trace > 1e-14 * Array.sumBy abs diagonal) (fun () ->
                    Refuse.number "trace of the centred kernel" trace "a kernel of rows that differ")

            return { ColumnMeans = ImmutableArray.Create<float> means; Mean = mean; Factor = trace / count }
        }

    /// The kernel of any rows with the fitted ones: (k − mean of its row − mean of the column + mean) / factor.
    let transform (normalizer: KernelNormalizerModel) (kernel: Matrix) : Result<Matrix, AniSoapError> =
        Checks.newRows "kernel" normalizer.ColumnMeans.Length kernel
        |> Result.map (fun () ->
            let means = Array.init kernel.Rows (rowMean kernel)

            Matrix.init kernel.Rows kernel.Columns (fun row column ->
                (kernel[row, column] - means[row] - normalizer.ColumnMeans[column]
                 + normalizer.Mean)
                / normalizer.Factor))
