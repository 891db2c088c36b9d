using System.Globalization;

namespace AniSoap.Benchmarks.Machine;

/// <summary>Memory that the process holds, by the word of the system (Linux; elsewhere unknown).</summary>
internal static class Memory
{
    private const double Mebi = 1024.0 * 1024.0;

    /// <summary>Gives back what is not needed and forgets the peak.</summary>
    public static void ForgetPeak()
    {
        System.Runtime.GCSettings.LargeObjectHeapCompactionMode = System
            .Runtime
            .GCLargeObjectHeapCompactionMode
            .CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (File.Exists("/proc/self/clear_refs"))
            File.WriteAllText("/proc/self/clear_refs", "5");
    }

    /// <summary>The most that was resident since the peak was forgotten, in MiB.</summary>
    public static double PeakMebibytes() => Status("VmHWM:") ?? double.NaN;

    /// <summary>What is resident now, in MiB.</summary>
    public static double NowMebibytes() => Status("VmRSS:") ?? Environment.WorkingSet / Mebi;

    private static double? Status(string key)
    {
        if (!File.Exists("/proc/self/status"))
            return null;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        var kibibytes = line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return double.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024.0;
    }
}
