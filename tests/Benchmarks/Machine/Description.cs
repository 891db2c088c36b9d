using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using AniSoap.Numerics;

namespace AniSoap.Benchmarks.Machine;

/// <summary>What was measured on, in a line.</summary>
internal static class Description
{
    private const string Path = "/proc/cpuinfo";

    /// <summary>Processor, instructions, cores, caches of a core, system and runtime.</summary>
    public static string Line()
    {
        var instructions =
            Avx512F.IsSupported ? "AVX-512"
            : Avx2.IsSupported ? "AVX2"
            : "no AVX2";
        var family = RuntimeInformation.ProcessArchitecture;
        return $"{Processor()}, {family} with {instructions}, {Environment.ProcessorCount} cores, caches {CacheSizes.first / 1024} and {CacheSizes.second / 1024} KB, "
            + $"{RuntimeInformation.OSDescription.Split(' ')[0]}, {RuntimeInformation.FrameworkDescription}";
    }

    /// <summary>The processor's family and model in the numbers of its maker; none where the system does not say.</summary>
    public static (string Maker, int Family, int Model)? Kind() =>
        int.TryParse(Value("cpu family"), CultureInfo.InvariantCulture, out var family)
        && int.TryParse(Value("model\t"), CultureInfo.InvariantCulture, out var model)
            ? (Value("vendor_id"), family, model)
            : null;

    private static string Processor() =>
        File.Exists(Path)
            ? $"{Value("model name")} (family {Value("cpu family")}, model {Value("model\t")})"
            : "unnamed processor";

    private static string Value(string key) =>
        (
            File.Exists(Path)
                ? File.ReadLines(Path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))
                : null
        )
            ?.Split(':')[1]
            .Trim()
        ?? "?";
}
