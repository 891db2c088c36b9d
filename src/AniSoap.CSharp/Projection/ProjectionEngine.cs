namespace AniSoap.CSharp;

/// <summary>
/// An engine, which owns the memory that computing takes: made once by <see cref="EllipsoidalDensityProjection.CreateEngine"/>, used for any number of frames,
/// one after another. Results go into memory of the caller's; on one thread nothing is allocated a call. What is wrong with a call is thrown by it (the F#
/// library's <see cref="Engine"/> returns it): an <see cref="InvalidValueException"/> where the frame has a species that the projection was not made for or memory
/// another length, an <see cref="OperationCanceledException"/> where it was cancelled. The engine can be used after that. One call at a time.
/// </summary>
/// <param name="engine">The F# library's, which is disposed of with this one.</param>
public sealed class ProjectionEngine(Engine engine) : IDisposable
{
    /// <inheritdoc cref="Engine.Projection"/>
    public Projection Projection => engine.Projection;

    /// <inheritdoc cref="Engine.Threads"/>
    public int Threads => engine.Threads;

    /// <inheritdoc cref="Engine.Progress"/>
    public Action<RunProgress>? Progress
    {
        get => engine.Progress;
        set => engine.Progress = value;
    }

    /// <inheritdoc cref="Engine.SpectrumLength"/>
    public int SpectrumLength(SpectrumColumns columns) => engine.SpectrumLength(columns);

    /// <inheritdoc cref="Engine.CoefficientLength"/>
    public int CoefficientLength => engine.CoefficientLength;

    /// <inheritdoc cref="Engine.MeanSpectrum"/>
    public void MeanSpectrum(
        Frame frame,
        SpectrumColumns columns,
        Memory<double> values,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.MeanSpectrum(frame, columns, values, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.ParticleSpectra"/>
    public void ParticleSpectra(
        Frame frame,
        SpectrumColumns columns,
        Memory<double> values,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.ParticleSpectra(frame, columns, values, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.Coefficients"/>
    public void Coefficients(
        Frame frame,
        RadialForm form,
        Memory<double> values,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.Coefficients(frame, form, values, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.Pairs"/>
    public void Pairs(
        Frame frame,
        RadialForm form,
        PairCoefficientHandler take,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.Pairs(frame, form, take, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.Derivatives"/>
    public void Derivatives(
        Frame frame,
        FeatureKind kind,
        IEnumerable<GradientParameter> parameters,
        Action<CenterDerivatives> take,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.Derivatives(frame, kind, parameters, take, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.PullMean"/>
    public void PullMean(
        Frame frame,
        SpectrumColumns columns,
        ReadOnlyMemory<double> cotangent,
        Memory<double> values,
        GradientRoom gradient,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.PullMean(frame, columns, cotangent, values, gradient, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.PullParticles"/>
    public void PullParticles(
        Frame frame,
        SpectrumColumns columns,
        ReadOnlyMemory<double> cotangents,
        Memory<double> values,
        GradientRoom gradient,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.PullParticles(frame, columns, cotangents, values, gradient, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.PullEach"/>
    public void PullEach(
        Frame frame,
        SpectrumColumns columns,
        SpectrumCotangentHandler cotangentOf,
        Memory<double> values,
        GradientRoom gradient,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.PullEach(frame, columns, cotangentOf, values, gradient, neighbors, cancellation).OrThrow();

    /// <inheritdoc cref="Engine.PullCoefficients"/>
    public void PullCoefficients(
        Frame frame,
        RadialForm form,
        ReadOnlyMemory<double> cotangents,
        GradientRoom gradient,
        INeighbors? neighbors = null,
        CancellationToken cancellation = default
    ) => engine.PullCoefficients(frame, form, cotangents, gradient, neighbors, cancellation).OrThrow();

    /// <summary>Ends the engine: later calls are refused.</summary>
    public void Dispose() => ((IDisposable)engine).Dispose();
}
