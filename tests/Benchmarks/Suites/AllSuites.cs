using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace AniSoap.Benchmarks.Suites;

/// <summary>The benchmarks that BenchmarkDotNet runs.</summary>
internal static class AllSuites
{
    /// <summary>
    /// Runs what the arguments choose (none: all). In this process, because the classes reach into the library's internals, which a project
    /// generated on the fly could not.
    /// </summary>
    public static bool Run(string[] args)
    {
        var job = (Sizes.IsShort ? Job.Dry : Job.Default.WithWarmupCount(2).WithIterationCount(8)).WithToolchain(
            InProcessEmitToolchain.Instance
        );
        var config = ManualConfig.Create(DefaultConfig.Instance).AddJob(job);
        if (Sizes.IsShort)
            config = config.WithArtifactsPath(Path.Combine(Path.GetTempPath(), "anisoap-benchmarks"));
        var chosen = args.Length > 0 ? args : ["--filter", "*"];
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(AllSuites).Assembly).Run(chosen, config).ToArray();
        return summaries.All(summary =>
            !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)
        );
    }
}
