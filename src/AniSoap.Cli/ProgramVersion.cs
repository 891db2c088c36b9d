namespace AniSoap.Cli;

/// <summary>The version as packages have it.</summary>
internal static class ProgramVersion
{
    internal static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
