namespace AniSoap.Cli.Running;

/// <summary>Likely mistakes in what features are made of, as warnings: at once what is certain, at the end what the whole run shows.</summary>
internal sealed class SuspicionLines
{
    private readonly SuspicionWatch watch;
    private readonly Action<string> warn;

    /// <summary>For features by this projection; says at once what is wrong with the projection itself.</summary>
    internal SuspicionLines(Projection projection, Action<string> warn)
        : this(new SuspicionWatch(projection), warn) => Say(SuspicionModule.ofProjection(projection));

    internal SuspicionLines(SuspicionWatch watch, Action<string> warn)
    {
        this.watch = watch;
        this.warn = warn;
    }

    /// <summary>Looks at a frame on its way.</summary>
    internal void Pass(Place place, Frame frame) => Say(watch.Add(place, frame));

    /// <summary>All frames have passed.</summary>
    internal void Finish() => Say(watch.Finish());

    private void Say(IEnumerable<Suspicion> suspicions)
    {
        foreach (var suspicion in suspicions)
            warn(SuspicionModule.describe(suspicion));
    }
}
