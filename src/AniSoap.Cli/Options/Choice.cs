using System.CommandLine;

namespace AniSoap.Cli.Options;

/// <summary>
/// How options are declared and read. Their values stay text until a verb reads them, so that every refusal is
/// worded alike and nothing is converted that is not used.
/// </summary>
internal static class Choice
{
    internal static Option<string> Of(string name, string valueName, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = valueName, Description = description };

    internal static Option<string[]> Several(string name, string valueName, string description) =>
        new(name)
        {
            HelpName = valueName,
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

    internal static Option<string> Among(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { HelpName = string.Join('|', words), Description = description };
        option.CompletionSources.Add(words);
        return option;
    }

    internal static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    internal static double? Number(this ParseResult given, Option<string> option) =>
        given.GetValue(option) is { } text ? Texts.Number(option.Name, text) : null;

    internal static int? Whole(this ParseResult given, Option<string> option) =>
        given.GetValue(option) is { } text ? Texts.Whole(option.Name, text) : null;

    internal static string? Word(this ParseResult given, Option<string> option, params ReadOnlySpan<string> words) =>
        given.GetValue(option) is { } text ? Texts.OneOf(option.Name, text, words) : null;

    /// <summary>All values of an option that may be repeated.</summary>
    internal static string[] All(this ParseResult given, Option<string[]> option) => given.GetValue(option) ?? [];

    /// <summary>Pairs NAME=VALUE, several of them separated by commas.</summary>
    internal static IEnumerable<(string Name, string Value)> Pairs(
        this ParseResult given,
        Option<string[]> option,
        string accepted
    ) =>
        given
            .All(option)
            .SelectMany(text => text.Split(','))
            .Select(text =>
                text.LastIndexOf('=') is > 0 and var at
                && at < text.Length - 1
                && text[..at].Trim() is { Length: > 0 } name
                    ? (name, text[(at + 1)..].Trim())
                    : throw Refusal.Of(option.Name, text, $"{accepted}, several separated by commas")
            );

    /// <summary>The flag's value where it was given at all.</summary>
    internal static bool? FlagOrNull(this ParseResult given, Option<bool> option) =>
        given.GetResult(option) is { Implicit: false } ? given.GetValue(option) : null;
}
