using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap predict</c>: frames with the energy, forces, torques and virial of a potential.</summary>
internal sealed class PredictVerb
{
    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofPackedFrames]);
    private readonly Option<string> model = Choice.Of("--model", "FILE.json", "the potential, as train writes it");
    private readonly Option<bool> spread = Choice.Flag(
        "--spread",
        "write uncertainties too, from the potential's committee (train --committee), and how far each frame is from the training frames"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal PredictVerb()
    {
        Command = new Command("predict", "Predict energy, forces, torques and virial of frames with a potential.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(model);
        Command.Add(spread);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var (clock, choices, inputChoices) = run.Begin(given, input);
        using var interruption = new Interruption();
        var potential = EvaluateVerb.Model(given, model);
        var target = output.Read(given, inputChoices.FilesRead, interruption);
        var inputs = new Inputs(inputChoices);
        var warn = WarningLines.To(choices.Quiet);
        using var file = Output.FrameSink.Open(target.Path, target.Existing, warn);
        interruption.OnForcedEnd(file.Dispose);
        var engine = potential.Engine(choices.Threads).OrThrow();
        var committee = given.GetValue(spread) ? SpreadEngine.Create(potential, choices.Threads).OrThrow() : null;
        var tally = new FrameTally();
        var (reach, pairs) = (CountedTargets.Reach(potential), 0L);
        using (var progress = new ProgressLine(choices.Quiet, total: null))
            foreach (var (number, snapshot) in inputs.Snapshots(warn))
            {
                interruption.Token.ThrowIfCancellationRequested();
                AniSoapError Locate(AniSoapError error) => inputs.LocateFrame(number, error);
                pairs += tally.Compute(() =>
                    CountedTargets.PairsOf(snapshot.Frame, reach, choices.Limits).OrThrow(Locate)
                );
                var result = tally.Compute(() => PotentialModule.evaluateWith(engine, snapshot.Frame).OrThrow(Locate));
                var labelled = PotentialModule.label(result, snapshot).OrThrow();
                if (committee is not null)
                {
                    var found = tally.Compute(() => committee.Evaluate(snapshot.Frame).OrThrow(Locate));
                    labelled = PotentialSpreadModule.label(found, labelled).OrThrow();
                }
                tally.Write(() => file.Write(labelled).OrFailOrThrow(Locate));
                tally.Add(snapshot);
                progress.Report(tally.Frames, tally.Particles, pairs);
            }
        if (tally.Frames == 0)
            throw inputs.NoFrames();
        file.Complete().OrFailOrThrow(error => error);
        clock.Print(choices, tally.Statistics(clock, potential.Length) with { Pairs = pairs }, target.Path);
        return 0;
    }
}
