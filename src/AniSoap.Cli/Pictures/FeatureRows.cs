using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Learning;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Pictures;

/// <summary>
/// What a row of features is about: −1 where it is not about a single particle or species, or not known to be about a frame.
/// </summary>
internal readonly record struct FeatureRow(string File, int Frame, int Particle, int CenterType, int Row = -1)
{
    public override string ToString() => In(PictureFile.ShortName(File));

    /// <summary>What the row is about, with the file under this name.</summary>
    internal string In(string file)
    {
        List<string> parts = [file, Frame >= 0 ? $"frame {Frame}" : $"row {Row}"];
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

    internal Labels Properties { get; } = properties;
    internal List<FeatureRow> Rows { get; } = [];

    /// <summary>For each file the numbers that it has for frames, where it has them.</summary>
    internal Dictionary<string, FrameTargets> Targets { get; } = [];

    internal void Add(FeatureRow row, ReadOnlySpan<double> numbers)
    {
        Rows.Add(row);
        values.AddRange(numbers);
    }

    internal ReadOnlySpan<double> Values(int row) =>
        System
            .Runtime.InteropServices.CollectionsMarshal.AsSpan(values)
            .Slice(row * Properties.Count, Properties.Count);

    /// <summary>The same rows, each divided by its length.</summary>
    internal FeatureRows Normalized()
    {
        var unit = Comparison.normalize(MatrixModule.ofBlock(Block()).OrThrow()).OrThrow();
        var rows = new FeatureRows(Properties);
        for (var row = 0; row < Rows.Count; row++)
            rows.Add(Rows[row], unit.Row(row));
        return rows;
    }

    /// <summary>All rows as a block, numbered from 0.</summary>
    internal TensorBlock Block() =>
        TensorBlockModule.create(LabelsModule.range("row", Rows.Count).OrThrow(), [], Properties, values).OrThrow();

    /// <summary>The rows of all files, whose columns must be the same.</summary>
    internal static FeatureRows Read(IReadOnlyList<string> paths, Action<string> warn)
    {
        FeatureRows? rows = null;
        FSharpMap<string, string>? metadata = null;
        foreach (var path in paths)
        {
            if (!File.Exists(path))
                throw new Refusal($"{path}: does not exist");
            var features = FeatureFiles.Read(path, warn);
            var block = FeatureFiles.Table(path, features.Content);
            var properties = SpectrumNames.Common(block.Properties);
            if (block.Samples.Count == 0)
                throw new Refusal($"{path}: has no rows");
            rows ??= new FeatureRows(properties);
            if (!rows.Properties.Equals(properties))
                throw new Refusal($"{path}: has other columns than {paths[0]}; only rows of the same features compare");
            metadata ??= features.Metadata;
            LearnedModelModule.checkHypers(path, metadata, features.Metadata).OrThrow();
            rows.Add(path, block);
            if (FrameTargetsModule.ofMetadata(features.Metadata) is { IsOk: true, ResultValue: { Value: var targets } })
                rows.Targets[path] = targets;
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
                    frame < 0 ? -1 : sample[frame],
                    particle < 0 ? -1 : sample[particle],
                    species < 0 ? -1 : sample[species],
                    row
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

    /// <summary>
    /// A map is of the distances between rows: numbers that are not finite have none, and the squares of those beyond
    /// 1e150 overflow.
    /// </summary>
    internal void RefuseWhatNoMapHolds()
    {
        const double most = 1e150;
        for (var row = 0; row < Rows.Count; row++)
        {
            var numbers = Values(row);
            for (var column = 0; column < numbers.Length; column++)
                if (!(Math.Abs(numbers[column]) <= most))
                    throw Unusable(row, column, $"finite numbers up to {Texts.Show(most)} in size");
        }
    }

    /// <summary>The same of a single row in a picture that needs no distances.</summary>
    internal void RefuseUnknown(int row)
    {
        var numbers = Values(row);
        for (var column = 0; column < numbers.Length; column++)
            if (!double.IsFinite(numbers[column]))
                throw Unusable(row, column, "finite numbers");
    }

    private Refusal Unusable(int row, int column, string accepted)
    {
        var about = Rows[row];
        var label = string.Join(
            ' ',
            Properties.Names.Zip(Properties[column].Values.ToArray(), (name, value) => $"{name}={value}")
        );
        var place = about.Row >= 0 ? $"row {about.Row}" : $"frame {about.Frame}";
        return Refusal.Of(
            $"{about.File}: {place}, column {column} ({label})",
            Texts.Show(Values(row)[column]),
            accepted
        );
    }
}
