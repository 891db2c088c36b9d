using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap index</c>: where each frame of a trajectory begins, for runs in parts.</summary>
internal sealed class IndexVerb
{
    private readonly InputOptionSet input = new();
    private readonly Option<string> cutoff = Choice.Of(
        "--cutoff-radius",
        "R",
        "also count the pairs of neighbours within this distance in each frame, so that parts of a run take equally long"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal IndexVerb()
    {
        Command = new Command(
            "index",
            "Index a trajectory (INPUT.index.json: where each frame begins, its size, checksums), for runs in parts."
        );
        input.AddTo(Command);
        Command.Add(cutoff);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var inputChoices = input.Read(given, new HyperChoices { Cutoff = given.Number(cutoff) });
        if (inputChoices.Frames.Count > 0)
            throw Refusal.Of("--frames", string.Join(" ", inputChoices.Frames), "none: an index has all frames");
        if (given.Number(cutoff) is { } radius && !(radius > 0.0))
            throw Refusal.Of(cutoff.Name, Texts.Show(radius), "a number above 0");
        using var interruption = new Interruption();
        var inputs = new Inputs(inputChoices);
        var warn = WarningLines.To(choices.Quiet);
        var (frames, particles, pairs) = (0L, 0L, 0L);
        foreach (var path in inputChoices.Paths)
        {
            IndexedFile file;
            using (var progress = new ProgressLine(choices.Quiet, total: null))
                file = inputs.Index(
                    path,
                    done =>
                    {
                        interruption.Token.ThrowIfCancellationRequested();
                        progress.Report(done, 0, 0);
                    }
                );
            IndexFile.save(file).OrFail();
            frames += file.Frames;
            particles += file.Particles.Sum(count => (long)count);
            pairs += file.Pairs.Sum();
            if (file.IsPacked)
                warn(
                    $"{path}: is packed, without places to begin at: each part unpacks all that stands before its frames"
                );
        }
        clock.Print(
            choices,
            new RunStatistics
            {
                Frames = frames,
                Particles = particles,
                Pairs = pairs,
                Features = 0,
                ReadSeconds = clock.Seconds,
                ComputeSeconds = 0.0,
                WriteSeconds = 0.0,
            },
            IndexFile.pathOf(inputChoices.Paths[^1])
        );
        return 0;
    }
}
