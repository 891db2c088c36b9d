namespace AniSoap.CSharp;

/// <summary>
/// Power spectra of any number of frames, computed as they are asked for: frames are read, computed and handed over as rows come to be taken, in bounded
/// memory. Rows come in the order of frames and particles, the same bits for any number of threads. Going through them again computes them again.
/// </summary>
public sealed class FeatureStream
{
    /// <summary>Rows that may be waiting to be taken.</summary>
    private const int RowsAhead = 16;

    private readonly Func<CancellationToken, IEnumerable<Frame>> frames;
    private readonly SpectrumOptions options;
    private readonly IProgress<RunProgress>? progress;
    private readonly (string[] Paths, FrameReadOptions Input) files;

    internal FeatureStream(
        Projection projection,
        Func<CancellationToken, IEnumerable<Frame>> frames,
        SpectrumOptions options,
        IProgress<RunProgress>? progress,
        string[]? paths = null,
        FrameReadOptions? input = null
    )
    {
        SpectrumColumnsModule.check(options.Columns, options.PerParticle, projection).OrThrow();
        (Projection, this.frames, this.progress) = (projection, frames, progress);
        this.options = new(Count(options.Threads), options.PerParticle, options.Columns);
        files = (paths ?? [], input ?? new());
        Properties = options.PerParticle
            ? SpectrumColumnsModule.properties(options.Columns, projection)
            : SpectrumColumnsModule.meanProperties(options.Columns, projection);
    }

    /// <summary>The projection that the features are computed with; it knows the species.</summary>
    public Projection Projection { get; }

    /// <summary>What each value of a row is.</summary>
    public Labels Properties { get; }

    /// <summary>The rows, computed on other threads while the last ones are worked on. Whoever stops asking stops the computation.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="AniSoapException">A frame cannot be read, or has a species that the projection was not made for.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<FeatureRow> Rows(CancellationToken cancellationToken = default) =>
        RowsAsync(cancellationToken).ToBlockingEnumerable(cancellationToken);

    /// <inheritdoc cref="Rows"/>
    public IAsyncEnumerable<FeatureRow> RowsAsync(CancellationToken cancellationToken = default) =>
        Ahead.Of<FeatureRow>(RowsAhead, Compute, cancellationToken);

    /// <summary>
    /// Computes the features into a file, which appears whole or not at all: its ending is its format, and it carries the hyperparameters, as the program's do.
    /// </summary>
    /// <param name="path">The file: <c>.npz</c>, <c>.csv</c>, <c>.mts</c>, …; <c>.h5</c> and <c>.parquet</c> with the package AniSoap.FeatureFiles.</param>
    /// <param name="overwrite">Whether a file that exists is replaced.</param>
    /// <param name="precision">Doubles unless given.</param>
    /// <param name="cancellationToken">Stops it; nothing is left then.</param>
    /// <returns>What was computed, and where the time went.</returns>
    /// <exception cref="AniSoapException">The file cannot be written or exists, or a frame cannot be read or computed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FeatureStatistics Write(
        string path,
        bool overwrite = false,
        Precision? precision = null,
        CancellationToken cancellationToken = default
    ) => WriteWith(Check(path, overwrite, precision), path, cancellationToken);

    /// <summary>The same on another thread; what keeps the file from being written is thrown at the call.</summary>
    /// <inheritdoc cref="Write"/>
    public Task<FeatureStatistics> WriteAsync(
        string path,
        bool overwrite = false,
        Precision? precision = null,
        CancellationToken cancellationToken = default
    )
    {
        var write = Check(path, overwrite, precision);
        return Task.Run(() => WriteWith(write, path, cancellationToken), CancellationToken.None);
    }

    /// <summary>What can be known before anything is computed is refused here.</summary>
    private WriteOptions Check(string path, bool overwrite, Precision? precision)
    {
        var write = new WriteOptions(overwrite ? Existing.Replace : Existing.Keep, precision ?? Precision.Double);
        // Chemiscope's files hold frames with their features, which must be files then.
        if (files.Paths.Length == 0 || !path.Contains(".json", StringComparison.OrdinalIgnoreCase))
            Endings.featuresOf(path).OrThrow();
        AtomicFile.CanCreate(path, write.Existing).OrThrow();
        return write;
    }

    private FeatureStatistics WriteWith(WriteOptions write, string path, CancellationToken stop)
    {
        var kind = options.PerParticle
            ? FeatureKind.NewParticleSpectra(options.Columns)
            : FeatureKind.NewMeanSpectra(options.Columns);
        if (files.Paths.Length > 0)
        {
            var defaults = FeatureRun.defaults;
            var run = new FeatureRunOptions(
                options.Columns,
                defaults.Gradients,
                defaults.Names,
                write,
                files.Input.ToInputOptions(),
                ListModule.OfSeq(Projection.Species).ToOption(),
                Projection.Limits,
                new(options.Threads, null, FuncConvert.FromAction<RunProgress>(Report).ToOption(), stop)
            );
            return (
                options.PerParticle
                    ? FeatureRun.particleSpectra(run, Projection.Hypers, files.Paths, path)
                    : FeatureRun.meanSpectra(run, Projection.Hypers, files.Paths, path)
            ).OrThrow();
        }
        var metadata = RunMetadataModule.toMap(
            new("power-spectrum", [], ListModule.OfSeq(Projection.Species), Projection.Hypers, null, null)
        );
        using var file = FeatureOutputModule
            .create(
                new(path, write, LabelNames.Metatensor, metadata, null),
                kind,
                SetModule.Empty<GradientParameter>(),
                Projection
            )
            .OrThrow();
        var done = file.Run(
                options.Threads,
                Numbered(stop),
                (n, particles, pairs) => Report(new(n, particles, pairs)),
                stop
            )
            .OrThrow();
        file.Complete().OrThrow();
        return done;
    }

    private void Report(RunProgress so) => progress?.Report(so);

    private IEnumerable<FSharpResult<(int, Frame), AniSoapError>> Numbered(CancellationToken stop) =>
        frames(stop).Select((frame, number) => FSharpResult<(int, Frame), AniSoapError>.NewOk((number, frame)));

    private static int Count(int threads) =>
        threads switch
        {
            > 0 => threads,
            0 => Environment.ProcessorCount,
            _ => throw AniSoapException.Invalid(
                "threads",
                FormattableString.Invariant($"{threads}"),
                "a whole number from 1, or 0 for as many as there are processors"
            ),
        };

    private void Compute(Action<FeatureRow> give, CancellationToken stop) =>
        SpectrumStream
            .run(
                Projection,
                options,
                Numbered(stop),
                (frame, particle, species, values) =>
                    give(
                        options.PerParticle
                            ? new(frame, particle, species, values.ToArray())
                            : new(frame, null, null, values.ToArray())
                    ),
                (done, particles, pairs) => Report(new(done, particles, pairs)),
                stop
            )
            .OrThrow();
}
