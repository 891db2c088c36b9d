using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap convert</c>: from any format that can be read to one that can be written.</summary>
internal sealed class ConvertVerb
{
    private readonly InputOptionSet input = new(InputFormats.OrFeatures);
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofPackedFrames, .. Endings.ofFeatures]);
    private readonly Option<bool> strict = Choice.Flag(
        "--strict",
        "write extended XYZ that keeps strictly to its grammar (diameter:R:3)"
    );
    private readonly Option<string> reader = Choice.Among(
        "--for",
        "name orientations and shapes as this program expects them",
        Readers
    );
    private readonly FrameComponentOptions components = new();
    private readonly RotationOptionSet rotation = new();
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal ConvertVerb()
    {
        Command = new Command("convert", "Convert frames or features to another file format.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(strict);
        Command.Add(reader);
        components.AddTo(Command);
        rotation.AddTo(Command);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var (clock, choices, inputChoices) = run.Begin(given, input, rotation);
        using var interruption = new Interruption();
        if (inputChoices.Paths.Any(FeatureFiles.Is))
            return components.AreGiven(given)
                ? throw Refusal.Of("INPUT", inputChoices.Paths[0], "files of frames, where --features is given")
                : FeatureFiles.Convert(
                    inputChoices.Paths,
                    output.Read(given, inputChoices.Paths, interruption),
                    WarningLines.To(choices.Quiet),
                    (statistics, path) => clock.Print(choices, statistics, path)
                );
        var outputChoices = output.Read(given, inputChoices.FilesRead, interruption);
        var inputs = new Inputs(inputChoices with { PointsWithoutSize = IsData(outputChoices.Path) });

        var warn = WarningLines.To(choices.Quiet);
        var beside = components.Read(given, warn);
        var columns = Names(given, outputChoices.Path);
        using var file = Output.FrameSink.Open(outputChoices.Path, outputChoices.Existing, warn, columns);
        interruption.OnForcedEnd(file.Dispose);
        var tally = new FrameTally();
        using (var progress = new ProgressLine(choices.Quiet, total: null))
            foreach (var (number, snapshot) in inputs.Snapshots(warn))
            {
                interruption.Token.ThrowIfCancellationRequested();
                var complete = beside?.AddTo(number, snapshot) ?? snapshot;
                tally.Write(() => file.Write(complete).OrFailOrThrow(error => inputs.LocateFrame(number, error)));
                tally.Add(snapshot);
                progress.Report(tally.Frames, tally.Particles, 0);
            }
        if (tally.Frames == 0)
            throw inputs.NoFrames();
        file.Complete().OrFailOrThrow(error => error);
        if (beside?.Leftover is { } leftover)
            warn(leftover);
        clock.Print(choices, tally.Statistics(clock), outputChoices.Path);
        return 0;
    }

    /// <summary>Whether points stay points in the output, which needs no size of them.</summary>
    private static bool IsData(string path)
    {
        var format = FrameFileModule.outputFormat(FrameOutputOptionsModule.defaults, path);
        return format.IsOk && format.ResultValue.IsLammpsData;
    }

    private static readonly string[] Readers = ["ovito", "ase", "lammps"];

    /// <summary>The names of the columns of shapes and orientations.</summary>
    private ShapeColumns Names(ParseResult given, string path)
    {
        var program = given.Word(reader, Readers);
        if (program is null)
            return given.GetValue(strict) ? ShapeColumns.Strict : ShapeColumns.Escaped;
        if (given.GetValue(strict))
            throw Refusal.Of(reader.Name, $"{program} with {strict.Name}", "one of both: each names the columns");
        if (
            program == "lammps"
            && FrameFileModule.outputFormat(FrameOutputOptionsModule.defaults, path) is { IsOk: true } known
        )
            if (!known.ResultValue.IsLammpsDump && !known.ResultValue.IsLammpsData)
                throw Refusal.Of(reader.Name, $"lammps for {path}", "lammps for .data and .dump: it reads no other");
        return program == "ovito" ? ShapeColumns.Ovito : ShapeColumns.Escaped;
    }
}
