namespace AniSoap.Learning

open System

/// Ridge regression of rows of which only R is known, the target in its last column: min |A D⁻¹ y − b|² + λ n |y|² with D the norms of the columns and n their number; the
/// solution is D⁻¹ y. By QR of [R D⁻¹; √(λ n) 1].
module internal LeastSquares =
    /// The norms of R's columns, the target's last.
    let norms (rows: PackedTriangle) : float[] =
        let columns = rows.Columns
        let squares = Array.zeroCreate<float> columns

        for k in 0 .. columns - 1 do
            let row = rows.Row k

            for j in k .. columns - 1 do
                squares[j] <- squares[j] + row[j - k] * row[j - k]

        squares |> Array.map sqrt

    /// x of R x = b with R's last column as b; what has no digits left, or never had any, is zero.
    let private solve (triangle: float[][]) : float[] =
        let count = triangle.Length - 1
        let x = Array.zeroCreate<float> count

        for k in count - 1 .. -1 .. 0 do
            let row = triangle[k]
            let mutable sum = row[count]

            for j in k + 1 .. count - 1 do
                sum <- sum - row[j] * x[j]

            x[k] <- if abs row[k] <= 1e-300 then 0.0 else sum / row[k]

        x

    /// D⁻¹ (1 for the target) and the triangle of [R D⁻¹; √(λ n) 1], for a λ relative to the number of columns; the triangle in memory of `work`, until that is used again.
    let regularized (work: TriangularRows) (lambda: float) (rows: PackedTriangle) : struct (float[] * float[][]) =
        let columns = rows.Columns
        let sizes = norms rows
        let scales = sizes |> Array.map (fun size -> if size > 0.0 then 1.0 / size else 0.0)
        scales[columns - 1] <- 1.0
        let row = Array.zeroCreate<float> columns
        let root = sqrt (lambda * float (columns - 1))

        // What is triangular already is not decomposed again.
        work.Load(rows, scales)

        if root > 0.0 then
            for k in 0 .. columns - 2 do
                Array.Clear row
                row[k] <- root
                work.Add(ReadOnlySpan row, k, 1.0)

        struct (scales, work.Triangle)

    /// The coefficients for a λ relative to the number of columns, by memory of `work`.
    let ridge (work: TriangularRows) (lambda: float) (rows: PackedTriangle) : float[] =
        let struct (scales, triangle) = regularized work lambda rows
        solve triangle |> Array.mapi (fun j value -> scales[j] * value)

    /// |A x − b|² of coefficients.
    let squaredResidual (coefficients: float[]) (rows: PackedTriangle) : float =
        let count = coefficients.Length
        let mutable sum = 0.0

        for k in 0..count do
            let row = rows.Row k
            let mutable residual = -row[count - k]

            for j in k .. count - 1 do
                residual <- residual + row[j - k] * coefficients[j]

            sum <- sum + residual * residual

        sum
