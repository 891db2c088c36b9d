using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Many species in a run of small frames: what a frame costs that holds two of them, and what memory the run takes.</summary>
internal static class SpeciesTable
{
    private const int Species = 30;

    public static void Print(Effort effort)
    {
        var frames = Pairs(effort.Pick(10_000, 10));
        var projection = Spectra.Projection(6, 4, Species);
        var table = new Table(
            $"{Species} species, {frames.Length} frames of two particles, l 6, n 4, means",
            "threads",
            "rows",
            "µs a frame, wall clock",
            "of which adding up and completing rows",
            "peak memory of the process, MiB"
        );
        var turns = effort.Pick(5, 1);
        // Before whole rows are, which take more memory.
        foreach (var isSparse in new[] { true, false })
        foreach (var threads in new[] { 1, 2, 8 })
        {
            Memory.ForgetPeak();
            var runs = Enumerable
                .Range(0, turns)
                .Select(_ =>
                {
                    var start = Stopwatch.GetTimestamp();
                    var statistics = isSparse
                        ? Spectra.RunSparse(projection, threads, frames)
                        : Spectra.Run(projection, threads, frames);
                    var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    return (Seconds: seconds, Share: statistics.WriteSeconds / seconds);
                })
                .OrderBy(run => run.Seconds)
                .ToArray();
            var median = runs[turns / 2];
            table.Row(
                $"{threads}",
                isSparse ? "without columns of other species" : "whole",
                Number(1e6 * median.Seconds / frames.Length, 1),
                Percent(runs.Select(run => run.Share).Order().ElementAt(turns / 2)),
                Number(Memory.PeakMebibytes(), 0)
            );
        }
    }

    /// <summary>Two ellipsoids of any two species beside each other.</summary>
    private static Frame[] Pairs(int count)
    {
        var random = new Random(30);
        Ellipsoid Particle(double x) =>
            Frames.Ok(
                EllipsoidModule.create(
                    1 + random.Next(Species),
                    new Vector3(x, random.NextDouble(), random.NextDouble()),
                    new Quaternion(1.0, random.NextDouble(), random.NextDouble(), random.NextDouble()),
                    new Vector3(0.5, 0.5, 1.5)
                )
            );
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => FrameModule.create(CellModule.none, [Particle(0.0), Particle(1.0 + random.NextDouble())])),
        ];
    }
}
