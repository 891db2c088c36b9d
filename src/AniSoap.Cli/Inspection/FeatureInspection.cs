using System.Diagnostics;
using System.Globalization;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Inspection;

/// <summary>What is in a file of features, as rows of a table for people.</summary>
internal static class FeatureInspection
{
    private static readonly string[] Known = ["program", "version", "verb", "inputs", "species", "hypers"];

    /// <summary>A table for each file, or a line of JSON.</summary>
    internal static int Run(IReadOnlyList<string> paths, bool asJson, RunChoices choices, RunClock clock)
    {
        if (paths.FirstOrDefault(path => !FeatureFiles.Is(path)) is { } frames)
            throw Refusal.Of("INPUT", frames, $"files of features ({string.Join(", ", Endings.ofFeatures)}) alone");
        var (reading, last) = (0.0, (FeatureSet?)null);
        foreach (var path in paths)
        {
            var started = Stopwatch.GetTimestamp();
            var features = FeatureFiles.Read(path, WarningLines.To(choices.Quiet));
            reading += Stopwatch.GetElapsedTime(started).TotalSeconds;
            last = features;
            var numbers = new NumberSurvey();
            List<(string, string)> rows = [.. Rows(features, numbers)];
            List<string> warnings = [];
            if (numbers.Strange > 0)
                warnings.Add(
                    $"{path}: {InspectionTable.Whole(numbers.Strange)} numbers are infinite or undefined (NaN)"
                );
            if (asJson)
            {
                using var json = new InspectionJson([path]);
                json.End(rows, warnings);
            }
            else
                InspectionTable.Write(path, rows);
            warnings.ForEach(WarningLines.To(choices.Quiet));
        }
        if (last is not null)
            clock.Print(choices, RunStatistics.OfFeatures(last, reading, 0.0));
        return 0;
    }

    private static IEnumerable<(string, string)> Rows(FeatureSet features, NumberSurvey numbers)
    {
        foreach (
            var row in features.Content switch
            {
                FeatureContent.Blocks blocks => Blocks(blocks.Item, numbers),
                FeatureContent.Table table => Table(table.Item, numbers),
                _ => [],
            }
        )
            yield return row;
        yield return ("numbers", $"{string.Join(", ", features.Types.Select(ScalarTypeModule.name))}, {numbers}");
        foreach (var name in Known.Where(features.Metadata.ContainsKey))
            yield return (name, features.Metadata[name]);
        foreach (var (name, text) in features.Metadata.Where(entry => !Known.Contains(entry.Key)))
            yield return (name, name == FrameTargetsModule.Entry && Targets(features) is { } targets ? targets : text);
    }

    /// <summary>What the targets beside features are, where they can be read: not all their numbers.</summary>
    private static string? Targets(FeatureSet features) =>
        FrameTargetsModule.ofMetadata(features.Metadata) is { IsOk: true, ResultValue.Value: var targets }
            ? $"{string.Join(", ", targets.Values.Select(column => column.Item1))} of {InspectionTable.Whole(targets.Frames.Length)} frames"
            : null;

    private static IEnumerable<(string, string)> Table(TensorBlock table, NumberSurvey numbers)
    {
        numbers.Add(table.Values);
        yield return ("kind", "table of features");
        yield return ("rows", InspectionTable.Whole(table.Samples.Count));
        foreach (var row in Dimensions(table.Samples))
            yield return row;
        yield return ("columns", InspectionTable.Whole(table.Properties.Count));
        foreach (var row in Dimensions(table.Properties))
            yield return row;
    }

    private static IEnumerable<(string, string)> Blocks(TensorMap map, NumberSurvey numbers)
    {
        foreach (var block in map.Blocks)
            numbers.Add(block.Values);
        yield return ("kind", "TensorMap: blocks by key");
        yield return ("blocks", InspectionTable.Whole(map.Count));
        foreach (var row in Dimensions(map.Keys))
            yield return row;
        foreach (var (key, block) in map.Keys.Zip(map.Blocks).Take(MostBlocks))
            yield return (
                $"block {key}",
                string.Join(" × ", block.Shape.Select(length => InspectionTable.Whole(length)))
            );
        if (map.Count > MostBlocks)
            yield return ("…", $"{InspectionTable.Whole(map.Count - MostBlocks)} more blocks");
        if (map.Count == 0)
            yield break;
        var first = map.Blocks[0];
        yield return ("samples", string.Join(", ", first.Samples.Names));
        if (first.Components.Length > 0)
            yield return (
                "components",
                string.Join("; ", first.Components.Select(axis => string.Join(", ", axis.Names)))
            );
        yield return ("properties", string.Join(", ", first.Properties.Names));
        if (!first.Gradients.IsEmpty)
            yield return ("gradients", string.Join(", ", first.Gradients.Select(gradient => gradient.Key)));
    }

    private const int MostBlocks = 12;
    private const int MostValues = 6;

    /// <summary>The values that labels take, all of them where they are few.</summary>
    private static IEnumerable<(string, string)> Dimensions(Labels labels)
    {
        for (var d = 0; d < labels.Size; d++)
        {
            var values = new SortedSet<int>();
            foreach (var row in labels)
                values.Add(row[d]);
            yield return (
                $"  {labels.Names[d]}",
                values.Count switch
                {
                    0 => "none",
                    <= MostValues => string.Join(", ", values.Select(Show)),
                    var count => $"{Show(values.Min)} to {Show(values.Max)} ({InspectionTable.Whole(count)} values)",
                }
            );
        }
    }

    private static string Show(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Range and oddities of the numbers.</summary>
    private sealed class NumberSurvey
    {
        private readonly Range range = new();
        private long zeros;

        internal long Strange { get; private set; }

        internal void Add(ReadOnlySpan<double> values)
        {
            foreach (var value in values)
            {
                if (!double.IsFinite(value))
                {
                    Strange++;
                    continue;
                }
                range.Add(value);
                if (value == 0.0)
                    zeros++;
            }
        }

        public override string ToString() =>
            range.Count == 0
                ? "none"
                : $"{range} (mean {Range.Show(range.Mean)}), {Range.Show(100.0 * zeros / range.Count)} % zeros";
    }
}
