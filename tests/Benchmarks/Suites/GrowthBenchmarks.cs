using AniSoap.Benchmarks.Runs;
using BenchmarkDotNet.Attributes;

namespace AniSoap.Benchmarks.Suites;

/// <summary>A nematic frame, mean spectrum on one thread, one thing changed at a time from l 6, n 4.</summary>
[MemoryDiagnoser]
public class GrowthBenchmarks
{
    private Frame frame = null!;
    private Projection projection = null!;

    /// <summary>What is different.</summary>
    [ParamsSource(nameof(Changes))]
    public string Change { get; set; } = "";

    /// <summary>What can be different: its name and its value.</summary>
    public static string[] Changes =>
        Sizes.Of(
            "nothing 0",
            "particles 8",
            "particles 64",
            "density 0.25",
            "density 2",
            "l 3",
            "l 9",
            "l 12",
            "n 2",
            "n 7",
            "species 2",
            "species 4"
        );

    /// <summary>Makes the frame and the projection.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var words = Change.Split(' ');
        var value = double.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
        var whole = (int)value;
        var edge = (int)Math.Round(Math.Cbrt(value));
        var nematic = Frames.Nematic(1)[0];
        (frame, projection) = words[0] switch
        {
            "particles" => (Frames.Replicate(nematic, edge, edge, edge), Spectra.Projection(6, 4)),
            "density" => (Frames.WithDensity(nematic, value), Spectra.Projection(6, 4)),
            "l" => (nematic, Spectra.Projection(whole, 4)),
            "n" => (nematic, Spectra.Projection(6, whole)),
            "species" => (Frames.WithSpecies(nematic, whole), Spectra.Projection(6, 4, whole)),
            _ => (nematic, Spectra.Projection(6, 4)),
        };
    }

    /// <summary>All stages up to the mean spectrum.</summary>
    [Benchmark]
    public long Spectrum() => Spectra.Run(projection, 1, [frame]).Pairs;
}
