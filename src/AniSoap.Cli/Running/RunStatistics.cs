using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AniSoap.Learning;

namespace AniSoap.Cli.Running;

/// <summary>What <c>--stats</c> prints: counts, times and memory of one run.</summary>
internal sealed record RunStatistics
{
    internal required long Frames { get; init; }
    internal required long Particles { get; init; }

    /// <summary>Directed pairs within the cutoff, images counted, a centre with itself not.</summary>
    internal required long Pairs { get; init; }

    /// <summary>Numbers in one row of the result.</summary>
    internal required long Features { get; init; }
    internal required double ReadSeconds { get; init; }

    /// <summary>Wall clock from frames to features; reading and writing not counted.</summary>
    internal required double ComputeSeconds { get; init; }
    internal required double WriteSeconds { get; init; }

    /// <summary>How a simulation without a thermostat has kept its energy; null of all other runs, and of short ones.</summary>
    internal EnergyDrift? Drift { get; init; }

    /// <summary>Of a run that reads and writes features and sees no frames.</summary>
    internal static RunStatistics OfFeatures(FeatureSet features, double readSeconds, double writeSeconds) =>
        new()
        {
            Frames = 0,
            Particles = 0,
            Pairs = 0,
            Features = features.Content switch
            {
                FeatureContent.Table table => table.Item.Properties.Count,
                FeatureContent.Blocks blocks => blocks.Item.Blocks.Sum(block => (long)block.Properties.Count),
                _ => 0,
            },
            ReadSeconds = readSeconds,
            ComputeSeconds = 0.0,
            WriteSeconds = writeSeconds,
        };

    /// <summary>Of a run that found its output there.</summary>
    internal static RunStatistics OfNothing { get; } =
        new()
        {
            Frames = 0,
            Particles = 0,
            Pairs = 0,
            Features = 0,
            ReadSeconds = 0.0,
            ComputeSeconds = 0.0,
            WriteSeconds = 0.0,
        };

    /// <summary>What was done, for people; counts of nothing are left out.</summary>
    internal string Sentence(double seconds)
    {
        IEnumerable<(long Count, string Name)> all =
        [
            (Frames, "frame"),
            (Particles, "particle"),
            (Pairs, "pair"),
            (Features, "feature"),
        ];
        return string.Join(
            ", ",
            all.Where(item => item.Count > 0)
                .Select(item => Invariant($"{item.Count:N0} {item.Name}{(item.Count == 1 ? "" : "s")}"))
                .Append(Invariant($"{seconds:0.0##} s"))
        );
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One JSON object on one line.</summary>
    internal string Json(double seconds, int threads)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory))
        {
            writer.WriteStartObject();
            writer.WriteNumber("frames", Frames);
            writer.WriteNumber("particles", Particles);
            writer.WriteNumber("pairs", Pairs);
            writer.WriteNumber("features", Features);
            writer.WriteNumber("read_seconds", Rounded(ReadSeconds));
            writer.WriteNumber("compute_seconds", Rounded(ComputeSeconds));
            writer.WriteNumber("write_seconds", Rounded(WriteSeconds));
            writer.WriteNumber("seconds", Rounded(seconds));
            writer.WriteNumber("threads", threads);
            writer.WriteNumber("peak_memory_bytes", PeakMemory());
            if (Drift is { } drift)
            {
                writer.WriteStartObject("total_energy");
                writer.WriteNumber("mean", drift.Mean);
                writer.WriteNumber("standard_deviation", drift.StandardDeviation);
                writer.WriteNumber("drift", drift.Slope);
                writer.WriteNumber("drift_error", drift.SlopeError);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.ToArray());
    }

    private static double Rounded(double seconds) => Math.Round(seconds, 6);

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
