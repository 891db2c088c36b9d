using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Learning;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap compare</c>: how far apart, or how alike, frames or particles are, by their features.</summary>
internal sealed class CompareVerb
{
    private readonly InputOptionSet input = new($"; or features: {string.Join(", ", Endings.ofFeatures)}");
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofFeatures, .. PictureFile.OfPictures]);
    private readonly HyperOptions hypers = new();
    private readonly Option<bool> perParticle = Choice.Flag("--per-particle", "compare particles instead of frames");
    private readonly Option<string> measure = Choice.Among(
        "--measure",
        "distance, the default: of rows (|x - y|) or in the space of the kernel; similarity: the kernel divided by both lengths, 1 for the same; kernel: as it is",
        RowComparison.Distance,
        RowComparison.Similarity,
        RowComparison.Kernel
    );
    private readonly KernelOptions kernels = new(
        isLinear: true,
        "the kernel's G; default: 1 divided by the mean |x - y|^2 (gaussian) or the mean |x|^2 (polynomial) of the rows compared"
    );
    private readonly Option<bool> normalize = Choice.Flag(
        "--normalize-rows",
        "divide each row by its length first, which takes out the overall size of the spectrum (mostly the density)"
    );
    private readonly Option<string> title = Choice.Of("--title", "TEXT", "title of the picture");
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal CompareVerb()
    {
        Command = new Command(
            "compare",
            "Compute distances or kernels between frames or particles: between two files, or all of one file with each other."
        );
        input.AddTo(Command);
        output.AddTo(Command);
        hypers.AddTo(Command);
        Command.Add(perParticle);
        Command.Add(measure);
        kernels.AddTo(Command);
        Command.Add(normalize);
        Command.Add(title);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var hyperChoices = hypers.Read(given);
        var inputs = input.Read(given, hyperChoices);
        var word = given.Word(measure, RowComparison.Distance, RowComparison.Similarity, RowComparison.Kernel);
        if (kernels.Read(given, 1.0).Count > 1)
            throw Refusal.Of("--gamma", "several numbers", "one number: nothing chooses among several here");
        var features = inputs.Paths.Count(FeatureFiles.Is);
        var isFeatures = features == inputs.Paths.Count;
        if (features > 0 && !isFeatures)
            throw Refusal.Of("INPUT", string.Join(" ", inputs.Paths), "files of frames or files of features, not both");
        using var interruption = new Interruption();
        // The rows are wanted for the table too, so the output can be left out.
        var target = output.IsGiven(given) ? output.Read(given, inputs.Paths, interruption) : null;
        var setup = new FeatureSetup(
            inputs.Paths,
            new PictureChoices(target ?? Nowhere, given.GetValue(title), null),
            choices,
            given.GetValue(perParticle),
            inputs,
            isFeatures ? null : RunSetup.Of(Command.Name, hyperChoices, inputs, target ?? Nowhere, choices)
        );
        // Each pair of columns once: products and distances of rows are the same.
        var (rows, statistics) = setup.Rows(SpectrumColumns.UnorderedPairs, interruption.Token);
        interruption.Token.ThrowIfCancellationRequested();
        var comparison = RowComparison.Of(rows, inputs.Paths, word ?? RowComparison.Distance);
        ModelRun.CheckMemory(choices, Command.Name, comparison.Size);
        ModelRun.By(
            choices.Threads,
            () =>
                comparison.Compute(
                    given.GetValue(normalize),
                    (distance, length) => kernels.Read(given, kernels.IsPolynomial(given) ? length : distance)[0]
                )
        );
        interruption.Token.ThrowIfCancellationRequested();
        if (!choices.Quiet || target is null)
            comparison.Print();
        if (target is not null && PictureFile.OfPictures.Contains(target.Ending))
            PictureFile.Write(
                comparison.Picture(PictureFile.Plain(given.GetValue(title) ?? "")),
                given.GetValue(title) ?? "Comparison",
                target,
                interruption
            );
        else if (target is not null)
            comparison.Write(target);
        clock.Print(choices, statistics, target?.Path);
        return 0;
    }

    private static OutputChoices Nowhere => new("", Force: false, SinglePrecision: false, UpstreamLabels: false);
}
