using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap evaluate</c>: how far a potential is from what frames say.</summary>
internal sealed class EvaluateVerb
{
    private readonly InputOptionSet input = new();
    private readonly TargetOptionSet targets = new();
    private readonly Option<string> model = Choice.Of("--model", "FILE.json", "the potential, as train writes it");
    private readonly Option<string> below = Choice.Of(
        "--below",
        "E",
        "errors of the frames with an energy below this too (a particle, where frames have more than two)"
    );
    private readonly Option<bool> spread = Choice.Flag(
        "--spread",
        "what the spreads of the committee foretell of the errors too (train --committee)"
    );
    private readonly Option<string> json = Choice.Of("--json", "FILE|-", "where the errors go as JSON; default -");
    private readonly Option<bool> force = Choice.Flag("--force", "replace the file of --json if it exists");
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal EvaluateVerb()
    {
        Command = new Command("evaluate", "Errors of a potential on frames with energies, forces and torques.");
        input.AddTo(Command);
        targets.AddTo(Command);
        Command.Add(model);
        Command.Add(below);
        Command.Add(spread);
        Command.Add(json);
        Command.Add(force);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var inputChoices = input.Read(given, new HyperChoices());
        using var interruption = new Interruption();
        var potential = Model(given, model);
        var inputs = new Inputs(inputChoices);
        var frames = TargetOptionSet.Frames(
            inputs,
            targets.Read(given),
            WarningLines.To(choices.Quiet),
            interruption.Token
        );
        var threshold = given.Number(below);
        var (errors, few) = PotentialErrorsModule
            .measure(choices.Threads, threshold is { } e ? FSharpOption<double>.Some(e) : null, potential, frames)
            .OrThrow(inputs.Locate);
        ReportFile.Write(
            given.GetValue(json) ?? "-",
            given.GetValue(force) ? Existing.Replace : Existing.Keep,
            PotentialErrorsModule.toJson(
                errors,
                threshold is { } limit && few.IsSome
                    ? FSharpValueOption<ValueTuple<double, PotentialErrors>>.Some((limit, few.Value))
                    : FSharpValueOption<ValueTuple<double, PotentialErrors>>.None,
                given.GetValue(spread)
                    ? FSharpValueOption<SpreadErrors>.Some(
                        SpreadErrorsModule.measure(choices.Threads, potential, frames).OrThrow(inputs.Locate)
                    )
                    : FSharpValueOption<SpreadErrors>.None
            )
        );
        clock.Print(choices, TrainVerb.Statistics(0, potential.Length, clock.Seconds));
        return 0;
    }

    /// <summary>The potential that an option names.</summary>
    internal static Potential Model(ParseResult given, Option<string> option) =>
        given.GetValue(option) is { } path
            ? PotentialFile.load(path).OrThrow()
            : throw new Refusal($"{option.Name} is missing; give the file that train has written");
}
