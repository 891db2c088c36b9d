namespace AniSoap.Cli.Running;

/// <summary>
/// Has the loops that compute compiled while the input is still being looked through. They are compiled for the vectors of the machine at their first call, which
/// in a run of one frame takes several times as long as computing it.
/// </summary>
internal static class WarmUp
{
    /// <summary>Neighbours in ones, twos and threes of groups of lanes, whatever the width of vectors is: each has a loop of its own.</summary>
    private static readonly int[] Sizes = [50, 34, 26, 18, 12, 7, 3];

    /// <summary>Computes a few small clusters on a thread of its own, if there is a processor for it; what comes out is nobody's concern.</summary>
    internal static void Begin(Projection projection)
    {
        if (Environment.ProcessorCount > 1)
            _ = Task.Run(() =>
                PowerSpectrum.mean(
                    projection,
                    Sizes.Select(size => Cluster(size, projection.Hypers.CutoffRadius, projection.Species[0]))
                )
            );
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
