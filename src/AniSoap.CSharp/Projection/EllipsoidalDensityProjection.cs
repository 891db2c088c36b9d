using AniSoap;

namespace AniSoap.CSharp;

/// <summary>
/// Hyperparameters made ready: turns frames into expansion coefficients and power spectra. Immutable and safe to share between threads.
/// Results do not depend on the number of threads, bit for bit.
/// </summary>
public sealed partial class EllipsoidalDensityProjection
{
    private readonly Core.Hypers hypers;
    private readonly Core.Projection? fixedProjection;

    /// <summary>A projection.</summary>
    /// <param name="hyperparameters">What the features are to mean.</param>
    /// <param name="species">
    /// The species of the whole data set, which decide the columns. Give them where results of several calls are to have the same columns; without
    /// them each call takes the species of its own frames.
    /// </param>
    /// <param name="limits">What may be spent on a request before it is refused; without them those of <see cref="ResourceLimits"/>.</param>
    /// <exception cref="InvalidValueException">A hyperparameter cannot work; the exception names it and what is accepted.</exception>
    public EllipsoidalDensityProjection(
        Hyperparameters hyperparameters,
        IEnumerable<int>? species = null,
        ResourceLimits? limits = null
    )
    {
        ArgumentNullException.ThrowIfNull(hyperparameters);
        Hyperparameters = hyperparameters;
        Limits = limits ?? new ResourceLimits();
        hypers = hyperparameters.ToCore();
        if (species is null)
            Core.ProjectionModule.validate(hypers).OrThrow();
        else
            fixedProjection = Limited(Core.ProjectionModule.create(hypers, species).OrThrow());
    }

    /// <summary>The hyperparameters, as given.</summary>
    public Hyperparameters Hyperparameters { get; }

    /// <summary>What may be spent on a request before it is refused.</summary>
    public ResourceLimits Limits { get; }

    /// <summary>The species that decide the columns, ascending; none where each call takes those of its frames.</summary>
    public ImmutableArray<int> Species => fixedProjection?.Species ?? [];

    /// <summary>The expansion coefficients c_nlm of every particle.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="normalize">Whether the radial functions are made orthonormal; bare primitives if not.</param>
    /// <param name="threads">Threads that compute, at most.</param>
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it, between frames.</param>
    /// <returns>
    /// A block for every angular momentum <c>o3_lambda</c> and every species of the centre <c>center_type</c>: samples <c>system</c>, <c>atom</c>; one
    /// component <c>o3_mu</c> = −l … l; properties <c>n</c>, <c>neighbor_type</c>.
    /// </returns>
    /// <exception cref="InvalidValueException">There is no frame, or a frame has a species that the projection was not made for.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TensorMap Transform(
        IEnumerable<Frame> frames,
        bool normalize = true,
        int threads = 1,
        IProgress<SpectrumProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var numbered = Number(frames, cancellationToken);
        var projection = For(numbered);
        var form = Form(normalize);
        var parts = new List<Core.TensorMap>();
        var particles = 0L;
        foreach (var some in numbered.Chunk(FramesAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            parts.Add(Core.Expansion.coefficientsWith(threads, form, projection, some).OrThrow());
            particles += some.Sum(item => (long)item.Item2.Particles.Length);
            progress?.Report(new(some[^1].Item1 + 1, particles, 0));
        }
        return new(parts.Count == 1 ? parts[0] : Core.TensorMapModule.joinSamples(parts).OrThrow());
    }

    /// <summary>The power spectrum: rotation-invariant features of every frame or of every particle.</summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
    /// <param name="columns">Which pairs of coefficients are kept.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="progress">Told how it is going.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>
    /// A block for every species of the centre <c>center_type</c>: samples <c>system</c> (and <c>atom</c>); properties <c>l</c>, <c>n_1</c>,
    /// <c>neighbor_1_type</c>, <c>n_2</c>, <c>neighbor_2_type</c>.
    /// </returns>
    /// <exception cref="InvalidValueException">
    /// There is no frame, a frame has a species that the projection was not made for, or <paramref name="threads"/> is below 1.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TensorMap PowerSpectrum(
        IEnumerable<Frame> frames,
        bool meanOverSamples = true,
        SpectrumColumns columns = SpectrumColumns.OrderedPairs,
        int threads = 1,
        IProgress<SpectrumProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var numbered = Number(frames, cancellationToken);
        var projection = For(numbered);
        var report = new SpectrumProgressHandler(
            (done, particles, pairs) => progress?.Report(new(done, particles, pairs))
        );
        var spectrum = meanOverSamples
            ? Core.PowerSpectrum.meanReporting(
                report,
                cancellationToken,
                threads,
                ToCore(columns),
                projection,
                numbered
            )
            : Core.PowerSpectrum.perParticleReporting(
                report,
                cancellationToken,
                threads,
                ToCore(columns),
                projection,
                numbered
            );
        return new(spectrum.OrThrow());
    }

    /// <summary>The hyperparameters and the species, where they are fixed.</summary>
    public override string ToString() => fixedProjection?.ToString() ?? Hyperparameters.ToString();

    /// <summary>Enough to keep threads busy, few enough to be stopped soon.</summary>
    private const int FramesAtOnce = 16;

    private static Tuple<int, Core.Frame>[] Number(IEnumerable<Frame> frames, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var numbered = new List<Tuple<int, Core.Frame>>();
        foreach (var frame in frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            numbered.Add(Tuple.Create(numbered.Count, frame.Inner));
        }
        return numbered.Count > 0
            ? [.. numbered]
            : throw AniSoapException.Of(
                Core.AniSoapError.NewInvalidValue("frames", "none", "at least one frame", Core.Place.Unknown)
            );
    }

    private Core.Projection For(Tuple<int, Core.Frame>[] frames) =>
        fixedProjection
        ?? Limited(
            Core.ProjectionModule.create(hypers, frames.SelectMany(frame => Core.FrameModule.species(frame.Item2)))
                .OrThrow()
        );

    private Core.Projection Limited(Core.Projection projection) =>
        Core.ProjectionModule.withLimits(Limits.ToCore(), projection);

    private static Core.SpectrumColumns ToCore(SpectrumColumns columns) =>
        columns switch
        {
            SpectrumColumns.OrderedPairs => Core.SpectrumColumns.OrderedPairs,
            SpectrumColumns.UnorderedPairs => Core.SpectrumColumns.UnorderedPairs,
            _ => throw new ArgumentOutOfRangeException(nameof(columns), columns, null),
        };
}
