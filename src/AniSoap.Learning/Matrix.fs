namespace AniSoap.Learning

open System
open AniSoap
open AniSoap.Formats

/// Rows of numbers: a row a sample, a column a feature or a target. Immutable, in C order (columns fastest); made of a block of features,
/// it shares the block's numbers without copying them.
[<Sealed>]
type Matrix internal (rows: int, columns: int, values: ReadOnlyMemory<float>) =

    /// The number of rows.
    member _.Rows = rows

    /// The number of columns.
    member _.Columns = columns

    /// All numbers, row after row.
    member _.Values: ReadOnlySpan<float> = values.Span

    /// All numbers, row after row, for where a span cannot go.
    member _.Memory: ReadOnlyMemory<float> = values

    /// One row.
    member _.Row(row: int) : ReadOnlySpan<float> =
        if uint row >= uint rows then
            raise (ArgumentOutOfRangeException(nameof row, row, "a row counted from 0"))

        values.Span.Slice(row * columns, columns)

    /// One number.
    member _.Item
        with get (row: int, column: int): float =
            if uint row >= uint rows || uint column >= uint columns then
                raise (ArgumentOutOfRangeException(nameof row, "a row and a column counted from 0"))

            values.Span[row * columns + column]

    /// A copy as an array with two indices.
    member matrix.ToArray() : float[,] =
        let copy = Array2D.zeroCreate rows columns

        for row in 0 .. rows - 1 do
            let from = matrix.Row row

            for column in 0 .. columns - 1 do
                copy[row, column] <- from[column]

        copy

    /// The lengths of both axes.
    override _.ToString() = String.Concat(rows, " × ", columns)

/// Matrices: made of arrays and of features, and parts of them.
module Matrix =
    /// Takes the array without copying it: for those who fill it and keep no reference.
    let internal ofOwned rows columns (values: float[]) = Matrix(rows, columns, ReadOnlyMemory values)

    let internal init rows columns (value: int -> int -> float) =
        let values = Array.zeroCreate<float>(rows * columns)

        for row in 0 .. rows - 1 do
            for column in 0 .. columns - 1 do
                values[row * columns + column] <- value row column

        ofOwned rows columns values

    /// A matrix of a copy of the numbers, row after row. Refuses a number of them that is not rows × columns.
    let create (rows: int) (columns: int) (values: float seq) : Result<Matrix, AniSoapError> =
        let values = Seq.toArray values

        if rows < 0 || columns < 0 || int64 rows * int64 columns <> int64 values.Length then
            Refuse.count "number of values" values.Length (String.Concat(rows, " × ", columns))
        else
            Ok(ofOwned rows columns values)

    /// A matrix of a copy of an array with two indices, [row, column].
    let ofArray2D (values: float[,]) : Matrix =
        init (Array2D.length1 values) (Array2D.length2 values) (fun row column -> values[row, column])

    /// A matrix of a copy of rows. Refuses rows of different lengths.
    let ofRows (rows: float[] seq) : Result<Matrix, AniSoapError> =
        let rows = Seq.toArray rows
        let columns = if rows.Length = 0 then 0 else rows[0].Length

        match rows |> Array.tryFindIndex (fun row -> row.Length <> columns) with
        | Some row ->
            Refuse.count
                (String.Concat("length of row ", row))
                rows[row].Length
                (String.Concat(columns, ", as the first"))
        | None -> Ok(ofOwned rows.Length columns (Array.concat rows))

    /// A matrix of one column: a single target.
    let ofColumn (values: float seq) : Matrix =
        let values = Seq.toArray values
        ofOwned values.Length 1 values

    /// The rows of a block of features (samples × properties), whose numbers are not copied. Refuses a block with components:
    /// `ofTensorMap` makes columns of them.
    let ofBlock (block: TensorBlock) : Result<Matrix, AniSoapError> =
        if block.Components.IsEmpty then
            Ok(Matrix(block.Samples.Count, block.Properties.Count, block.Memory))
        else
            Refuse.because
                "components of the block"
                (block.ToString())
                "a block of samples × properties without components"

    /// All blocks as one table (see `FeatureTable.ofTensorMap`): the labels of its rows and columns stand in the block beside the matrix.
    let ofTensorMap (map: TensorMap) : Result<struct (Matrix * TensorBlock), AniSoapError> =
        attempt {
            let! table, _ = FeatureTable.ofTensorMap map
            let! matrix = ofBlock table
            return struct (matrix, table)
        }

    /// The features of a file as one table, with the block that labels its rows and columns.
    let ofFeatures (features: FeatureSet) : Result<struct (Matrix * TensorBlock), AniSoapError> =
        match features.Content with
        | FeatureContent.Table table -> ofBlock table |> Result.map (fun matrix -> struct (matrix, table))
        | FeatureContent.Blocks map -> ofTensorMap map

    let private strayPosition parameter limit (positions: int[]) =
        match positions |> Array.tryFind (fun position -> position < 0 || position >= limit) with
        | Some stray -> Refuse.count parameter stray (String.Concat("0 to ", limit - 1))
        | None -> Ok()

    let internal rowsAt (positions: int[]) (matrix: Matrix) =
        let values = Array.zeroCreate (positions.Length * matrix.Columns)

        positions
        |> Array.iteri (fun i position -> matrix.Row(position).CopyTo(Span(values, i * matrix.Columns, matrix.Columns)))

        ofOwned positions.Length matrix.Columns values

    /// The rows with these numbers, counted from 0, in this order.
    let takeRows (positions: int seq) (matrix: Matrix) : Result<Matrix, AniSoapError> =
        let positions = Seq.toArray positions

        strayPosition "row" matrix.Rows positions
        |> Result.map (fun () -> rowsAt positions matrix)

    /// The columns with these numbers, counted from 0, in this order.
    let takeColumns (positions: int seq) (matrix: Matrix) : Result<Matrix, AniSoapError> =
        let positions = Seq.toArray positions

        strayPosition "column" matrix.Columns positions
        |> Result.map (fun () -> init matrix.Rows positions.Length (fun row i -> matrix[row, positions[i]]))

    /// Rows become columns.
    let transpose (matrix: Matrix) : Matrix = init matrix.Columns matrix.Rows (fun row column -> matrix[column, row])
