namespace AniSoap.Cli.Running;

/// <summary>Warnings as lines of standard error.</summary>
internal static class WarningLines
{
    internal static Action<string> To(bool quiet) => quiet ? _ => { } : Write;

    private static void Write(string message)
    {
        var clear = Console.IsErrorRedirected ? "" : ProgressLine.Clear;
        Console.Error.WriteLine($"{clear}anisoap: warning: {message.ReplaceLineEndings(" ")}");
    }
}
