using System.CommandLine;
using System.Globalization;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;
using AniSoap.Learning;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap simulate</c>: rigid ellipsoids in motion under a potential.</summary>
internal sealed class SimulateVerb
{
    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofPackedFrames]);
    private readonly Option<string> model = Choice.Of("--model", "FILE.json", "the potential, as train writes it");
    private readonly SimulationOptionSet simulation = new();
    private readonly Option<string> log = Choice.Of(
        "--log",
        "FILE.csv",
        "write energies, temperatures and pressure, one line for each frame written"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal SimulateVerb()
    {
        Command = new Command(
            "simulate",
            "Simulate rigid ellipsoids with a potential, starting from the first frame (--frames -1: from the last)."
        );
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(model);
        simulation.AddTo(Command);
        Command.Add(log);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var (clock, choices, inputChoices) = run.Begin(given, input);
        using var interruption = new Interruption();
        var lammps = simulation.ReadLammps(given);
        var options = simulation.Read(given, inputChoices, choices.Threads, interruption.Token);
        var potential = EvaluateVerb.Model(given, model);
        var target = output.Read(given, inputChoices.FilesRead, interruption);
        var inputs = new Inputs(inputChoices);
        var warn = WarningLines.To(choices.Quiet);
        using var lines = given.GetValue(log) is { } path
            ? new LogFile(
                path,
                target.Force ? Existing.Replace : Existing.Keep,
                [.. inputChoices.FilesRead.Where(file => file != InputChoices.StandardInput), given.GetValue(model)!]
            )
            : null;
        using var file = FrameSink.Open(target.Path, target.Existing, warn);
        interruption.OnForcedEnd(() =>
        {
            file.Dispose();
            lines?.Dispose();
        });
        var (number, start) = First(inputs, warn);
        lines?.Write(SimulationLogModule.header);
        var tally = new FrameTally();
        List<SimulationLog> logs = [];
        using (var progress = new ProgressLine(choices.Quiet, Count(options)))
        {
            // LAMMPS's frames are read when it is done: until then its own lines tell how far it is.
            var seen = 0L;
            using var frames = (
                lammps is null
                    ? Simulation.run(options, potential, start)
                    : LammpsSimulation.run(
                        new LammpsOptions(
                            lammps.Command,
                            lammps.Libraries,
                            lammps.Folder,
                            progress: _ => progress.Report(++seen, 0, 0),
                            warn: warn
                        ),
                        options,
                        potential,
                        start
                    )
            ).GetEnumerator();
            while (tally.Compute(frames.MoveNext))
            {
                var frame = frames.Current.OrThrow(error => inputs.LocateFrame(number, error));
                tally.Write(() =>
                {
                    file.Write(frame.Snapshot).OrFailOrThrow(error => error);
                    lines?.Write(SimulationLogModule.row(frame.Log));
                });
                logs.Add(frame.Log);
                tally.Add(frame.Snapshot);
                if (lammps is null)
                    progress.Report(tally.Frames, tally.Particles, 0);
            }
        }
        file.Complete().OrFailOrThrow(error => error);
        lines?.Complete();
        EnergyDrift? kept =
            options.Ensemble.IsNve && EnergyDriftModule.ofLogs(logs) is { Value: var found } ? found : null;
        if (!choices.Quiet && kept is { } drift)
            Console.Error.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"anisoap: total energy {drift.Mean:g9}, standard deviation {drift.StandardDeviation:g3}, drift {drift.Slope:g3} ± {drift.SlopeError:g2} a unit of time"
                )
            );
        clock.Print(choices, tally.Statistics(clock, potential.Length) with { Drift = kept }, target.Path);
        return 0;
    }

    private static (int Number, Snapshot Start) First(Inputs inputs, Action<string> warn)
    {
        foreach (var read in inputs.Snapshots(warn))
            return read;
        throw inputs.NoFrames();
    }

    /// <summary>The start, every so many steps, the end.</summary>
    private static long Count(SimulationOptions options) =>
        1 + ((long)options.Steps + options.Every - 1) / options.Every;
}
