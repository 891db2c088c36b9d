using AniSoap.Cli.Metadata;

namespace AniSoap.Cli.Options;

/// <summary>The file that <c>--hypers</c> names: an earlier output by its ending, else JSON.</summary>
internal static class HypersFile
{
    private const int LargestJson = 1 << 20;
    private const string BesideTable = "-metadata.json";
    private const string DescriptionEnding = ".csv" + BesideTable;

    internal static HyperChoices Read(string path)
    {
        if (path.Length == 0)
            throw new Refusal("--hypers is empty; expected: a JSON file of hyperparameters or an earlier output");
        if (Directory.Exists(path))
            throw new Refusal($"{path}: is a folder; expected: a JSON file of hyperparameters or an earlier output");
        if (!File.Exists(path))
            throw new Refusal($"{path}: does not exist; expected: a JSON file of hyperparameters or an earlier output");
        // What stands beside a table is read with it, to see that it is its own.
        if (path.EndsWith(DescriptionEnding, StringComparison.OrdinalIgnoreCase))
            return Read(path[..^BesideTable.Length]);
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npz" or ".mts" or ".csv" => RunMetadata.Read(SavedMetadata.read(path).OrRefuse(), path),
            ".h5" or ".hdf5" or ".parquet" => RunMetadata.Read(Library.FeatureFiles.Metadata(path), path),
            ".npy" => throw RunMetadata.Absent(path),
            _ => ReadJson(path),
        };
    }

    private static HyperChoices ReadJson(string path)
    {
        try
        {
            // A pipe has no length, and a device no end.
            using var file = File.OpenRead(path);
            var bytes = new byte[LargestJson + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > LargestJson)
                throw new Refusal($"{path}: is larger than {LargestJson} bytes; expected: hyperparameters as JSON");
            return HypersJson.Read(bytes.AsSpan(0, length), path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new Refusal($"{path}: cannot be read: {SystemReason.ofFile(problem)}");
        }
    }
}
