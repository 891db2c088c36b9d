using System.CommandLine;
using System.Diagnostics;
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
    private readonly TrainingOptionSet training = new();
    private readonly Option<bool> choose = Choice.Flag(
        "--choose",
        "only choose hyperparameters, species, bodies and weights, and write these instead of a potential: for --hypers, and needed before a run in parts"
    );
    private readonly Option<string> report = Choice.Of(
        "--report",
        "FILE.json",
        "write the errors of the training frames, as evaluate --json does"
    );
    private readonly Option<string> curve = Choice.Of(
        "--learning-curve",
        "FILE.json",
        "write the errors of held-out frames after training on an eighth, a quarter, half and all of the other frames"
    );
    private readonly PartOptionSet parts = new();
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal TrainVerb()
    {
        Command = new Command("train", "Train a potential on frames with energies, forces and torques.");
        input.AddTo(Command);
        output.AddTo(Command);
        targets.AddTo(Command);
        training.AddTo(Command);
        Command.Add(choose);
        Command.Add(report);
        Command.Add(curve);
        parts.AddTo(Command);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var (clock, choices, inputChoices) = run.Begin(given, input);
        var part = parts.Read(given);
        if (part is not null)
            Alone(given, "--part", choose, report, curve);
        if (given.GetValue(choose))
            Alone(given, choose.Name, report, curve);
        var setup = part is null ? training.Setup(given) : training.SetupOfPart(given);
        using var interruption = new Interruption();
        var target = output.Read(given, inputChoices.FilesRead, interruption, part);
        foreach (var beside in (string?[])[given.GetValue(report), given.GetValue(curve)])
            target = OutputPath.Beside(target, beside, inputChoices.FilesRead);
        var reading = new Reading(clock, choices, inputChoices, target, interruption);
        if (part is not null)
            return RunPart(given, reading, setup!, part);
        if (setup is not null)
            return given.GetValue(choose)
                ? throw Refusal.Of(choose.Name, "with --hypers of what it writes", "hyperparameters alone, or none")
                : Train(given, reading, setup);
        return given.GetValue(choose) ? Choose(given, reading) : Train(given, reading, null);
    }

    /// <summary>What all kinds of training have.</summary>
    private sealed record Reading(
        RunClock Clock,
        RunChoices Choices,
        InputChoices InputChoices,
        OutputChoices Target,
        Interruption Interruption
    )
    {
        internal Inputs Inputs { get; } = new(InputChoices);
        internal Action<string> Warn { get; } = Once(WarningLines.To(Choices.Quiet));
    }

    private static void Alone(ParseResult given, string name, params Option[] others)
    {
        foreach (var other in others)
            if (given.GetResult(other) is { Implicit: false })
                throw Refusal.Of(other.Name, $"given with {name}", "one of both");
    }

    private CountedTargets Frames(ParseResult given, Reading reading, TrainingOptions options, PartRun? part = null)
    {
        var needs = new TrainingNeeds(options, reading.Choices);
        return new CountedTargets(
            TargetOptionSet.Frames(reading.Inputs, targets.Read(given), reading.Warn, reading.Interruption.Token, part),
            reading.Choices,
            needs.CutoffRadius,
            needs.CheckMemory
        );
    }

    /// <summary>What training chooses, without its last fit.</summary>
    private int Choose(ParseResult given, Reading reading)
    {
        var options = training.Options(given, reading.Choices.Threads);
        var frames = Frames(given, reading, options);
        var setup = PotentialTraining.choose(options, frames.Again()).OrThrow(reading.Inputs.Locate);
        reading.Interruption.Token.ThrowIfCancellationRequested();
        TrainingSetupFile.save(reading.Target.Existing, reading.Target.Path, setup).OrFail();
        reading.Clock.Print(
            reading.Choices,
            frames.Statistics(reading.Clock, TrainingNeeds.Columns(setup)),
            reading.Target.Path
        );
        return 0;
    }

    /// <summary>A part of the frames by what was chosen: the factors of its rows.</summary>
    private int RunPart(ParseResult given, Reading reading, TrainingSetup setup, PartChoices choice)
    {
        if (training.Committee(given) != 0)
            throw Refusal.Of(
                training.CommitteeName,
                $"given with --part {choice.Part}/{choice.Count}",
                "0: a committee is calibrated by all frames once they are learnt from, in one run"
            );
        var part = new PartRun(
            choice,
            reading.InputChoices,
            PartOptionSet.Arguments(given),
            reading.Target.Whole,
            PartRun.BeginIndex(reading.InputChoices),
            TrainingInParts.grain(setup)
        );
        if (part.Settle(TrainingInParts.metadata(setup)))
        {
            reading.Warn(PartRun.Stands(reading.Target.Path));
            reading.Clock.Print(reading.Choices, RunStatistics.OfNothing, reading.Target.Path);
            return 0;
        }
        var began = Stopwatch.GetTimestamp();
        using var marker = part.Mark();
        reading.Interruption.OnForcedEnd(marker.Dispose);
        var frames = Frames(given, reading, TrainingNeeds.OfSetup(setup), part);
        var made = TrainingPartModule
            .compute(setup, reading.Choices.Threads, part.Index.Frames, part.Span, frames.Again())
            .OrThrow(reading.Inputs.Locate);
        reading.Interruption.Token.ThrowIfCancellationRequested();
        TrainingPartFile.save(reading.Target.Existing, reading.Target.Path, made).OrFail();
        part.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        reading.Clock.Print(
            reading.Choices,
            frames.Statistics(reading.Clock, TrainingNeeds.Columns(setup)),
            reading.Target.Path
        );
        return 0;
    }

    /// <summary>A potential of all frames, by what was chosen where that is given.</summary>
    private int Train(ParseResult given, Reading reading, TrainingSetup? setup)
    {
        var (choices, inputs, target) = (reading.Choices, reading.Inputs, reading.Target);
        if (setup is not null)
            Alone(given, "--hypers of what --choose has written", curve);
        var options = setup is null ? training.Options(given, choices.Threads) : TrainingNeeds.OfSetup(setup);
        var frames = Frames(given, reading, options);
        var potential = (
            setup is null
                ? PotentialTraining.train(options, frames.Again())
                : PotentialTraining.trainBy(setup, training.Committee(given), choices.Threads, frames.Again())
        ).OrThrow(inputs.Locate);
        if (setup is null && training.OfNoUse(given, potential) is { } useless)
            reading.Warn(useless);
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
        reading.Interruption.Token.ThrowIfCancellationRequested();
        PotentialFile.save(target.Existing, target.Path, potential).OrFail();
        if (choices.Stats)
            frames.CountPairs(CountedTargets.Reach(potential));
        if (!choices.Quiet)
            TrainingReport.Write(potential);
        reading.Clock.Print(choices, frames.Statistics(reading.Clock, potential.Length), target.Path);
        return 0;
    }

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
