using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>One frame of 100,000 particles against as many in small frames: time without reading, memory with it.</summary>
internal static class LargeFrameTable
{
    public static void Print(Effort effort)
    {
        var projection = Spectra.Projection(6, 4);
        var nematic = Frames.Nematic(1)[0];
        var small = Enumerable.Repeat(nematic, effort.Pick(200, 1)).ToArray();
        Frame[] large = [effort.Pick(Frames.Replicate(nematic, 5, 5, 8), nematic)];
        var (smallSeconds, largeSeconds) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var round = 0; round < effort.Rounds(5); round++)
        {
            smallSeconds = Math.Min(smallSeconds, ProcessorSeconds(() => Spectra.Run(projection, 1, small)));
            largeSeconds = Math.Min(largeSeconds, ProcessorSeconds(() => Spectra.Run(projection, 1, large)));
        }

        var table = new Table(
            "Large frame: the nematic one replicated, l 6, n 4, one thread, processor time; memory from file to mean spectrum",
            "particles",
            "pairs",
            "µs a pair",
            "against the small frame",
            "peak memory of the process, MiB"
        );
        var particles = large[0].Particles.Length;
        // The frames themselves are not kept while memory is measured.
        var path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}.extxyz");
        try
        {
            Frames.Write(large[0], path);
            large = [];
            Memory.ForgetPeak();
            var pairs = Spectra.Run(projection, 1, Frames.Read(path)).Pairs;
            var peak = Memory.PeakMebibytes();
            var smallPairs = Spectra.Run(projection, 1, [nematic]).Pairs;
            var smallTime = smallSeconds / small.Length / smallPairs;
            table.Row($"{nematic.Particles.Length}", $"{smallPairs}", Number(1e6 * smallTime, 3), "1", "");
            table.Row(
                $"{particles}",
                $"{pairs}",
                Number(1e6 * largeSeconds / pairs, 3),
                Number(largeSeconds / pairs / smallTime, 3),
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
