using AniSoap.Benchmarks.Runs;
using AniSoap.Kernels;
using BenchmarkDotNet.Attributes;

namespace AniSoap.Benchmarks.Suites;

/// <summary>The moment kernel for one centre of six full blocks of neighbours.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private const int Blocks = 6;
    private KernelRun kernel = null!;

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
    public void Setup() =>
        kernel = new KernelRun(Widths().First(width => MomentKernel.lanesOf(width) == Lanes), Degree);

    /// <summary>All moments of one centre.</summary>
    [Benchmark]
    public void Moments() => kernel.Run(Blocks);

    private static IEnumerable<MomentKernel.Width> Widths() =>
        new[] { MomentKernel.Width.Wide512, MomentKernel.Width.Wide256, MomentKernel.Width.Portable }.Where(
            MomentKernel.isSupported
        );
}
