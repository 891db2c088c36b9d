using System.Diagnostics;
using AniSoap.Cli.Options;

namespace AniSoap.Cli.Running;

/// <summary>The time of a whole run, and the line of statistics at its end.</summary>
internal sealed class RunClock
{
    private readonly long started = Stopwatch.GetTimestamp();

    internal double Seconds => Stopwatch.GetElapsedTime(started).TotalSeconds;

    /// <summary>On a terminal one line of what was done and where it is; the statistics, if asked for, are the last line in any case.</summary>
    internal void Print(RunChoices choices, RunStatistics statistics, string? output = null)
    {
        if (output is not null && !choices.Quiet && !Console.IsErrorRedirected)
            Console.Error.WriteLine($"anisoap: {statistics.Sentence(Seconds)}: {output.ReplaceLineEndings(" ")}");
        if (choices.Stats)
            Console.Error.WriteLine(statistics.Json(Seconds, choices.Threads));
    }
}
