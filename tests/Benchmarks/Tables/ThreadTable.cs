using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Kernels;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>
/// What a second thread gains: the spectra's gain against that of the loop that does nothing but multiply and add. Both cores must be free for as
/// long as a run takes; where they are not, the processor time still tells what the second thread costs in extra work.
/// </summary>
internal static class ThreadTable
{
    private sealed record Case(string Name, Action<int> Run);

    private readonly record struct Times(double Wall, double Processor)
    {
        public Times Least(Times other) => new(Math.Min(Wall, other.Wall), Math.Min(Processor, other.Processor));
    }

    private static readonly (int MaxAngular, int MaxRadial)[] Sizes = [(4, 3), (6, 4), (9, 6)];

    public static void Print(Effort effort)
    {
        var frames = Frames.Nematic(effort.Pick(20, 1));
        var width = MomentKernel.best();
        var rounds = effort.Pick(40_000_000, 1000);
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
            new("the loop of multiply-adds", threads => Parallel(threads, () => PeakLoop.Run(width, rounds / threads))),
            .. spectra,
        ];

        var alone = Enumerable
            .Repeat(new Times(double.PositiveInfinity, double.PositiveInfinity), cases.Length)
            .ToArray();
        var together = alone.ToArray();
        for (var round = 0; round < effort.Rounds(40); round++)
        for (var i = 0; i < cases.Length; i++)
        {
            alone[i] = alone[i].Least(Measure(() => cases[i].Run(1)));
            together[i] = together[i].Least(Measure(() => cases[i].Run(2)));
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
        double Gain(int which) => alone[which].Wall / together[which].Wall;
        for (var i = 0; i < cases.Length; i++)
            table.Row(
                cases[i].Name,
                Number(1e3 * alone[i].Wall, 1),
                Number(1e3 * together[i].Wall, 1),
                Number(Gain(i), 2),
                i == 0 ? "" : Percent(Gain(i) / Gain(0)),
                Number(together[i].Processor / alone[i].Processor, 3)
            );
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
