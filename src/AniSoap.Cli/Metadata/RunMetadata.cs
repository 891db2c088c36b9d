using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AniSoap.Cli.Options;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Metadata;

/// <summary>
/// What every output says about its making: program, version, verb, inputs, species and hyperparameters, as texts by
/// name. Lists and objects are JSON texts; formats whose metadata are JSON carry them as such.
/// </summary>
internal static class RunMetadata
{
    private const string Hyperparameters = "hypers";
    private const string Species = "species";

    // Outputs are data, not web pages: names stand as they are.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Dictionary<string, string> Of(
        string verb,
        IEnumerable<string> inputs,
        IEnumerable<int> species,
        Hypers hypers,
        HyperChoices choices
    ) =>
        new()
        {
            ["program"] = "anisoap",
            ["version"] = ProgramVersion.Text,
            ["verb"] = verb,
            ["inputs"] = Json(writer => WriteList(writer, inputs, writer.WriteStringValue)),
            [Species] = Json(writer => WriteList(writer, species, writer.WriteNumberValue)),
            [Hyperparameters] = Json(writer => HypersJson.Write(writer, hypers, choices)),
        };

    private static void WriteList<T>(Utf8JsonWriter writer, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray();
        foreach (var item in items)
            write(item);
        writer.WriteEndArray();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, Plain))
            write(writer);
        return Encoding.UTF8.GetString(memory.ToArray());
    }

    /// <summary>Hyperparameters and species of the earlier run whose output carries these metadata.</summary>
    internal static HyperChoices Read(FSharpMap<string, string> metadata, string source)
    {
        if (!metadata.TryGetValue(Hyperparameters, out var hypers) || !metadata.TryGetValue(Species, out var species))
            throw Absent(source);
        try
        {
            using var numbers = JsonDocument.Parse(species);
            return HypersJson.Read(Encoding.UTF8.GetBytes(hypers), source) with
            {
                Species = [.. numbers.RootElement.EnumerateArray().Select(item => item.GetInt32()).Order()],
            };
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or FormatException)
        {
            throw Absent(source);
        }
    }

    internal static Refusal Absent(string source) =>
        new(
            $"{source}: carries no hyperparameters; expected: a JSON file, or an .npz, .mts, .csv, .h5 or .parquet of this program"
        );
}
