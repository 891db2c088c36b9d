using System.Globalization;

namespace AniSoap.Cli.Options;

/// <summary>Numbers and lists in the text of an option; what is not one is refused under the option's name.</summary>
internal static class Texts
{
    /// <summary>A finite number, with a decimal point whatever the machine's language.</summary>
    internal static double Number(string option, string text) =>
        TryNumber(text) ?? throw Refusal.Of(option, text, "a number");

    internal static int Whole(string option, string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Refusal.Of(option, text, "a whole number");

    internal static int[] Wholes(string option, string text) =>
        Array.ConvertAll(text.Split(','), part => Whole(option, part.Trim()));

    /// <summary>Numbers separated by commas, exactly as many as asked for.</summary>
    internal static double[] Numbers(string option, string text, int count, string accepted)
    {
        var parts = text.Split(',');
        if (parts.Length != count)
            throw Refusal.Of(option, text, accepted);
        return Array.ConvertAll(parts, part => TryNumber(part.Trim()) ?? throw Refusal.Of(option, text, accepted));
    }

    /// <summary>
    /// So many numbers above zero separated by commas, behind TYPE= where they are of a type alone: the last = parts them.
    /// </summary>
    internal static (string? Type, double[] Numbers) Positives(string option, string text, int count, string accepted)
    {
        var equals = text.LastIndexOf('=');
        var parts = text[(equals + 1)..].Split(',');
        var numbers = Array.ConvertAll(parts, part => TryNumber(part.Trim()) ?? 0.0);
        return numbers.Length == count && numbers.All(number => number > 0.0)
            ? (equals < 0 ? null : text[..equals], numbers)
            : throw Refusal.Of(option, text, accepted);
    }

    private static double? TryNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : null;

    /// <summary>One word of a fixed list.</summary>
    internal static string OneOf(string option, string text, params ReadOnlySpan<string> words) =>
        words.Contains(text) ? text : throw Refusal.Of(option, text, string.Join(" or ", words));

    /// <summary>The number as it reads back to itself.</summary>
    internal static string Show(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
