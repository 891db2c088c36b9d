using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Whole frames up to the power spectrum, on one thread.</summary>
internal static class FrameTable
{
    /// <summary>The sizes at which other programs were measured, and the microseconds a pair that are the goal here.</summary>
    private static readonly (int MaxAngular, int MaxRadial, double Goal)[] Sizes =
    [
        (4, 3, 0.25),
        (6, 4, 0.5),
        (9, 6, 1.0),
    ];

    public static void Print(Effort effort)
    {
        var frames = Frames.Nematic(1);
        var projections = Sizes.Select(size => Spectra.Projection(size.MaxAngular, size.MaxRadial)).ToArray();
        var pairs = Spectra.Run(projections[0], 1, frames).Pairs;
        Frame[] spheres = [Frames.AsSpheres(frames[0])];
        var runs = projections
            .Select(projection => (Action)(() => Spectra.Run(projection, 1, frames)))
            .Concat(projections.Select(projection => (Action)(() => Spectra.Run(projection, 1, spheres))))
            .ToArray();
        var seconds = Turns.Shortest(effort.Rounds(60), runs);
        var table = new Table(
            $"One periodic nematic frame of {frames[0].Particles.Length} ellipsoids, {pairs} pairs, one thread",
            "l, n",
            "µs a pair",
            "goal",
            "frame, ms",
            "spheres in their places, µs a pair",
            "allocated a particle, bytes"
        );
        for (var i = 0; i < Sizes.Length; i++)
        {
            var perPair = 1e6 * seconds[i] / pairs;
            table.Row(
                $"{Sizes[i].MaxAngular}, {Sizes[i].MaxRadial}",
                Number(perPair, 3),
                Number(Sizes[i].Goal, 2),
                Number(1e3 * seconds[i], 1),
                Number(1e6 * seconds[i + Sizes.Length] / pairs, 3),
                Number(AllocatedPerParticle(projections[i], frames[0]), 0)
            );
        }
    }

    /// <summary>
    /// What one more frame costs: of two runs that differ by two frames, so that what is made once does not count. It is the frame made ready;
    /// nothing is allocated for a centre or a pair.
    /// </summary>
    private static double AllocatedPerParticle(Projection projection, Frame frame)
    {
        long Allocated(int count)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Spectra.Run(projection, 1, Enumerable.Repeat(frame, count));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        return (Allocated(3) - Allocated(1)) / (2.0 * frame.Particles.Length);
    }
}
