using AniSoap.Benchmarks.Runs;
using AniSoap.Numerics;
using BenchmarkDotNet.Attributes;

namespace AniSoap.Benchmarks.Suites;

/// <summary>The moment kernel for one centre of 96 neighbours.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private KernelRun kernel = null!;
    private KernelRun diagonal = null!;

    /// <summary>Largest degree of the moments.</summary>
    [ParamsSource(nameof(Degrees))]
    public int Degree { get; set; }

    /// <summary>SIMD lanes of doubles.</summary>
    [ParamsSource(nameof(LaneCounts))]
    public int Lanes { get; set; }

    /// <summary>Degrees to measure.</summary>
    public static int[] Degrees => Sizes.Of(5, 8, 11, 14, 17, 21, 25, 30);

    /// <summary>Lanes that this machine has.</summary>
    public static int[] LaneCounts => Sizes.Of(Widths().Select(MomentKernel.lanesOf).ToArray());

    /// <summary>Makes the neighbours.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var width = Widths().First(width => MomentKernel.lanesOf(width) == Lanes);
        kernel = new KernelRun(width, Degree);
        diagonal = new KernelRun(width, Degree, isDiagonal: true);
    }

    /// <summary>All moments of one centre.</summary>
    [Benchmark]
    public void Moments() => kernel.Run(1);

    /// <summary>The same for diagonal covariances, by the short cut.</summary>
    [Benchmark]
    public void DiagonalMoments() => diagonal.Run(1);

    private static IEnumerable<MomentKernel.Width> Widths() =>
        new[] { MomentKernel.Width.Wide512, MomentKernel.Width.Wide256, MomentKernel.Width.Portable }.Where(
            MomentKernel.isSupported
        );
}
