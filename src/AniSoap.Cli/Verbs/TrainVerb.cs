using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap train</c>: a potential out of frames with energies, forces and torques.</summary>
internal sealed class TrainVerb
{
    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: false, ".json");
    private readonly TargetOptionSet targets = new();
    private readonly Option<string> hypers = Choice.Of(
        "--hypers",
        "FILE.json",
        "the pair spectra, from a potential's file or an object of its hypers; default: chosen by what they leave of held-out frames"
    );
    private readonly Option<string> cutoff = Choice.Of(
        "--cutoff-radius",
        "R",
        "the cutoff radius where pair spectra are chosen; default: from the data"
    );
    private readonly Option<string> smoothing = Choice.Of(
        "--cutoff-smoothing-width",
        "W",
        "over what length pairs leave before the cutoff, 0 for at once; default: a tenth of the cutoff radius"
    );
    private readonly Option<string> regularization = Choice.Of(
        "--regularization",
        "L",
        "ridge, relative to the number of columns; default: chosen by held-out frames"
    );
    private readonly Option<string> energyWeight = Choice.Of(
        "--energy-weight",
        "W",
        "what energies count beside forces, each in units of its spread; default: more the larger frames are"
    );
    private readonly Option<string> torqueWeight = Choice.Of(
        "--torque-weight",
        "W",
        "what torques count beside forces; default 1"
    );
    private readonly Option<string> virialWeight = Choice.Of(
        "--virial-weight",
        "W",
        "what virials count beside forces; default 0: they are not trained on"
    );
    private readonly Option<string> robustness = Choice.Of(
        "--robustness",
        "P",
        "from 0, where all rows count alike, to 1: the more acts on a particle, the less its rows count; default 0.5"
    );
    private readonly Option<string> folds = Choice.Of(
        "--folds",
        "N",
        "parts of the frames that are held out in turn; default 8"
    );
    private readonly Option<string> committee = Choice.Of(
        "--committee",
        "N",
        "as many potentials of half of the frames each, for the spreads of predict and evaluate --spread; default 0: none"
    );
    private readonly Option<string> report = Choice.Of(
        "--report",
        "FILE.json",
        "write the errors of the training frames, as evaluate --json does"
    );
    private readonly SiteOptionSet sites = new();
    private readonly Option<string> curve = Choice.Of(
        "--learning-curve",
        "FILE.json",
        "write the errors of held-out frames by potentials of an eighth, a quarter, half and all of the others"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal TrainVerb()
    {
        Command = new Command("train", "A potential of ellipsoids out of frames with energies, forces and torques.");
        input.AddTo(Command);
        output.AddTo(Command);
        targets.AddTo(Command);
        Command.Add(hypers);
        Command.Add(cutoff);
        Command.Add(smoothing);
        Command.Add(regularization);
        Command.Add(energyWeight);
        Command.Add(torqueWeight);
        Command.Add(virialWeight);
        Command.Add(robustness);
        Command.Add(folds);
        Command.Add(committee);
        Command.Add(report);
        sites.AddTo(Command);
        Command.Add(curve);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var inputChoices = input.Read(given, new HyperChoices());
        using var interruption = new Interruption();
        var target = output.Read(given, inputChoices.FilesRead, interruption);
        foreach (var beside in (string?[])[given.GetValue(report), given.GetValue(curve)])
            target = OutputPath.Beside(target, beside, inputChoices.FilesRead);
        var inputs = new Inputs(inputChoices);
        var warn = WarningLines.To(choices.Quiet);
        var options = Options(given, choices.Threads);
        var needs = new TrainingNeeds(options, choices);
        var frames = new CountedTargets(
            TargetOptionSet.Frames(inputs, targets.Read(given), Once(warn), interruption.Token),
            choices,
            needs.CutoffRadius,
            needs.CheckMemory
        );
        var potential = PotentialTraining.train(options, frames.Again()).OrThrow(inputs.Locate);
        if (given.GetValue(report) is { } path)
        {
            var (errors, _) = PotentialErrorsModule
                .measure(choices.Threads, null, potential, frames.Again())
                .OrThrow(inputs.Locate);
            ReportFile.Write(
                path,
                target.Existing,
                PotentialErrorsModule.toJson(
                    errors,
                    FSharpValueOption<ValueTuple<double, PotentialErrors>>.None,
                    FSharpValueOption<SpreadErrors>.None
                )
            );
        }
        if (given.GetValue(curve) is { } curvePath)
            ReportFile.Write(
                curvePath,
                target.Existing,
                LearningCurve
                    .Of(options, potential, choices.Threads, frames.Frames, frames.Again(), inputs.Locate)
                    .ToJson()
            );
        interruption.Token.ThrowIfCancellationRequested();
        PotentialFile.save(target.Existing, target.Path, potential).OrFail();
        if (choices.Stats)
            frames.CountPairs(CountedTargets.Reach(potential));
        if (!choices.Quiet)
            TrainingReport.Write(potential);
        clock.Print(choices, frames.Statistics(clock, potential.Length), target.Path);
        return 0;
    }

    private TrainingOptions Options(ParseResult given, int threads)
    {
        var usual = PotentialTraining.defaults;
        var file = given.GetValue(hypers);
        if (file is not null && (given.GetValue(cutoff) ?? given.GetValue(smoothing)) is not null)
            throw Refusal.Of(
                hypers.Name,
                $"{file} with {cutoff.Name} or {smoothing.Name}",
                "one or the other: the file has a cutoff radius"
            );
        return new TrainingOptions(
            hypers: file is null ? null : FSharpOption<PairHypers>.Some(PotentialFile.hypers(file).OrThrow()),
            cutoffRadius: Number(given, cutoff),
            smoothingWidth: Number(given, smoothing),
            regularization: Number(given, regularization),
            energyWeight: Number(given, energyWeight),
            torqueWeight: given.Number(torqueWeight) ?? usual.TorqueWeight,
            virialWeight: given.Number(virialWeight) ?? usual.VirialWeight,
            robustness: given.Number(robustness) ?? usual.Robustness,
            folds: given.Whole(folds) ?? usual.Folds,
            committee: given.Whole(committee) ?? usual.Committee,
            bodies: sites.Read(given),
            threads: threads
        );
    }

    private static FSharpOption<double>? Number(ParseResult given, Option<string> option) =>
        given.Number(option) is { } number
            ? number >= 0.0
                ? FSharpOption<double>.Some(number)
                : throw Refusal.Of(option.Name, Texts.Show(number), "a number from 0")
            : null;

    /// <summary>Frames are read several times: each warning once.</summary>
    private static Action<string> Once(Action<string> warn)
    {
        var told = new HashSet<string>();
        return message =>
        {
            lock (told)
                if (told.Add(message))
                    warn(message);
        };
    }
}
