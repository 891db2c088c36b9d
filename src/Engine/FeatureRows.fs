/// Rows of features out of a centre's coefficients and their derivatives, in the order of their labels.
module internal AniSoap.Numerics.FeatureRows

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// What a row of features holds.
[<Struct>]
type Features =
    /// The coefficients, l slowest, then m, then the columns; orthonormal or of bare primitives.
    | CoefficientRows of isRaw: bool
    /// The power spectrum; each unordered pair of columns once, or all ordered ones.
    | SpectrumRows of isCompact: bool

/// Numbers of one centre's coefficients.
let coefficientCount (table: ContractionTable) =
    let mutable count = 0

    for l in 0 .. table.MaxAngular do
        count <- count + (2 * l + 1) * table.Columns[l]

    count

/// The coefficients as a row: without the padding, in the unit of the input.
let copyCoefficients (projection: Projection) isRaw (source: nativeptr<float>) (row: Span<float>) =
    let table = projection.Table
    let mutable next = 0

    for l in 0 .. table.MaxAngular do
        for m in 0 .. 2 * l do
            let from = table.CoefficientOffsets[l] + m * table.PaddedColumns[l]

            for q in 0 .. table.Columns[l] - 1 do
                let value = NativePtr.get source (from + q)

                row[next] <-
                    if isRaw then
                        projection.RawScale(l, q / table.SpeciesCount) * value
                    else
                        value

                next <- next + 1

/// The derivative of the spectrum as a row, given the derivative d of the coefficients c:
/// p′_{q1 q2} = (−1)^l/√(2l+1) Σ_m (d_{m q1} c_{m q2} + c_{m q1} d_{m q2}). Columns of other species than t are zero in d (t < 0: none).
let addSpectrum
    (table: ContractionTable)
    isCompact
    t
    (coefficients: nativeptr<float>)
    (derivative: nativeptr<float>)
    (row: Span<float>)
    =
    FullOptimization.ask ()
    let species = table.SpeciesCount
    let mutable start = 0

    for l in 0 .. table.MaxAngular do
        let columns, padded = table.Columns[l], table.PaddedColumns[l]
        let c = NativePtr.add coefficients table.CoefficientOffsets[l]
        let d = NativePtr.add derivative table.CoefficientOffsets[l]
        let scale = (if l % 2 = 0 then 1.0 else -1.0) / sqrt (2.0 * float l + 1.0)
        let off = if isCompact then sqrt 2.0 else 1.0
        let mutable q1 = max t 0

        while q1 < columns do
            let mutable q2 = 0

            while q2 < padded do
                let mutable sum = Vector256<float>.Zero

                for m in 0 .. 2 * l do
                    sum <-
                        Vector256.MultiplyAddEstimate(
                            Vector256.Create(NativePtr.get d (m * padded + q1): float),
                            Vector256.Load(NativePtr.add c (m * padded + q2)),
                            sum
                        )

                for i in 0 .. min 4 (columns - q2) - 1 do
                    let other = q2 + i
                    let value = scale * sum.GetElement i

                    if isCompact then
                        let at = start + SpectrumColumns.compactPlace columns q1 other
                        row[at] <- row[at] + (if q1 = other then 2.0 * value else off * value)
                    else
                        let there = start + q1 * columns + other
                        let back = start + other * columns + q1
                        row[there] <- row[there] + value
                        row[back] <- row[back] + value

                q2 <- q2 + 4

            q1 <- if t < 0 then q1 + 1 else q1 + species

        start <- start + SpectrumColumns.pairCount isCompact columns

/// Derivatives of the normalised spectrum p̂ = p/N, N = |p|, in place of g, rows of products of derivatives of coefficients with c/√N:
///
///     dp̂ = (dp − p̂ (p̂ · dp))/N,   dp/N = g/√N
let alongNormalized norm (normalized: ReadOnlySpan<float>) (rows: Span<float>) =
    let size = normalized.Length

    for row in 0 .. rows.Length / size - 1 do
        let one = rows.Slice(row * size, size)
        RowSums.scale (1.0 / sqrt norm) one
        RowSums.addScaled -(RowSums.dot normalized (Span.op_Implicit one)) normalized one
