namespace AniSoap.CSharp;

public sealed partial class EllipsoidalDensityProjection
{
    /// <summary>
    /// Forces, torques and virial of a number E (an energy, say) that depends on the power spectrum of a frame, given ∂E/∂(spectrum), in one pass: what
    /// a model over these features needs to move particles.
    /// </summary>
    /// <param name="frame">The frame. Give the projection its species, so that the columns are those the model was made for.</param>
    /// <param name="derivative">
    /// ∂E/∂(spectrum): by the mean, a row for every species as centre, one after another; else a row a particle, in the order of the frame.
    /// </param>
    /// <param name="meanOverSamples">Whether the spectrum is the mean over the particles, or one a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="semiAxes">Whether derivatives by semi-axes are wanted too; they cost about as much again.</param>
    /// <param name="options">Threads, progress and cancellation.</param>
    /// <exception cref="InvalidValueException">
    /// The frame has a species that the projection was not made for, or there are more or fewer derivatives than features.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FrameGradient Pullback(
        Frame frame,
        ReadOnlyMemory<double> derivative,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        bool semiAxes = false,
        ComputeOptions? options = null
    )
    {
        var isMean = meanOverSamples;
        var cotangent = isMean ? SpectrumCotangent.NewOfMean(derivative) : SpectrumCotangent.NewOfParticles(derivative);
        return Pullback(frame, cotangent, columns, semiAxes, options);
    }

    /// <summary>
    /// The same for an E that is a sum over particles: each particle's derivative is made from its own spectrum, so that a model is evaluated in the same pass.
    /// </summary>
    /// <inheritdoc cref="Pullback(Frame, ReadOnlyMemory{double}, bool, SpectrumColumns, bool, ComputeOptions)"/>
    /// <param name="frame">The frame. Give the projection its species, so that the columns are those the model was made for.</param>
    /// <param name="derivative">
    /// Fills in ∂E/∂(spectrum) of one particle, given its number and its spectrum; zeros so far. Called on several threads at once.
    /// </param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="semiAxes">Whether derivatives by semi-axes are wanted too; they cost about as much again.</param>
    /// <param name="options">Threads, progress and cancellation.</param>
    public FrameGradient Pullback(
        Frame frame,
        SpectrumCotangentHandler derivative,
        SpectrumColumns? columns = null,
        bool semiAxes = false,
        ComputeOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(derivative);
        return Pullback(frame, SpectrumCotangent.NewOfEachParticle(derivative), columns, semiAxes, options);
    }

    private FrameGradient Pullback(
        Frame frame,
        SpectrumCotangent cotangent,
        SpectrumColumns? columns,
        bool semiAxes,
        ComputeOptions? options
    )
    {
        ArgumentNullException.ThrowIfNull(frame);
        var (run, projection, _) = Take([frame], options);
        GradientParameter[] parameters = semiAxes ? [GradientParameter.SemiAxes] : [];
        return Features
            .pullback(run, columns ?? SpectrumColumns.OrderedPairs, parameters, projection, frame, cotangent)
            .OrThrow();
    }
}
