namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Which rows a model is tested on that has not seen them.
[<RequireQualifiedAccess; NoComparison>]
type Folds =
    /// Every row by the fit to all others, in closed form: exact, for the price of one fit.
    | LeaveOneOut
    /// Rows of one group (a frame, say) stay together. `groups` holds a number for each row; the different numbers, ascending, are dealt to the
    /// folds in turn: the k-th goes to fold k modulo `count`.
    | Groups of groups: ImmutableArray<int> * count: int

/// What cross-validation over several regularisations found.
[<ReferenceEquality>]
type RidgeSearch = {
    /// The regularisations tried, as given.
    Regularizations: ImmutableArray<float>
    /// Root-mean-square errors of predictions of rows not seen (weighted as the fit): a row a regularisation, a column a target.
    Errors: Matrix
    /// For each regularisation the root of the mean over targets of (error / standard deviation of the target)²: what is smallest for the best.
    Scores: ImmutableArray<float>
    /// Which of the regularisations is best; of equal scores the largest regularisation.
    Best: int
    /// Predictions of every row by the models of the best regularisation that have not seen it.
    HeldOut: Matrix
    /// The model of all rows with the best regularisation.
    Model: RidgeModel
}

/// Choosing the regularisation of a ridge regression by rows that a model has not seen.
module RidgeSearch =
    let private foldOfRows (rows: int) (groups: ImmutableArray<int>) (count: int) : Result<int[], AniSoapError> =
        attempt {
            let given = if groups.IsDefault then 0 else groups.Length

            do!
                Refuse.unless (given = rows) (fun () ->
                    Refuse.count "number of groups" given (String.Concat(rows, ", one for each row of x")))

            let distinct = groups |> Seq.distinct |> Seq.sort |> Seq.toArray

            do!
                Refuse.unless (count >= 2 && count <= distinct.Length) (fun () ->
                    Refuse.count
                        "folds"
                        count
                        (String.Concat("2 to ", distinct.Length, ", the number of different groups")))

            let fold = distinct |> Seq.mapi (fun k group -> group, k % count) |> dict
            return groups |> Seq.map (fun group -> fold[group]) |> Seq.toArray
        }

    /// Predictions of all rows, one matrix a regularisation, each row by a fit without its fold.
    let private byFolds
        (options: RidgeOptions)
        (weights: float[])
        (fold: int[])
        count
        (grid: float[])
        (x: Matrix)
        (y: Matrix)
        =
        let predictions = grid |> Array.map (fun _ -> Array.zeroCreate<float>(x.Rows * y.Columns))

        let fill system (held: int[]) heldX =
            for i in 0 .. grid.Length - 1 do
                let coefficients = RidgeSystem.coefficients grid[i] system

                for row in 0 .. held.Length - 1 do
                    for target in 0 .. y.Columns - 1 do
                        predictions[i][held[row] * y.Columns + target] <-
                            RidgeSystem.predict system coefficients heldX row target

        let part number =
            attempt {
                let seen = [|
                    for row in 0 .. x.Rows - 1 do
                        if fold[row] <> number then
                            row
                |]

                let held = [|
                    for row in 0 .. x.Rows - 1 do
                        if fold[row] = number then
                            row
                |]

                let heldX = Matrix.rowsAt held x

                let seenOptions = {
                    options with
                        Weights = ImmutableArray.CreateRange(seen |> Seq.map (fun row -> weights[row]))
                }

                let! system =
                    Ridge.system seenOptions (Matrix.rowsAt seen x) (Matrix.rowsAt seen y)
                    |> Result.mapError (fun error ->
                        match error with
                        | InvalidValue(parameter, value, accepted, place) ->
                            InvalidValue(String.Concat(parameter, " without fold ", number), value, accepted, place)
                        | other -> other)

                return fill system held heldX
            }

        seq { 0 .. count - 1 }
        |> Result.check part
        |> Result.map (fun () -> predictions |> Array.map (Matrix.ofOwned x.Rows y.Columns))

    /// Weighted root-mean-square errors of every target; infinite where a prediction is missing.
    let private errors (weights: float[]) (y: Matrix) (predicted: Matrix) =
        let total = Array.sum weights

        Array.init y.Columns (fun target ->
            let mutable sum = 0.0

            for row in 0 .. y.Rows - 1 do
                if weights[row] > 0.0 then
                    let d = predicted[row, target] - y[row, target]
                    sum <- sum + weights[row] * d * d

            let error = sqrt (sum / total)
            if Double.IsNaN error then infinity else error)

    /// Errors for every regularisation of the grid, the best of them and its model; `options.Regularization` is not used. Refuses what `Ridge.fit`
    /// refuses, an empty grid, groups that do not fit the rows, fewer groups than folds, and a grid of which no regularisation can be
    /// judged (without any, one row alone may determine a direction: then nothing predicts it).
    let run
        (folds: Folds)
        (grid: float seq)
        (options: RidgeOptions)
        (x: Matrix)
        (y: Matrix)
        : Result<RidgeSearch, AniSoapError> =
        attempt {
            let grid = Seq.toArray grid

            do!
                Refuse.unless (grid.Length > 0) (fun () ->
                    Refuse.because "regularizations" "none" "at least one number from 0")

            do!
                match
                    grid
                    |> Array.tryFind (fun value -> Result.isError (Checks.regularization value))
                with
                | Some value -> Checks.regularization value
                | None -> Ok()

            let options = { options with Regularization = grid[0] }
            let! whole = Ridge.system options x y

            let! predictions =
                match folds with
                | Folds.LeaveOneOut ->
                    Ok(
                        grid
                        |> Array.map (fun regularization -> RidgeSystem.leaveOneOut regularization whole)
                    )
                | Folds.Groups(groups, count) ->
                    foldOfRows x.Rows groups count
                    |> Result.bind (fun fold -> byFolds options whole.Weights fold count grid x y)

            let all = predictions |> Array.map (errors whole.Weights y)
            let variances = Moments.variances whole.Weights (Moments.means whole.Weights y) y

            let score (found: float[]) =
                let relative =
                    Array.map2
                        (fun error variance -> error * error / (if variance > 0.0 then variance else 1.0))
                        found
                        variances

                sqrt (Array.average relative)

            let scores = all |> Array.map score

            let best =
                [| 0 .. grid.Length - 1 |]
                |> Array.reduce (fun best i ->
                    if scores[i] < scores[best] || (scores[i] = scores[best] && grid[i] > grid[best]) then
                        i
                    else
                        best)

            do!
                Refuse.unless (Double.IsFinite scores[best]) (fun () ->
                    Refuse.number
                        "largest regularization"
                        (Array.max grid)
                        "a larger one: without one row, others do not determine its prediction")

            return {
                Regularizations = ImmutableArray.Create<float> grid
                Errors = Matrix.ofOwned grid.Length y.Columns (Array.concat all)
                Scores = ImmutableArray.Create<float> scores
                Best = best
                HeldOut = predictions[best]
                Model = Ridge.model grid[best] whole
            }
        }
