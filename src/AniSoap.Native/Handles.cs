using System.Collections.Concurrent;

namespace AniSoap.Native;

/// <summary>What handles stand for: numbers, so that one that was closed is known as such.</summary>
internal static class Handles
{
    private static readonly ConcurrentDictionary<nint, Session> Open = new();
    private static long last;

    internal static nint Add(Session session)
    {
        var handle = (nint)Interlocked.Increment(ref last);
        Open[handle] = session;
        return handle;
    }

    internal static Session? Find(nint handle) => Open.TryGetValue(handle, out var session) ? session : null;

    internal static bool Remove(nint handle)
    {
        if (!Open.TryRemove(handle, out var session))
            return false;
        // A call that is under way ends first.
        lock (session)
            session.Dispose();
        return true;
    }
}
