using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>One frame of 100,000 particles, read from a file, against a small one.</summary>
internal static class LargeFrameTable
{
    public static void Print(Effort effort)
    {
        var projection = Spectra.Projection(6, 4);
        var small = Frames.Nematic(effort.Pick(200, 1));
        var path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}.extxyz");
        try
        {
            Frames.Write(effort.Pick(Frames.Replicate(small[0], 5, 5, 8), small[0]), path);
            long smallPairs = 0;
            long largePairs = 0;
            long particles = 0;
            double largeSeconds = double.PositiveInfinity;
            double peak = 0;
            var smallSeconds = double.PositiveInfinity;
            for (var round = 0; round < effort.Rounds(3); round++)
            {
                smallSeconds = Math.Min(
                    smallSeconds,
                    ProcessorSeconds(() => smallPairs = Spectra.Run(projection, 1, small).Pairs)
                );
                Memory.ForgetPeak();
                largeSeconds = Math.Min(
                    largeSeconds,
                    ProcessorSeconds(() =>
                    {
                        var statistics = Spectra.Run(projection, 1, Frames.Read(path));
                        (largePairs, particles) = (statistics.Pairs, statistics.Particles);
                    })
                );
                peak = Math.Max(peak, Memory.PeakMebibytes());
            }

            var table = new Table(
                "Large frame: the nematic one replicated, l 6, n 4, one thread, from file to mean spectrum, processor time",
                "particles",
                "pairs",
                "µs a pair",
                "against the small frame",
                "peak memory of the process, MiB"
            );
            var (smallTime, largeTime) = (smallSeconds / smallPairs, largeSeconds / largePairs);
            table.Row(
                $"{small.Length} frames of {small[0].Particles.Length}",
                $"{smallPairs}",
                Number(1e6 * smallTime, 3),
                "1",
                ""
            );
            table.Row(
                $"{particles}",
                $"{largePairs}",
                Number(1e6 * largeTime, 3),
                Number(largeTime / smallTime, 3),
                Number(peak, 0)
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Both runs are long: others on the machine would take part of their time, but not of the processor's time for them.</summary>
    private static double ProcessorSeconds(Action run)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        run();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds;
    }
}
