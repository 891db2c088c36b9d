namespace AniSoap.CSharp;

public sealed partial class EllipsoidalDensityProjection
{
    /// <summary>The expansion coefficients with their derivatives, in the <see cref="TensorBlock.Gradients"/> of each block.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="parameters">What is differentiated by.</param>
    /// <param name="normalize">Whether the radial functions are made orthonormal; bare primitives if not.</param>
    /// <param name="threads">Threads that compute, at most.</param>
    /// <returns>What <see cref="Transform"/> returns, with gradients: see <see cref="PowerSpectrumWithGradients"/>.</returns>
    /// <exception cref="InvalidValueException">There is no frame, or a frame has a species that the projection was not made for.</exception>
    public TensorMap TransformWithGradients(
        IEnumerable<Frame> frames,
        GradientParameters parameters = GradientParameters.Positions,
        bool normalize = true,
        int threads = 1
    ) => WithGradients(frames, parameters, Core.FeatureKind.NewExpansionCoefficients(Form(normalize)), threads);

    /// <summary>The power spectrum with its derivatives, in the <see cref="TensorBlock.Gradients"/> of each block. To get forces out of a model, use
    /// <see cref="Pullback(Frame, ReadOnlyMemory{double}, bool, SpectrumColumns, bool, int)"/>: it needs neither this memory nor this time.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="parameters">What is differentiated by.</param>
    /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <returns>
    /// What <see cref="PowerSpectrum"/> returns, with gradients by the names <c>positions</c>, <c>orientations</c>, <c>semiaxes</c>, <c>strain</c>. Their samples are
    /// <c>sample</c>, the row that is differentiated, and <c>system</c>, <c>atom</c>, what moves, turns or grows (strain: <c>sample</c> alone); their components are the
    /// axes x, y, z (strain: two of them).
    /// </returns>
    /// <exception cref="InvalidValueException">There is no frame, or a frame has a species that the projection was not made for.</exception>
    public TensorMap PowerSpectrumWithGradients(
        IEnumerable<Frame> frames,
        GradientParameters parameters = GradientParameters.Positions,
        bool meanOverSamples = true,
        SpectrumColumns columns = SpectrumColumns.OrderedPairs,
        int threads = 1
    )
    {
        var kind = meanOverSamples
            ? Core.FeatureKind.NewMeanSpectra(ToCore(columns))
            : Core.FeatureKind.NewParticleSpectra(ToCore(columns));
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
    /// <param name="columns">Which pairs of coefficients are kept.</param>
    /// <param name="semiAxes">Whether derivatives by semi-axes are wanted too; they cost about as much again.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <exception cref="InvalidValueException">
    /// The frame has a species that the projection was not made for, or there are more or fewer derivatives than features.
    /// </exception>
    public SpectrumGradient Pullback(
        Frame frame,
        ReadOnlyMemory<double> derivative,
        bool meanOverSamples = true,
        SpectrumColumns columns = SpectrumColumns.OrderedPairs,
        bool semiAxes = false,
        int threads = 1
    )
    {
        var cotangent = meanOverSamples
            ? Core.SpectrumCotangent.NewOfMean(derivative)
            : Core.SpectrumCotangent.NewOfParticles(derivative);
        return Pullback(frame, cotangent, columns, semiAxes, threads);
    }

    /// <summary>
    /// The same for an E that is a sum over particles: each particle's derivative is made from its own spectrum, so that a model is evaluated in the same pass.
    /// </summary>
    /// <param name="frame">The frame. Give the projection its species, so that the columns are those the model was made for.</param>
    /// <param name="derivative">Fills in ∂E/∂(spectrum) of one particle, given its spectrum.</param>
    /// <param name="columns">Which pairs of coefficients are kept.</param>
    /// <param name="semiAxes">Whether derivatives by semi-axes are wanted too; they cost about as much again.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <exception cref="InvalidValueException">The frame has a species that the projection was not made for.</exception>
    public SpectrumGradient Pullback(
        Frame frame,
        SpectrumDerivative derivative,
        SpectrumColumns columns = SpectrumColumns.OrderedPairs,
        bool semiAxes = false,
        int threads = 1
    )
    {
        ArgumentNullException.ThrowIfNull(derivative);
        var handler = new Core.SpectrumCotangentHandler(derivative.Invoke);
        return Pullback(frame, Core.SpectrumCotangent.NewOfEachParticle(handler), columns, semiAxes, threads);
    }

    private SpectrumGradient Pullback(
        Frame frame,
        Core.SpectrumCotangent cotangent,
        SpectrumColumns columns,
        bool semiAxes,
        int threads
    )
    {
        ArgumentNullException.ThrowIfNull(frame);
        RequireThreads(threads);
        var options = new Core.PullbackOptions(ToCore(columns), semiAxes, threads);
        var numbered = Number([frame], CancellationToken.None);
        return new(Core.Features.pullback(options, For(numbered), frame.Inner, cotangent).OrThrow());
    }

    private TensorMap WithGradients(
        IEnumerable<Frame> frames,
        GradientParameters parameters,
        Core.FeatureKind kind,
        int threads
    )
    {
        RequireThreads(threads);
        var numbered = Number(frames, CancellationToken.None);
        var wanted = Names.Where(pair => parameters.HasFlag(pair.Flag)).Select(pair => pair.Core);
        return new(Core.Features.withGradients(threads, kind, wanted, For(numbered), numbered).OrThrow());
    }

    private static readonly (GradientParameters Flag, Core.GradientParameter Core)[] Names =
    [
        (GradientParameters.Positions, Core.GradientParameter.Positions),
        (GradientParameters.Orientations, Core.GradientParameter.Orientations),
        (GradientParameters.SemiAxes, Core.GradientParameter.SemiAxes),
        (GradientParameters.Strain, Core.GradientParameter.Strain),
    ];

    private static Core.RadialForm Form(bool normalize) =>
        normalize ? Core.RadialForm.Orthonormal : Core.RadialForm.Raw;

    private static void RequireThreads(int threads)
    {
        if (threads < 1)
            throw AniSoapException.Of(
                Core.AniSoapError.NewInvalidValue(
                    "threads",
                    FormattableString.Invariant($"{threads}"),
                    "a whole number from 1",
                    Core.Place.Unknown
                )
            );
    }
}
