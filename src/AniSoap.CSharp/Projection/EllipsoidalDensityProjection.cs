namespace AniSoap.CSharp;

/// <summary>
/// Hyperparameters made ready: turns frames into expansion coefficients and power spectra. Immutable and safe to share between threads.
/// Results do not depend on the number of threads, bit for bit. (Threads: 1 unless given, 0 for as many as there are processors.)
/// </summary>
public sealed partial class EllipsoidalDensityProjection
{
    private readonly Hypers hypers;
    private readonly Projection? prepared;

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
        Hyperparameters = hyperparameters;
        Limits = limits ?? Limits.Defaults;
        hypers = hyperparameters.ToHypers();
        if (species is null)
            ProjectionModule.validate(hypers).OrThrow();
        else
            prepared = For(species);
    }

    /// <summary>The hyperparameters, as given.</summary>
    public Hyperparameters Hyperparameters { get; }

    /// <summary>What may be spent on a request before it is refused.</summary>
    public Limits Limits { get; }

    /// <summary>The species that decide the columns, ascending; none where each call takes those of its frames.</summary>
    public ImmutableArray<int> Species => prepared?.Species ?? [];

    /// <summary>The F# library's projection for these species, or for those given at the start where none are.</summary>
    /// <exception cref="InvalidValueException">Species are given neither here nor at the start.</exception>
    public Projection For(IEnumerable<int>? species = null) =>
        species is not null
            ? ProjectionModule.withLimits(Limits, ProjectionModule.create(hypers, species).OrThrow())
            : prepared ?? throw AniSoapException.Invalid("species", "none", "the species of all frames to come");

    /// <summary>The expansion coefficients c_nlm of every particle.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="normalize">Whether the radial functions are made orthonormal; bare primitives if not.</param>
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>
    /// A block for every angular momentum <c>o3_lambda</c> and every species of the centre <c>center_type</c>: samples <c>system</c>, <c>atom</c>; one
    /// component <c>o3_mu</c> = −l … l; properties <c>n</c>, <c>neighbor_type</c>.
    /// </returns>
    /// <exception cref="InvalidValueException">A frame has a species that the projection was not made for, or there is no frame to take the species of.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TensorMap Transform(
        IEnumerable<Frame> frames,
        bool normalize = true,
        int threads = 1,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var (projection, taken) = Take(frames, cancellationToken);
        var options = Options(threads, progress, cancellationToken);
        return Expansion.coefficientsWith(options, Form(normalize), projection, taken).OrThrow();
    }

    /// <summary>The power spectrum: rotation-invariant features of every frame or of every particle.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
    /// <param name="threads">Threads that compute; 0: as many as there are processors.</param>
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>
    /// A block for every species of the centre <c>center_type</c>: samples <c>system</c> (and <c>atom</c>); properties <c>l</c>, <c>n_1</c>,
    /// <c>neighbor_1_type</c>, <c>n_2</c>, <c>neighbor_2_type</c>.
    /// </returns>
    /// <exception cref="InvalidValueException">A frame has a species that the projection was not made for, there is no frame to take the species of, or
    /// <paramref name="threads"/> is below 0.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TensorMap PowerSpectrum(
        IEnumerable<Frame> frames,
        bool meanOverSamples = true,
        SpectrumColumns? columns = null,
        int threads = 1,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var (projection, taken) = Take(frames, cancellationToken);
        var form = columns ?? SpectrumColumns.OrderedPairs;
        var options = Options(threads, progress, cancellationToken);
        return (
            meanOverSamples
                ? AniSoap.PowerSpectrum.meanWith(options, form, projection, taken)
                : AniSoap.PowerSpectrum.perParticleWith(options, form, projection, taken)
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
        var (projection, taken) = Take(frames, CancellationToken.None);
        return Suspicions.ofFrames(projection, taken);
    }

    /// <summary>The hyperparameters and the species, where they are fixed.</summary>
    public override string ToString() => prepared?.ToString() ?? Hyperparameters.ToString();

    private (Projection Projection, Frame[] Frames) Take(IEnumerable<Frame> frames, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var taken = new List<Frame>();
        foreach (var frame in frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            taken.Add(frame);
        }
        var projection =
            prepared ?? ProjectionModule.withLimits(Limits, ProjectionModule.ofFrames(hypers, taken).OrThrow());
        return (projection, [.. taken]);
    }

    private static RadialForm Form(bool normalize) => normalize ? RadialForm.Orthonormal : RadialForm.Raw;

    private static RunOptions Options(
        int threads,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken
    ) => new(threads, null, Tell(progress), cancellationToken);

    private static FSharpOption<FSharpFunc<RunProgress, Unit>>? Tell(IProgress<RunProgress>? progress) =>
        progress is null ? null : FuncConvert.FromAction<RunProgress>(progress.Report).ToOption();
}
