using System.CommandLine;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Plotting;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot map</c>: rows of features along their first two principal components.</summary>
internal sealed class PlotMapVerb
{
    private const string ByFile = MapContents.ByFile;

    private readonly FeatureInput features = new();
    private readonly Option<string> colour = Choice.Of(
        "--color",
        "WHAT",
        "file (default), species (of particles), order (nematic order S of the frame), or a number by its name: of the file of frames "
            + "(energy, temperature; of particles, charges), or a column of the file of features (frame, \"l=0 n_1=0 n_2=0\"). The page offers "
            + "what else there is",
        "--colour"
    );

    private readonly Option<bool> normalize = Choice.Flag(
        "--normalize-rows",
        "divide each row by its length first, which takes out the overall size of the spectrum (mostly the density)"
    );

    private readonly Option<string[]> structures = Choice.Several(
        "--structures",
        "FILE",
        "of files of features: the frames that they are of, one file for each in their order; a click on a point shows them, their numbers colour it"
    );

    private readonly Option<bool> without = Choice.Flag(
        "--no-structures",
        "the map alone, without the frames that a click shows"
    );

    internal Command Command { get; }

    internal PlotMapVerb()
    {
        Command = new Command(
            "map",
            "Draw frames or particles as points on a map of the first two principal components of their features: near points are alike."
        );
        features.AddTo(Command);
        Command.Add(colour);
        Command.Add(normalize);
        Command.Add(structures);
        Command.Add(without);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        using var interruption = new Interruption();
        var setup = features.Read(given, "plot map", interruption);
        var what = given.GetValue(colour) ?? ByFile;
        var shown = given.GetValue(structures) ?? [];
        var map = new MapContents(setup, what, colour.Name, !given.GetValue(without));
        if (setup.Frames is { } frames)
        {
            if (shown.Length > 0)
                throw Refusal.Of(
                    structures.Name,
                    string.Join(" ", shown),
                    "files of features as inputs; frames are shown as they are"
                );
            map.FromFrames(frames, interruption.Token);
        }
        else
            map.FromFiles(shown, structures.Name, interruption.Token);
        interruption.Token.ThrowIfCancellationRequested();

        map.Rows.RefuseWhatNoMapHolds();
        var title = setup.Picture.Title ?? "";
        var style = new MapStyle(
            PictureFile.Plain(title),
            map.Colour,
            ListModule.OfSeq(map.Choices()),
            map.Rows.Rows.Select(row => PictureFile.Plain(row.In(map.Names[row.File])))
        );
        var rows = given.GetValue(normalize) ? map.Rows.Normalized() : map.Rows;
        var chart = map.WithStructures(MapPicture.create(style, rows.Block()).OrThrow());
        PictureFile.Write(chart, title.Length > 0 ? title : "Map of features", setup.Picture.Output, interruption);
        clock.Print(setup.Run, map.Statistics!, setup.Picture.Output.Path);
        return 0;
    }
}
