namespace AniSoap.CSharp;

/// <summary>Which columns a power spectrum has.</summary>
public enum SpectrumColumns
{
    /// <summary>All ordered pairs of radial functions and species, as the Python package has them.</summary>
    OrderedPairs,

    /// <summary>Each pair once, times √2 where its halves differ: half the columns, the same dot products.</summary>
    UnorderedPairs,
}
