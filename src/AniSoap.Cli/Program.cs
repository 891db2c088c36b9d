namespace AniSoap.Cli;

/// <summary>The program <c>anisoap</c>.</summary>
public static class Program
{
    /// <summary>Runs the program.</summary>
    public static int Main(string[] args) => args.Length;
}
