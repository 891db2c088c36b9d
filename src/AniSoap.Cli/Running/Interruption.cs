using System.Runtime.InteropServices;

namespace AniSoap.Cli.Running;

/// <summary>
/// Ctrl-C and the system's request to end: the run is asked to stop and clean up; one that does not within a moment
/// (it may be waiting for standard input) is ended.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>128 + the signal's number, as shells count.</summary>
    internal const int ByUser = 130;

    internal const string Message = "interrupted; nothing was written";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource source = new();
    private readonly ManualResetEventSlim ended = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;
    private Action cleanUp = () => { };

    internal Interruption()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    }

    internal CancellationToken Token => source.Token;

    /// <summary>What to do before a run is ended that does not stop by itself.</summary>
    internal void OnForcedEnd(Action action) => Volatile.Write(ref cleanUp, action);

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        source.Cancel();
        if (ended.Wait(Grace))
            return;
        Volatile.Read(ref cleanUp)();
        Console.Error.WriteLine($"anisoap: {Message}");
        Environment.Exit(ByUser);
    }

    public void Dispose()
    {
        ended.Set();
        interrupt.Dispose();
        terminate.Dispose();
    }
}
