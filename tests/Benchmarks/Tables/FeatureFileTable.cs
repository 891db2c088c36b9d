using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Formats;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Files of features: how fast the rows of a table are written and the file is read, in each format.</summary>
internal static class FeatureFileTable
{
    private const int Columns = 500;

    public static void Print(Effort effort)
    {
        var table = new Table(
            $"Files of features, {Columns} columns of numbers between 0 and 1 with all their digits, one thread",
            "format",
            "file, MB",
            "written, MB of numbers/s",
            "peak memory while writing, MiB",
            "read, MB of numbers/s"
        );
        var rows = effort.Pick(50_000, 100);
        foreach (var ending in new[] { ".npy", ".npz", ".csv", ".mts", ".h5", ".parquet" })
        {
            var path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}{ending}");
            try
            {
                var megabytes = rows * Columns * 8.0 / 1e6;
                var (writing, reading) = (double.PositiveInfinity, double.PositiveInfinity);
                Memory.ForgetPeak();
                for (var round = 0; round < effort.Rounds(2); round++)
                    writing = Math.Min(writing, Seconds(() => Write(path, rows)));
                var peak = Memory.PeakMebibytes();
                for (var round = 0; round < effort.Rounds(2); round++)
                    reading = Math.Min(reading, Seconds(() => Take(FeatureFile.read(path))));
                table.Row(
                    ending,
                    Number(new FileInfo(path).Length / 1e6, 0),
                    Number(megabytes / writing, 0),
                    Number(peak, 0),
                    Number(megabytes / reading, 0)
                );
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    private static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Write(string path, int rows)
    {
        var layout = new TableLayout(
            ListModule.OfArray(["frame", "center_type"]),
            Take(LabelsModule.range("n", Columns)),
            Precision.Double,
            MapModule.Empty<string, string>()
        );
        using var writer = Take(
            path.EndsWith(".mts", StringComparison.Ordinal)
                ? Mts.rows(
                    new RowsByKey(
                        Take(LabelsModule.ofValues(["center_type"], [1])),
                        "center_type",
                        FSharpList<Labels>.Empty
                    ),
                    Existing.Replace,
                    path,
                    layout
                )
                : FeatureFile.rows(Existing.Replace, path, layout)
        );
        var random = new Random(1);
        var row = new double[Columns];
        Span<int> sample = [0, 1];
        for (var i = 0; i < rows; i++)
        {
            foreach (ref var number in row.AsSpan())
                number = random.NextDouble();
            sample[0] = i;
            Take(writer.Append(sample, row));
        }
        Take(writer.Complete());
    }

    private static T Take<T>(FSharpResult<T, AniSoapError> result) =>
        result.IsOk
            ? result.ResultValue
            : throw new InvalidDataException(AniSoapErrorModule.describe(result.ErrorValue));
}
