namespace AniSoap.CSharp;

public sealed partial class EllipsoidalDensityProjection
{
    /// <summary>The expansion coefficients with their derivatives, in the <see cref="TensorBlock.Gradients"/> of each block.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="parameters">What is differentiated by; positions unless given.</param>
    /// <param name="normalize">Whether the radial functions are made orthonormal; bare primitives if not.</param>
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <returns>What <see cref="Transform"/> returns, with gradients: see <see cref="PowerSpectrumWithGradients"/>.</returns>
    /// <exception cref="InvalidValueException">A frame has a species that the projection was not made for, or there is no frame to take the species of.</exception>
    public TensorMap TransformWithGradients(
        IEnumerable<Frame> frames,
        IEnumerable<GradientParameter>? parameters = null,
        bool normalize = true,
        int threads = 1
    ) => WithGradients(frames, parameters, FeatureKind.NewExpansionCoefficients(Form(normalize)), threads);

    /// <summary>The power spectrum with its derivatives, in the <see cref="TensorBlock.Gradients"/> of each block. To get forces out of a model, use
    /// <see cref="Pullback(Frame, ReadOnlyMemory{double}, bool, SpectrumColumns, bool, int)"/>: it needs neither this memory nor this time.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="parameters">What is differentiated by; positions unless given.</param>
    /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <returns>
    /// What <see cref="PowerSpectrum"/> returns, with gradients by the names <c>positions</c>, <c>orientations</c>, <c>semiaxes</c>, <c>strain</c>. Their samples are
    /// <c>sample</c>, the row that is differentiated, and <c>system</c>, <c>atom</c>, what moves, turns or grows (strain: <c>sample</c> alone); their components are the
    /// axes x, y, z (strain: two of them).
    /// </returns>
    /// <exception cref="InvalidValueException">A frame has a species that the projection was not made for, or there is no frame to take the species of.</exception>
    public TensorMap PowerSpectrumWithGradients(
        IEnumerable<Frame> frames,
        IEnumerable<GradientParameter>? parameters = null,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        int threads = 1
    )
    {
        var form = columns ?? SpectrumColumns.OrderedPairs;
        var kind = meanOverSamples ? FeatureKind.NewMeanSpectra(form) : FeatureKind.NewParticleSpectra(form);
        return WithGradients(frames, parameters, kind, threads);
    }

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
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <exception cref="InvalidValueException">
    /// The frame has a species that the projection was not made for, or there are more or fewer derivatives than features.
    /// </exception>
    public PulledSpectrum Pullback(
        Frame frame,
        ReadOnlyMemory<double> derivative,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        bool semiAxes = false,
        int threads = 1
    )
    {
        var cotangent = meanOverSamples
            ? SpectrumCotangent.NewOfMean(derivative)
            : SpectrumCotangent.NewOfParticles(derivative);
        return Pullback(frame, cotangent, columns, semiAxes, threads);
    }

    /// <summary>
    /// The same for an E that is a sum over particles: each particle's derivative is made from its own spectrum, so that a model is evaluated in the same pass.
    /// </summary>
    /// <param name="frame">The frame. Give the projection its species, so that the columns are those the model was made for.</param>
    /// <param name="derivative">
    /// Fills in ∂E/∂(spectrum) of one particle, given its number and its spectrum; zeros so far. Called on several threads at once.
    /// </param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="semiAxes">Whether derivatives by semi-axes are wanted too; they cost about as much again.</param>
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <exception cref="InvalidValueException">The frame has a species that the projection was not made for.</exception>
    public PulledSpectrum Pullback(
        Frame frame,
        SpectrumCotangentHandler derivative,
        SpectrumColumns? columns = null,
        bool semiAxes = false,
        int threads = 1
    )
    {
        ArgumentNullException.ThrowIfNull(derivative);
        return Pullback(frame, SpectrumCotangent.NewOfEachParticle(derivative), columns, semiAxes, threads);
    }

    private PulledSpectrum Pullback(
        Frame frame,
        SpectrumCotangent cotangent,
        SpectrumColumns? columns,
        bool semiAxes,
        int threads
    )
    {
        ArgumentNullException.ThrowIfNull(frame);
        var options = new PullbackOptions(
            columns ?? SpectrumColumns.OrderedPairs,
            semiAxes,
            threads,
            progress: null,
            CancellationToken.None
        );
        var projection = prepared ?? For(FrameModule.species(frame));
        return Features.pullback(options, projection, frame, cotangent).OrThrow();
    }

    private TensorMap WithGradients(
        IEnumerable<Frame> frames,
        IEnumerable<GradientParameter>? parameters,
        FeatureKind kind,
        int threads
    )
    {
        var (projection, taken) = Take(frames, CancellationToken.None);
        return Features
            .withGradients(Options(threads), kind, parameters ?? [GradientParameter.Positions], projection, taken)
            .OrThrow();
    }
}
