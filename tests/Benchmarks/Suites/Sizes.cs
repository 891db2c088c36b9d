namespace AniSoap.Benchmarks.Suites;

/// <summary>
/// The sizes that BenchmarkDotNet's classes are run with. They are asked for by name before any instance exists, so that whether the run is a
/// short one has to be kept in a place of its own: set once, by the program's first lines.
/// </summary>
public static class Sizes
{
    /// <summary>Whether to do next to nothing, so that CI can run every benchmark.</summary>
    public static bool IsShort { get; set; }

    /// <summary>All sizes, or the first when the run is a short one.</summary>
    public static T[] Of<T>(params T[] all) => IsShort ? all[..1] : all;
}
