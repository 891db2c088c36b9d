namespace AniSoap.Learning

open System

/// Weighted means and variances of columns, and signs of directions.
module internal Moments =
    let means (weights: float[]) (x: Matrix) : float[] =
        let sums = Array.zeroCreate<float> x.Columns

        for row in 0 .. x.Rows - 1 do
            Vectors.add weights[row] (x.Row row) (Span sums)

        let total = Array.sum weights
        sums |> Array.map (fun sum -> sum / total)

    /// Σ w (x − mean)² / Σ w of every column.
    let variances (weights: float[]) (mean: float[]) (x: Matrix) : float[] =
        let sums = Array.zeroCreate<float> x.Columns

        for row in 0 .. x.Rows - 1 do
            let values = x.Row row

            for column in 0 .. x.Columns - 1 do
                let d = values[column] - mean[column]
                sums[column] <- sums[column] + weights[row] * d * d

        let total = Array.sum weights
        sums |> Array.map (fun sum -> sum / total)

    /// The largest number of every column in size.
    let sizes (x: Matrix) : float[] =
        Array.init x.Columns (fun column ->
            let mutable most = 0.0

            for row in 0 .. x.Rows - 1 do
                most <- max most (abs x[row, column])

            most)

    let centred (mean: float[]) (x: Matrix) : Matrix =
        Matrix.init x.Rows x.Columns (fun row column -> x[row, column] - mean[column])

    /// Does nothing vary but rounding? Then what is left of every column beside its mean is rounding of its largest number.
    let isConstant (mean: float[]) (x: Matrix) : bool =
        let sizes = sizes x

        Seq.forall
            (fun column ->
                Seq.forall
                    (fun row -> abs (x[row, column] - mean[column]) <= 1e-14 * sizes[column])
                    (seq { 0 .. x.Rows - 1 }))
            (seq { 0 .. x.Columns - 1 })

    /// 1 or −1, so that the largest weight of a direction is positive; near ties go to the first, so that rounding does not decide.
    let sign (axis: float[]) : float =
        let largest = axis |> Array.fold (fun most x -> max most (abs x)) 0.0
        let leading = axis |> Array.find (fun x -> abs x >= largest * (1.0 - 1e-9))
        if leading < 0.0 then -1.0 else 1.0
