using AniSoap.Benchmarks.Runs;
using BenchmarkDotNet.Attributes;

namespace AniSoap.Benchmarks.Suites;

/// <summary>Derivatives of the nematic frame's mean power spectrum beside its values.</summary>
[MemoryDiagnoser]
public class GradientBenchmarks
{
    private Frame frame = null!;
    private Projection projection = null!;

    /// <summary>Largest l and n.</summary>
    [ParamsSource(nameof(BasisSizes))]
    public string Basis { get; set; } = "";

    /// <summary>Bases to measure: l, then n.</summary>
    public static string[] BasisSizes => Sizes.Of("4,3", "6,4", "9,6");

    /// <summary>Reads the frame and makes the projection.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var numbers = Basis.Split(',').Select(int.Parse).ToArray();
        projection = Spectra.Projection(numbers[0], numbers[1]);
        frame = Frames.Nematic(1)[0];
    }

    /// <summary>The spectrum alone.</summary>
    [Benchmark(Baseline = true)]
    public object Values() => Spectra.Run(projection, 1, [frame]);

    /// <summary>With forces, torques and virial.</summary>
    [Benchmark]
    public object Reverse() => Derivatives.Reverse(projection, frame, semiAxes: false);

    /// <summary>With derivatives by semi-axes too.</summary>
    [Benchmark]
    public object ReverseWithSemiAxes() => Derivatives.Reverse(projection, frame, semiAxes: true);

    /// <summary>Every feature by every position.</summary>
    [Benchmark]
    public object ForwardByPositions() => Derivatives.Forward(projection, frame);
}
