namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Spectra of mean coefficients c̄ and their derivatives, out of those of c̄ as they stand in rows (`Averaging.Inner`):
///
///     p_{q q′} = (−1)^l/√(2l+1) Σ_m c̄_{mq} c̄_{mq′},   dp = the same of dc̄ and c̄, both ways round
///
/// Uses its memory again.
[<Sealed>]
type internal InnerMeanRows(projection: Projection, isCompact: bool, size: int) =
    let table = projection.Table
    let inner = InnerMean projection
    let padded = AlignedBuffer(InnerMean.Length projection)
    let spectrum = Array.zeroCreate<float> size
    let coefficients = FeatureRows.coefficientCount table

    /// A row of coefficients as kernels have them.
    let pad (row: ReadOnlySpan<float>) =
        let mutable from = 0

        for l in 0 .. table.MaxAngular do
            let columns = table.Columns[l]

            for m in 0 .. 2 * l do
                let place = table.CoefficientOffsets[l] + m * table.PaddedColumns[l]
                row.Slice(from, columns).CopyTo(padded.Span.Slice(place, columns))
                from <- from + columns

    /// Takes mean coefficients; returns their spectrum.
    member _.Take(mean: ReadOnlySpan<float>) : ReadOnlySpan<float> =
        pad mean
        let sum = inner.Take(Span.op_Implicit (padded.Span.Slice(0, InnerMean.Length projection)), 1.0)
        ContractionKernel.finishSpectrum table isCompact 1.0 sum (Span spectrum)
        ReadOnlySpan spectrum

    /// Rows of derivatives of the mean that was taken, to rows of derivatives of its spectrum.
    member _.Along(rows: ReadOnlySpan<float>, target: Span<float>) =
        target.Clear()

        for row in 0 .. rows.Length / coefficients - 1 do
            pad (rows.Slice(row * coefficients, coefficients))
            let into = target.Slice(row * size, size)
            FeatureRows.addSpectrum table isCompact -1 inner.Coefficients.Pointer padded.Pointer into

        if projection.Hypers.NormalizeSpectra then
            FeatureRows.alongNormalized inner.Norm (ReadOnlySpan spectrum) target
