namespace AniSoap.CSharp;

/// <summary>
/// What a request may cost: pairs and memory are estimated before anything is computed, and what is beyond a limit is refused with an
/// <see cref="InvalidValueException"/> that says how much it would be.
/// </summary>
public sealed record ResourceLimits
{
    /// <summary>Most pairs of neighbours in one frame; twenty thousand million at first.</summary>
    public long MaxPairs { get; init; } = Core.LimitsModule.defaults.MaxPairs;

    /// <summary>Most bytes that may be needed at once beside the frames themselves; 16 GiB at first.</summary>
    public long MaxMemory { get; init; } = Core.LimitsModule.defaults.MaxMemory;

    /// <summary>No limits but those of the machine.</summary>
    public static ResourceLimits None { get; } = new() { MaxPairs = long.MaxValue, MaxMemory = long.MaxValue };

    internal Core.Limits ToCore() => new(MaxPairs, MaxMemory);
}
