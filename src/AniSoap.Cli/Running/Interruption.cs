using System.Runtime.InteropServices;

namespace AniSoap.Cli.Running;

/// <summary>
/// Ctrl-C, a terminal that goes away, and the system's request to end: the run is asked to stop and clean up; one that
/// does not within a moment (it may be waiting for standard input) is ended.
/// </summary>
internal sealed class Interruption : IDisposable
{
    internal const string Message = "interrupted; nothing was written";

    /// <summary>SIGXFSZ, which .NET has no name for; Linux and macOS number it alike.</summary>
    private const PosixSignal FileTooLarge = (PosixSignal)25;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // A signal is the process's, whoever waits for it.
    private static int exitCode = 130;

    private readonly CancellationTokenSource source = new();
    private readonly ManualResetEventSlim ended = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private Action cleanUp = () => { };

    internal Interruption()
    {
        foreach (
            var signal in (PosixSignal[])
                [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT]
        )
            registrations.Add(PosixSignalRegistration.Create(signal, Stop));
    }

    /// <summary>
    /// From here on, writing more than a file may hold is an error of the write and does not end the process. For the
    /// whole process: such a signal is heard a moment after the write that it is about.
    /// </summary>
    internal static IDisposable? OutliveFullFiles() =>
        OperatingSystem.IsWindows()
            ? null
            : PosixSignalRegistration.Create(FileTooLarge, context => context.Cancel = true);

    /// <summary>Of a run that was interrupted: 128 + the signal's number, as shells count.</summary>
    internal static int ExitCode => Volatile.Read(ref exitCode);

    internal CancellationToken Token => source.Token;

    /// <summary>What to do before a run is ended that does not stop by itself.</summary>
    internal void OnForcedEnd(Action action) => Volatile.Write(ref cleanUp, action);

    private static int CodeOf(PosixSignal signal) =>
        128
        + signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGQUIT => 3,
            PosixSignal.SIGTERM => 15,
            _ => 2,
        };

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        Volatile.Write(ref exitCode, CodeOf(context.Signal));
        source.Cancel();
        if (ended.Wait(Grace))
            return;
        Volatile.Read(ref cleanUp)();
        try
        {
            Console.Error.WriteLine($"anisoap: {Message}");
        }
        catch (IOException) { } // Nobody listens any more.
        Environment.Exit(ExitCode);
    }

    public void Dispose()
    {
        ended.Set();
        foreach (var registration in registrations)
            registration.Dispose();
    }
}
