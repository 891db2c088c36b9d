using System.CommandLine;
using System.Diagnostics;
using System.Text;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using AniSoap.Formats;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap convert</c>: from any format that can be read to one that can be written.</summary>
internal sealed class ConvertVerb
{
    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: false, ".xyz", ".extxyz");
    private readonly Option<string> rotationType = OrientationOptions.RotationType();
    private readonly Option<string> rotationKey = OrientationOptions.RotationKey();
    private readonly RunOptions run = new();

    internal Command Command { get; }

    internal ConvertVerb()
    {
        Command = new Command("convert", "Frames from any format that can be read, as extended XYZ.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(rotationType);
        Command.Add(rotationKey);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var rotation = new HyperChoices
        {
            RotationType = given.Word(rotationType, OrientationOptions.Types),
            RotationKey = given.GetValue(rotationKey),
        };
        var inputChoices = input.Read(given, rotation);
        var inputs = new Inputs(inputChoices);
        var outputChoices = output.Read(given, inputChoices.Paths);

        using var interruption = new Interruption();
        using var file = AtomicFile.Create(outputChoices.Path, outputChoices.Force).OrRefuse();
        interruption.OnForcedEnd(file.Dispose);
        var (frames, particles, writing) = (0L, 0L, 0.0);
        using (var text = new StreamWriter(file.Stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true))
        using (var progress = new ProgressLine(choices.Quiet, total: null))
            foreach (var (_, frame) in inputs.Frames(WarningLines.To(choices.Quiet)))
            {
                interruption.Token.ThrowIfCancellationRequested();
                var started = Stopwatch.GetTimestamp();
                ExtendedXyz.write(ShapeColumns.Escaped, FSharpList<Tuple<string, string>>.Empty, text, frame);
                writing += Stopwatch.GetElapsedTime(started).TotalSeconds;
                frames++;
                particles += frame.Particles.Length;
                progress.Report(frames, 0);
            }
        if (frames == 0)
            throw inputs.NoFrames();
        file.Commit().OrFail();
        clock.Print(
            choices,
            new RunStatistics
            {
                Frames = frames,
                Particles = particles,
                Pairs = 0,
                Features = 0,
                ReadSeconds = Math.Max(0.0, clock.Seconds - writing),
                ComputeSeconds = 0.0,
                WriteSeconds = writing,
            }
        );
        return 0;
    }
}
