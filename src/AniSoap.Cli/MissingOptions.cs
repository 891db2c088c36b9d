using AniSoap.Cli.Options;

namespace AniSoap.Cli;

/// <summary>Options that must be given and were not, all of them, each with a value to begin with.</summary>
internal sealed class MissingOptions(IReadOnlyList<(string Keyword, string Option, string Value)> missing)
    : Refusal(Sentence(missing) + $"give {Options(missing)}, or a file with them (--hypers FILE.json)")
{
    private static string Sentence(IReadOnlyList<(string Keyword, string Option, string Value)> missing)
    {
        string[] names = [.. missing.Select(item => item.Keyword)];
        return names is [var one]
            ? $"{one} is missing; "
            : $"{string.Join(", ", names[..^1])} and {names[^1]} are missing; ";
    }

    private static string Options(IReadOnlyList<(string Keyword, string Option, string Value)> missing) =>
        string.Join(" ", missing.Select(item => $"{item.Option} {item.Value}"));

    /// <summary>The same with the whole command that has them.</summary>
    internal Refusal For(IEnumerable<string> args) =>
        new(
            $"{Sentence(missing)}with values to begin with: anisoap {ShellWords.Joined(args)} {Options(missing)} "
                + "(or a file with them: --hypers FILE.json)"
        );
}
