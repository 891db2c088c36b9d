using AniSoap;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Pictures;

/// <summary>Features of frames on the way to a picture, with what else is known of each frame.</summary>
internal sealed class PictureRun(RunSetup setup, bool perParticle, SpectrumColumns columns)
{
    /// <summary>For each row of the result the number of its frame in the run, and of its particle or −1.</summary>
    internal List<(int Frame, int Particle)> Places { get; } = [];

    /// <summary>Computes the rows. <paramref name="look"/> sees every frame as it is read.</summary>
    internal FeatureRows Compute(Action<int, Snapshot>? look, out RunStatistics statistics, CancellationToken token)
    {
        var projection = setup.Projection(WarmUpOf.Spectra);
        SpectrumColumnsModule.check(columns, perParticle, projection).OrThrow();
        var rows = new FeatureRows(
            perParticle
                ? SpectrumColumnsModule.properties(columns, projection)
                : SpectrumColumnsModule.meanProperties(columns, projection)
        );
        using var progress = setup.Progress();
        var tell = FuncConvert.FromAction<RunProgress>(so => progress.Report(so.Frames, so.Particles, so.Pairs));
        var done = PowerSpectrum
            .stream(
                new(setup.Run.Threads, null, FSharpOption<FSharpFunc<RunProgress, Unit>>.Some(tell), token),
                perParticle ? FeatureKind.NewParticleSpectra(columns) : FeatureKind.NewMeanSpectra(columns),
                projection,
                Frames(look),
                (frame, particle, centerType, values) =>
                {
                    var (file, inFile) = setup.Inputs.Origin(frame);
                    rows.Add(
                        new FeatureRow(file, inFile, perParticle ? particle : -1, perParticle ? centerType : -1),
                        values
                    );
                    Places.Add((frame, perParticle ? particle : -1));
                }
            )
            .OrThrow(setup.Inputs.Locate);
        setup.Suspicions?.Finish();
        if (rows.Rows.Count == 0)
            throw setup.Inputs.NoFrames();
        statistics = new RunStatistics
        {
            Frames = done.Frames,
            Particles = done.Particles,
            Pairs = done.Pairs,
            Features = rows.Properties.Count,
            ReadSeconds = setup.PassSeconds + done.ReadSeconds,
            ComputeSeconds = done.ComputeSeconds,
            WriteSeconds = done.WriteSeconds,
        };
        return rows;
    }

    private IEnumerable<FSharpResult<(int, Frame), AniSoapError>> Frames(Action<int, Snapshot>? look)
    {
        foreach (var read in setup.Inputs.ReadSnapshots(setup.Warn))
        {
            if (!read.IsOk)
            {
                yield return FSharpResult<(int, Frame), AniSoapError>.NewError(read.ErrorValue);
                yield break;
            }
            var (number, snapshot) = read.ResultValue;
            setup.Pass(number, snapshot.Frame);
            look?.Invoke(number, snapshot);
            yield return FSharpResult<(int, Frame), AniSoapError>.NewOk((number, snapshot.Frame));
        }
    }
}
