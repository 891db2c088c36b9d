/// From the summed moments of one centre to its coefficients and its power spectrum: once a centre, not once a pair.
///
/// The trace Tr(A)_{abc} = A_{a+2,b,c} + A_{a,b+2,c} + A_{a,b,c+2} of a shell of plain moments multiplies the polynomial under
/// the expectation by r². So the shell of degree l + 2n traced n times, dotted with the few monomials of r^l Y_lm, is
/// ⟨r^{2n} r^l Y_lm⟩ (ALGORITHM: "a cheap way to contract").
module internal AniSoap.Numerics.ContractionKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop

let inline private get (p: nativeptr<float>) i = NativePtr.get p i
let inline private set (p: nativeptr<float>) i v = NativePtr.set p i v
let inline private load4 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)
let inline private store4 (p: nativeptr<float>) i (v: Vector256<float>) = Vector256.Store(v, NativePtr.add p i)

let inline private multiplyAdd (x: Vector256<float>) y z = Vector256.MultiplyAddEstimate(x, y, z)

/// The four sums of four vectors of four lanes.
let inline private sumLanes
    (s0: Vector256<float>)
    (s1: Vector256<float>)
    (s2: Vector256<float>)
    (s3: Vector256<float>)
    =
    // (s0: 0+1, s1: 0+1, s0: 2+3, s1: 2+3), the same of s2 and s3; then halves to halves.
    let low = Avx.HorizontalAdd(s0, s1)
    let high = Avx.HorizontalAdd(s2, s3)
    Vector256.Add(Avx.Permute2x128(low, high, 0x21uy), Avx.Blend(low, high, 0b1100uy))

/// Scatters the values of four states, as plain moments, to their places in the shells.
let inline private scatter (index: int[]) (factor: float[]) (shells: nativeptr<float>) s (values: Vector256<float>) =
    let values =
        Vector256.Multiply(values, Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference factor, unativeint s))

    set shells index[s] (values.GetElement 0)
    set shells index[s + 1] (values.GetElement 1)
    set shells index[s + 2] (values.GetElement 2)
    set shells index[s + 3] (values.GetElement 3)

let private gather512 (index: int[]) (factor: float[]) (sums: nativeptr<float>) (shells: nativeptr<float>) =
    FullOptimization.ask ()

    let inline fold s =
        let v = Vector512.Load(NativePtr.add sums (8 * s))
        Vector256.Add(v.GetLower(), v.GetUpper())

    let mutable s = 0

    while s + 4 <= index.Length do
        scatter index factor shells s (sumLanes (fold s) (fold (s + 1)) (fold (s + 2)) (fold (s + 3)))
        s <- s + 4

    while s < index.Length do
        set shells index[s] (factor[s] * Vector256.Sum(fold s))
        s <- s + 1

let private gather256 (index: int[]) (factor: float[]) (sums: nativeptr<float>) (shells: nativeptr<float>) =
    FullOptimization.ask ()
    let mutable s = 0

    while s + 4 <= index.Length do
        scatter
            index
            factor
            shells
            s
            (sumLanes (load4 sums (4 * s)) (load4 sums (4 * s + 4)) (load4 sums (4 * s + 8)) (load4 sums (4 * s + 12)))

        s <- s + 4

    while s < index.Length do
        set shells index[s] (factor[s] * Vector256.Sum(load4 sums (4 * s)))
        s <- s + 1

let private gather128 (index: int[]) (factor: float[]) (sums: nativeptr<float>) (shells: nativeptr<float>) =
    FullOptimization.ask ()

    for s in 0 .. index.Length - 1 do
        set shells index[s] (factor[s] * Vector128.Sum(Vector128.Load(NativePtr.add sums (2 * s))))

/// Adds up the lanes of every state's sum and puts it, as a plain moment, at its place in the shells.
let gatherShells (table: ContractionTable) width (sums: nativeptr<float>) (shells: nativeptr<float>) =
    match width with
    | MomentKernel.Wide512 -> gather512 table.ShellIndex table.ShellFactor sums shells
    | MomentKernel.Wide256 -> gather256 table.ShellIndex table.ShellFactor sums shells
    | MomentKernel.Portable -> gather128 table.ShellIndex table.ShellFactor sums shells

