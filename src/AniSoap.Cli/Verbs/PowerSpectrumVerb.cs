using System.CommandLine;
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
    private readonly RunOptionSet run = new();
    private readonly Option<bool> perParticle = Choice.Flag("--per-particle", "a row for each particle, not the mean");

    private readonly Option<bool> compact = Choice.Flag(
        "--compact",
        "each pair of (n_1, neighbor_1_type) and (n_2, neighbor_2_type) once, times √2: half the columns, the same dot products"
    );

    private readonly Option<string> gradients = GradientOptions.Create();

    internal Command Command { get; }

    internal PowerSpectrumVerb()
    {
        Command = new Command(Name, "Power spectra: the mean over the particles of each frame, a row a frame.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(perParticle);
        Command.Add(compact);
        Command.Add(gradients);
        hypers.AddTo(Command);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        using var interruption = new Interruption();
        var setup = RunSetup.Read(given, Name, input, output, hypers, run, interruption);
        var parameters = GradientOptions.Read(given, gradients, setup.Output);
        var projection = setup.Projection();
        var columns = given.GetValue(compact) ? SpectrumColumns.UnorderedPairs : SpectrumColumns.OrderedPairs;
        var kind = given.GetValue(perParticle)
            ? FeatureKind.NewParticleSpectra(columns)
            : FeatureKind.NewMeanSpectra(columns);
        clock.Print(setup.Run, FeatureEngine.Run(setup, projection, kind, parameters, interruption), setup.Output.Path);
        return 0;
    }
}
