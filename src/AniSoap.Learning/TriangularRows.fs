namespace AniSoap.Learning

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics

/// R of the QR decomposition of rows that come a tile at a time and are not kept (G. H. Golub, C. F. Van Loan, Matrix Computations, 5.2 and 12.5: R of [R; rows]), by Householder
/// reflections, never by sums of products. Reflection k takes row k of R and the tile's column k; panels of eight are applied together, 1 − V T Vᵀ (C. Bischof, C. Van
/// Loan, SIAM J. Sci. Stat. Comput. 8 (1987) s2). Columns are independent of each other, so that threads change no bit.
[<Sealed>]
type internal TriangularRows(columns: int) =
    static let panel = 8
    static let tileRows = 256
    // Row k of R from k on, all of the same length.
    let triangle = Array.init columns (fun _ -> Array.zeroCreate<float> columns)
    // The tile by columns.
    let tile = Array.init columns (fun _ -> Array.zeroCreate<float> tileRows)
    let mutable filled = 0
    let mutable firstColumn = columns
    let taus = Array.zeroCreate<float> panel
    // T by [row, column], upper.
    let block = Array2D.zeroCreate<float> panel panel

    static let load8 (a: float[]) (i: int) = Vector512.LoadUnsafe(&MemoryMarshal.GetArrayDataReference a, unativeint i)

    static let fill (a: float[]) (k: int) = Vector512.Create(a[k]: float)

    static let load (a: float[]) (i: int) = Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference a, unativeint i)

    static let dot (a: float[]) (b: float[]) =
        let mutable even = Vector256<float>.Zero
        let mutable odd = Vector256<float>.Zero
        let mutable i = 0

        while i < tileRows do
            even <- Vector256.MultiplyAddEstimate(load a i, load b i, even)
            odd <- Vector256.MultiplyAddEstimate(load a (i + 4), load b (i + 4), odd)
            i <- i + 8

        Vector256.Sum(Vector256.Add(even, odd))

    static let add (factor: float) (x: float[]) (y: float[]) =
        let factors = Vector256.Create factor
        let mutable i = 0

        while i < tileRows do
            let sum = Vector256.MultiplyAddEstimate(factors, load x i, load y i)
            Vector256.StoreUnsafe(sum, &MemoryMarshal.GetArrayDataReference y, unativeint i)
            i <- i + 4

    /// Reflection k, and its effect on the other columns of the panel.
    let reflect k upTo =
        let v = tile[k]
        let row = triangle[k]
        let square = dot v v
        let head = row[k]

        if square = 0.0 then
            taus[k % panel] <- 0.0
        else
            let norm = sqrt (head * head + square)
            let beta = if head >= 0.0 then -norm else norm
            let tau = (beta - head) / beta
            let scale = 1.0 / (head - beta)

            for i in 0 .. tileRows - 1 do
                v[i] <- scale * v[i]

            row[k] <- beta
            taus[k % panel] <- tau

            for j in k + 1 .. upTo - 1 do
                let other = tile[j]
                let s = tau * (row[j] + dot v other)
                row[j] <- row[j] - s
                add -s v other

    let fillBlock first upTo =
        for i in first .. upTo - 1 do
            let tau = taus[i - first]

            // T_{0..i−1, i} = −τ_i T V_{0..i−1}ᵀ v_i
            let products = Array.init (i - first) (fun k -> dot tile[first + k] tile[i])

            for k in 0 .. i - first - 1 do
                let mutable sum = 0.0

                for other in k .. i - first - 1 do
                    sum <- sum + block[k, other] * products[other]

                block[k, i - first] <- -tau * sum

            block[i - first, i - first] <- tau

    /// y = Tᵀ w in place of w = R's + Vᵀ b, and R's −= y, for column j.
    let turn first (w: float[]) j =
        for k in panel - 1 .. -1 .. 0 do
            let mutable sum = 0.0

            for other in 0..k do
                sum <- sum + block[other, k] * w[other]

            w[k] <- sum
            triangle[first + k][j] <- triangle[first + k][j] - sum

    /// Two columns behind a whole panel, as `apply` does with one: what is loaded of V serves both.
    let applyPair first j =
        let b, c = tile[j], tile[j + 1]
        let v0, v1, v2, v3 = tile[first], tile[first + 1], tile[first + 2], tile[first + 3]
        let v4, v5, v6, v7 = tile[first + 4], tile[first + 5], tile[first + 6], tile[first + 7]
        let mutable s0 = Vector512<float>.Zero
        let mutable s1, s2, s3, s4, s5, s6, s7 = s0, s0, s0, s0, s0, s0, s0
        let mutable t0, t1, t2, t3, t4, t5, t6, t7 = s0, s0, s0, s0, s0, s0, s0, s0
        let mutable i = 0

        while i < tileRows do
            let x, y = load8 b i, load8 c i
            let v = load8 v0 i
            s0 <- Vector512.MultiplyAddEstimate(v, x, s0)
            t0 <- Vector512.MultiplyAddEstimate(v, y, t0)
            let v = load8 v1 i
            s1 <- Vector512.MultiplyAddEstimate(v, x, s1)
            t1 <- Vector512.MultiplyAddEstimate(v, y, t1)
            let v = load8 v2 i
            s2 <- Vector512.MultiplyAddEstimate(v, x, s2)
            t2 <- Vector512.MultiplyAddEstimate(v, y, t2)
            let v = load8 v3 i
            s3 <- Vector512.MultiplyAddEstimate(v, x, s3)
            t3 <- Vector512.MultiplyAddEstimate(v, y, t3)
            let v = load8 v4 i
            s4 <- Vector512.MultiplyAddEstimate(v, x, s4)
            t4 <- Vector512.MultiplyAddEstimate(v, y, t4)
            let v = load8 v5 i
            s5 <- Vector512.MultiplyAddEstimate(v, x, s5)
            t5 <- Vector512.MultiplyAddEstimate(v, y, t5)
            let v = load8 v6 i
            s6 <- Vector512.MultiplyAddEstimate(v, x, s6)
            t6 <- Vector512.MultiplyAddEstimate(v, y, t6)
            let v = load8 v7 i
            s7 <- Vector512.MultiplyAddEstimate(v, x, s7)
            t7 <- Vector512.MultiplyAddEstimate(v, y, t7)
            i <- i + 8

        let w, z = Array.zeroCreate<float> panel, Array.zeroCreate<float> panel
        w[0] <- triangle[first][j] + Vector512.Sum s0
        w[1] <- triangle[first + 1][j] + Vector512.Sum s1
        w[2] <- triangle[first + 2][j] + Vector512.Sum s2
        w[3] <- triangle[first + 3][j] + Vector512.Sum s3
        w[4] <- triangle[first + 4][j] + Vector512.Sum s4
        w[5] <- triangle[first + 5][j] + Vector512.Sum s5
        w[6] <- triangle[first + 6][j] + Vector512.Sum s6
        w[7] <- triangle[first + 7][j] + Vector512.Sum s7
        z[0] <- triangle[first][j + 1] + Vector512.Sum t0
        z[1] <- triangle[first + 1][j + 1] + Vector512.Sum t1
        z[2] <- triangle[first + 2][j + 1] + Vector512.Sum t2
        z[3] <- triangle[first + 3][j + 1] + Vector512.Sum t3
        z[4] <- triangle[first + 4][j + 1] + Vector512.Sum t4
        z[5] <- triangle[first + 5][j + 1] + Vector512.Sum t5
        z[6] <- triangle[first + 6][j + 1] + Vector512.Sum t6
        z[7] <- triangle[first + 7][j + 1] + Vector512.Sum t7
        turn first w j
        turn first z (j + 1)

        for k in 0 .. panel - 1 do
            w[k] <- -w[k]
            z[k] <- -z[k]

        let w0, w1, w2, w3 = fill w 0, fill w 1, fill w 2, fill w 3
        let w4, w5, w6, w7 = fill w 4, fill w 5, fill w 6, fill w 7
        let z0, z1, z2, z3 = fill z 0, fill z 1, fill z 2, fill z 3
        let z4, z5, z6, z7 = fill z 4, fill z 5, fill z 6, fill z 7
        i <- 0

        while i < tileRows do
            let mutable x = load8 b i
            let mutable y = load8 c i
            let v = load8 v0 i
            x <- Vector512.MultiplyAddEstimate(w0, v, x)
            y <- Vector512.MultiplyAddEstimate(z0, v, y)
            let v = load8 v1 i
            x <- Vector512.MultiplyAddEstimate(w1, v, x)
            y <- Vector512.MultiplyAddEstimate(z1, v, y)
            let v = load8 v2 i
            x <- Vector512.MultiplyAddEstimate(w2, v, x)
            y <- Vector512.MultiplyAddEstimate(z2, v, y)
            let v = load8 v3 i
            x <- Vector512.MultiplyAddEstimate(w3, v, x)
            y <- Vector512.MultiplyAddEstimate(z3, v, y)
            let v = load8 v4 i
            x <- Vector512.MultiplyAddEstimate(w4, v, x)
            y <- Vector512.MultiplyAddEstimate(z4, v, y)
            let v = load8 v5 i
            x <- Vector512.MultiplyAddEstimate(w5, v, x)
            y <- Vector512.MultiplyAddEstimate(z5, v, y)
            let v = load8 v6 i
            x <- Vector512.MultiplyAddEstimate(w6, v, x)
            y <- Vector512.MultiplyAddEstimate(z6, v, y)
            let v = load8 v7 i
            x <- Vector512.MultiplyAddEstimate(w7, v, x)
            y <- Vector512.MultiplyAddEstimate(z7, v, y)
            Vector512.StoreUnsafe(x, &MemoryMarshal.GetArrayDataReference b, unativeint i)
            Vector512.StoreUnsafe(y, &MemoryMarshal.GetArrayDataReference c, unativeint i)
            i <- i + 8

    /// A column behind the panel: w = R's + Vᵀ b, y = Tᵀ w, R's −= y, b −= V y.
    let apply first upTo j =
        let b = tile[j]
        let count = upTo - first

        if count = panel then
            let v0, v1, v2, v3 = tile[first], tile[first + 1], tile[first + 2], tile[first + 3]
            let v4, v5, v6, v7 = tile[first + 4], tile[first + 5], tile[first + 6], tile[first + 7]
            let mutable s0 = Vector256<float>.Zero
            let mutable s1 = s0
            let mutable s2 = s0
            let mutable s3 = s0
            let mutable s4 = s0
            let mutable s5 = s0
            let mutable s6 = s0
            let mutable s7 = s0
            let mutable i = 0

            while i < tileRows do
                let x = load b i
                s0 <- Vector256.MultiplyAddEstimate(load v0 i, x, s0)
                s1 <- Vector256.MultiplyAddEstimate(load v1 i, x, s1)
                s2 <- Vector256.MultiplyAddEstimate(load v2 i, x, s2)
                s3 <- Vector256.MultiplyAddEstimate(load v3 i, x, s3)
                s4 <- Vector256.MultiplyAddEstimate(load v4 i, x, s4)
                s5 <- Vector256.MultiplyAddEstimate(load v5 i, x, s5)
                s6 <- Vector256.MultiplyAddEstimate(load v6 i, x, s6)
                s7 <- Vector256.MultiplyAddEstimate(load v7 i, x, s7)
                i <- i + 4

            let w = [|
                triangle[first][j] + Vector256.Sum s0
                triangle[first + 1][j] + Vector256.Sum s1
                triangle[first + 2][j] + Vector256.Sum s2
                triangle[first + 3][j] + Vector256.Sum s3
                triangle[first + 4][j] + Vector256.Sum s4
                triangle[first + 5][j] + Vector256.Sum s5
                triangle[first + 6][j] + Vector256.Sum s6
                triangle[first + 7][j] + Vector256.Sum s7
            |]

            turn first w j

            let y0, y1, y2, y3 =
                Vector256.Create -w[0], Vector256.Create -w[1], Vector256.Create -w[2], Vector256.Create -w[3]

            let y4, y5, y6, y7 =
                Vector256.Create -w[4], Vector256.Create -w[5], Vector256.Create -w[6], Vector256.Create -w[7]

            i <- 0

            while i < tileRows do
                let mutable x = load b i
                x <- Vector256.MultiplyAddEstimate(y0, load v0 i, x)
                x <- Vector256.MultiplyAddEstimate(y1, load v1 i, x)
                x <- Vector256.MultiplyAddEstimate(y2, load v2 i, x)
                x <- Vector256.MultiplyAddEstimate(y3, load v3 i, x)
                x <- Vector256.MultiplyAddEstimate(y4, load v4 i, x)
                x <- Vector256.MultiplyAddEstimate(y5, load v5 i, x)
                x <- Vector256.MultiplyAddEstimate(y6, load v6 i, x)
                x <- Vector256.MultiplyAddEstimate(y7, load v7 i, x)
                Vector256.StoreUnsafe(x, &MemoryMarshal.GetArrayDataReference b, unativeint i)
                i <- i + 4

    /// Takes the tile into R.
    let reduce () =
        let mutable first = firstColumn / panel * panel

        while first < columns do
            let upTo = min columns (first + panel)

            for k in first .. upTo - 1 do
                reflect k upTo

            if upTo < columns then
                fillBlock first upTo
                // A few columns a piece of work.
                let pieces = (columns - upTo + 15) / 16
                let operations = float (columns - upTo) * float (4 * tileRows * panel)

                Products.forEach pieces operations (fun piece ->
                    let last = min columns (upTo + 16 * piece + 16)
                    let mutable j = upTo + 16 * piece

                    if Vector512.IsHardwareAccelerated && upTo - first = panel then
                        while j + 1 < last do
                            applyPair first j
                            j <- j + 2

                    while j < last do
                        apply first upTo j
                        j <- j + 1)

            first <- upTo

        for column in tile do
            Array.Clear column

        filled <- 0
        firstColumn <- columns

    /// Columns, the target's among them.
    member _.Columns = columns

    /// Adds `factor` times a row; what stands before column `first` of it is zero.
    member _.Add(row: ReadOnlySpan<float>, first: int, factor: float) =
        for j in first .. row.Length - 1 do
            tile[j][filled] <- factor * row[j]

        firstColumn <- min firstColumn first
        filled <- filled + 1

        if filled = tileRows then
            reduce ()

    /// R by rows, of all rows added: row k from element k on.
    member _.Triangle: float[][] =
        if filled > 0 then
            reduce ()

        triangle

    /// Adds all rows of another one.
    member rows.Add(other: TriangularRows) =
        let added = other.Triangle

        for k in 0 .. columns - 1 do
            rows.Add(ReadOnlySpan added[k], k, 1.0)

    /// Nothing added.
    member _.Clear() =
        for k in 0 .. columns - 1 do
            Array.Clear triangle[k]
            Array.Clear tile[k]

        filled <- 0
        firstColumn <- columns

    /// The numbers of a packed R: row k from element k on, one row after the other.
    static member PackedLength(columns: int) : int = columns * (columns + 1) / 2

    /// R, packed.
    member rows.Packed: float[] =
        let all = rows.Triangle
        let packed = Array.zeroCreate<float>(TriangularRows.PackedLength columns)
        let mutable at = 0

        for k in 0 .. columns - 1 do
            Array.blit all[k] k packed at (columns - k)
            at <- at + columns - k

        packed

    /// Begins with an R.
    member rows.Load(packed: float[]) =
        rows.Clear()
        let mutable at = 0

        for k in 0 .. columns - 1 do
            Array.blit packed at triangle[k] k (columns - k)
            at <- at + columns - k

    /// Adds all rows that left this R.
    member rows.AddPacked(packed: float[]) =
        let row = Array.zeroCreate<float> columns
        let mutable at = 0

        for k in 0 .. columns - 1 do
            Array.blit packed at row k (columns - k)
            at <- at + columns - k
            rows.Add(ReadOnlySpan row, k, 1.0)
