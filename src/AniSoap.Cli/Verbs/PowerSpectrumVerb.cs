using System.CommandLine;
using System.Globalization;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap power-spectrum</c>: the mean over each frame's particles, or a row a particle.</summary>
internal sealed class PowerSpectrumVerb
{
    private const string Name = "power-spectrum";

    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: true, [.. Endings.ofFeatures, ".json", ".json.gz"]);
    private readonly HyperOptions hypers = new();
    private readonly PartOptionSet parts = new();
    private readonly RunOptionSet run = new();
    private readonly Option<bool> perParticle = Choice.Flag(
        "--per-particle",
        "one row for each particle, instead of the mean over each frame"
    );

    private readonly Option<bool> compact = Choice.Flag(
        "--compact",
        "write each pair of channels once (times √2) instead of twice: half the columns, the same dot products between rows"
    );

    private readonly Option<string> keep = Choice.Of(
        "--keep",
        "NAME,…",
        "copy these properties of the frames (energy, …) into the output, as targets for regress and reduce"
    );

    private readonly Option<string> lambda = Choice.Of(
        "--lambda",
        "LIST",
        "write equivariant features (λ-SOAP) for these λ (0,1,2) instead of invariant ones: one row for each particle, in .mts"
    );

    private readonly SelectionOptions selections = new(columns: true);
    private readonly Option<string> gradients = GradientOptions.Create();

    internal Command Command { get; }

    internal PowerSpectrumVerb()
    {
        Command = new Command(
            Name,
            "Compute features: the power spectrum of each frame (the mean over its particles), or of each particle."
        );
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(perParticle);
        Command.Add(compact);
        Command.Add(lambda);
        selections.AddTo(Command);
        Command.Add(keep);
        Command.Add(gradients);
        hypers.AddTo(Command);
        parts.AddTo(Command);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        using var interruption = new Interruption();
        var setup = RunSetup.Read(given, Name, input, output, hypers, run, interruption, parts);
        var kept = Kept(given, setup);
        if (kept is not null && setup.Part is not null)
            throw Refusal.Of("--keep", "targets beside --part", "one of both: parts hold no targets");
        var parameters = GradientOptions.Read(given, gradients, setup.Output);
        var lambdas = Lambdas(given, setup.Output);
        var ofParticles = given.GetValue(perParticle) || lambdas is not null;
        var chosen = selections.Read(
            given,
            ofParticles ? null : ("means of frames", $"{perParticle.Name}"),
            lambdas is null ? null : lambda.Name,
            setup.Output
        );
        var projection = setup.Projection(
            parameters.IsEmpty
                ? lambdas is null
                    ? WarmUpOf.Spectra
                    : WarmUpOf.Coefficients
                : WarmUpOf.Nothing
        );
        if (kept is not null)
            setup.Keep(kept, interruption.Token);
        if (ofParticles && projection.Hypers.Averaging.IsInner)
            throw Refusal.Of(
                "--average",
                "inner",
                $"outer with {(lambdas is null ? perParticle.Name : lambda.Name)}: there is no mean"
            );
        var all = given.GetValue(compact) ? SpectrumColumns.UnorderedPairs : SpectrumColumns.OrderedPairs;
        var columns = chosen.Columns(all, projection);
        var kind = ofParticles ? FeatureKind.NewParticleSpectra(columns) : FeatureKind.NewMeanSpectra(columns);
        var statistics = lambdas is null
            ? FeatureEngine.Run(setup, projection, kind, parameters, interruption, chosen.Centers)
            : FeatureEngine.Run(
                setup,
                target => FeatureOutputModule.lambdaSoap(target, lambdas, parameters, projection).OrThrow(),
                interruption,
                chosen.Centers
            );
        clock.Print(setup.Run, statistics, setup.Output.Path);
        return 0;
    }

    /// <summary>The values of λ asked for, if any; what they cannot go with is refused.</summary>
    private int[]? Lambdas(ParseResult given, OutputChoices target)
    {
        if (given.GetValue(lambda) is not { } text)
            return null;
        var values = new List<int>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
            values.Add(
                int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    ? value
                    : throw Refusal.Of(lambda.Name, text, "whole numbers from 0 with commas between (0,1,2)")
            );
        if (target.Ending != ".mts")
            throw new Refusal(
                $"{lambda.Name} cannot be written to {target.Path}; accepted: an output ending in .mts, the format that holds components"
            );
        if (target.UpstreamLabels)
            throw new Refusal(
                $"{lambda.Name} cannot go with --labels anisoap, which has no names for these columns; accepted: --labels metatensor"
            );
        return given.GetValue(compact)
            ? throw new Refusal(
                $"{lambda.Name} cannot go with {compact.Name}, which halves the columns of invariant spectra; accepted: one of both"
            )
            : [.. values];
    }

    /// <summary>The names of what is kept, where anything is; what cannot be kept is known before a frame is read.</summary>
    private string[]? Kept(ParseResult given, RunSetup setup)
    {
        if (given.GetValue(keep) is not { } text)
            return null;
        var names = text.Split(',');
        if (names.Any(name => name.Length == 0))
            throw Refusal.Of(keep.Name, text, "names of numbers of the frames, separated by commas");
        if (!Endings.withHypers.Contains(setup.Output.Ending))
            throw Refusal.Of(
                keep.Name,
                $"{text} with {setup.Output.Path}",
                $"an output that holds more than the features: {string.Join(", ", Endings.withHypers)}"
            );
        return setup.Inputs.AreStreams
            ? throw new Refusal(
                $"INPUT: a stream (a pipe, or -) is read once, and {keep.Name} reads the frames before their features; give a file"
            )
            : names;
    }
}
