using System.Diagnostics;
using System.Globalization;

namespace AniSoap.Cli.Running;

/// <summary>
/// The progress bar: one line of standard error, drawn anew a few times a second by whoever reports; nothing where
/// standard error is no terminal.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    /// <summary>Takes the cursor to the start of its line and clears it.</summary>
    internal const string Clear = "\r\u001b[K";

    private const int BarWidth = 24;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(150);

    private readonly bool shown;
    private readonly long? total;
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly Lock drawing = new();
    private TimeSpan next = Interval; // A run that ends at once draws nothing.
    private bool drawn;

    // The particles of the frames that were read and are not done, and what was done before them.
    private readonly Queue<long> waiting = [];
    private long framesBefore;
    private long particlesBefore;

    /// <summary>A bar for so many frames, or for a number that is not known.</summary>
    internal ProgressLine(bool quiet, long? total)
    {
        this.total = total;
        shown = !quiet && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
    }

    /// <summary>A frame of so many particles has been read and will be computed: progress within it can be told.</summary>
    internal void Add(long particles)
    {
        if (shown)
            lock (drawing)
                waiting.Enqueue(particles);
    }

    /// <summary>So much is done: whole frames, and particles and pairs of them and of the next.</summary>
    internal void Report(long frames, long particles, long pairs)
    {
        if (!shown)
            return;
        lock (drawing)
        {
            for (; framesBefore < frames && waiting.TryDequeue(out var size); framesBefore++)
                particlesBefore += size;
            var elapsed = Stopwatch.GetElapsedTime(started);
            if (elapsed < next)
                return;
            next = elapsed + Interval;
            drawn = true;
            var within =
                waiting.TryPeek(out var current) && current > 0 ? (double)(particles - particlesBefore) / current : 0.0;
            Console.Error.Write(Clear + Line(frames, Math.Clamp(within, 0.0, 1.0), total, pairs, elapsed));
        }
    }

    /// <summary>Clears the line, so that what comes next stands alone.</summary>
    public void Dispose()
    {
        lock (drawing)
            if (drawn)
                Console.Error.Write(Clear);
        drawn = false;
    }

    private static string Line(long frames, double within, long? total, long pairs, TimeSpan elapsed)
    {
        var rate = pairs > 0 ? $", {Short(pairs / Math.Max(elapsed.TotalSeconds, 1e-3))} pairs/s" : "";
        var part = within > 0.0 ? Invariant($" and {100.0 * within:0} % of the next") : "";
        if (total is not > 0)
            return Invariant($"{frames} frames{part}{rate}, {Clock(elapsed)} so far");
        var done = Math.Min(1.0, (frames + within) / total.Value);
        var full = (int)(done * BarWidth);
        var left = done == 0.0 ? "time left unknown" : $"{Clock(elapsed * ((1.0 - done) / done))} left";
        return Invariant(
            $"[{new string('#', full)}{new string('.', BarWidth - full)}] {frames}/{total} frames{part}{rate}, {left}"
        );
    }

    private static string Short(double number) =>
        number switch
        {
            >= 1e9 => Invariant($"{number / 1e9:0.0}G"),
            >= 1e6 => Invariant($"{number / 1e6:0.0}M"),
            >= 1e3 => Invariant($"{number / 1e3:0.0}k"),
            _ => Invariant($"{number:0}"),
        };

    private static string Clock(TimeSpan time) =>
        time.TotalHours >= 1
            ? Invariant($"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : Invariant($"{time.Minutes}:{time.Seconds:00}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
