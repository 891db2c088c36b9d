namespace AniSoap.Cli.Output;

/// <summary>Texts beside the main output.</summary>
internal static class ReportFile
{
    /// <summary>To standard output for "-", else to a file that appears whole or not at all.</summary>
    internal static void Write(string path, Existing existing, string text)
    {
        if (path == "-")
        {
            Console.Out.Write(text);
            return;
        }
        using var file = AtomicFile.Create(path, existing).OrThrow();
        file.Write(stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text))).OrFail();
        file.Commit().OrFail();
    }
}
