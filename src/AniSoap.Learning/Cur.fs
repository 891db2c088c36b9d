namespace AniSoap.Learning

open System
open MathNet.Numerics.LinearAlgebra
open AniSoap

/// CUR selection: M. W. Mahoney, P. Drineas, Proc. Natl. Acad. Sci. 106 (2009) 697, deterministic and with orthogonalisation after every choice as in
/// G. Imbalzano et al., J. Chem. Phys. 148 (2018) 241730. The leverage of a column is the sum of the squares of its elements in the first k right
/// singular vectors; the next is the one with the largest, and what it explains is taken out of all columns before they are judged
/// again. Of equal ones (within 1e-12) the lowest number.
module Cur =
    /// Leverages of the columns through the smaller of both Gram matrices.
    let private leverages (k: int) (rows: int) (columns: float[][]) : float[] =
        let count = columns.Length
        let scores = Array.zeroCreate count

        let leading (gram: Matrix<float>) =
            let eigen = gram.Evd Symmetricity.Symmetric
            // MathNet's are ascending.
            [
                for i in gram.RowCount - 1 .. -1 .. max 0 (gram.RowCount - k) -> eigen.EigenVectors.Column(i).ToArray()
            ]

        if count <= rows then
            let gram = Matrix<float>.Build.Dense(count, count)

            for i in 0 .. count - 1 do
                for j in 0..i do
                    let product = Vectors.dot (ReadOnlySpan columns[i]) (ReadOnlySpan columns[j])
                    gram[i, j] <- product
                    gram[j, i] <- product

            for v in leading gram do
                for j in 0 .. count - 1 do
                    scores[j] <- scores[j] + v[j] * v[j]
        else
            let gram = Matrix<float>.Build.Dense(rows, rows)

            for column in columns do
                for i in 0 .. rows - 1 do
                    for j in 0 .. rows - 1 do
                        gram[i, j] <- gram[i, j] + column[i] * column[j]

            for u in leading gram do
                let v =
                    columns
                    |> Array.map (fun column -> Vectors.dot (ReadOnlySpan column) (ReadOnlySpan u))

                let square = v |> Array.sumBy (fun value -> value * value)

                for j in 0 .. count - 1 do
                    if square > 0.0 then
                        scores[j] <- scores[j] + v[j] * v[j] / square

        scores

    /// The choices until there are enough or nothing is left, with the leverages they were made for.
    let private choose (vectors: int) (count: int) (x: Matrix) =
        let columns = Products.columnsOf x
        let size (column: float[]) = sqrt (Vectors.dot (ReadOnlySpan column) (ReadOnlySpan column))
        let smallest = 1e-10 * (columns |> Array.map size |> Array.max)
        let isChosen = Array.create x.Columns false
        let chosen = ResizeArray()
        let mutable exhausted = false

        while chosen.Count < count && not exhausted do
            let leverage = leverages vectors x.Rows columns
            let mutable best = -1

            for j in 0 .. x.Columns - 1 do
                if
                    not isChosen[j]
                    && size columns[j] > smallest
                    && (best < 0 || leverage[j] > leverage[best] + 1e-12)
                then
                    best <- j

            if best < 0 then
                exhausted <- true
            else
                isChosen[best] <- true
                chosen.Add(struct (best, leverage[best]))
                let length = size columns[best]
                let unit = columns[best] |> Array.map (fun value -> value / length)

                Products.forEach x.Columns (float x.Columns * float x.Rows) (fun j ->
                    if isChosen[j] then
                        Array.Clear columns[j]
                    else
                        let part = Vectors.dot (ReadOnlySpan unit) (ReadOnlySpan columns[j])
                        Vectors.add -part (ReadOnlySpan unit) (Span columns[j]))

        chosen.ToArray()

    /// Chooses `count` columns by `vectors` singular vectors (1 is usual). A column of which less than 1e-10 of the largest is left beside those
    /// chosen is one that they explain. Refuses more columns than are independent. Every choice decomposes the smaller Gram matrix again.
    let features (vectors: int) (count: int) (x: Matrix) : Result<Selection, AniSoapError> =
        attempt {
            do! Checks.matrix "x" x
            do! Checks.upTo "vectors" (min x.Rows x.Columns) "the smaller of rows and columns" vectors
            do! Checks.upTo "count" x.Columns "as many as there are" count
            let chosen = choose vectors count x
            do! Checks.upTo "count" chosen.Length "as many as are independent" count
            return Selection.ofPairs chosen
        }

    /// Chooses `count` rows by `vectors` singular vectors: columns of the transposed matrix.
    let samples (vectors: int) (count: int) (x: Matrix) : Result<Selection, AniSoapError> =
        features vectors count (Matrix.transpose x)
