using System.Text;
using System.Text.Json;

namespace AniSoap.Cli.Options;

/// <summary>Values of a JSON text, refused with the line they stand on.</summary>
internal readonly ref struct JsonPlace(ReadOnlySpan<byte> json, string source)
{
    private readonly ReadOnlySpan<byte> json = json;

    internal int Whole(ref Utf8JsonReader reader, string keyword) =>
        reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var value)
            ? value
            : throw Refuse(ref reader, keyword, "a whole number");

    internal double Number(ref Utf8JsonReader reader, string keyword) =>
        reader.TokenType is JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw Refuse(ref reader, keyword, "a number");

    internal double? NumberOrNull(ref Utf8JsonReader reader, string keyword) =>
        reader.TokenType is JsonTokenType.Null ? null : Number(ref reader, keyword);

    internal bool Truth(ref Utf8JsonReader reader, string keyword) =>
        reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw Refuse(ref reader, keyword, "true or false"),
        };

    internal string Text(ref Utf8JsonReader reader, string keyword) =>
        reader.TokenType is JsonTokenType.String ? reader.GetString()! : throw Refuse(ref reader, keyword, "a text");

    internal string Word(ref Utf8JsonReader reader, string keyword, params ReadOnlySpan<string> words)
    {
        var accepted = string.Join(" or ", words);
        return reader.TokenType is JsonTokenType.String && words.Contains(reader.GetString()!)
            ? reader.GetString()!
            : throw Refuse(ref reader, keyword, accepted);
    }

    /// <summary>The numbers of a list whose opening bracket has been read.</summary>
    internal List<int> Wholes(ref Utf8JsonReader reader, string keyword, string accepted)
    {
        var numbers = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            numbers.Add(
                reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var value)
                    ? value
                    : throw Refuse(ref reader, keyword, accepted)
            );
        return numbers;
    }

    internal Refusal Refuse(ref Utf8JsonReader reader, string keyword, string accepted)
    {
        var value = reader.TokenType switch
        {
            JsonTokenType.StartObject => "{…}",
            JsonTokenType.StartArray => "[…]",
            _ => Encoding.UTF8.GetString(reader.ValueSpan),
        };
        return Refuse(ref reader, keyword, value, accepted);
    }

    internal Refusal Refuse(ref Utf8JsonReader reader, string keyword, string value, string accepted)
    {
        var line = 1 + json[..(int)reader.TokenStartIndex].Count((byte)'\n');
        return Refusal.Of($"{source}, line {line}: {keyword}", value, accepted);
    }
}
