namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// How a ridge regression is fitted. Start from `Ridge.defaults`.
[<NoComparison>]
type RidgeOptions = {
    /// λ in Σ w |y − b − W x|² + λ |W|²; 0 gives least squares, the shortest of several solutions.
    Regularization: float
    /// Whether there is a constant b, which λ does not hold down.
    Intercept: bool
    /// A weight w for each row; none for equal ones.
    Weights: ImmutableArray<float>
}

/// A linear model y = W x + b of one or several targets.
[<ReferenceEquality>]
type RidgeModel = {
    /// W: a row a target, a column a feature.
    Coefficients: Matrix
    /// b: a number a target; zeros without an intercept.
    Intercept: ImmutableArray<float>
    /// The λ that it was fitted with.
    Regularization: float
    /// In how many directions the (weighted, centred) features vary by more than rounding.
    Rank: int
}

/// Ridge regression: A. E. Hoerl, R. W. Kennard, Technometrics 12 (1970) 55. Features enter as they are: scale them first (`Scaler`), for λ
/// holds all coefficients down alike. Solved by QR and singular values of the features themselves, never of XᵀX, so that nothing is lost
/// however nearly dependent they are.
module Ridge =
    /// λ = 1e-6, with an intercept, equal weights.
    let defaults: RidgeOptions = { Regularization = 1e-6; Intercept = true; Weights = ImmutableArray.Empty }

    let internal system (options: RidgeOptions) (x: Matrix) (y: Matrix) : Result<RidgeSystem, AniSoapError> =
        attempt {
            do! Checks.pairing x y
            do! Checks.regularization options.Regularization
            let! weights = Checks.weights x.Rows options.Weights
            let system = RidgeSystem.create options.Intercept weights x y

            let counted =
                Matrix.rowsAt
                    [|
                        for row in 0 .. x.Rows - 1 do
                            if weights[row] > 0.0 then
                                row
                    |]
                    x

            do!
                Refuse.unless
                    (system.Singular.Values.Length > 0
                     && not (Moments.isConstant system.MeanX counted))
                    (fun () ->
                        Refuse.because
                            "rank of x"
                            "0"
                            (if options.Intercept then
                                 "features of which at least one varies over the rows of weight above 0"
                             else
                                 "features of which at least one is not zero in a row of weight above 0"))

            return system
        }

    let internal model (regularization: float) (system: RidgeSystem) : RidgeModel =
        let coefficients = RidgeSystem.coefficients regularization system

        {
            Coefficients = Matrix.ofOwned coefficients.Length system.X.Columns (Array.concat coefficients)
            Intercept =
                ImmutableArray.CreateRange(
                    coefficients
                    |> Seq.mapi (fun target w ->
                        system.MeanY[target] - Vectors.dot (ReadOnlySpan w) (ReadOnlySpan system.MeanX))
                )
            Regularization = regularization
            Rank = system.Singular.Values.Length
        }

    /// The model of rows x (samples × features) and y (samples × targets). Refuses shapes that do not fit, numbers that are not finite,
    /// weights or a regularisation below zero, and features that do not vary.
    let fit (options: RidgeOptions) (x: Matrix) (y: Matrix) : Result<RidgeModel, AniSoapError> =
        system options x y |> Result.map (model options.Regularization)

    /// The targets of rows: samples × targets.
    let predict (model: RidgeModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        Checks.newRows "x" model.Coefficients.Columns x
        |> Result.map (fun () ->
            Products.ofRows x model.Coefficients (fun row target ->
                Vectors.dot (x.Row row) (model.Coefficients.Row target)
                + model.Intercept[target]))

    /// So many regularisations from the lowest to the highest in equal steps of their logarithm.
    let grid (lowest: float) (highest: float) (count: int) : Result<float list, AniSoapError> =
        attempt {
            do!
                Refuse.unless (lowest > 0.0 && lowest <= Checks.Largest) (fun () ->
                    Refuse.number "lowest regularization" lowest "a finite number above 0")

            do!
                Refuse.unless (highest >= lowest && highest <= Checks.Largest) (fun () ->
                    Refuse.number "highest regularization" highest "a finite number from the lowest on")

            do! Checks.upTo "number of regularizations" 100000 "more tell nothing" count

            return
                List.init count (fun i ->
                    if i = 0 then
                        lowest
                    elif i = count - 1 then
                        highest
                    else
                        lowest * Math.Pow(highest / lowest, float i / float (count - 1)))
        }
