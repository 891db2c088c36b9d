namespace AniSoap.CSharp;

public sealed partial class EllipsoidalDensityProjection
{
    /// <summary>The expansion coefficients with their derivatives, in the <see cref="TensorBlock.Gradients"/> of each block.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="parameters">What is differentiated by; positions unless given.</param>
    /// <param name="normalize">Whether the radial functions are made orthonormal; bare primitives if not.</param>
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What <see cref="Transform"/> returns, with gradients: see <see cref="PowerSpectrumWithGradients"/>.</returns>
    /// <exception cref="InvalidValueException">A frame has a species that the projection was not made for, or there is no frame to take the species of.</exception>
    public TensorMap TransformWithGradients(
        IEnumerable<Frame> frames,
        IEnumerable<GradientParameter>? parameters = null,
        bool normalize = true,
        int threads = 1,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        WithGradients(
            frames,
            parameters,
            FeatureKind.NewExpansionCoefficients(Form(normalize)),
            Options(threads, progress, cancellationToken)
        );

    /// <summary>The power spectrum with its derivatives, in the <see cref="TensorBlock.Gradients"/> of each block. To get forces out of a model, use
    /// <see cref="Pullback(Frame, ReadOnlyMemory{double}, bool, SpectrumColumns, bool, int, IProgress{RunProgress}, CancellationToken)"/>: it needs neither this memory nor this time.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="parameters">What is differentiated by; positions unless given.</param>
    /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it.</param>
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
        int threads = 1,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var form = columns ?? SpectrumColumns.OrderedPairs;
        var kind = meanOverSamples ? FeatureKind.NewMeanSpectra(form) : FeatureKind.NewParticleSpectra(form);
        return WithGradients(frames, parameters, kind, Options(threads, progress, cancellationToken));
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
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="InvalidValueException">
    /// The frame has a species that the projection was not made for, or there are more or fewer derivatives than features.
    /// </exception>
    public PulledSpectrum Pullback(
        Frame frame,
        ReadOnlyMemory<double> derivative,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        bool semiAxes = false,
        int threads = 1,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var cotangent = meanOverSamples
            ? SpectrumCotangent.NewOfMean(derivative)
            : SpectrumCotangent.NewOfParticles(derivative);
        return Pullback(
            frame,
            cotangent,
            new(columns ?? SpectrumColumns.OrderedPairs, semiAxes, threads, Tell(progress), cancellationToken)
        );
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
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="InvalidValueException">The frame has a species that the projection was not made for.</exception>
    public PulledSpectrum Pullback(
        Frame frame,
        SpectrumCotangentHandler derivative,
        SpectrumColumns? columns = null,
        bool semiAxes = false,
        int threads = 1,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(derivative);
        return Pullback(
            frame,
            SpectrumCotangent.NewOfEachParticle(derivative),
            new(columns ?? SpectrumColumns.OrderedPairs, semiAxes, threads, Tell(progress), cancellationToken)
        );
    }

    private PulledSpectrum Pullback(Frame frame, SpectrumCotangent cotangent, PullbackOptions options)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var projection = prepared ?? For(FrameModule.species(frame));
        return Features.pullback(options, projection, frame, cotangent).OrThrow();
    }

    private TensorMap WithGradients(
        IEnumerable<Frame> frames,
        IEnumerable<GradientParameter>? parameters,
        FeatureKind kind,
        RunOptions options
    )
    {
        var (projection, taken) = Take(frames, options.Cancellation);
        return Features
            .withGradients(options, kind, parameters ?? [GradientParameter.Positions], projection, taken)
            .OrThrow();
    }
}
