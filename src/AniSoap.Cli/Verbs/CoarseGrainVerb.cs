using System.CommandLine;
using System.Text;
using AniSoap.Cli.CoarseGraining;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap coarse-grain</c>: atoms into ellipsoids, one a molecule or a group of atoms.</summary>
internal sealed class CoarseGrainVerb
{
    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofPackedFrames]);
    private readonly CoarseGrainOptionSet coarse = new();
    private readonly Option<bool> withAtoms = Choice.Flag(
        "--with-atoms",
        "write the atoms too, as spheres behind the ellipsoids: both resolutions in one frame"
    );
    private readonly Option<bool> allShapes = Choice.Flag(
        "--all-shapes",
        "write three alternative shapes as columns density_shape, inertia_shape, contact_shape"
    );
    private readonly Option<string> sites = Choice.Of(
        "--sites-output",
        "FILE.json",
        "write the reference molecules (positions in the body's frame, elements, masses), for train --sites"
    );
    private readonly Option<string> whole = Choice.Of(
        "--whole-output",
        "FILE",
        "write the atoms to a file of their own, with molecule numbers and image flags that make molecules whole"
    );
    private readonly Option<string> json = Choice.Of(
        "--json",
        "FILE|-",
        "write the report as JSON (-: to standard output)"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal CoarseGrainVerb()
    {
        Command = new Command("coarse-grain", "Turn atoms into ellipsoids, one for each molecule or group of atoms.");
        input.AddTo(Command);
        output.AddTo(Command);
        coarse.AddTo(Command);
        Command.Add(withAtoms);
        Command.Add(allShapes);
        Command.Add(sites);
        Command.Add(whole);
        Command.Add(json);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var (clock, choices, inputChoices) = run.Begin(given, input);
        using var interruption = new Interruption();
        var target = output.Read(given, [.. inputChoices.FilesRead, .. coarse.FilesRead(given)], interruption);
        target = new[] { given.GetValue(sites), given.GetValue(whole), ReportFile(given) }
            .OfType<string>()
            .Aggregate(target, (begun, other) => Begin(other, begun, inputChoices));
        var options = coarse.Read(
            given,
            inputChoices,
            ReadAhead.ThreadsOfWork(choices.Threads),
            sites: given.GetValue(sites) is not null
        );
        var inputs = new Inputs(
            inputChoices with
            {
                // Atoms have no shape of their own: whatever sphere they are goes unused.
                SemiAxes = [],
                PointSemiAxes = [new ShapeRule(null, 1.0, 1.0, 1.0)],
                TypeMap = [.. coarse.TypeMap(given), .. inputChoices.TypeMap],
            }
        );
        var warn = WarningLines.To(choices.Quiet);
        var running = new CoarseGrainRun(
            options,
            new CoarseOutput(withAtoms: given.GetValue(withAtoms), allShapes: given.GetValue(allShapes))
        );
        if (running.NeedsLearning)
            Learn(running, inputs, choices, interruption);

        using var sink = FrameSink.Open(target.Path, target.Existing, warn);
        interruption.OnForcedEnd(sink.Dispose);
        using var atoms = given.GetValue(whole) is { } path ? FrameSink.Open(path, target.Existing, warn) : null;
        var tally = new FrameTally();
        var told = new HashSet<string>();
        using (var progress = new ProgressLine(choices.Quiet, total: null))
        {
            var read = tally.Read(inputs.Snapshots(warn));
            Worked Work((int Number, Snapshot Snapshot) read) =>
                tally.Compute(() => Worked.Of(running, read.Number, read.Snapshot, atoms is not null, inputs));
            void Allow(int threads) => running.Threads = threads;
            foreach (var done in ReadAhead.Worked(read, Particles, Work, Allow, choices.Threads))
            {
                interruption.Token.ThrowIfCancellationRequested();
                foreach (var warning in done.Warnings)
                    Tell(warning, done.Number, inputs, told, warn);
                if (done.Ellipsoids.Frame.Particles.IsEmpty)
                    throw new Refusal($"frame {done.Number}: found no atoms to make ellipsoids of; nothing is written");
                AniSoapError Locate(AniSoapError error) => inputs.LocateFrame(done.Number, error);
                tally.Write(() => sink.Write(done.Ellipsoids).OrFailOrThrow(Locate));
                if (done.Whole is { } whole)
                    tally.Write(() => atoms!.Write(whole).OrFailOrThrow(Locate));
                tally.Add(done.Atoms);
                progress.Report(tally.Frames, tally.Particles, 0);
            }
        }
        if (tally.Frames == 0)
            throw inputs.NoFrames();
        sink.Complete().OrFailOrThrow(error => error);
        atoms?.Complete().OrFailOrThrow(error => error);
        if (given.GetValue(sites) is { } sitesPath)
            Output.ReportFile.Write(sitesPath, target.Existing, running.Sites());
        Report(given, choices, target, running.Report(), warn);
        clock.Print(choices, tally.Statistics(clock), target.Path);
        return 0;
    }

    /// <summary>What was made of a frame and is written of it; of the frame itself only how many atoms it had.</summary>
    private sealed record Worked(
        int Number,
        long Atoms,
        IReadOnlyList<string> Warnings,
        Snapshot Ellipsoids,
        Snapshot? Whole
    )
    {
        internal static Worked Of(CoarseGrainRun running, int number, Snapshot snapshot, bool withWhole, Inputs inputs)
        {
            AniSoapError Locate(AniSoapError error) => inputs.LocateFrame(number, error);
            var atoms = snapshot.Frame.Particles.Length;
            if (!withWhole)
            {
                var (warnings, rows) = running.Ellipsoids(snapshot).OrThrow(Locate);
                return new Worked(number, atoms, [.. warnings], rows, null);
            }
            var (frame, ellipsoids) = running.Add(snapshot).OrThrow(Locate);
            var whole = CoarseSnapshot.wholeAtoms(snapshot, frame).OrThrow();
            return new Worked(number, atoms, [.. frame.Warnings], ellipsoids, whole);
        }
    }

    private static long Particles((int Number, Snapshot Snapshot) read) => read.Snapshot.Frame.Particles.Length;

    /// <summary>A first pass, for the average molecule.</summary>
    private static void Learn(CoarseGrainRun running, Inputs inputs, RunChoices choices, Interruption interruption)
    {
        if (inputs.AreStreams)
            throw Refusal.Of(
                "--shape-from",
                "average of a stream",
                "average of files, which are read twice; reference"
            );
        foreach (var (number, snapshot) in ReadAhead.Of(inputs.Snapshots(_ => { }), Particles, choices.Threads))
        {
            interruption.Token.ThrowIfCancellationRequested();
            running.Learn(snapshot).OrThrow(error => inputs.LocateFrame(number, error));
        }
        running.EndLearning();
    }

    private static void Tell(string warning, int number, Inputs inputs, HashSet<string> told, Action<string> warn)
    {
        const string here = "in this frame";
        if (!told.Add(string.Concat(warning.Where(letter => !char.IsDigit(letter)))))
            return;
        var (path, frame) = inputs.Origin(number);
        warn(
            warning.StartsWith(here, StringComparison.Ordinal)
                ? $"{path}, frame {frame}{warning[here.Length..]}"
                : warning
        );
    }

    private void Report(
        ParseResult given,
        RunChoices choices,
        OutputChoices target,
        CoarseGrainReport report,
        Action<string> warn
    )
    {
        if (!choices.Quiet)
            foreach (var line in CoarseGrainReportModule.lines(report))
                Console.Error.WriteLine($"anisoap: {line.ReplaceLineEndings(" ")}");
        foreach (var line in CoarseGrainReportModule.warnings(report))
            warn(line);
        if (given.GetValue(json) is not { } place)
            return;
        Output.ReportFile.Write(place, target.Existing, ReportJson.Of(report) + "\n");
    }

    private string? ReportFile(ParseResult given) => given.GetValue(json) is { } place and not "-" ? place : null;

    /// <summary>Another output, begun as the first has been.</summary>
    private static OutputChoices Begin(string path, OutputChoices target, InputChoices inputs)
    {
        OutputPath.CheckKind(path);
        if (PathKindModule.isSameFile(path, target.Path))
            throw new Refusal($"{path}: is --output too; give each output its own name");
        if (target.Existing is Existing.Begun begun && begun.Item.Any(file => Path.GetFullPath(path) == file.Path))
            throw new Refusal($"{path}: is named for two outputs; give each output its own name");
        var other = new OutputChoices(path, target.Force, SinglePrecision: false, UpstreamLabels: false);
        return target.With(
            OutputPath.Begin(other, inputs.FilesRead.Select(file => new NamedFile(file, NamedFiles.Input)))
        );
    }
}
