namespace AniSoap.Learning

open System

/// Symmetric matrices above zero: A = L Lᵀ, row by row.
module internal Cholesky =
    /// The rows of L, or nothing where A is not above zero within rounding.
    let decompose (a: Matrix) : float[][] option =
        let count = a.Rows
        let rows = Array.init count (fun row -> a.Row(row).ToArray())
        let mutable positive = true
        let mutable k = 0

        // Column after column: what is left of every row below is independent of the others.
        while positive && k < count do
            let column = k
            let pivotRow = rows[column]

            let square =
                pivotRow[column]
                - Vectors.dot (ReadOnlySpan(pivotRow, 0, column)) (ReadOnlySpan(pivotRow, 0, column))

            if square > 4e-16 * a[column, column] then
                let pivot = sqrt square
                pivotRow[column] <- pivot

                Products.forEach (count - column - 1) (float (count - column) * float column) (fun i ->
                    let row = rows[column + 1 + i]

                    row[column] <-
                        (row[column]
                         - Vectors.dot (ReadOnlySpan(row, 0, column)) (ReadOnlySpan(pivotRow, 0, column)))
                        / pivot)
            else
                positive <- false

            k <- k + 1

        if positive then Some rows else None

    /// The solution of L Lᵀ x = b.
    let solve (rows: float[][]) (b: float[]) : float[] =
        let x = Array.copy b

        for i in 0 .. x.Length - 1 do
            x[i] <-
                (x[i] - Vectors.dot (ReadOnlySpan(rows[i], 0, i)) (ReadOnlySpan(x, 0, i)))
                / rows[i][i]

        for i in x.Length - 1 .. -1 .. 0 do
            x[i] <- x[i] / rows[i][i]
            Vectors.add -x[i] (ReadOnlySpan(rows[i], 0, i)) (Span(x, 0, i))

        x
