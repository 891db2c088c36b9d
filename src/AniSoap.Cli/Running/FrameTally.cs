using System.Diagnostics;

namespace AniSoap.Cli.Running;

/// <summary>What a verb that writes frames counts: how many, of how many particles, and where the time went.</summary>
internal sealed class FrameTally
{
    private double? reading;
    private double computing;
    private double writing;

    internal long Frames { get; private set; }
    internal long Particles { get; private set; }

    /// <summary>Counts a frame that was read.</summary>
    internal void Add(Snapshot frame) => Add(frame.Frame.Particles.Length);

    /// <summary>Counts a frame of so many particles.</summary>
    internal void Add(long particles)
    {
        Frames++;
        Particles += particles;
    }

    /// <summary>The same frames, their reading timed: for stages that overlap, where it is not what is left of the run's time.</summary>
    internal IEnumerable<T> Read<T>(IEnumerable<T> frames)
    {
        reading ??= 0.0;
        using var all = frames.GetEnumerator();
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            var isThere = all.MoveNext();
            reading += Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (!isThere)
                yield break;
            yield return all.Current;
        }
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

    /// <summary>The run's statistics; what is left of its time was reading, where that was not timed.</summary>
    internal RunStatistics Statistics(RunClock clock, long features = 0) =>
        new()
        {
            Frames = Frames,
            Particles = Particles,
            Pairs = 0,
            Features = features,
            ReadSeconds = reading ?? Math.Max(0.0, clock.Seconds - writing - computing),
            ComputeSeconds = computing,
            WriteSeconds = writing,
        };
}
