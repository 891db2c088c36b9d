using System.Diagnostics;
using AniSoap.Benchmarks.Runs;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Reading and writing the same particles in every format of frames.</summary>
internal static class FormatTable
{
    public static void Print(Effort effort)
    {
        var table = new Table(
            "The same particles in every format, one thread: features' columns, all columns, writing",
            "file",
            "MB",
            "read, MB/s",
            "read, million particles a second",
            "read with all columns, MB/s",
            "written, MB/s"
        );
        var frames = Frames.Nematic(effort.Pick(400, 4));
        var large = Frames.Replicate(frames[0], effort.Pick(8, 2), effort.Pick(8, 1), effort.Pick(6, 1));
        foreach (var ending in (string[])[".extxyz", ".extxyz.gz", ".dump", ".dump.gz", ".gsd"])
            Measure(table, effort, ending, frames);
        Measure(table, effort, ".data", [large]);
    }

    private static void Measure(Table table, Effort effort, string ending, Frame[] frames)
    {
        var path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}{ending}");
        try
        {
            var snapshots = Array.ConvertAll(frames, SnapshotModule.ofFrame);
            var writing = Shortest(effort, () => Write(path, snapshots));
            var megabytes = new FileInfo(path).Length / 1e6;
            var particles = frames.Sum(frame => (double)frame.Particles.Length);
            var reading = Shortest(effort, () => Check(particles, Frames.Read(path).Sum(f => f.Particles.Length)));
            var whole = Shortest(effort, () => Check(particles, Snapshots(path)));
            table.Row(
                ending,
                Number(megabytes, 1),
                Number(megabytes / reading, 0),
                Number(particles / reading / 1e6, 2),
                Number(megabytes / whole, 0),
                Number(megabytes / writing, 0)
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Shortest(Effort effort, Action action)
    {
        var shortest = double.PositiveInfinity;
        for (var round = 0; round < effort.Rounds(5); round++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            shortest = Math.Min(shortest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return shortest;
    }

    private static void Write(string path, Snapshot[] snapshots) =>
        Frames.Ok(
            FrameFileModule.writeSnapshots(
                FrameOutputOptionsModule.replacing,
                path,
                snapshots.Select(FSharpResult<Snapshot, AniSoapError>.NewOk)
            )
        );

    private static double Snapshots(string path) =>
        FrameFileModule.snapshots(path).Sum(read => Frames.Ok(read).Frame.Particles.Length);

    private static void Check(double expected, double found)
    {
        if (found != expected)
            throw new InvalidOperationException($"{found} particles of {expected} were read");
    }
}
