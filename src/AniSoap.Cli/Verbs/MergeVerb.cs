using System.CommandLine;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap merge</c>: the parts of a run, or files of features, as one file.</summary>
internal sealed class MergeVerb
{
    private readonly Argument<string[]> parts = new("MANIFEST")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "the manifest of a run in parts; or files of features, which are joined in their order",
    };
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofFeatures]);

    internal Command Command { get; }

    internal MergeVerb()
    {
        Command = new Command("merge", "The parts of a run as one file, bit for bit that of one run over all frames.");
        Command.Add(parts);
        output.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var paths = given.GetValue(parts) ?? [];
        if (paths.Length == 0)
            throw new Refusal("MANIFEST is missing; name the manifest of a run in parts, or files of features");
        using var interruption = new Interruption();
        var target = output.Read(given, paths, interruption);
        if (paths is [var path] && !Library.FeatureFiles.Is(path))
            PartedRun.merge(target.Existing, path, target.Path).OrThrow();
        else
            FeatureFile.merge(target.Existing, target.Path, paths).OrThrow();
        interruption.Token.ThrowIfCancellationRequested();
        return 0;
    }
}
