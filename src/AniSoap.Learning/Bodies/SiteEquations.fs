namespace AniSoap.Learning

open System
open System.Runtime.Intrinsics
open AniSoap.Numerics

/// Small symmetric systems in flat memory, row by row.
module internal SmallSystems =
    /// L of A = L Lᵀ in place of the lower half of A; false where A is not above zero.
    let decompose (a: float[]) (n: int) : bool =
        let mutable isPositive = true
        let mutable k = 0

        while isPositive && k < n do
            let pivot =
                a[n * k + k]
                - Vectors.dot (ReadOnlySpan(a, n * k, k)) (ReadOnlySpan(a, n * k, k))

            if pivot > 0.0 then
                let root = sqrt pivot
                a[n * k + k] <- root

                for i in k + 1 .. n - 1 do
                    a[n * i + k] <-
                        (a[n * i + k]
                         - Vectors.dot (ReadOnlySpan(a, n * i, k)) (ReadOnlySpan(a, n * k, k)))
                        / root

                k <- k + 1
            else
                isPositive <- false

        isPositive

    /// x ← L⁻¹ x.
    let forward (l: float[]) (n: int) (x: Span<float>) : unit =
        for i in 0 .. n - 1 do
            let mutable sum = x[i]

            for k in 0 .. i - 1 do
                sum <- sum - l[n * i + k] * x[k]

            x[i] <- sum / l[n * i + i]

    /// x ← L⁻ᵀ x.
    let backward (l: float[]) (n: int) (x: Span<float>) : unit =
        for i in n - 1 .. -1 .. 0 do
            let mutable sum = x[i]

            for k in i + 1 .. n - 1 do
                sum <- sum - l[n * k + i] * x[k]

            x[i] <- sum / l[n * i + i]

/// Scalar products of columns.
module internal Products4 =
    /// into[i, j] = x_i · y_j over so many rows, a multiple of four; two times four columns at a time.
    let all
        (x: float[][])
        (m: int)
        (y: float[][])
        (n: int)
        (rows: int)
        (into: float[])
        (stride: int)
        (isSymmetric: bool)
        =
        FullOptimization.ask ()
        let L = Lanes.Count
        let mutable i = 0

        while i < m do
            let x0, x1 = x[i], x[min (i + 1) (m - 1)]
            let mutable j = if isSymmetric then i / 4 * 4 else 0

            while j < n do
                let y0, y1 = y[j], y[min (j + 1) (n - 1)]
                let y2, y3 = y[min (j + 2) (n - 1)], y[min (j + 3) (n - 1)]
                let mutable s00 = Vector256<float>.Zero
                let mutable s01 = Vector256<float>.Zero
                let mutable s02 = Vector256<float>.Zero
                let mutable s03 = Vector256<float>.Zero
                let mutable s10 = Vector256<float>.Zero
                let mutable s11 = Vector256<float>.Zero
                let mutable s12 = Vector256<float>.Zero
                let mutable s13 = Vector256<float>.Zero
                let mutable k = 0

                while k < rows do
                    let a, b = Lanes.load x0 k, Lanes.load x1 k
                    let c = Lanes.load y0 k
                    s00 <- Lanes.fma a c s00
                    s10 <- Lanes.fma b c s10
                    let c = Lanes.load y1 k
                    s01 <- Lanes.fma a c s01
                    s11 <- Lanes.fma b c s11
                    let c = Lanes.load y2 k
                    s02 <- Lanes.fma a c s02
                    s12 <- Lanes.fma b c s12
                    let c = Lanes.load y3 k
                    s03 <- Lanes.fma a c s03
                    s13 <- Lanes.fma b c s13
                    k <- k + L

                let inline put row column (sum: Vector256<float>) =
                    if row < m && column < n then
                        into[stride * row + column] <- Vector256.Sum sum

                put i j s00
                put i (j + 1) s01
                put i (j + 2) s02
                put i (j + 3) s03
                put (i + 1) j s10
                put (i + 1) (j + 1) s11
                put (i + 1) (j + 2) s12
                put (i + 1) (j + 3) s13
                j <- j + 4

            i <- i + 2

        if isSymmetric then
            for i in 0 .. m - 1 do
                for j in 0 .. i - 1 do
                    into[stride * i + j] <- into[stride * j + i]

