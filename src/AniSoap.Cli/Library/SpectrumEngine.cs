using AniSoap;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Library;

/// <summary>Frames to power spectra to rows.</summary>
internal static class SpectrumEngine
{
    internal static RunStatistics Run(
        RunSetup setup,
        Projection projection,
        SpectrumFile file,
        SpectrumChoices choices,
        ProgressLine progress,
        CancellationToken token
    )
    {
        var statistics = SpectrumStream
            .run(
                projection,
                new SpectrumOptions(setup.Run.Threads, choices.PerParticle, choices.Columns),
                setup.Frames(),
                file.Add,
                progress.Report,
                token
            )
            .OrRefuse(setup.Inputs.Locate);
        setup.Suspicions?.Finish();
        return new RunStatistics
        {
            Frames = statistics.Frames,
            Particles = statistics.Particles,
            Pairs = statistics.Pairs,
            Features = file.Columns,
            ReadSeconds = setup.PassSeconds + statistics.ReadSeconds,
            ComputeSeconds = statistics.ComputeSeconds,
            WriteSeconds = statistics.WriteSeconds,
        };
    }
}
