/// From the summed moments of one centre to its coefficients and its power spectrum: once a centre, not once a pair.
///
/// The trace Tr(A)_{abc} = A_{a+2,b,c} + A_{a,b+2,c} + A_{a,b,c+2} of a shell of plain moments multiplies the polynomial under
/// the expectation by r². So the shell of degree l + 2n traced n times, dotted with the few monomials of r^l Y_lm, is
/// ⟨r^{2n} r^l Y_lm⟩ (ALGORITHM: "a cheap way to contract").
module internal AniSoap.Kernels.ContractionKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

let inline private get (p: nativeptr<float>) i = NativePtr.get p i
let inline private set (p: nativeptr<float>) i v = NativePtr.set p i v
let inline private load4 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)
let inline private store4 (p: nativeptr<float>) i (v: Vector256<float>) = Vector256.Store(v, NativePtr.add p i)

let inline private multiplyAdd (x: Vector256<float>) y z = Vector256.MultiplyAddEstimate(x, y, z)

/// Adds up the lanes of every state's sum and puts it, as a plain moment, at its place in the shells.
[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let gatherShells (table: ContractionTable) width (sums: nativeptr<float>) (shells: nativeptr<float>) =
    let index = table.ShellIndex
    let factor = table.ShellFactor

    match width with
    | MomentKernel.Wide512 ->
        for s in 0 .. index.Length - 1 do
            set shells index[s] (factor[s] * Vector512.Sum(Vector512.Load(NativePtr.add sums (8 * s))))
    | MomentKernel.Wide256 ->
        for s in 0 .. index.Length - 1 do
            set shells index[s] (factor[s] * Vector256.Sum(Vector256.Load(NativePtr.add sums (4 * s))))
    | MomentKernel.Portable ->
        for s in 0 .. index.Length - 1 do
            set shells index[s] (factor[s] * Vector128.Sum(Vector128.Load(NativePtr.add sums (2 * s))))

/// Traces the shell of degree d in place: the shell of degree d − 2 takes its beginning.
let inline private traceInPlace d (shell: nativeptr<float>) =
    let mutable target = 0
    let mutable row = 0
    let mutable twoOn = (d + 1) + d

    for a in 0 .. d - 2 do
        for b in 0 .. d - 2 - a do
            set shell (target + b) (get shell (row + b) + get shell (row + b + 2) + get shell (twoOn + b))

        target <- target + d - 1 - a
        row <- row + d + 1 - a
        twoOn <- twoOn + d - 1 - a

/// Traces every shell down and files the results as columns of species `t`: traced_l[monomial][n · species + t]. Destroys the shells.
[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let traceShells (table: ContractionTable) (t: int) (shells: nativeptr<float>) (traced: nativeptr<float>) =
    for d in 0 .. table.Degree do
        let shell = NativePtr.add shells table.ShellOffsets[d]
        let mutable l = d
        let mutable n = 0

        while l >= 0 do
            if n > 0 then
                traceInPlace (l + 2) shell

            if l <= table.MaxAngular && n < table.RadialCounts[l] then
                let padded = table.PaddedColumns[l]
                let target = NativePtr.add traced (table.TracedOffsets[l] + n * table.SpeciesCount + t)

                for i in 0 .. (l + 1) * (l + 2) / 2 - 1 do
                    set target (i * padded) (get shell i)

            l <- l - 2
            n <- n + 1

/// Dots the traced shells with the solid harmonics: coefficients_l[m][column], of bare primitives.
[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let harmonics (table: ContractionTable) (traced: nativeptr<float>) (coefficients: nativeptr<float>) =
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
                        multiplyAdd (Vector256.Create(weights[term]: float)) (load4 source (monomials[term] * padded + q)) sum

                store4 target (m * padded + q) sum
                q <- q + 4

/// Mixes the radial functions: row · matrix for every m, with one (padded) square matrix of the columns for each l.
[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let mixRadial
    (table: ContractionTable)
    (matrices: nativeptr<float>)
    (matrixOffsets: int[])
    (coefficients: nativeptr<float>)
    (mixed: nativeptr<float>)
    =
    for l in 0 .. table.MaxAngular do
        let padded = table.PaddedColumns[l]
        let columns = table.Columns[l]
        let matrix = NativePtr.add matrices matrixOffsets[l]

        for m in 0 .. 2 * l do
            let row = NativePtr.add coefficients (table.CoefficientOffsets[l] + m * padded)
            let target = NativePtr.add mixed (table.CoefficientOffsets[l] + m * padded)
            let mutable q = 0

            while q < padded do
                let mutable sum = Vector256<float>.Zero

                for k in 0 .. columns - 1 do
                    sum <- multiplyAdd (Vector256.Create(get row k: float)) (load4 matrix (k * padded + q)) sum

                store4 target q sum
                q <- q + 4

/// p_{q1 q2} += (−1)^l/√(2l+1) Σ_m c_{m q1} c_{m q2}, for all ordered pairs of columns. The spectrum's last row may be
/// written three doubles beyond its end: `spectrum` has room for them.
[<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
let addSpectrum (table: ContractionTable) (coefficients: nativeptr<float>) (spectrum: nativeptr<float>) =
    for l in 0 .. table.MaxAngular do
        let padded = table.PaddedColumns[l]
        let columns = table.Columns[l]
        let source = NativePtr.add coefficients table.CoefficientOffsets[l]
        let scale = (if l % 2 = 0 then 1.0 else -1.0) / sqrt (2.0 * float l + 1.0)

        for q1 in 0 .. columns - 1 do
            let target = NativePtr.add spectrum (table.SpectrumOffsets[l] + q1 * columns)
            let mutable q2 = 0

            while q2 < padded do
                let mutable sum = Vector256<float>.Zero

                for m in 0 .. 2 * l do
                    sum <-
                        multiplyAdd (Vector256.Create(get source (m * padded + q1): float)) (load4 source (m * padded + q2)) sum

                let sum = Vector256.Multiply(sum, scale)

                if q2 + 4 <= columns then
                    store4 target q2 (Vector256.Add(load4 target q2, sum))
                else
                    for i in 0 .. columns - q2 - 1 do
                        set target (q2 + i) (get target (q2 + i) + sum.GetElement i)

                q2 <- q2 + 4

/// The same at an offset in a larger buffer.
let addSpectrumAt table coefficients (spectra: nativeptr<float>) offset =
    addSpectrum table coefficients (NativePtr.add spectra offset)