/// The same of one lane or two alone, at whose first one `sums` begins: the bits of `gatherShells` where all other lanes are zero.
let gatherFew (table: ContractionTable) lanes count (sums: nativeptr<float>) (shells: nativeptr<float>) =
    FullOptimization.ask ()
    let states = table.ShellIndex.Length
    use index = fixed table.ShellIndex
    use factor = fixed table.ShellFactor

    if count = 1 then
        for s in 0 .. states - 1 do
            set shells (NativePtr.get index s) (get factor s * get sums (lanes * s))
    else
        for s in 0 .. states - 1 do
            set shells (NativePtr.get index s) (get factor s * (get sums (lanes * s) + get sums (lanes * s + 1)))

/// Doubles that a traced row may be written or read beyond its end.
[<Literal>]
let Padding = 8

/// The trace of the shell of degree d, a shell of degree d − 2. Rows are handled four entries at a time: what is written beyond a row's end is
/// overwritten by the next row or lies in the padding.
let inline private trace d (shell: nativeptr<float>) (target: nativeptr<float>) =
    let mutable into = target
    let mutable row = shell
    let mutable twoOn = NativePtr.add shell (d + 1 + d)

    for a in 0 .. d - 2 do
        let length = d - 1 - a
        let mutable b = 0

        while b < length do
            store4 into b (Vector256.Add(Vector256.Add(load4 row b, load4 row (b + 2)), load4 twoOn b))
            b <- b + 4

        into <- NativePtr.add into length
        row <- NativePtr.add row (length + 2)
        twoOn <- NativePtr.add twoOn length

/// Traces every shell down and files the results as columns of species `t`: traced_l[monomial][n · species + t]. `scratch` has room for all shells twice.
/// All shells go down one step before any goes down the next: loading at once what was stored at other places of a vector would wait for the memory.
let traceShells
    (table: ContractionTable)
    (t: int)
    (shells: nativeptr<float>)
    (scratch: nativeptr<float>)
    (traced: nativeptr<float>)
    =
    FullOptimization.ask ()
    let offsets = table.ShellOffsets
    let mutable level = shells

    for n in 0 .. table.MostRadial - 1 do
        let highest = table.Degree - 2 * n

        for l in 0 .. min highest table.MaxAngular do
            if n < table.RadialCounts[l] then
                let padded = table.PaddedColumns[l]
                let shell = NativePtr.add level offsets[l]
                let target = NativePtr.add traced (table.TracedOffsets[l] + n * table.SpeciesCount + t)

                for i in 0 .. offsets[l + 1] - offsets[l] - 1 do
                    set target (i * padded) (get shell i)

        if n < table.MostRadial - 1 then
            let next = NativePtr.add scratch ((n &&& 1) * table.ScratchShells)

            // What is written beyond the end of a shell is overwritten by the next one.
            for l in 2..highest do
                trace l (NativePtr.add level offsets[l]) (NativePtr.add next offsets[l - 2])

            level <- next

/// Dots the traced shells with the solid harmonics: coefficients_l[m][column], of bare primitives.
let harmonics (table: ContractionTable) (traced: nativeptr<float>) (coefficients: nativeptr<float>) =
    FullOptimization.ask ()
    let monomials = table.TermMonomials
    let weights = table.TermCoefficients

    for l in 0 .. table.MaxAngular do
        let padded = table.PaddedColumns[l]
        let source = NativePtr.add traced table.TracedOffsets[l]
        let target = NativePtr.add coefficients table.CoefficientOffsets[l]

        for m in 0 .. 2 * l do
            let from = table.TermStarts[l * l + m]
            let upTo = table.TermStarts[l * l + m + 1] - 1
            let mutable q = 0

            while q < padded do
                let mutable sum = Vector256<float>.Zero

                for term in from..upTo do
                    sum <-
                        multiplyAdd
                            (Vector256.Create(weights[term]: float))
                            (load4 source (monomials[term] * padded + q))
                            sum

                store4 target (m * padded + q) sum
                q <- q + 4

