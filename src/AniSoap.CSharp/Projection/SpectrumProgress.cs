namespace AniSoap.CSharp;

/// <summary>How a computation is going.</summary>
/// <param name="Frames">Frames done so far.</param>
/// <param name="Particles">Particles done so far.</param>
/// <param name="Pairs">Pairs of neighbours done so far, each counted once a direction.</param>
public readonly record struct SpectrumProgress(long Frames, long Particles, long Pairs);
