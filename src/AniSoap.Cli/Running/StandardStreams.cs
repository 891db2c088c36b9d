using System.Text;

namespace AniSoap.Cli.Running;

/// <summary>Standard streams that may be closed or full, without the run failing for it.</summary>
internal static class StandardStreams
{
    private const int Last = 2;

    /// <summary>
    /// What the caller closed leads nowhere: else the next file to be opened would take its place, and messages would go into it. And
    /// messages that cannot be written are left out.
    /// </summary>
    internal static void Prepare()
    {
        if (!OperatingSystem.IsWindows())
            FillGaps();
        Console.SetError(new Unfailing(Console.Error));
    }

    private static void FillGaps()
    {
        try
        {
            while (true)
            {
                var handle = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                if (handle.DangerousGetHandle() > Last)
                {
                    handle.Dispose();
                    return;
                }
                // It stays open as long as the program runs.
                GC.SuppressFinalize(handle);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>A writer whose failures are nobody's business: the exit code has to do.</summary>
    private sealed class Unfailing(TextWriter inner) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Try(() => inner.Write(value));

        public override void Write(string? value) => Try(() => inner.Write(value));

        public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

        public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

        public override void Flush() => Try(inner.Flush);

        private static void Try(Action write)
        {
            try
            {
                write();
            }
            catch (Exception problem)
                when (problem is IOException or UnauthorizedAccessException or ObjectDisposedException) { }
        }
    }
}
