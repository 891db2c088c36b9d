namespace AniSoap.Benchmarks.Machine;

/// <summary>The share of the peak that the kernel is to reach, by kind of processor. Nothing in the kernel asks for the kind: these are only printed beside what was measured.</summary>
internal static class KernelGoals
{
    private static readonly int[] Degrees = [11, 14, 21];

    /// <summary>The kind at hand and its goals, for a heading.</summary>
    public static string Line()
    {
        var (name, goals) = Here();
        return goals is null
            ? $"{name}: no goals"
            : $"{name}: goals {string.Join(" / ", goals.Select(goal => $"{goal} %"))} at D = {string.Join(" / ", Degrees)}";
    }

    /// <summary>The goal for a degree in percent, where there is one.</summary>
    public static int? Of(int degree) =>
        Here().Goals is { } goals && Array.IndexOf(Degrees, degree) is >= 0 and var place ? goals[place] : null;

    private static (string Name, int[]? Goals) Here() =>
        Description.Kind() switch
        {
            ("AuthenticAMD", 26, _) => ("Zen 5", [70, 70, 65]),
            ("GenuineIntel", 6, 143 or 207) => ("Xeon (Sapphire or Emerald Rapids)", [65, 65, 60]),
            // Zen 3 has the same family and models below 16, 32 to 95.
            ("AuthenticAMD", 25, (>= 16 and < 32) or >= 96) => ("Zen 4", null),
            _ => ("processor of another kind", null),
        };
}
