namespace AniSoap.Benchmarks.Runs;

/// <summary>How much to measure: what the tables need, or next to nothing, so that every line of this program runs in CI.</summary>
internal sealed record Effort(bool IsShort)
{
    /// <summary>Turns to take: the shortest time of many.</summary>
    public int Rounds(int full) => IsShort ? 1 : full;

    /// <summary>The size of something that has a small stand-in.</summary>
    public T Pick<T>(T full, T small) => IsShort ? small : full;
}
