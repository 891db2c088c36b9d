using System.CommandLine;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Models;

/// <summary>What runs of learners share.</summary>
internal static class ModelRun
{
    /// <summary>Does the work by so many threads.</summary>
    internal static T By<T>(int threads, Func<T> work) =>
        Task
            .Factory.StartNew(
                work,
                CancellationToken.None,
                TaskCreationOptions.None,
                new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler
            )
            .GetAwaiter()
            .GetResult();

    /// <summary>Refuses work that needs more memory than allowed: so many numbers.</summary>
    internal static void CheckMemory(RunChoices run, string what, double numbers)
    {
        var bytes = 8.0 * numbers;
        if (bytes > run.Limits.MaxMemory)
            throw Refusal.Of(
                $"memory of {what}",
                FormattableString.Invariant($"about {bytes:0.##E+0} bytes"),
                FormattableString.Invariant($"at most max_memory = {run.Limits.MaxMemory}, which can be raised")
            );
    }

    /// <summary>Refuses what belongs to learning beside a model that has been learnt.</summary>
    internal static void RefuseBeside(
        Option<string> model,
        ParseResult given,
        IReadOnlyList<Option<string>> learning,
        KernelOptions kernels,
        TargetSource targets
    )
    {
        var stray =
            learning.FirstOrDefault(option => given.GetValue(option) is not null)?.Name
            ?? kernels.Given(given)
            ?? (targets.Names(given) is null ? null : "--targets");
        if (stray is not null)
            throw Refusal.Of(model.Name, $"with {stray}", "one or the other: the model has been learnt");
    }

    /// <summary>The statistics of a run over rows of features.</summary>
    internal static RunStatistics Statistics(FeatureMatrix features, double read, double compute, double write) =>
        new()
        {
            Frames = features.Rows.Select(row => (row.File, row.Frame < 0 ? row.Row : row.Frame)).Distinct().Count(),
            Particles = features.IsOfParticles ? features.Rows.Count : 0,
            Pairs = 0,
            Features = features.Table.Properties.Count,
            ReadSeconds = read,
            ComputeSeconds = compute,
            WriteSeconds = write,
        };
}
