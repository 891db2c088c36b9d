using AniSoap.Cli.Library;
using AniSoap.Learning;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Models;

/// <summary>
/// Where a row of features is from: the number of its file among the inputs, and its frame and particle there; −1 where it names none.
/// </summary>
internal readonly record struct RowOrigin(int File, int Row, int Frame, int Particle);

/// <summary>The rows of several files of features one below the other, with what stands beside them.</summary>
internal sealed class FeatureMatrix
{
    private FeatureMatrix(
        IReadOnlyList<string> paths,
        TensorBlock table,
        IReadOnlyList<RowOrigin> rows,
        IReadOnlyList<FSharpMap<string, string>> metadata,
        Precision precision
    )
    {
        Paths = paths;
        Table = table;
        Rows = rows;
        AllMetadata = metadata;
        Precision = precision;
        X = MatrixModule.ofBlock(table).OrThrow();
    }

    internal IReadOnlyList<string> Paths { get; }

    /// <summary>All rows; of several files their samples begin with the number of the file.</summary>
    internal TensorBlock Table { get; }
    internal IReadOnlyList<RowOrigin> Rows { get; }

    /// <summary>What stands beside the numbers of each file.</summary>
    internal IReadOnlyList<FSharpMap<string, string>> AllMetadata { get; }
    internal Precision Precision { get; }
    internal Matrix X { get; }

    /// <summary>The metadata that all have: those of the first, without targets where there are several.</summary>
    internal FSharpMap<string, string> Metadata =>
        AllMetadata.Count == 1 ? AllMetadata[0] : AllMetadata[0].Remove(FrameTargetsModule.Entry).Remove("inputs");

    /// <summary>Whether rows are of particles.</summary>
    internal bool IsOfParticles => Rows[0].Particle >= 0;

    /// <summary>A number for each row that rows of one frame have alike: of rows without a frame each has its own.</summary>
    internal int[] Groups()
    {
        var numbers = new Dictionary<(int, int, int), int>();
        return
        [
            .. Rows.Select(row =>
            {
                var key = (row.File, row.Frame, row.Frame < 0 ? row.Row : -1);
                return numbers.TryGetValue(key, out var known) ? known : numbers[key] = numbers.Count;
            }),
        ];
    }

    /// <summary>The first file's name: what features are called in refusals.</summary>
    internal string Source => Paths[0];

    /// <summary>Reads files whose rows and columns are called alike and that are of the same hyperparameters.</summary>
    internal static FeatureMatrix Read(IReadOnlyList<string> paths, Action<string> warn)
    {
        var tables = new List<TensorBlock>();
        var metadata = new List<FSharpMap<string, string>>();
        var precision = Precision.Single;
        foreach (var path in paths)
        {
            if (!File.Exists(path))
                throw new Refusal($"{path}: does not exist");
            if (!FeatureFiles.Is(path))
                throw new Refusal($"{path}: is no file of features; accepted: {string.Join(", ", Endings.ofFeatures)}");
            var features = FeatureFiles.Read(path, warn);
            var table = FeatureFiles.Table(path, features.Content);
            if (table.Samples.Count == 0)
                throw new Refusal($"{path}: has no rows");
            if (FeatureSetModule.precision(features) == Precision.Double)
                precision = Precision.Double;
            tables.Add(table);
            metadata.Add(features.Metadata);
            if (!table.Properties.Equals(tables[0].Properties))
                throw new Refusal($"{path}: has other columns than {paths[0]}; only rows of the same features compare");
            if (!table.Samples.Names.SequenceEqual(tables[0].Samples.Names))
                throw new Refusal(
                    $"{path}: its rows are called {string.Join(", ", table.Samples.Names)}, those of {paths[0]} {string.Join(", ", tables[0].Samples.Names)}; expected: rows of one kind"
                );
            LearnedModelModule.checkHypers(path, metadata[0], features.Metadata).OrThrow();
        }
        return new(
            paths,
            Joined(tables),
            [.. tables.SelectMany((table, file) => Origins(file, table))],
            metadata,
            precision
        );
    }

    private static TensorBlock Joined(List<TensorBlock> tables)
    {
        if (tables is [var only])
            return only;
        var samples = LabelsModule
            .ofValues(
                tables[0].Samples.Names.Prepend("file"),
                tables.SelectMany((table, file) => table.Samples.SelectMany(row => row.Values.ToArray().Prepend(file)))
            )
            .OrThrow();
        return TensorBlockModule
            .create(samples, [], tables[0].Properties, tables.SelectMany(table => table.Values.ToArray()))
            .OrThrow();
    }

    private static IEnumerable<RowOrigin> Origins(int file, TensorBlock table)
    {
        int frame = Dimension(table.Samples, "frame", "system", "type"),
            particle = Dimension(table.Samples, "particle", "atom", "center");
        for (var row = 0; row < table.Samples.Count; row++)
            yield return new RowOrigin(
                file,
                row,
                frame < 0 ? -1 : table.Samples[row][frame],
                particle < 0 ? -1 : table.Samples[row][particle]
            );
    }

    private static int Dimension(Labels labels, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (labels.Dimension(name) is >= 0 and var dimension)
                return dimension;
        return -1;
    }

    /// <summary>These rows alone, in this order.</summary>
    internal FeatureMatrix TakeRows(IReadOnlyList<int> rows) =>
        new(
            Paths,
            TensorBlockModule.takeSamples(rows, Table).OrThrow(),
            [.. rows.Select(row => Rows[row])],
            AllMetadata,
            Precision
        );

    /// <summary>These columns alone, in this order.</summary>
    internal FeatureMatrix TakeColumns(IReadOnlyList<int> columns) =>
        new(Paths, TensorBlockModule.takeProperties(columns, Table).OrThrow(), Rows, AllMetadata, Precision);

    /// <summary>Writes numbers with these rows.</summary>
    internal void Write(
        Options.OutputChoices output,
        Labels properties,
        ReadOnlySpan<double> values,
        FSharpMap<string, string> metadata,
        Action<string> warn
    )
    {
        var block = TensorBlockModule.create(Table.Samples, [], properties, values.ToArray()).OrThrow();
        var features = new FeatureSet(
            FeatureContent.NewTable(block),
            metadata,
            ListModule.OfSeq([Precision == Precision.Single ? ScalarType.Float32 : ScalarType.Float64])
        );
        foreach (
            var what in FeatureFile
                .writeSet(new WriteOptions(output.Existing, Precision), output.Path, features)
                .OrFail()
        )
            warn($"not written: {what}");
    }
}
