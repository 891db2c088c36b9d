namespace AniSoap.Learning

open System

/// A weighted least-squares problem, decomposed once for every regularisation: √w (x − x̄) = U S Vᵀ and c = Uᵀ √w (y − ȳ).
type internal RidgeSystem = {
    X: Matrix
    Y: Matrix
    Weights: float[]
    /// The leverage that the intercept has in every row, w / Σ w; zeros without one.
    InterceptLeverage: float[]
    MeanX: float[]
    MeanY: float[]
    Singular: Singular
    /// √w (y − ȳ) by targets.
    Targets: float[][]
    /// c by targets.
    Projected: float[][]
}

module internal RidgeSystem =
    let create (intercept: bool) (weights: float[]) (x: Matrix) (y: Matrix) : RidgeSystem =
        let meanX =
            if intercept then
                Moments.means weights x
            else
                Array.zeroCreate x.Columns

        let meanY =
            if intercept then
                Moments.means weights y
            else
                Array.zeroCreate y.Columns

        let roots = weights |> Array.map sqrt

        let weighted (mean: float[]) (matrix: Matrix) =
            Array.init matrix.Columns (fun column ->
                Array.init matrix.Rows (fun row -> roots[row] * (matrix[row, column] - mean[column])))

        let singular = SingularValues.decompose x.Rows (weighted meanX x)
        let targets = weighted meanY y
        let total = Array.sum weights

        {
            X = x
            Y = y
            Weights = weights
            InterceptLeverage = weights |> Array.map (fun w -> if intercept then w / total else 0.0)
            MeanX = meanX
            MeanY = meanY
            Singular = singular
            Targets = targets
            Projected =
                targets
                |> Array.map (fun target ->
                    singular.Left
                    |> Array.map (fun u -> Vectors.dot (ReadOnlySpan u) (ReadOnlySpan target)))
        }

    /// Coefficients by targets: V s / (s² + λ) c. At λ = 0 the shortest of the solutions.
    let coefficients (regularization: float) (system: RidgeSystem) : float[][] =
        let values = system.Singular.Values

        system.Projected
        |> Array.map (fun projected ->
            let sum = Array.zeroCreate<float> system.X.Columns

            for k in 0 .. values.Length - 1 do
                let s = values[k]

                Vectors.add
                    (projected[k] / (s + regularization / s))
                    (ReadOnlySpan system.Singular.Right[k])
                    (Span sum)

            sum)

    /// The prediction of a row.
    let predict (system: RidgeSystem) (coefficients: float[][]) (x: Matrix) (row: int) (target: int) : float =
        let values = x.Row row
        let w = coefficients[target]
        let mutable sum = system.MeanY[target]

        for column in 0 .. w.Length - 1 do
            sum <- sum + w[column] * (values[column] - system.MeanX[column])

        sum

    /// Below so much left of 1 − leverage, rounding is what would be divided by.
    [<Literal>]
    let private Smallest = 1e-9

    /// The predictions of every row by the fit to all others, exactly: y − r / (1 − h) with the residual r and the leverage h (the row's
    /// own element of the hat matrix, with the intercept's): R. D. Cook, S. Weisberg, Residuals and Influence in Regression (1982), 2.2;
    /// with fixed λ it holds for ridge too. NaN where the others do not determine a row's prediction.
    let leaveOneOut (regularization: float) (system: RidgeSystem) : Matrix =
        let singular = system.Singular
        let coefficients = coefficients regularization system
        let kept = singular.Values |> Array.map (fun s -> s / (s + regularization / s))

        let leverage =
            Array.init system.X.Rows (fun row ->
                let mutable sum = system.InterceptLeverage[row]

                for k in 0 .. kept.Length - 1 do
                    let u = singular.Left[k][row]
                    sum <- sum + u * u * kept[k]

                sum)

        Matrix.init system.X.Rows system.Y.Columns (fun row target ->
            let predicted = predict system coefficients system.X row target
            let left = 1.0 - leverage[row]

            if system.Weights[row] = 0.0 then
                predicted
            elif left < Smallest then
                nan
            else
                let y = system.Y[row, target]
                y - (y - predicted) / left)
