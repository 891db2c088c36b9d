using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace AniSoap.Benchmarks.Machine;

/// <summary>What was measured on, in a line.</summary>
internal static class Description
{
    /// <summary>Processor, instructions, cores, system and runtime.</summary>
    public static string Line()
    {
        var instructions =
            Avx512F.IsSupported ? "AVX-512"
            : Avx2.IsSupported ? "AVX2"
            : "no AVX2";
        var family = RuntimeInformation.ProcessArchitecture;
        return $"{Processor()}, {family} with {instructions}, {Environment.ProcessorCount} cores, "
            + $"{RuntimeInformation.OSDescription.Split(' ')[0]}, {RuntimeInformation.FrameworkDescription}";
    }

    private static string Processor()
    {
        const string path = "/proc/cpuinfo";
        if (!File.Exists(path))
            return "unnamed processor";
        string Value(string key) =>
            File.ReadLines(path)
                .FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))
                ?.Split(':')[1]
                .Trim()
            ?? "?";
        return $"{Value("model name")} (family {Value("cpu family")}, model {Value("model\t")})";
    }
}
