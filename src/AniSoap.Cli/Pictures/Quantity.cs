using System.Globalization;
using System.Text.RegularExpressions;

namespace AniSoap.Cli.Pictures;

/// <summary>Numbers of a file by the name that the file gives them: NAME, or NAME[K] for one component (from 1).</summary>
internal static partial class Quantity
{
    [GeneratedRegex(@"^(?<name>.*)\[(?<component>\d+)\]$")]
    private static partial Regex Indexed();

    /// <summary>A number for each particle: the quantity itself, a component of it, or the length of a vector.</summary>
    internal static double[]? OfParticles(Snapshot snapshot, string name)
    {
        if (Column(snapshot, name) is { } whole && Numbers(whole) is { } all)
            return whole.Width == 1 ? all : [.. all.Chunk(whole.Width).Select(Length)];
        var match = Indexed().Match(name);
        if (
            !match.Success
            || !int.TryParse(match.Groups["component"].ValueSpan, CultureInfo.InvariantCulture, out var component)
            || Column(snapshot, match.Groups["name"].Value) is not { } part
            || Numbers(part) is not { } numbers
            || component < 1
            || component > part.Width
        )
            return null;
        return [.. numbers.Chunk(part.Width).Select(vector => vector[component - 1])];
    }

    /// <summary>A number of the whole frame.</summary>
    internal static double? OfFrame(Snapshot snapshot, string name)
    {
        foreach (var (known, value) in snapshot.Info)
            if (known == name)
                return value switch
                {
                    InfoValue.Real real => real.Item,
                    InfoValue.Integer integer => integer.Item,
                    _ => null,
                };
        return null;
    }

    /// <summary>What can be asked of a snapshot, for a refusal.</summary>
    internal static string Known(Snapshot snapshot, bool ofParticles)
    {
        var names = ofParticles
            ? snapshot.Columns.Where(column => Numbers(column) is not null).Select(column => column.Name)
            : snapshot.Info.Where(item => OfFrame(snapshot, item.Item1) is not null).Select(item => item.Item1);
        var list = string.Join(", ", names);
        return list.Length == 0 ? "the file has no such numbers" : $"the file has {list}";
    }

    private static double Length(double[] vector) => Math.Sqrt(vector.Sum(x => x * x));

    /// <summary>By any of the spellings that a common quantity has.</summary>
    private static ParticleColumn? Column(Snapshot snapshot, string name) =>
        Quantities.tryFind(name, snapshot) is { Value: var column } ? column : null;

    private static double[]? Numbers(ParticleColumn column) =>
        column.Values switch
        {
            ColumnValues.Reals reals => [.. reals.Item],
            ColumnValues.Integers integers => [.. integers.Item.Select(number => (double)number)],
            _ => null,
        };
}
