namespace AniSoap.Cli.Options;

/// <summary>What is read, by ending: the one place that help texts and checks take it from.</summary>
internal static class InputFormats
{
    /// <summary>The endings of frames without their dots.</summary>
    internal static readonly string[] Names = [.. Endings.ofFrames.Select(ending => ending[1..])];

    /// <summary>Frames, for the help.</summary>
    internal static string Frames =>
        $"{string.Join(", ", Endings.ofFrames)}, each also {string.Join(", ", Endings.packed)} (not .gsd)";

    /// <summary>Features, for the help of verbs that read them too.</summary>
    internal static string OrFeatures => $"; or features: {string.Join(", ", Endings.ofFeatures)}";
}
