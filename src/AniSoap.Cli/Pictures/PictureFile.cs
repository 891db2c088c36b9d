using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using AniSoap.Plotting;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Pictures;

/// <summary>Pictures on their way to a page.</summary>
internal static class PictureFile
{
    internal const string Page = ".html";
    private const string Png = ".png";
    private const string Svg = ".svg";

    /// <summary>The endings of pictures: a page, or what a browser makes of it.</summary>
    internal static readonly string[] OfPictures = [Page, Png, Svg];

    /// <summary>Writes the page or image, whole or not at all.</summary>
    internal static void Write(Figure chart, string title, OutputChoices output, Interruption interruption)
    {
        var image = output.Ending is Png or Svg
            ? BrowserImage.Make(chart, title, output.Path, output.Ending, interruption.Token)
            : null;
        using var file = AtomicFile.Create(output.Path, output.Existing).OrThrow();
        interruption.OnForcedEnd(file.Dispose);
        file.Write(stream =>
            {
                if (image is null)
                    Html.write(stream, title, chart);
                else
                    stream.Write(image);
            })
            .OrFail();
        interruption.Token.ThrowIfCancellationRequested();
        file.Commit().OrFail();
    }

    internal static FSharpOption<string>? Unit(PictureChoices choices) =>
        choices.LengthUnit is { } unit ? FSharpOption<string>.Some(unit) : null;

    private static readonly string[] Endings =
    [
        .. AniSoap.Formats.Endings.ofPackedFrames,
        .. AniSoap.Formats.Endings.ofFeatures,
        ".xyz",
        ".dump",
        ".lammpstrj",
    ];

    /// <summary>
    /// A file's name without folders and without the ending that tells its format: what it is called in a legend. Other
    /// dots belong to the name.
    /// </summary>
    internal static string ShortName(string path)
    {
        var name = Without(Path.GetFileName(path), ".gz");
        foreach (var ending in Endings.OrderByDescending(ending => ending.Length))
            if (Without(name, ending) is var shorter && shorter != name)
                return shorter;
        return name;
    }

    /// <summary>
    /// What several files are called: their short names, where two of one name are with as many folders, or with the
    /// ending, as tell them apart.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> ShortNames(IEnumerable<string> paths)
    {
        string[] all = [.. paths.Distinct()];
        var names = all.ToDictionary(path => path, ShortName);
        for (var folders = 0; folders < 64; folders++)
        {
            string[] same =
            [
                .. all.GroupBy(path => names[path]).Where(group => group.Count() > 1).SelectMany(group => group),
            ];
            if (same.Length == 0)
                break;
            foreach (var path in same)
                names[path] = End(path, folders);
        }
        return names;
    }

    /// <summary>The end of a path: the file's name and so many folders above it.</summary>
    private static string End(string path, int folders)
    {
        var pieces = path.Replace('\\', '/').Split('/');
        // Of files in folders the ending says little; where nothing else differs it is all that does.
        var end = string.Join('/', pieces[Math.Max(0, pieces.Length - 1 - folders)..]);
        return folders is > 0 and < 32 ? end[..^pieces[^1].Length] + ShortName(path) : end;
    }

    private static string Without(string name, string ending) =>
        name.Length > ending.Length && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)
            ? name[..^ending.Length]
            : name;

    /// <summary>Text as labels show it: plotly.js takes some tags of HTML for its own.</summary>
    internal static string Plain(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;");
}
