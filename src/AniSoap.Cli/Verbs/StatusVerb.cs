using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap status</c>: which parts of a run are done.</summary>
internal sealed class StatusVerb
{
    private readonly Argument<string> path = new("MANIFEST") { Description = "the manifest of a run in parts" };
    private readonly Option<string> json = Choice.Of("--json", "FILE|-", "write the same as JSON");

    internal Command Command { get; }

    internal StatusVerb()
    {
        Command = new Command("status", "Show which parts of a run are done, running or failed, and the time left.");
        Command.Add(path);
        Command.Add(json);
        Command.SetAction(Run);
    }

    /// <summary>A part and what is known of it.</summary>
    private sealed record Line(ManifestPart Part, string State, double? Seconds, string Reason);

    private int Run(ParseResult given)
    {
        var manifestPath = given.GetValue(path)!;
        var manifest = ManifestModule.load(manifestPath).OrThrow();
        var lines = PartedRun
            .states(manifestPath, manifest)
            .Select(item => Of(manifestPath, item.Item1, item.Item2))
            .ToArray();
        var left = Left(lines);
        if (given.GetValue(json) is { } place)
            ReportFile.Write(place, Existing.Replace, Json(lines, left));
        else
            Console.Out.Write(Table(lines, left));
        return 0;
    }

    private static Line Of(string manifestPath, ManifestPart part, PartState state)
    {
        if (state is PartState.Done done)
            return new Line(part, "done", done.Item.Seconds, "");
        var marker = new FileInfo(PartMarker.PathOf(ManifestModule.pathOf(manifestPath, part)));
        if (marker.Exists)
            return DateTime.UtcNow - marker.LastWriteTimeUtc <= PartMarker.Oldest
                ? new Line(part, "running", null, "")
                : new Line(part, "failed", null, "it ended without a word");
        return state is PartState.Unfit unfit
            ? new Line(part, "failed", null, unfit.Item)
            : new Line(part, "waiting", null, "");
    }

    /// <summary>Processor seconds, as it were, that are left for one part after the other, by what those done took a particle.</summary>
    private static double? Left(Line[] lines)
    {
        var done = lines.Where(line => line.Seconds is not null).ToArray();
        var particles = done.Sum(line => line.Part.Particles);
        if (particles == 0)
            return null;
        var rate = done.Sum(line => line.Seconds!.Value) / particles;
        var atOnce = Math.Max(1, lines.Count(line => line.State == "running"));
        return rate * lines.Where(line => line.Seconds is null).Sum(line => line.Part.Particles) / atOnce;
    }

    private static string Table(Line[] lines, double? left)
    {
        var text = new StringBuilder("part     frames  particles  state      seconds\n");
        foreach (var line in lines)
            text.Append(
                    CultureInfo.InvariantCulture,
                    $"{line.Part.Number, 4} {line.Part.Span.Stop - line.Part.Span.First, 10} {line.Part.Particles, 10}  {line.State, -8} {line.Seconds, 9:0.0}"
                )
                .Append(line.Reason.Length > 0 ? "  " + line.Reason : "")
                .Append('\n');
        var counts = string.Join(", ", lines.CountBy(line => line.State).Select(item => $"{item.Value} {item.Key}"));
        text.Append(counts);
        if (left is { } seconds)
            text.Append(CultureInfo.InvariantCulture, $"; {seconds:0} s left");
        return text.Append('\n').ToString();
    }

    private static string Json(Line[] lines, double? left)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            foreach (var state in (string[])["done", "running", "failed", "waiting"])
                writer.WriteNumber(state, lines.Count(line => line.State == state));
            if (left is { } seconds)
                writer.WriteNumber("seconds_left", Math.Round(seconds, 3));
            writer.WriteStartArray("parts");
            foreach (var line in lines)
            {
                writer.WriteStartObject();
                writer.WriteNumber("part", line.Part.Number);
                writer.WriteNumber("first_frame", line.Part.Span.First);
                writer.WriteNumber("frames", line.Part.Span.Stop - line.Part.Span.First);
                writer.WriteNumber("particles", line.Part.Particles);
                writer.WriteString("state", line.State);
                if (line.Seconds is { } took)
                    writer.WriteNumber("seconds", Math.Round(took, 3));
                if (line.Reason.Length > 0)
                    writer.WriteString("reason", line.Reason);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.ToArray()) + "\n";
    }
}
