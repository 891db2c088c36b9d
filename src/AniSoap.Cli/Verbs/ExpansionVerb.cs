using System.CommandLine;
using System.Diagnostics;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap expansion</c>: the coefficients c_nlm of every centre, or of every pair.</summary>
internal sealed class ExpansionVerb
{
    private const string Name = "expansion";

    private readonly InputOptionSet input = new();
    private readonly OutputOptions output = new(numbers: true, ".mts");
    private readonly HyperOptions hypers = new();
    private readonly RunOptionSet run = new();
    private readonly Option<bool> pairs = Choice.Flag("--pairs", "coefficients of every pair, not summed to centres");
    private readonly Option<bool> raw = Choice.Flag(
        "--raw",
        "of the bare primitives, without orthonormalisation and normalisation"
    );

    private readonly Option<string> gradients = GradientOptions.Create();

    internal Command Command { get; }

    internal ExpansionVerb()
    {
        Command = new Command(Name, "Coefficients c_nlm of the density around every particle, as a TensorMap.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(pairs);
        Command.Add(raw);
        Command.Add(gradients);
        hypers.AddTo(Command);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var setup = RunSetup.Read(given, Name, input, output, hypers, run);
        var parameters = GradientOptions.Read(given, gradients, setup.Output);
        var form = given.GetValue(raw) ? RadialForm.Raw : RadialForm.Orthonormal;
        using var interruption = new Interruption();
        var token = interruption.Token;
        var projection = setup.Projection();
        if (setup.Output.SinglePrecision)
            RunEstimateModule.checkSingleCoefficients(form, !parameters.IsEmpty, projection).OrRefuse();
        if (!given.GetValue(pairs))
        {
            var kind = FeatureKind.NewExpansionCoefficients(form);
            clock.Print(
                setup.Run,
                GradientEngine.Run(setup, projection, kind, parameters, interruption),
                setup.Output.Path
            );
            return 0;
        }

        var reading = Stopwatch.StartNew();
        List<Tuple<int, Frame>> frames;
        using (var progress = new ProgressLine(setup.Run.Quiet, total: null))
            frames = ReadAll(setup, progress, token);
        reading.Stop();
        if (frames.Count == 0)
            throw setup.Inputs.NoFrames();
        setup.Suspicions?.Finish();

        var computing = Stopwatch.StartNew();
        TensorMap map;
        using (var progress = new ProgressLine(setup.Run.Quiet, frames.Count))
            map = Compute(setup, form, parameters, projection, frames, progress, token);
        computing.Stop();
        token.ThrowIfCancellationRequested();

        var writing = Stopwatch.StartNew();
        TensorMaps.Write(map, setup, interruption);
        writing.Stop();
        clock.Print(
            setup.Run,
            new RunStatistics
            {
                Frames = frames.Count,
                Particles = frames.Sum(item => (long)item.Item2.Particles.Length),
                Pairs = setup.Run.Stats ? frames.Sum(item => Pairs(projection, item.Item2)) : 0,
                Features = TensorMaps.Features(projection),
                ReadSeconds = setup.PassSeconds + reading.Elapsed.TotalSeconds,
                ComputeSeconds = computing.Elapsed.TotalSeconds,
                WriteSeconds = writing.Elapsed.TotalSeconds,
            },
            setup.Output.Path
        );
        return 0;
    }

    private static TensorMap Compute(
        RunSetup setup,
        RadialForm form,
        IReadOnlyCollection<GradientParameter> parameters,
        Projection projection,
        List<Tuple<int, Frame>> frames,
        ProgressLine progress,
        CancellationToken token
    )
    {
        foreach (var (_, frame) in frames)
            progress.Add(frame.Particles.Length);
        var options = new RunOptions(
            setup.Run.Threads,
            FSharpOption<IEnumerable<int>>.Some(frames.Select(item => item.Item1)),
            FuncConvert.FromAction<RunProgress>(so => progress.Report(so.Frames, so.Particles, so.Pairs)),
            token
        );
        var bare = frames.Select(item => item.Item2);
        var map =
            parameters.Count == 0
                ? Expansion.pairCoefficientsWith(options, form, projection, bare)
                : Features.pairsWithGradients(options, form, parameters, projection, bare);
        return map.OrRefuse(setup.Inputs.LocateInOnly);
    }

    private static List<Tuple<int, Frame>> ReadAll(RunSetup setup, ProgressLine progress, CancellationToken token)
    {
        var frames = new List<Tuple<int, Frame>>();
        foreach (var (number, frame) in setup.Inputs.Frames(setup.Warn))
        {
            token.ThrowIfCancellationRequested();
            setup.Pass(number, frame);
            frames.Add(Tuple.Create(number, frame));
            progress.Report(frames.Count, 0, 0);
        }
        return frames;
    }

    private static long Pairs(Projection projection, Frame frame)
    {
        var count = 0L;
        NeighborList
            .visit(
                projection.Limits,
                projection.Hypers.CutoffRadius,
                FuncConvert.FromAction<NeighborPair>(_ => count++),
                frame
            )
            .OrRefuse();
        return count;
    }
}
