namespace AniSoap.CSharp;

/// <summary>What came of writing frames.</summary>
/// <param name="Count">How many frames were written.</param>
/// <param name="Warnings">
/// What the format could not hold as it was, each thing once: a cell that LAMMPS and GSD have only turned, for example, with all particles in
/// it. Empty where the file holds everything.
/// </param>
public sealed record WrittenFrames(int Count, ImmutableArray<string> Warnings)
{
    /// <summary>The number of frames, for whoever wants nothing else.</summary>
    public static implicit operator int(WrittenFrames written) => written.Count;
}
