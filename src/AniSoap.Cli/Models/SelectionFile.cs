using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using AniSoap.Learning;

namespace AniSoap.Cli.Models;

/// <summary>Rows or columns that were chosen, as JSON: their labels, by which they are found again, and their numbers.</summary>
internal sealed record SelectionFile(
    string Path,
    bool OfFeatures,
    ImmutableArray<string> Names,
    ImmutableArray<ImmutableArray<int>> Labels
)
{
    private const string Format = "anisoap selection";

    /// <summary>The text of a file of these.</summary>
    internal static string ToJson(FeatureMatrix features, bool ofFeatures, string method, Selection selection)
    {
        var labels = ofFeatures ? features.Table.Properties : features.Table.Samples;
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("format", Format);
            writer.WriteNumber("version", 1);
            writer.WriteString("of", ofFeatures ? "features" : "samples");
            writer.WriteString("method", method);
            writer.WriteNumber("count", selection.Positions.Length);
            List(writer, "inputs", features.Paths, writer.WriteStringValue);
            List(writer, "positions", selection.Positions, writer.WriteNumberValue);
            // The first of the farthest points is at no distance from any: JSON has no word for that.
            List(
                writer,
                "scores",
                selection.Scores,
                score =>
                {
                    if (double.IsFinite(score))
                        writer.WriteNumberValue(score);
                    else
                        writer.WriteNullValue();
                }
            );
            List(writer, "names", labels.Names, writer.WriteStringValue);
            List(
                writer,
                "labels",
                selection.Positions,
                position =>
                {
                    writer.WriteStartArray();
                    foreach (var value in labels[position].Values)
                        writer.WriteNumberValue(value);
                    writer.WriteEndArray();
                }
            );
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.ToArray()) + "\n";
    }

    private static void List<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        writer.WriteEndArray();
    }

    /// <summary>Reads what <c>select</c> has written.</summary>
    internal static SelectionFile Read(string path) =>
        WrittenJson.Read(
            path,
            Format,
            "is no selection; accepted: a file that select has written as .json",
            root => new SelectionFile(
                path,
                root.GetProperty("of").GetString() == "features",
                [.. root.GetProperty("names").EnumerateArray().Select(name => name.GetString() ?? "")],
                [
                    .. root.GetProperty("labels")
                        .EnumerateArray()
                        .Select(row => row.EnumerateArray().Select(value => value.GetInt32()).ToImmutableArray()),
                ]
            )
        );

    /// <summary>The chosen rows or columns of features; what is not there is refused by its label.</summary>
    internal FeatureMatrix TakeFrom(FeatureMatrix features)
    {
        var labels = OfFeatures ? features.Table.Properties : features.Table.Samples;
        var what = OfFeatures ? "columns" : "rows";
        if (!labels.Names.SequenceEqual(Names))
            throw new Refusal(
                $"{features.Source}: its {what} are called {string.Join(", ", labels.Names)}; {Path} names {string.Join(", ", Names)}"
            );
        var positions = new int[Labels.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = labels.Position(Labels[i].AsSpan());
            if (positions[i] < 0)
                throw new Refusal(
                    $"{features.Source}: has none of the {what} with {string.Join(" ", Names.Zip(Labels[i], (name, value) => $"{name}={value}"))}, which {Path} names"
                );
        }
        return OfFeatures ? features.TakeColumns(positions) : features.TakeRows(positions);
    }
}
