using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;

namespace AniSoap.Benchmarks.Tables;

/// <summary>The tables of docs/performance.md.</summary>
internal static class AllTables
{
    private static readonly (string Name, Action<Effort> Print)[] Known =
    [
        ("kernel", KernelTable.Print),
        ("frames", FrameTable.Print),
        ("stages", StageTable.Print),
        ("gradients", GradientTable.Print),
        ("engine", EngineTable.Print),
        ("threads", ThreadTable.Print),
        ("large", LargeFrameTable.Print),
        ("reading", ReadingTable.Print),
        ("formats", FormatTable.Print),
        ("features", FeatureFileTable.Print),
        ("atoms", CoarseGrainTable.Print),
        ("neighbors", NeighborTable.Print),
        ("couplings", CouplingTable.Print),
        ("pairs", PairTable.Print),
        ("sites", SiteKernelTable.Print),
        ("choices", ChoiceTable.Print),
        ("species", SpeciesTable.Print),
        ("derivatives", DerivativeFileTable.Print),
        ("growth", GrowthTable.Print),
    ];

    /// <summary>Prints the tables named, or all. False if a name is not one of a table.</summary>
    public static bool Print(Effort effort, IReadOnlyCollection<string> names)
    {
        var unknown = names.Except(Known.Select(table => table.Name)).ToArray();
        if (unknown.Length > 0)
        {
            Console.Error.WriteLine(
                $"no table {string.Join(", ", unknown)}; there are {string.Join(", ", Known.Select(table => table.Name))}"
            );
            return false;
        }
        Console.WriteLine(Description.Line());
        foreach (var (name, print) in Known)
            if (names.Count == 0 || names.Contains(name))
                print(effort);
        return true;
    }
}
