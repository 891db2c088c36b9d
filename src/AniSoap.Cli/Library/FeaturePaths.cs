namespace AniSoap.Cli.Library;

/// <summary>Which files hold features, by their endings: known here so that their assemblies are loaded only for them.</summary>
internal static class FeaturePaths
{
    internal static readonly string[] Endings = [".npz", ".npy", ".csv", ".mts", ".h5", ".hdf5", ".parquet"];

    internal static bool Is(string path) =>
        Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
