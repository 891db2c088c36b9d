using System.CommandLine;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Plotting;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot map</c>: rows of features along their first two principal components.</summary>
internal sealed class PlotMapVerb
{
    private const string ByFile = "file";
    private const string BySpecies = "species";
    private const string ByOrder = "order";

    private readonly FeatureInput features = new();
    private readonly Option<string> colour = Choice.Of(
        "--color",
        "WHAT",
        "file (default), species (of particles), order (nematic order S of the frame), or a number by its name in the file of frames "
            + "(energy; of particles, charges)",
        "--colour"
    );

    private readonly Option<bool> normalize = Choice.Flag(
        "--normalize-rows",
        "divide each row by its length first: what is left is the shape of the spectrum, not its size, which is mostly the density"
    );

    internal Command Command { get; }

    internal PlotMapVerb()
    {
        Command = new Command(
            "map",
            "Frames or particles by the first two principal components of their features: near points are alike."
        );
        features.AddTo(Command);
        Command.Add(colour);
        Command.Add(normalize);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        using var interruption = new Interruption();
        var setup = features.Read(given, "plot map", interruption);
        var what = given.GetValue(colour) ?? ByFile;
        var (rows, colouring, statistics) = setup.Frames is { } frames
            ? FromFrames(setup, frames, what, interruption.Token)
            : FromFiles(setup, what);
        interruption.Token.ThrowIfCancellationRequested();

        var title = setup.Picture.Title ?? "";
        var style = new MapStyle(
            PictureFile.Plain(title),
            colouring,
            rows.Rows.Select(row => PictureFile.Plain(row.ToString()))
        );
        rows.RefuseWhatNoMapHolds();
        if (given.GetValue(normalize))
            rows = rows.Normalized();
        var chart = MapPicture.create(style, rows.Block()).OrThrow();
        PictureFile.Write(chart, title.Length > 0 ? title : "Map of features", setup.Picture.Output, interruption);
        clock.Print(setup.Run, statistics, setup.Picture.Output.Path);
        return 0;
    }

    private (FeatureRows, MapColouring, RunStatistics) FromFiles(FeatureSetup setup, string what)
    {
        if (what is not (ByFile or BySpecies))
            throw Refusal.Of(colour.Name, what, $"{ByFile} or {BySpecies} (order and numbers are those of frames)");
        var rows = FeatureRows.Read(setup.Paths, WarningLines.To(setup.Run.Quiet));
        return (rows, Grouped(rows, what), FeatureSetup.Nothing(rows));
    }

    private (FeatureRows, MapColouring, RunStatistics) FromFrames(
        FeatureSetup setup,
        RunSetup frames,
        string what,
        CancellationToken token
    )
    {
        // Each pair of columns once: the distances between rows, and so the map, are the same.
        var computing = new PictureRun(frames, setup.PerParticle, SpectrumColumns.UnorderedPairs);
        if (what is ByFile or BySpecies)
        {
            var plain = computing.Compute(null, out var counted, token);
            return (plain, Grouped(plain, what), counted);
        }

        var name = what == ByOrder ? "nematic order S" : PictureFile.Plain(what);
        var rows = computing.Compute(
            (number, snapshot) => Numbers(setup, frames, number, snapshot, what),
            out var statistics,
            token
        );
        return (rows, MapColouring.NewByNumber(name, computing.Colours), statistics);
    }

    private double[] Numbers(FeatureSetup setup, RunSetup frames, int number, Snapshot snapshot, string what)
    {
        if (what == ByOrder)
            return
            [
                OrderParametersModule.ofPrincipalAxes(snapshot.Frame) is { Value: var order }
                    ? order.Order
                    : double.NaN,
            ];
        if (setup.PerParticle && Quantity.OfParticles(snapshot, what) is { } each)
            return each;
        if (Quantity.OfFrame(snapshot, what) is { } one)
            return [one];
        var known = Quantity.Known(snapshot, setup.PerParticle);
        var (path, frame) = frames.Inputs.Origin(number);
        throw Refusal.Of(
            colour.Name,
            what,
            $"{ByFile}, {BySpecies}, {ByOrder}, or a number that every frame has (in {path}, frame {frame}, {known})"
        );
    }

    private MapColouring Grouped(FeatureRows rows, string what)
    {
        if (what == BySpecies)
            return rows.Rows.Any(row => row.CenterType < 0)
                ? throw Refusal.Of(colour.Name, what, $"{ByFile}: these rows are not of single particles")
                : MapColouring.NewByGroup(rows.Rows.Select(row => $"species {row.CenterType}"));
        string[] paths = [.. rows.Rows.Select(row => row.File).Distinct()];
        if (paths.Length < 2)
            return MapColouring.Plain;
        // Files of one name in several folders are told apart by their paths.
        var isShort = paths.Select(PictureFile.ShortName).Distinct().Count() == paths.Length;
        return MapColouring.NewByGroup(
            rows.Rows.Select(row => PictureFile.Plain(isShort ? PictureFile.ShortName(row.File) : row.File))
        );
    }
}
