using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AniSoap.Cli.Inspection;

/// <summary>
/// A suggestion for people and for programs; <paramref name="readSeconds"/> is what reading all frames once took: the run reads them twice, first for
/// their species.
/// </summary>
internal sealed class SuggestionReport(Suggestion suggestion, string command, double readSeconds, int threads)
{
    internal string Command => command;

    private double Seconds => 2.0 * readSeconds + suggestion.Cost.Seconds;

    /// <summary>Rows of a table.</summary>
    internal IEnumerable<(string, string)> Rows()
    {
        var cost = suggestion.Cost;
        yield return (
            "frames",
            $"{InspectionTable.Whole(cost.Frames)}, with {InspectionTable.Whole(cost.Particles)} particles of species {string.Join(", ", suggestion.Species)}"
        );
        foreach (var value in suggestion.Values)
            yield return (value.Name, $"{value.Value}: {value.Reason}");
        yield return ("pairs of neighbours", $"about {Rounded(cost.Pairs)}");
        yield return ("output", $"{InspectionTable.Whole(cost.Columns)} columns, {Bytes(cost.OutputBytes)}");
        yield return ("memory", $"about {Bytes(cost.MemoryBytes)}");
        yield return (
            "time",
            $"about {Time(Seconds)} on {threads} threads of this machine: {Time(suggestion.Cost.Seconds)} of it computing, the rest reading the frames twice"
        );
    }

    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One JSON object.</summary>
    internal string Json()
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, Readable))
        {
            var cost = suggestion.Cost;
            writer.WriteStartObject();
            writer.WriteString("command", command);
            writer.WritePropertyName("hypers");
            writer.WriteRawValue(HypersModule.toJson(suggestion.Hypers));
            writer.WriteStartArray("species");
            foreach (var species in suggestion.Species)
                writer.WriteNumberValue(species);
            writer.WriteEndArray();
            writer.WriteStartObject("reasons");
            foreach (var value in suggestion.Values)
                writer.WriteString(value.Name, value.Reason);
            writer.WriteEndObject();
            writer.WriteNumber("share", Math.Round(suggestion.Share, 4));
            writer.WriteNumber("frames", cost.Frames);
            writer.WriteNumber("particles", cost.Particles);
            writer.WriteNumber("pairs", cost.Pairs);
            writer.WriteNumber("columns", cost.Columns);
            writer.WriteNumber("output_bytes", cost.OutputBytes);
            writer.WriteNumber("memory_bytes", cost.MemoryBytes);
            writer.WriteNumber("read_seconds", Math.Round(2.0 * readSeconds, 3));
            writer.WriteNumber("compute_seconds", Math.Round(cost.Seconds, 3));
            writer.WriteNumber("threads", threads);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.ToArray());
    }

    private static string Rounded(long count) =>
        InspectionTable.Whole(
            (long)double.Parse(count.ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        );

    private static string Bytes(double bytes)
    {
        string[] units = ["bytes", "kB", "MB", "GB", "TB"];
        var unit = 0;
        for (; bytes >= 999.5 && unit < units.Length - 1; unit++)
            bytes /= 1000.0;
        return $"{bytes.ToString("G3", CultureInfo.InvariantCulture)} {units[unit]}";
    }

    private static string Time(double seconds)
    {
        var (amount, unit) = seconds switch
        {
            < 120.0 => (seconds, "s"),
            < 7200.0 => (seconds / 60.0, "minutes"),
            _ => (seconds / 3600.0, "hours"),
        };
        return $"{amount.ToString("G2", CultureInfo.InvariantCulture)} {unit}";
    }
}
