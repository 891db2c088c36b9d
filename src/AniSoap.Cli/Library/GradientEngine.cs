using AniSoap.Cli.Running;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Library;

/// <summary>Frames to coefficients, or to features with gradients, in a file that appears at the end or never.</summary>
internal static class GradientEngine
{
    internal static RunStatistics Run(
        RunSetup setup,
        Projection projection,
        FeatureKind kind,
        FSharpSet<GradientParameter> parameters,
        Interruption interruption
    )
    {
        using var file = AtomicFile.Create(setup.Output.Path, setup.Output.Force).OrRefuse();
        interruption.OnForcedEnd(file.Dispose);
        var token = interruption.Token;
        GradientStatistics statistics;
        using (var progress = setup.Progress())
            statistics = GradientFile
                .write(
                    new GradientRun(
                        setup.Run.Threads,
                        kind,
                        parameters,
                        setup.Output.SinglePrecision,
                        new FSharpMap<string, string>(
                            setup.Metadata.Select(pair => Tuple.Create(pair.Key, pair.Value))
                        ),
                        setup.Output.UpstreamLabels
                            ? FSharpOption<BlockNames>.Some(
                                UpstreamNames.Blocks(
                                    kind.IsPairCoefficients
                                        ? Expansion.pairKeys(projection)
                                        : Expansion.keys(projection)
                                )
                            )
                            : null
                    ),
                    projection,
                    setup.Frames(),
                    (frames, particles, pairs) =>
                    {
                        token.ThrowIfCancellationRequested();
                        progress.Report(frames, particles, pairs);
                    },
                    file
                )
                .OrEnd(file, setup.Inputs.Locate);
        if (statistics.Frames == 0)
            throw setup.Inputs.NoFrames();
        setup.Suspicions?.Finish();
        token.ThrowIfCancellationRequested();
        file.Commit().OrFail();
        return new RunStatistics
        {
            Frames = statistics.Frames,
            Particles = statistics.Particles,
            Pairs = statistics.Pairs,
            Features = statistics.Features,
            ReadSeconds = setup.PassSeconds + statistics.ReadSeconds,
            ComputeSeconds = statistics.ComputeSeconds,
            WriteSeconds = statistics.WriteSeconds,
        };
    }
}
