namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// What a regression learns by.
[<RequireQualifiedAccess>]
type RegressionMethod =
    /// Linear in the features.
    | Ridge
    /// By the kernels of all rows; the best of several.
    | Kernel of kernels: Kernel list
    /// By the kernels of some rows, the farthest from each other; the best of several.
    | Sparse of kernels: Kernel list * points: int

/// How a regression is chosen. Start from `Regression.defaults`.
[<NoComparison>]
type RegressionOptions = {
    /// What it learns by.
    Method: RegressionMethod
    /// The regularisations to choose from.
    Regularizations: float list
    /// The rows that are left out in turn.
    Folds: Folds
    /// Whether there is a constant that the regularisation does not hold down.
    Intercept: bool
    /// What features go through first.
    Scaling: ScalerOptions
}

/// A regression that was chosen by rows that it had not seen.
[<ReferenceEquality>]
type Regression = {
    /// What features go through first.
    Scaler: ScalerModel
    /// What was learnt of all rows.
    Learner: Learner
    /// How the best was found; of several kernels that of the best.
    Search: RidgeSearch
    /// The best kernel, where there is one.
    Kernel: Kernel option
}

/// Regressions whose regularisation and kernel are chosen by rows that a model has not seen. A kernel model of all rows is the sparse one with all
/// rows as points: its held-out errors are those of refits without the rows, as the smallest solution lies in what the rows seen span.
module Regression =
    /// Ridge with an intercept, 25 regularisations from 1e-10 to 100 of features divided by one factor, each row left out.
    let defaults: RegressionOptions = {
        Method = RegressionMethod.Ridge
        Regularizations = [ for i in 0..24 -> Math.Pow(10.0, -10.0 + 0.5 * float i) ]
        Folds = Folds.LeaveOneOut
        Intercept = true
        Scaling = Scaler.defaults
    }

    let private best (options: RegressionOptions) (kernels: Kernel list) (points: Matrix) (scaled: Matrix) (y: Matrix) =
        let sparse kernel : SparseKernelOptions = {
            Kernel = kernel
            Ridge = { Ridge.defaults with Intercept = options.Intercept }
            Cut = KernelFeatures.DefaultCut
        }

        let score (struct (_, _, search: RidgeSearch)) = search.Scores[search.Best]

        let attemptOne kernel =
            SparseKernel.search options.Folds options.Regularizations (sparse kernel) points scaled y
            |> Result.map (fun (struct (model, search)) -> struct (kernel, model, search))

        (Refuse.because "kernels" "none" "at least one", kernels)
        ||> List.fold (fun known kernel ->
            match known with
            | Error _ when kernel <> kernels.Head -> known
            | _ ->
                attemptOne kernel
                |> Result.map (fun found ->
                    match known with
                    | Ok before when score before <= score found -> before
                    | _ -> found))

    /// The best regression of rows x (samples × features) and y (samples × targets). Refuses what `RidgeSearch.run` and `SparseKernel.fit` do.
    let run (options: RegressionOptions) (x: Matrix) (y: Matrix) : Result<Regression, AniSoapError> =
        attempt {
            do! Checks.pairing x y
            let! scaler = Scaler.fit options.Scaling x
            let! scaled = Scaler.transform scaler x

            let ofKernel (struct (kernel, model, search)) = {
                Scaler = scaler
                Learner = Learner.SparseKernel model
                Search = search
                Kernel = Some kernel
            }

            return!
                match options.Method with
                | RegressionMethod.Ridge ->
                    RidgeSearch.run
                        options.Folds
                        options.Regularizations
                        { Ridge.defaults with Intercept = options.Intercept }
                        scaled
                        y
                    |> Result.map (fun search -> {
                        Scaler = scaler
                        Learner = Learner.Ridge search.Model
                        Search = search
                        Kernel = None
                    })
                | RegressionMethod.Kernel kernels -> best options kernels scaled scaled y |> Result.map ofKernel
                | RegressionMethod.Sparse(kernels, points) ->
                    FarthestPoints.samples 0 points scaled
                    |> Result.bind (fun chosen ->
                        best options kernels (Matrix.rowsAt (Seq.toArray chosen.Positions) scaled) scaled y)
                    |> Result.map ofKernel
        }

    /// How far found targets are from what they should be, for each target (column).
    let errors (found: Matrix) (reference: Matrix) : Result<ImmutableArray<ErrorMeasures>, AniSoapError> =
        attempt {
            do! Checks.columns "found" reference.Columns found
            do! Checks.pairing found reference

            return
                ImmutableArray.CreateRange(
                    seq {
                        for target in 0 .. reference.Columns - 1 do
                            let sums = ErrorSums()

                            for row in 0 .. reference.Rows - 1 do
                                sums.Add(found[row, target], reference[row, target])

                            sums.Measures
                    }
                )
        }
