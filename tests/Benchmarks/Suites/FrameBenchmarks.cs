using AniSoap.Benchmarks.Runs;
using BenchmarkDotNet.Attributes;

namespace AniSoap.Benchmarks.Suites;

/// <summary>Mean power spectra of nematic frames of 500 ellipsoids, width 1.5, cutoff 4.</summary>
[MemoryDiagnoser]
public class FrameBenchmarks
{
    private Frame[] frames = null!;
    private Projection projection = null!;

    /// <summary>Largest l and n.</summary>
    [ParamsSource(nameof(BasisSizes))]
    public string Basis { get; set; } = "";

    /// <summary>Computing threads.</summary>
    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    /// <summary>Frames in a row.</summary>
    [ParamsSource(nameof(FrameCounts))]
    public int Count { get; set; }

    /// <summary>Bases to measure: l, then n.</summary>
    public static string[] BasisSizes => Sizes.Of("4,3", "6,4", "9,6");

    /// <summary>Threads to measure.</summary>
    public static int[] ThreadCounts => Sizes.Of(1, 2);

    /// <summary>Numbers of frames to measure.</summary>
    public static int[] FrameCounts => Sizes.Of(1, 20);

    /// <summary>Reads the frames and makes the projection.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var numbers = Basis.Split(',').Select(int.Parse).ToArray();
        frames = Frames.Nematic(Count);
        projection = Spectra.Projection(numbers[0], numbers[1]);
    }

    /// <summary>All stages up to the mean spectra.</summary>
    [Benchmark]
    public long Spectrum() => Spectra.Run(projection, Threads, frames).Pairs;
}
