namespace AniSoap.Numerics

open System
open AniSoap

/// The spectrum of the mean coefficients of centres (`Averaging.Inner`), by the projection's table. Uses its memory again.
[<Sealed>]
type internal InnerMean(projection: Projection) =
    let table = projection.Table
    let length = InnerMean.Length projection
    let coefficients = AlignedBuffer length
    let spectrum = AlignedBuffer(SpectrumColumns.fullLength projection)
    let mutable norm = 1.0

    /// Numbers of the coefficients, padded as kernels have them.
    static member Length(projection: Projection) : int =
        projection.Table.CoefficientOffsets[projection.Table.MaxAngular + 1]

    /// The projection that it was made for.
    member _.Projection = projection

    /// Takes a sum of coefficients over so many centres; what is finished of it is that of one spectrum, with every ordered pair of columns.
    member _.Take(sum: ReadOnlySpan<float>, count: float) : ReadOnlySpan<float> =
        sum.Slice(0, length).CopyTo coefficients.Span
        RowSums.scale (1.0 / count) coefficients.Span
        norm <- CenterKernel.normalizeCoefficients projection coefficients.Span
        spectrum.Span.Clear()
        ContractionKernel.addSpectrum table coefficients.Pointer spectrum.Pointer
        Span.op_Implicit (spectrum.Span.Slice(0, SpectrumColumns.fullLength projection))

    /// The coefficients; of normalised spectra, divided by the root of the spectrum's norm.
    member _.Coefficients = coefficients

    /// The norm of the spectrum before it was normalised, else 1.
    member _.Norm = norm
