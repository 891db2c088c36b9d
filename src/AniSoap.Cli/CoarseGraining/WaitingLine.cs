namespace AniSoap.Cli.CoarseGraining;

/// <summary>
/// Frames that one thread puts in line and another takes out: of large ones one waits, of small ones as many as have so many particles. Whoever takes gets all that wait,
/// so that threads wait for each other once for many small frames.
/// </summary>
internal sealed class WaitingLine<T>(long mostParticles)
{
    private readonly object gate = new();
    private List<T> waiting = [];
    private long particles;
    private bool isEnded;
    private bool isStopped;

    /// <summary>Puts an item at the end, when there is room. False where nobody takes any more.</summary>
    internal bool Put(T item, long size)
    {
        lock (gate)
        {
            while (!isStopped && waiting.Count > 0 && particles + size > mostParticles)
                Monitor.Wait(gate);
            if (isStopped)
                return false;
            waiting.Add(item);
            particles += size;
            Monitor.Pulse(gate);
            return true;
        }
    }

    /// <summary>All items that wait, at least one; null behind the last.</summary>
    internal List<T>? Take()
    {
        lock (gate)
        {
            while (waiting.Count == 0)
            {
                if (isEnded)
                    return null;
                Monitor.Wait(gate);
            }
            var all = waiting;
            waiting = [];
            particles = 0;
            Monitor.Pulse(gate);
            return all;
        }
    }

    /// <summary>Says that no item comes any more.</summary>
    internal void End()
    {
        lock (gate)
        {
            isEnded = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Says that nobody takes any more.</summary>
    internal void Stop()
    {
        lock (gate)
        {
            isStopped = true;
            Monitor.Pulse(gate);
        }
    }
}
