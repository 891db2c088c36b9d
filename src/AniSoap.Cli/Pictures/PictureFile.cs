using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using AniSoap.Plotting;
using Microsoft.FSharp.Core;
using Plotly.NET;

namespace AniSoap.Cli.Pictures;

/// <summary>Pictures on their way to a page.</summary>
internal static class PictureFile
{
    /// <summary>Writes the page, whole or not at all.</summary>
    internal static void Write(GenericChart chart, string title, OutputChoices output, Interruption interruption)
    {
        using var file = AtomicFile.Create(output.Path, output.Force).OrRefuse();
        interruption.OnForcedEnd(file.Dispose);
        file.Write(stream => Html.write(stream, title, chart)).OrFail();
        interruption.Token.ThrowIfCancellationRequested();
        file.Commit().OrFail();
    }

    internal static FSharpOption<string>? Unit(PictureChoices choices) =>
        choices.LengthUnit is { } unit ? FSharpOption<string>.Some(unit) : null;

    /// <summary>A file's name without folders and endings: what it is called in a legend.</summary>
    internal static string ShortName(string path)
    {
        var name = Path.GetFileName(path);
        var dot = name.IndexOf('.', 1);
        return dot < 0 ? name : name[..dot];
    }

    /// <summary>Text as labels show it: plotly.js takes some tags of HTML for its own.</summary>
    internal static string Plain(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;");
}
