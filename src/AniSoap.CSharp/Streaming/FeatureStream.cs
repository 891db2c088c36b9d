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
    private readonly FeatureKind kind;
    private readonly RunOptions options;
    private readonly (string[] Paths, InputOptions Input)? files;

    internal FeatureStream(
        Projection projection,
        Func<CancellationToken, IEnumerable<Frame>> frames,
        bool meanOverSamples,
        SpectrumColumns? columns,
        RunOptions? options,
        (string[] Paths, InputOptions Input)? files = null
    )
    {
        (Projection, this.frames, this.files) = (projection, frames, files);
        this.options = options ?? RunOptionsModule.defaults;
        RunOptionsModule.threadCount(this.options.Threads).OrThrow();
        var form = columns ?? SpectrumColumns.OrderedPairs;
        SpectrumColumnsModule.check(form, !meanOverSamples, projection).OrThrow();
        kind = KindOf(meanOverSamples, form);
        Properties = meanOverSamples
            ? SpectrumColumnsModule.meanProperties(form, projection)
            : SpectrumColumnsModule.properties(form, projection);
    }

    /// <summary>The projection that the features are computed with; it knows the species.</summary>
    public Projection Projection { get; }

    /// <summary>What each value of a row is.</summary>
    public Labels Properties { get; }

    /// <summary>The rows, computed on other threads while the last ones are worked on. Whoever stops asking stops the computation.</summary>
    /// <param name="cancellationToken">Stops it, by an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="AniSoapException">A frame cannot be read, or has a species that the projection was not made for.</exception>
    public IEnumerable<FeatureRow> Rows(CancellationToken cancellationToken = default) =>
        RowsAsync(cancellationToken).ToBlockingEnumerable(cancellationToken);

    /// <inheritdoc cref="Rows"/>
    public IAsyncEnumerable<FeatureRow> RowsAsync(CancellationToken cancellationToken = default) =>
        Ahead.Of<FeatureRow>(RowsAhead, Compute, options.Cancellation, cancellationToken);

    /// <summary>
    /// Computes the features into a file, which appears whole or not at all: its ending is its format, and it carries the hyperparameters, as the program's do.
    /// </summary>
    /// <param name="path">The file: <c>.npz</c>, <c>.csv</c>, <c>.mts</c>, …; <c>.h5</c> and <c>.parquet</c> with the package AniSoap.FeatureFiles.</param>
    /// <param name="overwrite">Whether a file that exists is replaced.</param>
    /// <param name="precision">Doubles unless given.</param>
    /// <param name="cancellationToken">Stops it, by an <see cref="OperationCanceledException"/>; nothing is left then.</param>
    /// <returns>What was computed, and where the time went.</returns>
    /// <exception cref="AniSoapException">The file cannot be written or exists, or a frame cannot be read or computed.</exception>
    public FeatureStatistics Write(
        string path,
        bool overwrite = false,
        Precision? precision = null,
        CancellationToken cancellationToken = default
    ) => Writing(path, overwrite, precision, cancellationToken)();

    /// <summary>The same on another thread; what keeps the file from being written is thrown at the call.</summary>
    /// <inheritdoc cref="Write"/>
    public Task<FeatureStatistics> WriteAsync(
        string path,
        bool overwrite = false,
        Precision? precision = null,
        CancellationToken cancellationToken = default
    ) => Task.Run(Writing(path, overwrite, precision, cancellationToken), CancellationToken.None);

    /// <summary>The writing that is to come, when all that can be known before it has been refused.</summary>
    private Func<FeatureStatistics> Writing(string path, bool overwrite, Precision? precision, CancellationToken token)
    {
        var write = new WriteOptions(overwrite ? Existing.Replace : Existing.Keep, precision ?? Precision.Double);
        var begun = (files is null ? FeatureRun.startOfFrames(write, path) : FeatureRun.start(write, path)).OrThrow();
        return () =>
        {
            using var file = begun;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token, options.Cancellation);
            var into = new WriteOptions(Existing.NewBegun(ListModule.OfSeq<IOutputFile>([file])), write.Precision);
            var run = FeatureRunOptions.Of(write: into, input: files?.Input, run: Stopped(stop.Token));
            return (
                files is var (paths, _)
                    ? FeatureRun.ofFiles(run, kind, Projection, paths, path)
                    : FeatureRun.ofFrames(run, kind, Projection, frames(stop.Token), path)
            ).OrThrow();
        };
    }

    private RunOptions Stopped(CancellationToken stop) => new(options.Threads, options.Systems, options.Progress, stop);

    internal static FeatureKind KindOf(bool meanOverSamples, SpectrumColumns? columns) =>
        meanOverSamples
            ? FeatureKind.NewMeanSpectra(columns ?? SpectrumColumns.OrderedPairs)
            : FeatureKind.NewParticleSpectra(columns ?? SpectrumColumns.OrderedPairs);

    private void Compute(Action<FeatureRow> give, CancellationToken stop)
    {
        var isMean = kind.IsMeanSpectra;
        PowerSpectrum
            .stream(
                Stopped(stop),
                kind,
                Projection,
                frames(stop).Select((frame, number) => FSharpResult<(int, Frame), AniSoapError>.NewOk((number, frame))),
                (frame, particle, species, values) =>
                    give(new(frame, isMean ? null : particle, isMean ? null : species, values.ToArray()))
            )
            .OrThrow();
    }
}
