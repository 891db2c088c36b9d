using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Numerics;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>The kernel's share of what one core can do, for every width that the machine has.</summary>
internal static class KernelTable
{
    private static readonly int[] Degrees = [5, 6, 8, 10, 11, 12, 14, 16, 18, 21, 24, 27, 30];

    public static void Print(Effort effort)
    {
        foreach (
            var width in new[] { MomentKernel.Width.Wide512, MomentKernel.Width.Wide256, MomentKernel.Width.Portable }
        )
            if (MomentKernel.isSupported(width))
                Print(effort, width);
    }

    private static void Print(Effort effort, MomentKernel.Width width)
    {
        // All of about a millisecond: short enough to go undisturbed, long enough for the clock.
        var work = effort.Pick(8e6 * MomentKernel.lanesOf(width), 1e4);
        var clockRounds = effort.Pick(90_000, 10);
        var peakRounds = (int)(work / PeakLoop.MultiplyAdds(width, 1)) + 1;
        var kernels = Degrees
            .Select(degree => new KernelRun(width, degree))
            .Concat(Degrees.Select(degree => new KernelRun(width, degree, isDiagonal: true)))
            .ToArray();
        var centers = kernels.Select(kernel => (int)(0.5 * work / kernel.MultiplyAdds) + 1).ToArray();
        var kept = 0.0;
        var runs = kernels
            .Zip(centers, (kernel, count) => (Action)(() => kernel.Run(count)))
            .Prepend(() => kept += PeakLoop.Run(width, peakRounds))
            .Prepend(() => kept += Clock.Run(clockRounds, 3));

        var seconds = Turns.Shortest(effort.Rounds(400), runs.ToArray());
        GC.KeepAlive(kept);
        var clock = Clock.Cycles(clockRounds) / seconds[0];
        var peak = PeakLoop.MultiplyAdds(width, peakRounds) / seconds[1];
        var table = new Table(
            $"Kernel, {width}: {MomentKernel.lanesOf(width)} lanes; peak {Number(peak / 1e9, 1)} · 10⁹ multiply-adds/s on one core, "
                + $"{Number(peak / clock / MomentKernel.lanesOf(width), 2)} vectors a cycle at {Number(clock / 1e9, 2)} GHz; {KernelGoals.Line()}",
            "D",
            "states",
            "ns a pair",
            "share of peak",
            "goal",
            "short cut for diagonal covariances, ns a pair"
        );
        for (var i = 0; i < Degrees.Length; i++)
        {
            var (diagonal, degree) = (i + Degrees.Length, Degrees[i]);
            double PerCenter(int kernel) => seconds[kernel + 2] / centers[kernel];
            table.Row(
                $"{degree}",
                $"{MomentStates.stateCount(degree)}",
                Number(1e9 * PerCenter(i) / KernelRun.Neighbors, 1),
                Percent(kernels[i].MultiplyAdds / PerCenter(i) / peak),
                width == MomentKernel.best() && KernelGoals.Of(degree) is { } goal ? Percent(0.01 * goal) : "",
                Number(1e9 * PerCenter(diagonal) / KernelRun.Neighbors, 1)
            );
        }
    }
}