/// The linear part of a fit of sites: weights of columns A by min |y − A w|² + λ Σ (c_j w_j)² with c_j the norms of columns. Normal equations are enough here: with λ = 1e−10
/// their smallest eigenvalue is far above what rounding leaves, and the residual is taken from the columns themselves. One step of refinement corrects w by it.
[<Sealed>]
type internal SiteEquations() =
    let mutable gram = Array.empty<float>
    let mutable factor = Array.empty<float>
    let mutable scales = Array.empty<float>
    let mutable weights = Array.empty<float>
    let mutable residual = Array.empty<float>

    let room (numbers: float[]) length =
        if numbers.Length = length then
            numbers
        else
            Array.zeroCreate<float> length

    let slopes (columns: float[][]) count (rows: int) (into: float[]) =
        for k in 0 .. count - 1 do
            into[k] <-
                scales[k]
                * Vectors.dot (ReadOnlySpan(columns[k], 0, rows)) (ReadOnlySpan(residual, 0, rows))

    /// Of unit columns.
    member _.Factor = factor
    /// 1 / c_j.
    member _.Scales = scales
    member _.Weights = weights
    /// y − A w.
    member _.Residual = residual

    /// The least sum of squares, or infinity where there is none.
    member _.Solve(columns: float[][], count: int, rows: int, targets: float[], lambda: float) : float =
        gram <- room gram (count * count)
        factor <- room factor (count * count)
        scales <- room scales count
        weights <- room weights count

        if residual.Length < rows then
            residual <- Array.zeroCreate rows

        Products4.all columns count columns count rows gram count true

        for k in 0 .. count - 1 do
            let square = gram[count * k + k]
            scales[k] <- if square > 0.0 then 1.0 / sqrt square else 0.0

        for i in 0 .. count - 1 do
            for j in 0 .. count - 1 do
                factor[count * i + j] <- gram[count * i + j] * scales[i] * scales[j]

            factor[count * i + i] <- (if scales[i] > 0.0 then 1.0 else 1.0) + lambda

        if not (SmallSystems.decompose factor count) then
            infinity
        else
            Array.Copy(targets, residual, rows)
            // v: weights of unit columns.
            let v, step = Array.zeroCreate<float> count, Array.zeroCreate<float> count

            for _ in 0..1 do
                slopes columns count rows step

                for k in 0 .. count - 1 do
                    step[k] <- step[k] - lambda * v[k]

                SmallSystems.forward factor count (Span step)
                SmallSystems.backward factor count (Span step)

                for k in 0 .. count - 1 do
                    v[k] <- v[k] + step[k]
                    Vectors.add (-step[k] * scales[k]) (ReadOnlySpan(columns[k], 0, rows)) (Span(residual, 0, rows))

            for k in 0 .. count - 1 do
                weights[k] <- v[k] * scales[k]

            Vectors.dot (ReadOnlySpan(residual, 0, rows)) (ReadOnlySpan(residual, 0, rows))
            + lambda * Vectors.dot (ReadOnlySpan v) (ReadOnlySpan v)

    /// Kaufman's approximation (L. Kaufman, BIT 15 (1975) 49) of the normal equations of the sites: with D the derivatives of A w at fixed w, H = Dᵀ (1 − P) D with P onto the columns, and
    /// the gradient −Dᵀ (y − A w).
    member _.Project
        (
            columns: float[][],
            count: int,
            derivatives: float[][],
            number: int,
            rows: int,
            hessian: float[],
            gradient: float[]
        ) =
        Products4.all derivatives number derivatives number rows hessian number true
        let mixed = Array.zeroCreate<float>(number * count)
        Products4.all derivatives number columns count rows mixed count false

        for i in 0 .. number - 1 do
            gradient[i] <- -Vectors.dot (ReadOnlySpan(derivatives[i], 0, rows)) (ReadOnlySpan(residual, 0, rows))
            let row = Span(mixed, count * i, count)

            for k in 0 .. count - 1 do
                row[k] <- row[k] * scales[k]

            SmallSystems.forward factor count row

        for i in 0 .. number - 1 do
            for j in 0..i do
                let value =
                    hessian[number * i + j]
                    - Vectors.dot (ReadOnlySpan(mixed, count * i, count)) (ReadOnlySpan(mixed, count * j, count))

                hessian[number * i + j] <- value
                hessian[number * j + i] <- value
