using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Reading extended XYZ: how fast, and how much memory for how long a file.</summary>
internal static class ReadingTable
{
    public static void Print(Effort effort)
    {
        var table = new Table(
            "Extended XYZ, the nematic frames over and over, one thread",
            "file, MB",
            "frames",
            "MB/s",
            "peak memory of the process, MiB"
        );
        foreach (var megabytes in effort.Pick(new[] { 20, 200, 2000 }, [1]))
        {
            var path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}.extxyz");
            try
            {
                var length = Frames.WriteNematicText(path, megabytes * 1_000_000L);
                var frames = 0L;
                var shortest = double.PositiveInfinity;
                Memory.ForgetPeak();
                for (var round = 0; round < effort.Rounds(megabytes > 1000 ? 2 : 5); round++)
                {
                    var start = Stopwatch.GetTimestamp();
                    frames = Frames.Read(path).LongCount();
                    shortest = Math.Min(shortest, Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
                table.Row(
                    Number(length / 1e6, 0),
                    $"{frames}",
                    Number(length / 1e6 / shortest, 0),
                    Number(Memory.PeakMebibytes(), 0)
                );
            }
            finally
            {
                File.Delete(path);
            }
        }
    }
}
