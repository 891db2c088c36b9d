using System.Diagnostics;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Library;

/// <summary>Files of features as the program takes them.</summary>
internal static class FeatureFiles
{
    /// <summary>Whether a path is that of a file of features, by its ending.</summary>
    internal static bool Is(string path) => Endings.tryFeatures(path) is not null;

    internal static FeatureSet Read(string path) => FeatureFile.read(path).OrThrow();

    /// <summary>
    /// A table, or blocks; where what stands beside a table is of another one it is left out, which <paramref name="warn"/>
    /// says.
    /// </summary>
    internal static FeatureSet Read(string path, Action<string> warn)
    {
        var features = Read(path);
        if (!Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase))
            return features;
        if (!EndsItsLine(path))
            warn($"{path}: the last line has no line end; if the file was cut off, its last number is wrong");
        if (features.Metadata.IsEmpty)
            foreach (var problem in Problems(FeatureFile.readMetadata(path)))
                warn($"{AniSoapErrorModule.describe(problem)}; its hyperparameters are left out");
        return features;
    }

    private static bool EndsItsLine(string path)
    {
        using var file = File.OpenRead(path);
        if (!file.CanSeek || file.Length == 0)
            return true;
        file.Position = file.Length - 1;
        return file.ReadByte() is '\n' or '\r';
    }

    private static IEnumerable<AniSoapError> Problems<T>(FSharpResult<T, AniSoapError> result) =>
        result.IsError ? [result.ErrorValue] : [];

    /// <summary>A file's features as one table of invariants: the rows that <see cref="Convert"/> makes.</summary>
    internal static TensorBlock Table(string path, FeatureContent content)
    {
        if (content is FeatureContent.Table table)
            return table.Item;
        var map = ((FeatureContent.Blocks)content).Item;
        foreach (var (key, block) in map.Keys.Zip(map.Blocks))
        foreach (var axis in block.Components.Where(axis => axis.Count > 1))
            throw new Refusal(
                $"{path}: has components ({string.Join(", ", axis.Names)}: {axis.Count} values, in the block {key}), which turn with the "
                    + "particles; expected: rows of invariant features"
            );
        return FeatureTable.ofTensorMap(map).OrThrow(error => In(path, error)).Item1;
    }

    /// <summary>An error of what was read from a file.</summary>
    internal static AniSoapError In(string path, AniSoapError error) =>
        AniSoapErrorModule.at(new Place(FSharpOption<string>.Some(path), null, null, null), error);

    /// <summary>One file of features as another, by its ending; what that cannot hold is said by <paramref name="warn"/>.</summary>
    internal static int Convert(
        IReadOnlyList<string> inputs,
        OutputChoices output,
        Action<string> warn,
        Action<RunStatistics, string> print
    )
    {
        if (inputs.Count > 1)
            throw Refusal.Of("INPUT", $"{inputs.Count} files", "one file of features at a time");
        var (input, path) = (inputs[0], output.Path);
        if (!Is(path))
            throw new Refusal(
                $"{path}: features cannot become frames; accepted for {input}: {string.Join(", ", Endings.ofFeatures)} (a map of both: convert FRAMES --features {input} -o map.json)"
            );
        var started = Stopwatch.GetTimestamp();
        var features = Read(input, warn);
        var reading = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (
            var what in FeatureFile
                .writeSet(new WriteOptions(output.Existing, FeatureSetModule.precision(features)), path, features)
                .OrThrow(error => In(input, error))
        )
            warn($"not written: {what}");
        var writing = Stopwatch.GetElapsedTime(started).TotalSeconds - reading;
        print(RunStatistics.OfFeatures(features, reading, writing), path);
        return 0;
    }
}
