using AniSoap.Benchmarks.Runs;
using BenchmarkDotNet.Attributes;

namespace AniSoap.Benchmarks.Suites;

/// <summary>Reading a file of extended XYZ; the megabytes of the file over the mean time are the speed.</summary>
[MemoryDiagnoser]
public class ReadingBenchmarks
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}.extxyz");

    /// <summary>Length of the file.</summary>
    [ParamsSource(nameof(FileSizes))]
    public int Megabytes { get; set; }

    /// <summary>Lengths to measure.</summary>
    public static int[] FileSizes => Sizes.Of(1, 10, 100);

    /// <summary>Writes the file.</summary>
    [GlobalSetup]
    public void Setup() => Frames.WriteNematicText(path, Megabytes * 1_000_000L);

    /// <summary>Deletes the file.</summary>
    [GlobalCleanup]
    public void Cleanup() => File.Delete(path);

    /// <summary>Reads all frames.</summary>
    [Benchmark]
    public long Read() => Frames.Read(path).LongCount();
}
