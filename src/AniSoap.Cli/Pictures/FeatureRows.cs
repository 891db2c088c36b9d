using AniSoap.Formats;

namespace AniSoap.Cli.Pictures;

/// <summary>What a row of features is about: −1 where it is not about a single particle or species.</summary>
internal readonly record struct FeatureRow(string File, int Frame, int Particle, int CenterType)
{
    public override string ToString()
    {
        List<string> parts = [PictureFile.ShortName(File), $"frame {Frame}"];
        if (Particle >= 0)
            parts.Add($"particle {Particle}");
        if (CenterType >= 0)
            parts.Add($"species {CenterType}");
        return string.Join(", ", parts);
    }
}

/// <summary>Rows of features with the names of their columns, from one file or several.</summary>
internal sealed class FeatureRows(Labels properties)
{
    private readonly List<double> values = [];

    /// <summary>Endings of files of features.</summary>
    internal static readonly string[] Endings = [".npz", ".mts"];

    internal Labels Properties { get; } = properties;
    internal List<FeatureRow> Rows { get; } = [];

    internal static bool IsFile(string path) => Endings.Contains(Path.GetExtension(path).ToLowerInvariant());

    internal void Add(FeatureRow row, ReadOnlySpan<double> numbers)
    {
        Rows.Add(row);
        values.AddRange(numbers);
    }

    internal ReadOnlySpan<double> Values(int row) =>
        System
            .Runtime.InteropServices.CollectionsMarshal.AsSpan(values)
            .Slice(row * Properties.Count, Properties.Count);

    /// <summary>All rows as a block, numbered from 0.</summary>
    internal TensorBlock Block() =>
        TensorBlockModule.create(LabelsModule.range("row", Rows.Count).OrRefuse(), [], Properties, values).OrRefuse();

    /// <summary>The rows of all files, whose columns must be the same.</summary>
    internal static FeatureRows Read(IReadOnlyList<string> paths)
    {
        FeatureRows? rows = null;
        foreach (var path in paths)
        {
            if (!File.Exists(path))
                throw new Refusal($"{path}: does not exist");
            var block = Block(path);
            if (!block.Components.IsEmpty)
                throw new Refusal($"{path}: has components; expected: rows of invariant features");
            rows ??= new FeatureRows(block.Properties);
            if (!rows.Properties.Equals(block.Properties))
                throw new Refusal($"{path}: has other columns than {paths[0]}; only rows of the same features compare");
            rows.Add(path, block);
        }
        return rows ?? throw new Refusal("INPUT is missing; name one or more files of features");
    }

    private void Add(string path, TensorBlock block)
    {
        int frame = Dimension(block.Samples, "frame", "system", "type"),
            particle = Dimension(block.Samples, "particle", "atom", "center"),
            species = Dimension(block.Samples, "center_type", "types_center");
        for (var row = 0; row < block.Samples.Count; row++)
        {
            var sample = block.Samples[row];
            Add(
                new FeatureRow(
                    path,
                    frame < 0 ? row : sample[frame],
                    particle < 0 ? -1 : sample[particle],
                    species < 0 ? -1 : sample[species]
                ),
                block.Row(row, 0)
            );
        }
    }

    private static int Dimension(Labels labels, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (labels.Dimension(name) is >= 0 and var dimension)
                return dimension;
        return -1;
    }

    private static TensorBlock Block(string path) =>
        Path.GetExtension(path).ToLowerInvariant() == ".npz" ? Npz.read(path).OrRefuse().Item1 : BlockOf(path);

    /// <summary>
    /// The blocks of a TensorMap as one: means have the species as centre among their columns, particles have it in
    /// their rows.
    /// </summary>
    private static TensorBlock BlockOf(string path)
    {
        var map = Mts.read(path).OrRefuse();
        if (map.Count == 0)
            throw new Refusal($"{path}: has no blocks");
        var names = Microsoft.FSharp.Collections.ListModule.OfSeq(map.Keys.Names);
        var merged =
            map[0].Samples.Size == 1
                ? TensorMapModule.keysToProperties(names, map)
                : TensorMapModule.keysToSamples(names, map);
        var all = merged.OrRefuse(error => AniSoapErrorModule.at(Inside(path), error));
        return all.Blocks[0];
    }

    private static Place Inside(string path) =>
        new(Microsoft.FSharp.Core.FSharpOption<string>.Some(path), null, null, null);
}
