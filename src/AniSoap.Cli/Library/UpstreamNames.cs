using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Library;

/// <summary>Expansions under the names, and with the order of keys, of the Python package; the values are the same.</summary>
internal static class UpstreamNames
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["o3_lambda"] = "angular_channel",
        ["center_type"] = "types_center",
        ["first_atom_type"] = "types_center",
        ["second_atom_type"] = "types_neighbor",
        ["system"] = "type",
        ["atom"] = "center",
        ["o3_mu"] = "spherical_component_m",
        ["neighbor_type"] = "neighbor_types",
    };

    private static readonly string[] Samples = ["system", "atom"];

    /// <summary>The names and the order of blocks that have these keys here.</summary>
    internal static BlockNames Blocks(Labels known)
    {
        // Pairs keep the names of their samples: the package has them from elsewhere.
        var samples = known.Names.Contains("first_atom_type") ? Samples : [];
        var types = known.Names.Where(name => name.EndsWith("_type", StringComparison.Ordinal)).ToArray();
        string[] order = [.. types, "o3_lambda"];
        var keys = known
            .Select((row, position) => (Values: order.Select(name => row[name]).ToArray(), position))
            .OrderBy(key => key.Values, Comparer<int[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .ToList();
        return new BlockNames(
            LabelsModule.create(order.Select(name => Names[name]), keys.Select(key => key.Values)).OrRefuse(),
            ListModule.OfSeq(keys.Select(key => key.position)),
            FuncConvert.FromFunc<string, string>(name =>
                samples.Contains(name) ? name : Names.GetValueOrDefault(name, name)
            )
        );
    }
}
