using AniSoap.Cli.Library;

namespace AniSoap.Cli.Running;

/// <summary>What a run will compute, of what there are loops to be compiled.</summary>
internal enum WarmUpOf
{
    /// <summary>Nothing that takes long to compile, or loops that small clusters do not reach.</summary>
    Nothing,
    Spectra,
    Coefficients,
    PairCoefficients,
}

/// <summary>
/// Has the loops that compute compiled while the input is still being looked through. They are compiled for the vectors of the machine at their first call, which
/// in a run of one frame takes several times as long as computing it. A long run loses nothing: a tenth of a second of a processor that reading leaves idle.
/// </summary>
internal static class WarmUp
{
    /// <summary>Neighbours in ones, twos and threes of groups of lanes, whatever the width of vectors is: each has a loop of its own.</summary>
    private static readonly int[] Sizes = [50, 34, 26, 18, 12, 7, 3];

    /// <summary>Coefficients of all pairs are kept: of clusters up to this size they take 25 MB at most.</summary>
    private const int LargestOfPairs = 26;

    /// <summary>
    /// Computes a few small clusters on a thread of its own, if there is a processor for it (where the process may use one alone, .NET counts one); what comes out is nobody's concern.
    /// </summary>
    internal static void Begin(Projection projection, WarmUpOf work)
    {
        if (Environment.ProcessorCount > 1 && work != WarmUpOf.Nothing)
            _ = Task.Run(() => Compute(projection, work));
    }

    private static object Compute(Projection projection, WarmUpOf work)
    {
        var clusters = Sizes
            .Where(size => work != WarmUpOf.PairCoefficients || size <= LargestOfPairs)
            .Select(size => Cluster(size, projection.Hypers.CutoffRadius, projection.Species[0]));
        return work switch
        {
            WarmUpOf.Coefficients => Expansion.coefficients(projection, clusters),
            WarmUpOf.PairCoefficients => Expansion.pairCoefficients(projection, clusters),
            _ => PowerSpectrum.mean(projection, clusters),
        };
    }

    /// <summary>So many ellipsoids at all angles, each within the cutoff of all others.</summary>
    private static Frame Cluster(int size, double cutoff, int species) =>
        FrameModule.create(
            CellModule.none,
            Enumerable
                .Range(0, size)
                .Select(i =>
                {
                    var (sine, cosine) = Math.SinCos(i);
                    return EllipsoidModule
                        .create(
                            species,
                            new Vector3(0.3 * cutoff * sine, 0.3 * cutoff * cosine, 0.3 * cutoff * i / size),
                            QuaternionModule.create(1.0, sine, cosine, 0.5),
                            new Vector3(0.1 * cutoff, 0.2 * cutoff, 0.3 * cutoff)
                        )
                        .OrThrow();
                })
        );
}
