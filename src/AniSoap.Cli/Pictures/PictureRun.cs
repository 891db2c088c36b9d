using AniSoap;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Pictures;

/// <summary>Features of frames on the way to a picture, with what else is known of each frame.</summary>
internal sealed class PictureRun(RunSetup setup, bool perParticle, SpectrumColumns columns)
{
    /// <summary>The numbers of a frame that a map may be coloured by: asked for as frames are read.</summary>
    private readonly Dictionary<int, double[]> colours = [];

    /// <summary>For each row of the result the number that <c>Compute</c> was asked for, or none.</summary>
    internal List<double> Colours { get; } = [];

    /// <summary>
    /// Computes the rows. <paramref name="colour"/> gives for a frame one number, or one for each particle.
    /// </summary>
    internal FeatureRows Compute(
        Func<int, Snapshot, double[]>? colour,
        out RunStatistics statistics,
        CancellationToken token
    )
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
                Frames(colour),
                (frame, particle, centerType, values) =>
                {
                    var (file, inFile) = setup.Inputs.Origin(frame);
                    rows.Add(
                        new FeatureRow(file, inFile, perParticle ? particle : -1, perParticle ? centerType : -1),
                        values
                    );
                    if (colour is not null)
                        Colours.Add(Colour(frame, particle));
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

    // Frames are read by one thread, rows written by another.
    private double Colour(int frame, int particle)
    {
        lock (colours)
            return colours[frame] is [var one] ? one : colours[frame][Math.Max(0, particle)];
    }

    private IEnumerable<FSharpResult<(int, Frame), AniSoapError>> Frames(Func<int, Snapshot, double[]>? colour)
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
            if (colour is not null)
                lock (colours)
                    colours[number] = colour(number, snapshot);
            yield return FSharpResult<(int, Frame), AniSoapError>.NewOk((number, snapshot.Frame));
        }
    }
}