/// p_{q1 q2} += (−1)^l/√(2l+1) Σ_m c_{m q1} c_{m q2} for q1 ≤ q2: the product is symmetric, so only the upper triangle is summed (in whole vectors, so that
/// some of the lower one comes along); `finishSpectrum` fills in the rest once the sum is complete.
let addSpectrum (table: ContractionTable) (coefficients: nativeptr<float>) (spectrum: nativeptr<float>) =
    FullOptimization.ask ()

    for l in 0 .. table.MaxAngular do
        let padded = table.PaddedColumns[l]
        let columns = table.Columns[l]
        let source = NativePtr.add coefficients table.CoefficientOffsets[l]
        let scale = (if l % 2 = 0 then 1.0 else -1.0) / sqrt (2.0 * float l + 1.0)

        let rows = NativePtr.add spectrum table.SpectrumOffsets[l]
        let inline factor m q = Vector256.Create(get source (m * padded + q): float)

        let inline addTo q1 q2 (sum: Vector256<float>) =
            let target = NativePtr.add rows (q1 * columns)
            let sum = Vector256.Multiply(sum, scale)

            if q2 + 4 <= columns then
                store4 target q2 (Vector256.Add(load4 target q2, sum))
            else
                for i in 0 .. columns - q2 - 1 do
                    set target (q2 + i) (get target (q2 + i) + sum.GetElement i)

        let mutable q1 = 0

        // Four rows begin at the same vector; none of their sums waits for another's.
        while q1 + 4 <= columns do
            let mutable q2 = q1

            while q2 < padded do
                let mutable sum0 = Vector256<float>.Zero
                let mutable sum1 = Vector256<float>.Zero
                let mutable sum2 = Vector256<float>.Zero
                let mutable sum3 = Vector256<float>.Zero

                for m in 0 .. 2 * l do
                    let others = load4 source (m * padded + q2)
                    sum0 <- multiplyAdd (factor m q1) others sum0
                    sum1 <- multiplyAdd (factor m (q1 + 1)) others sum1
                    sum2 <- multiplyAdd (factor m (q1 + 2)) others sum2
                    sum3 <- multiplyAdd (factor m (q1 + 3)) others sum3

                addTo q1 q2 sum0
                addTo (q1 + 1) q2 sum1
                addTo (q1 + 2) q2 sum2
                addTo (q1 + 3) q2 sum3
                q2 <- q2 + 4

            q1 <- q1 + 4

        while q1 < columns do
            let mutable q2 = q1 &&& ~~~3

            while q2 < padded do
                let mutable sum = Vector256<float>.Zero

                for m in 0 .. 2 * l do
                    sum <- multiplyAdd (factor m q1) (load4 source (m * padded + q2)) sum

                addTo q1 q2 sum
                q2 <- q2 + 4

            q1 <- q1 + 1

/// Completes a sum of spectra, divided by `count`: every ordered pair of columns, or each unordered pair once with √2 off the diagonal. `target` may not be
/// the memory of `spectrum`.
let finishSpectrum
    (table: ContractionTable)
    isCompact
    (count: float)
    (spectrum: ReadOnlySpan<float>)
    (target: Span<float>)
    =
    FullOptimization.ask ()
    let divisor = Vector256.Create(count: float)
    let mutable next = 0

    for l in 0 .. table.MaxAngular do
        let columns = table.Columns[l]
        let from = table.SpectrumOffsets[l]

        if isCompact then
            for q1 in 0 .. columns - 1 do
                for q2 in q1 .. columns - 1 do
                    let value = spectrum[from + q1 * columns + q2] / count
                    target[next] <- if q1 <> q2 then sqrt 2.0 * value else value
                    next <- next + 1
        else
            for q1 in 0 .. columns - 1 do
                let row = spectrum.Slice(from + q1 * columns, columns)
                let into = target.Slice(next + q1 * columns, columns)
                let mutable q2 = q1

                while q2 + 4 <= columns do
                    let sums = Vector256.LoadUnsafe(&MemoryMarshal.GetReference row, unativeint q2)
                    Vector256.StoreUnsafe(sums / divisor, &MemoryMarshal.GetReference into, unativeint q2)
                    q2 <- q2 + 4

                while q2 < columns do
                    into[q2] <- row[q2] / count
                    q2 <- q2 + 1

                // The rows above are done: their values stand in this column too.
                for above in 0 .. q1 - 1 do
                    into[above] <- target[next + above * columns + q1]

            next <- next + columns * columns
