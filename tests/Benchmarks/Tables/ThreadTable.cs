using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Kernels;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>What a second thread gains: the spectra's gain against that of the loop that does nothing but multiply and add.</summary>
internal static class ThreadTable
{
    public static void Print(Effort effort)
    {
        var frames = Frames.Nematic(effort.Pick(20, 1));
        var width = MomentKernel.best();
        var rounds = effort.Pick(20_000_000, 1000);
        var table = new Table(
            $"Two threads, {frames.Length} nematic frames in memory",
            "what",
            "one thread, ms",
            "two threads, ms",
            "gain",
            "share of the loop's gain"
        );
        void Peak(int threads) => Parallel(threads, () => PeakLoop.Run(width, rounds / threads));
        var sizes = new[] { (4, 3), (6, 4), (9, 6) };
        var runs = new List<Action> { () => Peak(1), () => Peak(2) };
        foreach (var (maxAngular, maxRadial) in sizes)
        {
            var projection = Spectra.Projection(maxAngular, maxRadial);
            runs.Add(() => Spectra.Run(projection, 1, frames));
            runs.Add(() => Spectra.Run(projection, 2, frames));
        }

        var seconds = Turns.Shortest(effort.Rounds(12), runs.ToArray());
        double Gain(int which) => seconds[2 * which] / seconds[2 * which + 1];
        for (var i = 0; i <= sizes.Length; i++)
        {
            var name =
                i == 0 ? "the loop of multiply-adds" : $"spectra, l {sizes[i - 1].Item1}, n {sizes[i - 1].Item2}";
            table.Row(
                name,
                Number(1e3 * seconds[2 * i], 1),
                Number(1e3 * seconds[2 * i + 1], 1),
                Number(Gain(i), 2),
                i == 0 ? "" : Percent(Gain(i) / Gain(0))
            );
        }
    }

    private static void Parallel(int threads, Action run)
    {
        if (threads == 1)
        {
            run();
            return;
        }
        var others = Enumerable.Range(1, threads - 1).Select(_ => new Thread(() => run())).ToArray();
        foreach (var other in others)
            other.Start();
        run();
        foreach (var other in others)
            other.Join();
    }
}
