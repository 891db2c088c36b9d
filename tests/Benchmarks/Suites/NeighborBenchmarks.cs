using AniSoap.Benchmarks.Runs;
using BenchmarkDotNet.Attributes;

namespace AniSoap.Benchmarks.Suites;

/// <summary>Neighbours in a periodic cube of density 0.36.</summary>
[MemoryDiagnoser]
public class NeighborBenchmarks
{
    private readonly NeighborBuffer buffer = new();
    private Frame frame = null!;

    /// <summary>Particles in the cube.</summary>
    [ParamsSource(nameof(ParticleCounts))]
    public int Particles { get; set; }

    /// <summary>Numbers of particles to measure.</summary>
    public static int[] ParticleCounts => Sizes.Of(100, 1_000, 10_000, 100_000, 1_000_000);

    /// <summary>Makes the frame.</summary>
    [GlobalSetup]
    public void Setup() => frame = Frames.Gas(Particles);

    /// <summary>As the engine does it: the grid, then each centre's neighbours within 4, into one buffer.</summary>
    [Benchmark]
    public long Found()
    {
        var grid = NeighborGrid.Create(frame, 4.0);
        var pairs = 0L;
        for (var center = 0; center < Particles; center++)
        {
            grid.Find(center, buffer);
            pairs += buffer.Count;
        }
        return pairs;
    }

    /// <summary>The sorted list of all pairs within 2, with their shifts.</summary>
    [Benchmark]
    public int Listed() => Frames.Ok(NeighborList.create(2.0, frame)).Length;
}
