namespace AniSoap.CSharp;

/// <summary>
/// Hyperparameters made ready: turns frames into expansion coefficients and power spectra. Immutable and safe to share between threads.
/// Results do not depend on the number of threads, bit for bit.
/// </summary>
public sealed partial class EllipsoidalDensityProjection
{
    /// <summary>Of the species that were given, or of any, which calls exchange for those of their frames.</summary>
    private readonly Projection ready;
    private readonly bool hasSpecies;

    /// <summary>A projection.</summary>
    /// <param name="hyperparameters">What the features are to mean.</param>
    /// <param name="species">
    /// The species of the whole data set, which decide the columns. Give them where results of several calls are to have the same columns; without
    /// them each call takes the species of its own frames.
    /// </param>
    /// <param name="limits">What may be spent on a request before it is refused; without them <see cref="LimitsExtensions"/>' <c>Limits.Defaults</c>.</param>
    /// <exception cref="InvalidValueException">A hyperparameter cannot work; the exception names it and what is accepted.</exception>
    public EllipsoidalDensityProjection(
        Hyperparameters hyperparameters,
        IEnumerable<int>? species = null,
        Limits? limits = null
    )
    {
        ArgumentNullException.ThrowIfNull(hyperparameters);
        (Hyperparameters, hasSpecies) = (hyperparameters, species is not null);
        var made = ProjectionModule.create(hyperparameters.ToHypers(), species ?? [0]).OrThrow();
        ready = ProjectionModule.withLimits(limits ?? Limits.Defaults, made);
    }

    /// <summary>The hyperparameters, as given.</summary>
    public Hyperparameters Hyperparameters { get; }

    /// <summary>What may be spent on a request before it is refused.</summary>
    public Limits Limits => ready.Limits;

    /// <summary>The species that decide the columns, ascending; none where each call takes those of its frames.</summary>
    public ImmutableArray<int> Species => hasSpecies ? ready.Species : [];

    /// <summary>The F# library's projection for these species, or for those given at the start where none are.</summary>
    /// <exception cref="InvalidValueException">Species are given neither here nor at the start.</exception>
    public Projection For(IEnumerable<int>? species = null) =>
        species is not null ? ProjectionModule.withSpecies(species, ready).OrThrow()
        : hasSpecies ? ready
        : throw AniSoapException.Invalid("species", "none", "the species of all frames to come");

    /// <summary>The expansion coefficients c_nlm of every particle.</summary>
    /// <inheritdoc cref="PowerSpectrum"/>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="normalize">Whether the radial functions are made orthonormal; bare primitives if not.</param>
    /// <param name="gradients">What the coefficients are derived by, if by anything; see <see cref="PowerSpectrum"/>.</param>
    /// <param name="options">Threads, progress and cancellation.</param>
    /// <returns>
    /// A block for every angular momentum <c>o3_lambda</c> and every species of the centre <c>center_type</c>: samples <c>system</c>, <c>atom</c>; one
    /// component <c>o3_mu</c> = −l … l; properties <c>n</c>, <c>neighbor_type</c>.
    /// </returns>
    public TensorMap Transform(
        IEnumerable<Frame> frames,
        bool normalize = true,
        IEnumerable<GradientParameter>? gradients = null,
        ComputeOptions? options = null
    )
    {
        var form = normalize ? RadialForm.Orthonormal : RadialForm.Raw;
        var kind = FeatureKind.NewExpansionCoefficients(form);
        var (run, projection, taken) = Take(frames, options);
        return (
            gradients is null
                ? Expansion.coefficientsWith(run, form, projection, taken)
                : Features.withGradients(run, kind, gradients, projection, taken)
        ).OrThrow();
    }

    /// <summary>The power spectrum: rotation-invariant features of every frame or of every particle.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="gradients">
    /// What the features are derived by, if by anything; the derivatives stand in the <see cref="TensorBlock.Gradients"/> of each block by the names
    /// <c>positions</c>, <c>orientations</c>, <c>semiaxes</c>, <c>strain</c>. Their samples are <c>sample</c>, the row that is differentiated, and <c>system</c>,
    /// <c>atom</c>, what moves, turns or grows (strain: <c>sample</c> alone); their components are the axes x, y, z (strain: two of them). For the forces of
    /// a model <c>Pullback</c> needs neither this memory nor this time.
    /// </param>
    /// <param name="options">Threads, progress and cancellation.</param>
    /// <returns>
    /// A block for every species of the centre <c>center_type</c>: samples <c>system</c> (and <c>atom</c>); properties <c>l</c>, <c>n_1</c>,
    /// <c>neighbor_1_type</c>, <c>n_2</c>, <c>neighbor_2_type</c>.
    /// </returns>
    /// <exception cref="InvalidValueException">A frame has a species that the projection was not made for, there is no frame to take the species of, or
    /// an option cannot work.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TensorMap PowerSpectrum(
        IEnumerable<Frame> frames,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        IEnumerable<GradientParameter>? gradients = null,
        ComputeOptions? options = null
    )
    {
        var form = columns ?? SpectrumColumns.OrderedPairs;
        var kind = FeatureStream.KindOf(meanOverSamples, form);
        var (run, projection, taken) = Take(frames, options);
        return (
            gradients is not null ? Features.withGradients(run, kind, gradients, projection, taken)
            : meanOverSamples ? AniSoap.PowerSpectrum.meanWith(run, form, projection, taken)
            : AniSoap.PowerSpectrum.perParticleWith(run, form, projection, taken)
        ).OrThrow();
    }

    /// <summary>
    /// Likely mistakes in features of these frames: shapes of twice or half their size, quaternions in another order, a cutoff within which there is
    /// nobody, and whatever else the program <c>anisoap</c> warns of. Some of the particles are looked at; it costs little beside the features.
    /// </summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <returns>Each kind of mistake once.</returns>
    /// <exception cref="InvalidValueException">There is no frame.</exception>
    public IReadOnlyList<Suspicion> FindSuspicions(IEnumerable<Frame> frames)
    {
        var (_, projection, taken) = Take(frames, null);
        return SuspicionModule.ofFrames(projection, taken);
    }

    /// <summary>The hyperparameters and the species, where they are fixed.</summary>
    public override string ToString() => hasSpecies ? ready.ToString() : Hyperparameters.ToString();

    private (RunOptions, Projection, List<Frame>) Take(IEnumerable<Frame> frames, ComputeOptions? options)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var (token, taken) = (options?.CancellationToken ?? default, new List<Frame>());
        foreach (var frame in frames)
        {
            token.ThrowIfCancellationRequested();
            taken.Add(frame);
        }
        var projection = hasSpecies ? ready : ProjectionModule.withSpeciesOf(taken, ready).OrThrow();
        return ((options ?? new()).ToRunOptions(token), projection, taken);
    }
}
