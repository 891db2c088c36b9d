namespace AniSoap.Learning

// Pointers into a pinned array.
#nowarn "9"

open System
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open AniSoap.Learning.PanelKernel

/// A triangle R: row k from element k on, one row after the other.
[<Sealed>]
type internal PackedTriangle(columns: int, values: float[]) =
    /// Columns, the target's among them.
    member _.Columns = columns

    member _.Values = values

    /// The numbers of a packed triangle.
    static member Length(columns: int) : int = columns * (columns + 1) / 2

    /// Row k from element k on.
    member _.Row(k: int) : ReadOnlySpan<float> = ReadOnlySpan(values, k * columns - k * (k - 1) / 2, columns - k)

/// R of the QR decomposition of rows that come a tile at a time and are not kept (G. H. Golub, C. F. Van Loan, Matrix Computations, 5.2 and 12.5: R of [R; rows]), by Householder
/// reflections, never by sums of products. Reflection k takes row k of R and the tile's column k; panels of eight are applied together, 1 − V T Vᵀ (C. Bischof, C. Van
/// Loan, SIAM J. Sci. Stat. Comput. 8 (1987) s2). Columns are independent of each other, so that threads change no bit.
/// With OpenBLAS the same decomposition of the same tiles is LAPACK's.
[<Sealed>]
type internal TriangularRows(columns: int, algebra: LinearAlgebra) =
    // Row k of R from k on, all of the same length.
    let triangle = Array.init columns (fun _ -> Array.zeroCreate<float> columns)
    // The tile by columns, and as many more columns of zeros as are worked on together.
    let line = 64 / sizeof<float>
    let storage = GC.AllocateArray<float>((columns + Together) * Pitch + line, pinned = true)

    let tile: nativeptr<float> =
        let address = Marshal.UnsafeAddrOfPinnedArrayElement(storage, 0)
        NativePtr.ofNativeInt ((address + 63n) / 64n * 64n)

    // A few rows, one after the other, on their way into the tile: a cache line of each of its columns.
    let waiting = Array.zeroCreate<float>(line * columns)
    let mutable waitingRows = 0
    let mutable waitingFirst = columns
    let mutable filled = 0
    let mutable firstColumn = columns
    let taus = Array.zeroCreate<float> Panel
    // T by [8 row + column], upper.
    let block = Array.zeroCreate<float>(Panel * Panel)

    let column j = NativePtr.add tile (j * Pitch)

    /// Reflection k, and its effect on the other columns of the panel.
    let reflect k upTo =
        let v = column k
        let row = triangle[k]
        let square = dot v v
        let head = row[k]

        if square = 0.0 then
            taus[k % Panel] <- 0.0
        else
            let norm = sqrt (head * head + square)
            let beta = if head >= 0.0 then -norm else norm
            let tau = (beta - head) / beta
            let scale = 1.0 / (head - beta)

            for i in 0 .. Rows - 1 do
                NativePtr.set v i (scale * NativePtr.get v i)

            row[k] <- beta
            taus[k % Panel] <- tau

            for j in k + 1 .. upTo - 1 do
                let other = column j
                let s = tau * (row[j] + dot v other)
                row[j] <- row[j] - s
                add -s v other

    let fillBlock first =
        for i in 0 .. Panel - 1 do
            let tau = taus[i]

            // T_{0..i−1, i} = −τ_i T V_{0..i−1}ᵀ v_i
            let products = Array.init i (fun k -> dot (column (first + k)) (column (first + i)))

            for k in 0 .. i - 1 do
                let mutable sum = 0.0

                for other in k .. i - 1 do
                    sum <- sum + block[Panel * k + other] * products[other]

                block[Panel * k + i] <- -tau * sum

            block[Panel * i + i] <- tau

    /// Columns behind the panel, from j on: w = R's + Vᵀ b, y = Tᵀ w, R's −= y, b −= V y. Of those beyond the last there is nothing in R.
    let apply first j =
        let y = NativePtr.stackalloc<float>(Panel * Together)
        let count = min Together (columns - j)

        for k in 0 .. Panel - 1 do
            let row = triangle[first + k]

            for c in 0 .. Together - 1 do
                NativePtr.set y (Together * k + c) (if c < count then row[j + c] else 0.0)

        use block = fixed block
        dots tile first j y
        turn block y

        for k in 0 .. Panel - 1 do
            let row = triangle[first + k]

            for c in 0 .. count - 1 do
                row[j + c] <- row[j + c] - NativePtr.get y (Together * k + c)

        subtract tile first j y

    /// Takes the rows that wait into the tile.
    let store () =
        if waitingRows > 0 then
            for j in waitingFirst .. columns - 1 do
                let into = NativePtr.add (column j) filled

                for r in 0 .. waitingRows - 1 do
                    NativePtr.set into r waiting[r * columns + j]

            firstColumn <- min firstColumn waitingFirst
            filled <- filled + waitingRows
            waitingRows <- 0
            waitingFirst <- columns

    let mutable sharesWork = true

    let lapack =
        match algebra with
        | LinearAlgebra.Own -> None
        | LinearAlgebra.OpenBlas library -> Some(lazy LapackTile(columns, Rows, Pitch, library))

    let reduceByPanels start =
        let mutable first = start

        while first < columns do
            let upTo = min columns (first + Panel)

            for k in first .. upTo - 1 do
                reflect k upTo

            if upTo < columns then
                fillBlock first
                let panel = first
                // A few columns a piece of work.
                let pieces = (columns - upTo + 31) / 32
                let operations = float (columns - upTo) * float (4 * Rows * Panel)

                let work piece =
                    let last = min columns (upTo + 32 * piece + 32)
                    let mutable j = upTo + 32 * piece

                    while j < last do
                        apply panel j
                        j <- j + Together

                if sharesWork then
                    Products.forEach pieces operations work
                else
                    for piece in 0 .. pieces - 1 do
                        work piece

            first <- upTo

    /// Takes the tile into R.
    let reduce () =
        let start = firstColumn / Panel * Panel

        match lapack with
        | None -> reduceByPanels start
        | Some lapack -> lapack.Value.Reduce(NativePtr.toNativeInt tile, triangle, start)

        for j in start .. columns - 1 do
            Span<float>(NativePtr.toVoidPtr (column j), Rows).Clear()

        filled <- 0
        firstColumn <- columns

    /// All that was added, in R.
    let complete () =
        store ()

        if filled > 0 then
            reduce ()

    /// By this package's own kernels.
    new(columns: int) = TriangularRows(columns, LinearAlgebra.Own)

    /// Bytes of one of so many columns.
    static member Bytes(columns: int) : float =
        8.0 * (float columns * float columns + float (columns + Together) * float Pitch)

    /// Columns, the target's among them.
    member _.Columns = columns

    /// What decomposes.
    member _.Algebra = algebra

    /// Whether several threads work on one tile: not where each has rows of its own to work on.
    member _.SharesWork
        with get () = sharesWork
        and set (shares: bool) = sharesWork <- shares

    /// Adds `factor` times a row; what stands before column `first` of it is zero.
    member _.Add(row: ReadOnlySpan<float>, first: int, factor: float) =
        let from = waitingRows * columns
        Array.Clear(waiting, from, first)

        for j in first .. row.Length - 1 do
            waiting[from + j] <- factor * row[j]

        waitingFirst <- min waitingFirst first
        waitingRows <- waitingRows + 1

        if waitingRows = line then
            store ()

            if filled = Rows then
                reduce ()

    /// R by rows, of all rows added: row k from element k on.
    member _.Triangle: float[][] =
        complete ()
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

        if filled > 0 then
            Array.Clear storage

        waitingRows <- 0
        waitingFirst <- columns
        filled <- 0
        firstColumn <- columns

    /// R, packed, into memory of that length.
    member rows.Pack(packed: float[]) =
        let all = rows.Triangle
        let mutable at = 0

        for k in 0 .. columns - 1 do
            Array.blit all[k] k packed at (columns - k)
            at <- at + columns - k

    /// R, packed.
    member rows.Packed: float[] =
        let packed = Array.zeroCreate<float>(PackedTriangle.Length columns)
        rows.Pack packed
        packed

    /// Begins with an R.
    member rows.Load(packed: float[]) =
        rows.Clear()
        let mutable at = 0

        for k in 0 .. columns - 1 do
            Array.blit packed at triangle[k] k (columns - k)
            at <- at + columns - k

    /// Begins with an R with its columns times factors.
    member rows.Load(other: PackedTriangle, factors: float[]) =
        rows.Clear()

        for k in 0 .. columns - 1 do
            let source = other.Row k
            let target = triangle[k]

            for j in k .. columns - 1 do
                target[j] <- factors[j] * source[j - k]

    /// Adds all rows that left this R.
    member rows.AddPacked(packed: float[]) =
        let row = Array.zeroCreate<float> columns
        let mutable at = 0

        for k in 0 .. columns - 1 do
            Array.blit packed at row k (columns - k)
            at <- at + columns - k
            rows.Add(ReadOnlySpan row, k, 1.0)
