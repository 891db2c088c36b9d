using System.CommandLine;
using AniSoap.Cli.Inspection;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap suggest</c>: hyperparameters to begin with, why, and what the run costs, as a whole command.</summary>
internal sealed class SuggestVerb
{
    private readonly InputOptionSet input = new();
    private readonly RotationOptionSet rotation = new();
    private readonly Option<bool> perParticle = Choice.Flag(
        "--per-particle",
        "one row for each particle, instead of the mean over each frame"
    );
    private readonly Option<string> mostColumns = Choice.Of(
        "--max-columns",
        "N",
        "suggest at most so many features; default 2000"
    );
    private readonly Option<bool> json = Choice.Flag("--json", "print one JSON object instead of the table");
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal SuggestVerb()
    {
        Command = new Command(
            "suggest",
            "Suggest a power-spectrum command for your file, with the reason for each hyperparameter and the cost of the run."
        );
        input.AddTo(Command);
        rotation.AddTo(Command);
        Command.Add(perParticle);
        Command.Add(mostColumns);
        Command.Add(json);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var inputChoices = input.Read(given, rotation.Read(given));
        var inputs = new Inputs(inputChoices);
        var most = given.Whole(mostColumns) ?? SuggestionModule.defaults.MostColumns;
        if (most < 1)
            throw Refusal.Of(mostColumns.Name, Texts.Show(most), "a whole number from 1");
        using var interruption = new Interruption();
        var (frames, particles) = (0, 0L);
        var (reading, began) = (0.0, clock.Seconds);

        IEnumerable<Frame> Passing(ProgressLine progress)
        {
            foreach (var (_, frame) in inputs.Frames(WarningLines.To(choices.Quiet)))
            {
                interruption.Token.ThrowIfCancellationRequested();
                frames++;
                particles += frame.Particles.Length;
                progress.Report(frames, particles, 0);
                yield return frame;
            }
            reading = clock.Seconds - began;
        }

        Suggestion suggestion;
        using (var progress = new ProgressLine(choices.Quiet, total: null))
            suggestion = SuggestionModule
                .ofFrames(new SuggestionOptions(most, given.GetValue(perParticle), choices.Threads), Passing(progress))
                .OrThrow(inputs.LocateInOnly);
        var report = new SuggestionReport(suggestion, CommandFor(given, suggestion), reading, choices.Threads);
        if (given.GetValue(json))
            Console.Out.WriteLine(report.Json());
        else
        {
            InspectionTable.Write(string.Join(", ", inputChoices.Paths), report.Rows());
            Console.Out.WriteLine(report.Command);
        }
        clock.Print(
            choices,
            new RunStatistics
            {
                Frames = frames,
                Particles = particles,
                Pairs = 0,
                Features = suggestion.Cost.Columns,
                ReadSeconds = reading,
                ComputeSeconds = clock.Seconds - reading,
                WriteSeconds = 0.0,
            }
        );
        return 0;
    }

    /// <summary>The words as given, for the verb that computes, with the values that are suggested.</summary>
    private string CommandFor(ParseResult given, Suggestion suggestion)
    {
        string[] words =
        [
            "anisoap",
            "power-spectrum",
            .. PartOptionSet
                .Arguments(given)
                .SkipWhile(word => word != Command.Name)
                .Skip(1)
                .Where(word => word != json.Name),
        ];
        var budget = Array.IndexOf(words, mostColumns.Name);
        if (budget >= 0)
            words = [.. words[..budget], .. words[(budget + 2)..]];
        return ShellWords.Joined([
            .. words,
            "-o",
            "features.npz",
            .. suggestion.Values.SelectMany(value => (string[])["--" + value.Name.Replace('_', '-'), value.Value]),
        ]);
    }
}
