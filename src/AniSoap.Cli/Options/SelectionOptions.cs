using System.CommandLine;
using AniSoap.Cli.Models;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Options;

/// <summary>Which centres and columns are computed, where not all are.</summary>
internal sealed record SelectionChoices(CenterSelection? Centers, (string Path, Labels Labels)? Chosen)
{
    /// <summary>The chosen columns of a form, or all of it.</summary>
    internal SpectrumColumns Columns(SpectrumColumns all, Projection projection) =>
        Chosen is var (path, labels)
            ? SpectrumColumnsModule.choose(all, projection, labels).OrThrow(SelectionOptions.In(path))
            : all;
}

/// <summary>The options <c>--select-centers</c> and <c>--select-columns</c>: what <c>select</c> has chosen, and nothing else.</summary>
internal sealed class SelectionOptions(bool columns)
{
    private readonly Option<string> centers = Choice.Of(
        "--select-centers",
        "FILE",
        "compute only these particles: a .json file that select --of samples has written"
    );

    private readonly Option<string> chosenColumns = Choice.Of(
        "--select-columns",
        "FILE",
        "compute only these columns: a .json file that select --of features has written"
    );

    internal void AddTo(Command command)
    {
        command.Add(centers);
        if (columns)
            command.Add(chosenColumns);
    }

    /// <summary>
    /// The choices. <paramref name="withoutCenters"/>: what is computed where it is not of particles, and the option that changes it;
    /// <paramref name="withoutColumns"/>: the option that columns cannot go with.
    /// </summary>
    internal SelectionChoices Read(
        ParseResult given,
        (string What, string Option)? withoutCenters,
        string? withoutColumns,
        OutputChoices output
    )
    {
        CenterSelection? selection = null;
        (string, Labels)? labels = null;
        if (given.GetValue(centers) is { } path)
        {
            if (withoutCenters is var (what, option))
                throw new Refusal($"{centers.Name} cannot choose among {what}; accepted: {option}");
            if (output.Ending is ".json" or ".json.gz")
                throw Refusal.Of(
                    "--output",
                    output.Path,
                    $"features without their frames, where {centers.Name} is given"
                );
            selection = CenterSelectionModule.ofLabels(Chosen(centers, path, ofFeatures: false)).OrThrow(In(path));
        }
        if (columns && given.GetValue(chosenColumns) is { } file)
        {
            if (withoutColumns is not null)
                throw new Refusal(
                    $"{chosenColumns.Name} cannot go with {withoutColumns}, whose columns are others; accepted: one of both"
                );
            labels = (file, Chosen(chosenColumns, file, ofFeatures: true));
        }
        return new SelectionChoices(selection, labels);
    }

    /// <summary>Says in which file it stands what is wrong.</summary>
    internal static Func<AniSoapError, AniSoapError> In(string path) =>
        error => AniSoapErrorModule.at(new Place(FSharpOption<string>.Some(path), null, null, null), error);

    private static Labels Chosen(Option<string> option, string path, bool ofFeatures)
    {
        var file = SelectionFile.Read(path);
        if (file.OfFeatures != ofFeatures)
            throw Refusal.Of(
                option.Name,
                $"{path}, a choice of {(file.OfFeatures ? "columns" : "rows")}",
                $"a file that select --of {(ofFeatures ? "features" : "samples")} has written"
            );
        return LabelsModule.ofOwned(file.Names, [.. file.Labels.SelectMany(row => row)]).OrThrow();
    }
}
