using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Numerics;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>
/// What a second thread gains: the spectra's gain against that of the loop that does nothing but multiply and add. Both cores must be free for as
/// long as a run takes; where they are not, the processor time still tells what the second thread costs in extra work.
/// </summary>
internal static class ThreadTable
{
    private sealed record Case(string Name, Action<int> Run);

    private readonly record struct Times(double Wall, double Processor);

    private static readonly (int MaxAngular, int MaxRadial)[] Sizes = [(4, 3), (6, 4), (9, 6)];

    public static void Print(Effort effort)
    {
        var frames = Frames.Nematic(effort.Pick(20, 1));
        var width = MomentKernel.best();
        var turns = effort.Pick(40_000_000, 1000);
        var spectra = Sizes.Select(size =>
        {
            var projection = Spectra.Projection(size.MaxAngular, size.MaxRadial);
            return new Case(
                $"spectra, l {size.MaxAngular}, n {size.MaxRadial}",
                threads => Spectra.Run(projection, threads, frames)
            );
        });
        Case[] cases =
        [
            new("the loop of multiply-adds", threads => Parallel(threads, () => PeakLoop.Run(width, turns / threads))),
            .. spectra,
        ];

        var rounds = effort.Rounds(40);
        var alone = cases.Select(_ => new Times[rounds]).ToArray();
        var together = cases.Select(_ => new Times[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        for (var i = 0; i < cases.Length; i++)
        {
            alone[i][round] = Measure(() => cases[i].Run(1));
            together[i][round] = Measure(() => cases[i].Run(2));
        }

        var table = new Table(
            $"Two threads, {frames.Length} nematic frames in memory",
            "what",
            "one thread, ms",
            "two threads, ms",
            "gain",
            "share of the loop's gain",
            "processor time, two threads to one"
        );
        // Medians over the rounds, and of ratios of what was measured one after the other: the clock wanders from round to round.
        double Wall(Times[] times) => Median(times.Select(time => time.Wall));
        double Gain(int which) => Median(alone[which].Zip(together[which], (one, two) => one.Wall / two.Wall));
        for (var i = 0; i < cases.Length; i++)
            table.Row(
                cases[i].Name,
                Number(1e3 * Wall(alone[i]), 1),
                Number(1e3 * Wall(together[i]), 1),
                Number(Gain(i), 2),
                i == 0 ? "" : Percent(Gain(i) / Gain(0)),
                Number(Median(alone[i].Zip(together[i], (one, two) => two.Processor / one.Processor)), 3)
            );
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static Times Measure(Action run)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        run();
        var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        return new Times(wall, (process.TotalProcessorTime - before).TotalSeconds);
    }

    private static void Parallel(int threads, Action run)
    {
        var others = Enumerable.Range(1, threads - 1).Select(_ => new Thread(() => run())).ToArray();
        foreach (var other in others)
            other.Start();
        run();
        foreach (var other in others)
            other.Join();
    }
}
