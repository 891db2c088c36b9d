namespace AniSoap.Cli.Pictures;

/// <summary>
/// Power spectra of other layouts under the names that pictures know: those of the Python package (<c>k_2</c>,
/// <c>n_1_a</c>, …), and equivariant ones at λ = 0, whose <c>l_1</c> and <c>l_2</c> are the same.
/// </summary>
internal static class SpectrumNames
{
    private static readonly Dictionary<string, string> Package = new()
    {
        ["types_center"] = "center_type",
        ["n_1_a"] = "n_1",
        ["neighbor_types_1_a"] = "neighbor_1_type",
        ["k_2"] = "l",
        ["n_1_b"] = "n_2",
        ["neighbor_types_1_b"] = "neighbor_2_type",
    };

    /// <summary>The labels with today's names where they are a power spectrum's under other names, else as they are.</summary>
    internal static Labels Common(Labels properties)
    {
        if (Package.Keys.Where(name => name != "types_center").All(Has))
            return OneL(properties, "k_2", "l_2", name => Package.GetValueOrDefault(name, name));
        return Has("l_1") && Has("l_2") && !Has("l")
            ? OneL(properties, "l_1", "l_2", name => name == "l_1" ? "l" : name)
            : properties;

        bool Has(string name) => properties.Dimension(name) >= 0;
    }

    /// <summary>Without the second l, if it is the first everywhere.</summary>
    private static Labels OneL(Labels properties, string first, string second, Func<string, string> renamed)
    {
        var (kept, left) = (properties.Dimension(first), properties.Dimension(second));
        if (left < 0 || properties.Any(row => row[kept] != row[left]))
            return properties;
        var dimensions = Enumerable.Range(0, properties.Size).Where(dimension => dimension != left).ToArray();
        return LabelsModule
            .ofValues(
                dimensions.Select(dimension => renamed(properties.Names[dimension])),
                properties.SelectMany(row => dimensions.Select(dimension => row[dimension]))
            )
            .OrThrow();
    }
}
