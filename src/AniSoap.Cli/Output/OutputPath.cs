using AniSoap.Cli.Options;

namespace AniSoap.Cli.Output;

/// <summary>Finds out before any work is done whether the output can be created.</summary>
internal static class OutputPath
{
    internal static void Check(OutputChoices choices, IReadOnlyList<string> inputs)
    {
        var path = choices.Path;
        if (Directory.Exists(path))
            throw new Refusal($"{path}: is a folder; the output must be a file");
        if (inputs.Any(input => SamePlace(input, path)))
            throw new Refusal($"{path}: is an input too; give the output another name");
        if (File.Exists(path) && !choices.Force)
            throw new Refusal($"{path}: exists; --force replaces it");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (!Directory.Exists(folder))
            throw new Refusal($"{path}: the folder {folder} does not exist");

        // Permissions, read-only file systems and overlong names have one sure test.
        AtomicFile.Create(path, choices.Force).OrRefuse().Dispose();
    }

    private static bool SamePlace(string input, string output) =>
        input != InputChoices.StandardInput && Path.GetFullPath(input) == Path.GetFullPath(output);
}
