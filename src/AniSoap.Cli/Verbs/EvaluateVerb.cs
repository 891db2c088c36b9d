using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Pictures;
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
        "report errors also for the frames with an energy below E alone (energy a particle, where frames have more than two particles)"
    );
    private readonly Option<bool> spread = Choice.Flag(
        "--spread",
        "report how well the committee's spreads predict the errors (train --committee)"
    );
    private readonly Option<string> json = Choice.Of(
        "--json",
        "FILE|-",
        "write the errors as JSON to this file; default -: to standard output"
    );
    private readonly Option<string> page = Choice.Of(
        "--page",
        "FILE.html",
        "a web page: energies, forces and torques of the potential against those of the frames",
        "-o",
        "--output"
    );
    private readonly Option<string> curve = Choice.Of(
        "--learning-curve",
        "FILE.json",
        "show this learning curve on the page (written by train --learning-curve)"
    );
    private readonly Option<bool> force = Choice.Flag(
        "--force",
        "replace the files of --json and --page if they exist"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal EvaluateVerb()
    {
        Command = new Command(
            "evaluate",
            "Measure the errors of a potential on frames with known energies, forces and torques."
        );
        input.AddTo(Command);
        targets.AddTo(Command);
        Command.Add(model);
        Command.Add(below);
        Command.Add(spread);
        Command.Add(json);
        Command.Add(page);
        Command.Add(curve);
        Command.Add(force);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var (clock, choices, inputChoices) = run.Begin(given, input);
        using var interruption = new Interruption();
        var potential = Model(given, model);
        var learning = Curve(given);
        var place = given.GetValue(page);
        if (place is not null && !place.EndsWith(".html", StringComparison.OrdinalIgnoreCase))
            throw Refusal.Of(page.Name, place, "a name ending in .html");
        var existing = OutputPath.BeginAll(
            given.GetValue(force),
            [.. inputChoices.FilesRead, given.GetValue(model)!],
            given.GetValue(json),
            place
        );
        var inputs = new Inputs(inputChoices);
        var frames = new CountedTargets(
            TargetOptionSet.Frames(inputs, targets.Read(given), WarningLines.To(choices.Quiet), interruption.Token),
            choices,
            _ => CountedTargets.Reach(potential)
        );
        var threshold = given.Number(below);
        var parity = place is null ? null : new ParityPage();
        var (errors, few) = PotentialErrorsModule
            .measureTelling(
                FuncConvert.FromAction<PotentialTargets, PotentialResult>((one, found) => parity?.Add(one, found)),
                choices.Threads,
                threshold is { } e ? FSharpOption<double>.Some(e) : null,
                potential,
                frames.Again()
            )
            .OrThrow(inputs.Locate);
        if (parity is not null)
            PictureFile.Write(
                parity.Chart("", errors, learning),
                $"{given.GetValue(model)} and {string.Join(", ", inputChoices.Paths)}",
                new OutputChoices(place!, given.GetValue(force), SinglePrecision: false, UpstreamLabels: false).Begun(
                    existing
                ),
                interruption
            );
        ReportFile.Write(
            given.GetValue(json) ?? "-",
            existing,
            PotentialErrorsModule.toJson(
                errors,
                threshold is { } limit && few.IsSome
                    ? FSharpValueOption<ValueTuple<double, PotentialErrors>>.Some((limit, few.Value))
                    : FSharpValueOption<ValueTuple<double, PotentialErrors>>.None,
                given.GetValue(spread)
                    ? FSharpValueOption<SpreadErrors>.Some(
                        SpreadErrorsModule.measure(choices.Threads, potential, frames.Again()).OrThrow(inputs.Locate)
                    )
                    : FSharpValueOption<SpreadErrors>.None
            )
        );
        clock.Print(choices, frames.Statistics(clock, potential.Length), place);
        return 0;
    }

    private LearningCurve? Curve(ParseResult given) =>
        given.GetValue(curve) is not { } file ? null
        : given.GetValue(page) is null
            ? throw new Refusal($"{curve.Name} is drawn on a page; give {page.Name} FILE.html")
        : LearningCurve.Read(file);

    /// <summary>The potential that an option names.</summary>
    internal static Potential Model(ParseResult given, Option<string> option) =>
        given.GetValue(option) is { } path
            ? PotentialFile.load(path).OrThrow()
            : throw new Refusal($"{option.Name} is missing; give the file that train has written");
}
