using System.CommandLine;
using System.Globalization;

namespace AniSoap.Cli.Options;

/// <summary>One part of a run: its number from 1, of how many, and the manifest that all of them share.</summary>
internal sealed record PartChoices(int Part, int Count, string Manifest);

/// <summary>The options of runs that are cut into parts.</summary>
internal sealed class PartOptionSet
{
    private readonly Option<string> part = Choice.Of(
        "--part",
        "I/N",
        "compute only part I of N (1/8, 2/8, …); needs --manifest, and an index of the input (anisoap index). Parts take about equally long"
    );
    private readonly Option<string> manifest = Choice.Of(
        "--manifest",
        "FILE.json",
        "file that describes the run in parts: the first part writes it, and anisoap merge reads it"
    );

    internal void AddTo(Command command)
    {
        command.Add(part);
        command.Add(manifest);
    }

    /// <summary>Null where the run is not cut into parts.</summary>
    internal PartChoices? Read(ParseResult given)
    {
        var (text, path) = (given.GetValue(part), given.GetValue(manifest));
        if (text is null && path is null)
            return null;
        if (text is null)
            throw new Refusal($"{manifest.Name} is given without {part.Name}; give {part.Name} I/N");
        if (path is not { Length: > 0 })
            throw new Refusal($"{manifest.Name} is missing; give one name for all parts ({manifest.Name} run.json)");
        if (
            text.Split('/') is not [var first, var second]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || number < 1
            || number > count
        )
            throw Refusal.Of(part.Name, text, "I/N, two whole numbers with I from 1 to N");
        return new PartChoices(number, count, path);
    }

    private static readonly string[] NotOfTheResult =
    [
        "--part",
        "--manifest",
        "--output",
        "-o",
        "--threads",
        "--max-pairs",
        "--max-memory",
    ];

    private static readonly string[] FlagsNotOfTheResult = ["--stats", "--quiet", "--force"];

    /// <summary>The words of the command line that say what is computed, not where, by which part, or how fast.</summary>
    internal static IEnumerable<string> Arguments(ParseResult given)
    {
        var words = given.Tokens.Select(token => token.Value).ToArray();
        for (var i = 0; i < words.Length; i++)
            if (NotOfTheResult.Contains(words[i]))
                i++;
            else if (!FlagsNotOfTheResult.Contains(words[i]))
                yield return words[i];
    }
}
