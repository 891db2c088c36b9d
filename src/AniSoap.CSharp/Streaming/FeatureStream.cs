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

    internal FeatureStream(
        Projection projection,
        Func<CancellationToken, IEnumerable<Frame>> frames,
        SpectrumOptions options,
        IProgress<RunProgress>? progress
    )
    {
        SpectrumColumnsModule.check(options.Columns, options.PerParticle, projection).OrThrow();
        (Projection, this.frames, this.progress) = (projection, frames, progress);
        this.options = new(Count(options.Threads), options.PerParticle, options.Columns);
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

    private void Compute(Action<FeatureRow> give, CancellationToken stop)
    {
        var number = 0;
        SpectrumStream
            .run(
                Projection,
                options,
                frames(stop).Select(frame => FSharpResult<(int, Frame), AniSoapError>.NewOk((number++, frame))),
                (frame, particle, species, values) =>
                    give(
                        options.PerParticle
                            ? new(frame, particle, species, values.ToArray())
                            : new(frame, null, null, values.ToArray())
                    ),
                (done, particles, pairs) => progress?.Report(new(done, particles, pairs)),
                stop
            )
            .OrThrow();
    }
}
