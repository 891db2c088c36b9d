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

            for k in panel - 1 .. -1 .. 0 do
                let mutable sum = 0.0

                for other in 0..k do
                    sum <- sum + block[other, k] * w[other]

                w[k] <- sum
                triangle[first + k][j] <- triangle[first + k][j] - sum

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
                    for j in upTo + 16 * piece .. min columns (upTo + 16 * piece + 16) - 1 do
                        apply first upTo j)

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
