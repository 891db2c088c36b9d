namespace AniSoap.Cli.Running;

/// <summary>What a run is at, as one line of a terminal that is drawn anew; nothing where standard error is no terminal.</summary>
internal sealed class StepLine(bool quiet) : IDisposable
{
    private readonly bool shown =
        !quiet && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
    private bool drawn;

    internal void Say(string step)
    {
        if (!shown)
            return;
        drawn = true;
        Console.Error.Write($"{ProgressLine.Clear}{step.ReplaceLineEndings(" ")} …");
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (drawn)
            Console.Error.Write(ProgressLine.Clear);
        drawn = false;
    }
}
