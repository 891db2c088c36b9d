using System.Diagnostics;

namespace AniSoap.Cli.Running;

/// <summary>What a verb that writes frames counts: how many, of how many particles, and where the time went.</summary>
internal sealed class FrameTally
{
    private double computing;
    private double writing;

    internal long Frames { get; private set; }
    internal long Particles { get; private set; }

    /// <summary>Counts a frame that was read.</summary>
    internal void Add(Snapshot frame)
    {
        Frames++;
        Particles += frame.Frame.Particles.Length;
    }

    /// <summary>Does and times work on a frame.</summary>
    internal T Compute<T>(Func<T> work)
    {
        var started = Stopwatch.GetTimestamp();
        var result = work();
        computing += Stopwatch.GetElapsedTime(started).TotalSeconds;
        return result;
    }

    /// <summary>Writes and times it.</summary>
    internal void Write(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        writing += Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The run's statistics; what is left of its time was reading.</summary>
    internal RunStatistics Statistics(RunClock clock, long features = 0) =>
        new()
        {
            Frames = Frames,
            Particles = Particles,
            Pairs = 0,
            Features = features,
            ReadSeconds = Math.Max(0.0, clock.Seconds - writing - computing),
            ComputeSeconds = computing,
            WriteSeconds = writing,
        };
}
