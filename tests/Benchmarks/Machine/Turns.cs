using System.Diagnostics;

namespace AniSoap.Benchmarks.Machine;

/// <summary>
/// Times of things that are to be compared: they take turns, many short ones, and of each the shortest counts. A machine whose clock
/// wanders and whose cores are shared disturbs all alike, and sooner or later each gets an undisturbed turn.
/// </summary>
internal static class Turns
{
    /// <summary>The shortest time of each in seconds, after one turn that does not count.</summary>
    public static double[] Shortest(int rounds, params ReadOnlySpan<Action> runs)
    {
        var shortest = new double[runs.Length];
        Array.Fill(shortest, double.PositiveInfinity);
        foreach (var run in runs)
            run();
        for (var round = 0; round < rounds; round++)
        for (var i = 0; i < runs.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            runs[i]();
            shortest[i] = Math.Min(shortest[i], Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return shortest;
    }
}
