namespace AniSoap.CSharp;

/// <summary>How features are computed; nothing of it changes them by a bit: <c>new() { Threads = 0, CancellationToken = token }</c>.</summary>
public sealed record ComputeOptions
{
    /// <summary>Threads that compute: 1 unless given; 0 for as many as there are processors.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Told how it is going: one call at a time, on any of the computing threads.</summary>
    public IProgress<RunProgress>? Progress { get; init; }

    /// <summary>Stops the computation, by an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal RunOptions ToRunOptions(CancellationToken cancellationToken) =>
        new(
            Threads,
            null,
            Progress is { } progress ? FuncConvert.FromAction<RunProgress>(progress.Report).ToOption() : null,
            cancellationToken
        );
}
