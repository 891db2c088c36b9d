namespace AniSoap.Cli.Options;

/// <summary>The endings that inputs may have.</summary>
internal static class InputFormats
{
    internal static readonly string[] Names = ["xyz", "extxyz", "dump", "lammpstrj", "data", "gsd", "json"];
}
