using System.Text.Json;

namespace AniSoap.Cli.Models;

/// <summary>Small JSON files that a verb has written for another one: <c>format</c> and <c>version</c> 1 say what they are.</summary>
internal static class WrittenJson
{
    /// <summary>What is read of a file; null, and whatever is not there or of another kind, makes it unusable.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What it must say of itself.</param>
    /// <param name="what">The refusal of any other: "is no selection; accepted: …".</param>
    /// <param name="read">Reads the root object.</param>
    internal static T Read<T>(string path, string format, string what, Func<JsonElement, T?> read)
        where T : class
    {
        if (!File.Exists(path))
            throw new Refusal($"{path}: does not exist");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (
                root.GetProperty("format").GetString() == format
                && root.GetProperty("version").GetInt32() <= 1
                && read(root) is { } found
            )
                return found;
        }
        catch (Exception problem)
            when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Refused below, as another format is.
        }
        throw new Refusal($"{path}: {what}");
    }
}
