using AniSoap;
using Microsoft.FSharp.Core;

namespace AniSoap.Benchmarks.Runs;

/// <summary>Mean power spectra by the engine that the program uses.</summary>
internal static class Spectra
{
    /// <summary>A projection with radial functions n = 0 … maxRadial for every l, width 1.5, cutoff 4 if nothing else is said.</summary>
    public static Projection Projection(int maxAngular, int maxRadial, int species = 1, double cutoff = 4.0)
    {
        var defaults = HypersModule.create(maxAngular, RadialBasis.NewGto(1.5), cutoff);
        var hypers = new Hypers(
            defaults.MaxAngular,
            RadialCount.NewUniform(maxRadial),
            defaults.RadialBasis,
            defaults.CutoffRadius,
            defaults.CenterDensity,
            defaults.DensityScale,
            defaults.SpeciesMixing,
            defaults.NormalizeSpectra,
            defaults.Averaging,
            defaults.Smoothing,
            defaults.RadialScaling,
            defaults.BasisRcond,
            defaults.BasisTolerance
        );
        return Frames.Ok(ProjectionModule.create(hypers, Enumerable.Range(1, species)));
    }

    /// <summary>All spectra of the frames, one mean a frame.</summary>
    public static FeatureStatistics Run(Projection projection, int threads, IEnumerable<Frame> frames) =>
        Frames.Ok(
            SpectrumStream.run(
                projection,
                new SpectrumOptions(threads, false, SpectrumColumns.OrderedPairs),
                frames.Select((frame, number) => FSharpResult<(int, Frame), AniSoapError>.NewOk((number, frame))),
                (_, _, _, _) => { },
                (_, _, _) => { },
                CancellationToken.None
            )
        );

    /// <summary>The same, handed over as they are: without the columns of species that a frame does not hold.</summary>
    public static FeatureStatistics RunSparse(Projection projection, int threads, IEnumerable<Frame> frames) =>
        Frames.Ok(
            SpectrumStream.runOf(
                projection,
                new SpectrumOptions(threads, false, SpectrumColumns.OrderedPairs),
                FSharpOption<CenterSelection>.None,
                frames.Select((frame, number) => FSharpResult<(int, Frame), AniSoapError>.NewOk((number, frame))),
                (_, _, _, _) => { },
                (_, _, _) => { },
                CancellationToken.None
            )
        );
}
