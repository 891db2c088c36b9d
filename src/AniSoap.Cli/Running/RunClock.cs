using System.Diagnostics;
using AniSoap.Cli.Options;

namespace AniSoap.Cli.Running;

/// <summary>The time of a whole run, and the line of statistics at its end.</summary>
internal sealed class RunClock
{
    private readonly long started = Stopwatch.GetTimestamp();

    internal double Seconds => Stopwatch.GetElapsedTime(started).TotalSeconds;

    internal void Print(RunChoices choices, RunStatistics statistics)
    {
        if (choices.Stats)
            Console.Error.WriteLine(statistics.Json(Seconds, choices.Threads));
    }
}
