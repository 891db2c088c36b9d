using AniSoap.Cli.Options;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Output;

/// <summary>A file that the command line names, and where it does so: INPUT or an option.</summary>
internal sealed record NamedFile(string Path, string NamedBy);

/// <summary>Finds out before any work is done whether the output can be created.</summary>
internal static class OutputPath
{
    private const char Replacement = '\uFFFD';

    /// <summary>Refuses what no file can take the place of, whatever its ending.</summary>
    internal static void CheckKind(string path)
    {
        // What is no UTF-8 has become this character, and the file would have another name than it was given.
        if (path.Contains(Replacement))
            throw new Refusal($"{path}: is a name that is not UTF-8; give the output another name");
        var kind = PathKindModule.ofPath(path);
        if (kind == PathKind.Folder)
            throw new Refusal($"{path}: is a folder; the output must be a file");
        if (kind == PathKind.Pipe)
            throw new Refusal($"{path}: is a pipe; the output must be a file, which appears whole or not at all");
        if (kind == PathKind.Device)
            throw new Refusal($"{path}: is a device; the output must be a file, which appears whole or not at all");
    }

    /// <summary>
    /// Begins the output, which is gone again when the program ends before it is complete. Refuses what cannot be made, and what would take the place of a file in
    /// <paramref name="read"/>.
    /// </summary>
    internal static IReadOnlyList<AtomicFile> Begin(OutputChoices choices, IEnumerable<NamedFile> read)
    {
        var path = choices.Path;
        var kind = PathKindModule.ofPath(path);
        foreach (var file in read)
            Keep(file, choices);
        if (kind == PathKind.File && !choices.Force)
            throw new Refusal($"{path}: exists; --force replaces it");
        if (kind == PathKind.Nothing && new FileInfo(path).LinkTarget is { } target && !choices.Force)
            throw new Refusal($"{path}: is a link to {target}, where nothing is; --force writes there");
        var begun = new List<AtomicFile> { AtomicFile.Create(path, choices.Existing).OrThrow() };
        foreach (var companion in Companions(path))
        {
            if (PathKindModule.ofPath(companion) == PathKind.File && !choices.Force)
                throw new Refusal($"{companion}: exists, and would hold the table's metadata; --force replaces both");
            begun.Add(
                AtomicFile
                    .Create(companion, choices.Existing)
                    .OrThrow(error =>
                        error is AniSoapError.Inaccessible refused
                            ? AniSoapError.NewInaccessible(
                                refused.path,
                                $"{refused.reason} (the metadata of a table that ends in .csv stand there, beside it)"
                            )
                            : error
                    )
            );
        }
        return begun;
    }

    /// <summary>
    /// The choices with another output that is begun too, where there is one: not for "-", which is standard output. Refuses what cannot be made,
    /// and the name of a file in <paramref name="read"/> or of another output.
    /// </summary>
    internal static OutputChoices Beside(OutputChoices target, string? path, IEnumerable<string> read)
    {
        if (path is null or InputChoices.StandardInput)
            return target;
        CheckKind(path);
        if (PathKindModule.isSameFile(path, target.Path) || Path.GetFullPath(path) == Path.GetFullPath(target.Path))
            throw new Refusal($"{path}: is --output too; give each output its own name");
        if (target.Existing is Existing.Begun begun && begun.Item.Any(file => Path.GetFullPath(path) == file.Path))
            throw new Refusal($"{path}: is named for two outputs; give each output its own name");
        var other = new OutputChoices(path, target.Force, SinglePrecision: false, UpstreamLabels: false);
        return target.With(Begin(other, read.Select(file => new NamedFile(file, NamedFiles.Input))));
    }

    /// <summary>Begins several outputs, those that are named and not "-", none of which is the main one.</summary>
    internal static Existing BeginAll(bool force, IReadOnlyList<string> read, params IEnumerable<string?> paths)
    {
        Existing begun = Existing.NewBegun(ListModule.Empty<IOutputFile>());
        foreach (var path in paths)
        {
            if (path is null or InputChoices.StandardInput)
                continue;
            CheckKind(path);
            var before = ((Existing.Begun)begun).Item;
            if (before.Any(file => Path.GetFullPath(path) == file.Path))
                throw new Refusal($"{path}: is named for two outputs; give each output its own name");
            var other = new OutputChoices(path, force, SinglePrecision: false, UpstreamLabels: false);
            begun = Existing.NewBegun(
                ListModule.OfSeq(
                    before.Concat<IOutputFile>(Begin(other, read.Select(file => new NamedFile(file, NamedFiles.Input))))
                )
            );
        }
        return begun;
    }

    /// <summary>An input stays as it is, under whatever name the output meets it.</summary>
    private static void Keep(NamedFile file, OutputChoices choices)
    {
        if (file.Path.Length == 0 || file.Path == InputChoices.StandardInput)
            return;
        foreach (var output in WithCompanion(choices.Path))
        foreach (var input in WithCompanion(file.Path))
            if (PathKindModule.isSameFile(input, output))
                throw new Refusal(
                    file.NamedBy != NamedFiles.Input
                        ? $"{output}: is what {file.NamedBy} names; give the output another name"
                    : input == output ? $"{output}: is an input too; give the output another name"
                    : $"{output}: is the input {input} by another name; give the output another name"
                );
    }

    private static IEnumerable<string> WithCompanion(string path) => Companions(path).Prepend(path);

    /// <summary>A table's description stands beside it, and beside what a link leads to.</summary>
    private static IEnumerable<string> Companions(string path)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            yield return (LinkTarget(path) ?? path) + "-metadata.json";
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
        }
        catch (IOException)
        {
            return null; // Nothing is there, or links lead in a circle, which is refused elsewhere.
        }
    }
}
