namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// What every model asks of the numbers that it is given.
module internal Checks =
    /// Squares of larger numbers, and their sums, are beyond what a number can hold.
    [<Literal>]
    let Largest = 1e150

    /// At least one row and column, and finite numbers.
    let matrix (name: string) (x: Matrix) : Result<unit, AniSoapError> =
        let values = x.Values
        let mutable stray = -1
        let mutable i = 0

        while stray < 0 && i < values.Length do
            if not (abs values[i] <= Largest) then
                stray <- i

            i <- i + 1

        if x.Rows = 0 || x.Columns = 0 then
            Refuse.because (String.Concat("shape of ", name)) (x.ToString()) "at least one row and one column"
        elif stray >= 0 then
            Refuse.number
                (String.Concat(name, "[row ", string (stray / x.Columns), ", column ")
                 + string (stray % x.Columns)
                 + "]")
                values[stray]
                "finite numbers up to 1e150 in size"
        else
            Ok()

    /// Rows times columns of what is to be made, counted in 64 bits: as many as an array has.
    let size (name: string) (rows: int) (columns: int) : Result<unit, AniSoapError> =
        Refuse.unless (int64 rows * int64 columns <= int64 Array.MaxLength) (fun () ->
            Refuse.because
                name
                (String.Concat(string rows, " × ", string columns))
                (String.Concat("at most ", string Array.MaxLength, " numbers in one array")))

    /// As many columns as the model was made of.
    let columns (name: string) (expected: int) (x: Matrix) : Result<unit, AniSoapError> =
        Refuse.unless (x.Columns = expected) (fun () ->
            Refuse.count
                (String.Concat("columns of ", name))
                x.Columns
                (String.Concat(expected, ", as the model was fitted to")))

    /// New rows for a model that was fitted to so many columns; there may be none.
    let newRows (name: string) (expected: int) (x: Matrix) : Result<unit, AniSoapError> =
        attempt {
            do! columns name expected x
            do! if x.Rows = 0 then Ok() else matrix name x
        }

    /// A row of targets for each row of features.
    let pairing (x: Matrix) (y: Matrix) : Result<unit, AniSoapError> =
        attempt {
            do! matrix "x" x
            do! matrix "y" y

            return!
                Refuse.unless (x.Rows = y.Rows) (fun () ->
                    Refuse.count "rows of y" y.Rows (String.Concat(x.Rows, ", one for each row of x")))
        }

    /// Weights of rows: none given are all 1; none below zero, not all zero.
    let weights (rows: int) (weights: ImmutableArray<float>) : Result<float[], AniSoapError> =
        if weights.IsDefaultOrEmpty then
            Ok(Array.create rows 1.0)
        elif weights.Length <> rows then
            Refuse.count "number of weights" weights.Length (String.Concat(rows, ", one for each row of x"))
        else
            match weights |> Seq.tryFindIndex (fun w -> not (w >= 0.0 && w <= Largest)) with
            | Some row ->
                Refuse.number (String.Concat("weight of row ", row)) weights[row] "finite numbers from 0, up to 1e150"
            | None when weights |> Seq.forall ((=) 0.0) -> Refuse.number "all weights" 0.0 "at least one weight above 0"
            | None -> Ok(Seq.toArray weights)

    let regularization (value: float) : Result<unit, AniSoapError> =
        Refuse.unless (value >= 0.0 && value <= Largest) (fun () ->
            Refuse.number "regularization" value "a finite number from 0")

    /// The largest number of something that the data allow.
    let upTo (parameter: string) (most: int) (why: string) (value: int) : Result<unit, AniSoapError> =
        Refuse.unless (value >= 1 && value <= most) (fun () ->
            Refuse.count parameter value (String.Concat("1 to ", string most, ", ", why)))
