using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Kernels;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>The kernel's share of what one core can do, for every width that the machine has.</summary>
internal static class KernelTable
{
    /// <summary>Blocks a centre: 96 neighbours in the widest kernel, what the nematic frame has.</summary>
    private const int Blocks = 6;

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
        var kernels = Degrees.Select(degree => new KernelRun(width, degree)).ToArray();
        var centers = kernels.Select(kernel => (int)(0.5 * work / kernel.MultiplyAdds(Blocks)) + 1).ToArray();
        var kept = 0.0;
        var runs = new List<Action>
        {
            () => kept += Clock.Run(clockRounds, 3),
            () => kept += PeakLoop.Run(width, peakRounds),
        };
        for (var i = 0; i < kernels.Length; i++)
        {
            var (kernel, count) = (kernels[i], centers[i]);
            runs.Add(() =>
            {
                for (var center = 0; center < count; center++)
                    kernel.Run(Blocks);
            });
        }

        var seconds = Turns.Shortest(effort.Rounds(400), runs.ToArray());
        GC.KeepAlive(kept);
        var clock = Clock.Cycles(clockRounds) / seconds[0];
        var peak = PeakLoop.MultiplyAdds(width, peakRounds) / seconds[1];
        var table = new Table(
            $"Kernel, {width}: {MomentKernel.lanesOf(width)} lanes; peak {Number(peak / 1e9, 1)} · 10⁹ multiply-adds/s on one core, "
                + $"{Number(peak / clock / MomentKernel.lanesOf(width), 2)} vectors a cycle at {Number(clock / 1e9, 2)} GHz",
            "D",
            "states",
            "ns a pair",
            "share of peak"
        );
        for (var i = 0; i < kernels.Length; i++)
        {
            var time = seconds[i + 2] / centers[i];
            table.Row(
                $"{Degrees[i]}",
                $"{MomentKernel.stateCount(Degrees[i])}",
                Number(1e9 * time / (Blocks * kernels[i].BlockSize), 1),
                Percent(kernels[i].MultiplyAdds(Blocks) / time / peak)
            );
        }
    }
}
