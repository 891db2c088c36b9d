namespace AniSoap.CSharp;

public sealed partial class EllipsoidalDensityProjection
{
    /// <summary>An engine for any number of frames, one after another. Dispose of it in the end.</summary>
    /// <param name="threads">Threads that compute; 0 for as many as there are processors.</param>
    /// <exception cref="InvalidValueException">The projection has not been given its species, or <paramref name="threads"/> is below 0.</exception>
    public ProjectionEngine CreateEngine(int threads = 1) => new(Engine.Create(For(), threads).OrThrow());

    /// <summary>Power spectra of frames as they come, computed as they are asked for. The projection must have been given its species.</summary>
    /// <param name="frames">The frames; they are gone through once for each time that the rows are.</param>
    /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="options">Threads, progress and cancellation.</param>
    /// <exception cref="InvalidValueException">The projection has not been given its species, or an option cannot work.</exception>
    public FeatureStream Stream(
        IEnumerable<Frame> frames,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        ComputeOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        return new(For(), _ => frames, meanOverSamples, columns, options);
    }

    /// <inheritdoc cref="Stream(IEnumerable{Frame}, bool, SpectrumColumns, ComputeOptions)"/>
    public FeatureStream Stream(
        IAsyncEnumerable<Frame> frames,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        ComputeOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        return new(For(), frames.ToBlockingEnumerable, meanOverSamples, columns, options);
    }
}
