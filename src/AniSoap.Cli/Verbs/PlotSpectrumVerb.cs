using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Plotting;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot spectrum</c>: one row of a power spectrum as heat maps.</summary>
internal sealed class PlotSpectrumVerb
{
    private readonly FeatureInput features = new();
    private readonly Option<string> row = Choice.Of("--row", "N", "which row of the features, from 0 (default)");
    private readonly Option<string> centerType = Choice.Of(
        "--center-type",
        "SPECIES",
        "which species as centre, where a row has several; default the lowest"
    );

    internal Command Command { get; }

    internal PlotSpectrumVerb()
    {
        Command = new Command(
            "spectrum",
            "Draw one row of a power spectrum as heat maps, one for each l: from a file of features, or computed from frames."
        );
        features.AddTo(Command);
        Command.Add(row);
        Command.Add(centerType);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        using var interruption = new Interruption();
        var setup = features.Read(given, "plot spectrum", interruption);
        var (rows, statistics) = setup.Rows(SpectrumColumns.OrderedPairs, interruption.Token);
        var index = given.Whole(row) ?? 0;
        if (index < 0 || index >= rows.Rows.Count)
            throw Refusal.Of(row.Name, Texts.Show(index), $"a number from 0 to {rows.Rows.Count - 1}");

        rows.RefuseUnknown(index);
        var (properties, values) = (rows.Properties, rows.Values(index).ToArray());
        var about = rows.Rows[index];
        if (properties.Dimension("center_type") is >= 0 and var dimension)
        {
            var known = LabelsModule.column("center_type", properties).OrThrow().Distinct().Order().ToArray();
            var chosen = given.Whole(centerType) ?? known[0];
            if (!known.Contains(chosen))
                throw Refusal.Of(centerType.Name, Texts.Show(chosen), string.Join(", ", known));
            int[] kept = [.. Enumerable.Range(0, properties.Count).Where(k => properties[k][dimension] == chosen)];
            values = [.. kept.Select(k => values[k])];
            properties = LabelsModule.take(kept, properties).OrThrow();
            if (known.Length > 1)
                about = about with { CenterType = chosen };
        }

        var title = setup.Picture.Title ?? about.ToString();
        var style = new SpectrumStyle(PictureFile.Plain(title), PictureFile.Unit(setup.Picture));
        var chart = SpectrumPicture
            .create(style, properties, values)
            .OrThrow(error => FeatureFiles.In(about.File, error));
        PictureFile.Write(chart, title, setup.Picture.Output, interruption);
        clock.Print(setup.Run, statistics, setup.Picture.Output.Path);
        return 0;
    }
}
