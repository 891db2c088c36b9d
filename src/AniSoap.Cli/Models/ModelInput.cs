using System.CommandLine;
using AniSoap.Cli.Options;

namespace AniSoap.Cli.Models;

/// <summary>Files of features as inputs, and which of their rows or columns are taken.</summary>
internal sealed class ModelInput
{
    private readonly Argument<string[]> inputs = new("INPUT")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = $"files of features by their ending: {string.Join(", ", Endings.ofFeatures)}",
    };
    private readonly Option<string> selection = Choice.Of(
        "--selection",
        "FILE.json",
        "use only the rows or columns that select has written to this file"
    );

    internal void AddTo(Command command)
    {
        command.Add(inputs);
        command.Add(selection);
    }

    /// <summary>The inputs' names.</summary>
    internal IReadOnlyList<string> Paths(ParseResult given)
    {
        var paths = given.GetValue(inputs) ?? [];
        if (paths.Length == 0)
            throw new Refusal("INPUT is missing; name one or more files of features");
        return paths;
    }

    /// <summary>The features, of which the selection is taken.</summary>
    internal FeatureMatrix Read(ParseResult given, Action<string> warn)
    {
        var chosen = given.GetValue(selection) is { } path ? SelectionFile.Read(path) : null;
        var features = FeatureMatrix.Read(Paths(given), warn);
        return chosen is null ? features : chosen.TakeFrom(features);
    }
}
