using System.CommandLine;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using AniSoap.Learning;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap merge</c>: the parts of a run, or files of features, as one file.</summary>
internal sealed class MergeVerb
{
    private const string Model = ".json";

    private readonly Argument<string[]> parts = new("MANIFEST")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "the manifest of a run in parts; or files of features, which are joined in the order given",
    };
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofFeatures, Model]);

    internal Command Command { get; }

    internal MergeVerb()
    {
        Command = new Command(
            "merge",
            "Merge the parts of a run into one file of features or one model, identical to that of a single run."
        );
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
        var isOfParts = paths is [var only] && !Library.FeatureFiles.Is(only);
        var isOfModel = isOfParts && TrainingInParts.isTraining(ManifestModule.load(paths[0]).OrThrow());
        if (isOfModel != (target.Ending == Model))
            throw Refusal.Of(
                "--output",
                target.Path,
                isOfModel ? $"a name ending in {Model}: the parts are a model's" : "the ending of a file of features"
            );
        if (isOfModel)
            TrainingInParts.merge(target.Existing, paths[0], target.Path).OrThrow();
        else if (isOfParts)
            PartedRun.merge(target.Existing, paths[0], target.Path).OrThrow();
        else
            FeatureFile.merge(target.Existing, target.Path, paths).OrThrow();
        interruption.Token.ThrowIfCancellationRequested();
        return 0;
    }
}
