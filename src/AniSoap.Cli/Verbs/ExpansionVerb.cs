using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap expansion</c>: the coefficients c_nlm of every centre, or of every pair.</summary>
internal sealed class ExpansionVerb
{
    private const string Name = "expansion";

    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: true, ".mts");
    private readonly HyperOptions hypers = new();
    private readonly PartOptionSet parts = new();
    private readonly RunOptionSet run = new();
    private readonly Option<bool> pairs = Choice.Flag(
        "--pairs",
        "write the coefficients of every pair of particles, instead of their sum over neighbours"
    );
    private readonly Option<bool> raw = Choice.Flag(
        "--raw",
        "expand in the bare radial functions, neither normalised nor orthonormalised"
    );

    private readonly SelectionOptions selections = new(columns: false);
    private readonly Option<string> gradients = GradientOptions.Create();

    internal Command Command { get; }

    internal ExpansionVerb()
    {
        Command = new Command(Name, "Compute the expansion coefficients c_nlm of the density around every particle.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(pairs);
        Command.Add(raw);
        selections.AddTo(Command);
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
        var parameters = GradientOptions.Read(given, gradients, setup.Output);
        var form = given.GetValue(raw) ? RadialForm.Raw : RadialForm.Orthonormal;
        var chosen = selections.Read(
            given,
            given.GetValue(pairs) ? ("pairs", $"coefficients of particles, without {pairs.Name}") : null,
            null,
            setup.Output
        );
        var projection = setup.Projection(
            given.GetValue(pairs) ? WarmUpOf.PairCoefficients
            : parameters.IsEmpty ? WarmUpOf.Coefficients
            : WarmUpOf.Nothing
        );
        var kind = given.GetValue(pairs)
            ? FeatureKind.NewPairCoefficients(form)
            : FeatureKind.NewExpansionCoefficients(form);
        var statistics = FeatureEngine.Run(setup, projection, kind, parameters, interruption, chosen.Centers);
        clock.Print(setup.Run, statistics, setup.Output.Path);
        return 0;
    }
}
