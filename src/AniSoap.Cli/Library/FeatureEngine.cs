using System.Diagnostics;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using FramesAndWarnings = System.Tuple<
    Microsoft.FSharp.Core.FSharpFunc<
        Microsoft.FSharp.Core.Unit,
        System.Collections.Generic.IEnumerable<Microsoft.FSharp.Core.FSharpResult<
            AniSoap.Snapshot,
            AniSoap.AniSoapError
        >>
    >,
    Microsoft.FSharp.Core.FSharpFunc<string, Microsoft.FSharp.Core.Unit>
>;

namespace AniSoap.Cli.Library;

/// <summary>Frames to features in a file that appears at the end or never.</summary>
internal static class FeatureEngine
{
    internal static RunStatistics Run(
        RunSetup setup,
        Projection projection,
        FeatureKind kind,
        FSharpSet<GradientParameter> parameters,
        Interruption interruption,
        CenterSelection? centers = null
    ) =>
        Run(
            setup,
            target => FeatureOutputModule.create(target, kind, parameters, projection).OrThrow(),
            interruption,
            centers
        );

    /// <summary>The same of features that <paramref name="create"/> begins the file of.</summary>
    internal static RunStatistics Run(
        RunSetup setup,
        Func<FeatureTarget, FeatureOutput> create,
        Interruption interruption,
        CenterSelection? centers
    )
    {
        if (setup.Part?.Settle(setup.Metadata) == true)
        {
            setup.Warn(PartRun.Stands(setup.Output.Path));
            return RunStatistics.OfNothing;
        }
        var began = Stopwatch.GetTimestamp();
        using var marker = setup.Part?.Mark();
        var target = new FeatureTarget(
            setup.Output.Path,
            setup.Output.Options,
            setup.Output.Names,
            setup.Metadata,
            FramesAgain(setup),
            centers is null ? null : FSharpOption<CenterSelection>.Some(centers)
        );
        using var file = create(target);
        interruption.OnForcedEnd(() =>
        {
            file.Dispose();
            marker?.Dispose();
        });
        FeatureStatistics statistics;
        using (var progress = setup.Progress())
        {
            var done = file.Run(setup.Run.Threads, setup.Frames(), progress.Report, interruption.Token);
            // What the system refuses of the output is not the input's fault.
            statistics = file.Failure is null ? done.OrThrow(setup.Inputs.Locate) : done.OrFail();
        }
        if (statistics.Frames == 0)
            throw setup.Inputs.NoFrames();
        setup.Suspicions?.Finish();
        interruption.Token.ThrowIfCancellationRequested();
        var ending = Stopwatch.GetTimestamp();
        file.Complete().OrFail();
        setup.Part?.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        return new RunStatistics
        {
            Frames = statistics.Frames,
            Particles = statistics.Particles,
            Pairs = statistics.Pairs,
            Features = statistics.Features,
            ReadSeconds = setup.PassSeconds + statistics.ReadSeconds,
            ComputeSeconds = statistics.ComputeSeconds,
            WriteSeconds = statistics.WriteSeconds + Stopwatch.GetElapsedTime(ending).TotalSeconds,
        };
    }

    /// <summary>The frames that stand beside their features, read once more when all features are there.</summary>
    private static FSharpOption<FramesAndWarnings>? FramesAgain(RunSetup setup)
    {
        if (setup.Output.Ending is not (".json" or ".json.gz"))
            return null;
        if (setup.Inputs.AreStreams)
            throw new Refusal(
                "INPUT: a stream (a pipe, or -) is read once, and chemiscope's files hold the frames too; give a file"
            );
        return FSharpOption<FramesAndWarnings>.Some(
            new FramesAndWarnings(
                FuncConvert.FromFunc(() => setup.Inputs.SnapshotResults(_ => { })),
                FuncConvert.FromAction(setup.Warn)
            )
        );
    }
}
