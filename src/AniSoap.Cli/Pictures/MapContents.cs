using AniSoap.Cli.Library;
using AniSoap.Cli.Running;
using AniSoap.Plotting;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Pictures;

/// <summary>
/// The rows of a map, what they may be coloured by, and the frames that they are of: computed from frames, or read from
/// files of features, beside which frames may be named.
/// </summary>
internal sealed class MapContents(FeatureSetup setup, string what, string option, bool withFrames)
{
    internal const string ByFile = "file";
    internal const string BySpecies = "species";
    internal const string ByOrder = "order";

    private readonly FrameFacts facts = new(setup.PerParticle);
    private readonly PageFrames frames = new();
    private readonly Action<string> warn = WarningLines.To(setup.Run.Quiet);
    private Inputs? inputs;
    private double? cutoff;

    // The frame of each row as facts and frames number them, and its particle; −1 where it is not known.
    private List<(int Frame, int Particle)> places = [];

    internal FeatureRows Rows { get; private set; } = new(LabelsModule.range("none", 0).OrThrow());
    internal RunStatistics? Statistics { get; private set; }

    /// <summary>What files are called.</summary>
    internal IReadOnlyDictionary<string, string> Names { get; } = PictureFile.ShortNames(setup.Paths);

    /// <summary>The colour that the page opens with.</summary>
    internal MapColouring Colour { get; private set; } = MapColouring.Plain;

    // An image shows no structures and offers no choice.
    private bool HoldsFrames => withFrames && setup.Picture.Output.Ending == PictureFile.Page;

    /// <summary>Computes the rows.</summary>
    internal void FromFrames(RunSetup run, CancellationToken token)
    {
        // Each pair of columns once: the distances between rows, and so the map, are the same.
        var computing = new PictureRun(run, setup.PerParticle, SpectrumColumns.UnorderedPairs);
        Rows = computing.Compute(
            (number, snapshot) =>
            {
                if (what is not (ByFile or BySpecies or ByOrder))
                    facts.Add(what, number, Asked(run.Inputs, number, snapshot));
                Take(number, snapshot);
            },
            out var statistics,
            token
        );
        (inputs, places, Statistics) = (run.Inputs, computing.Places, statistics);
        cutoff = run.Cutoff;
        Colour = what switch
        {
            ByFile or BySpecies => Grouped(what),
            ByOrder => Numbered(FrameFacts.Order),
            _ => Numbered(what),
        };
    }

    private void Take(int number, Snapshot snapshot)
    {
        facts.Add(number, snapshot);
        if (HoldsFrames)
            frames.Add(number, snapshot.Frame, () => null);
    }

    /// <summary>The number asked for, which every frame must have.</summary>
    private double[] Asked(Inputs from, int number, Snapshot snapshot)
    {
        if (setup.PerParticle && Quantity.OfParticles(snapshot, what) is { } each)
            return each;
        if (Quantity.OfFrame(snapshot, what) is { } one)
            return [one];
        var (path, frame) = from.Origin(number);
        throw Refusal.Of(
            option,
            what,
            $"{ByFile}, {BySpecies}, {ByOrder}, or a number that every frame has (in {path}, frame {frame}, {Quantity.Known(snapshot, setup.PerParticle)})"
        );
    }

    /// <summary>Reads the rows, and the frames that they are of where files of them are named.</summary>
    internal void FromFiles(IReadOnlyList<string> structures, string structuresOption, CancellationToken token)
    {
        if (structures.Count > 0 && structures.Count != setup.Paths.Count)
            throw Refusal.Of(
                structuresOption,
                string.Join(" ", structures),
                $"one file of frames for each of {setup.Paths.Count} files of features"
            );
        Rows = FeatureRows.Read(setup.Paths, warn);
        Statistics = FeatureSetup.Nothing(Rows);
        if (structures.Count > 0)
            Beside(structures, token);
        else
            Counted();
        Colour = what is ByFile or BySpecies ? Grouped(what) : Numbered(what == ByOrder ? FrameFacts.Order : what);
    }

    /// <summary>Frames of the files named: those of a file of features have the numbers that its rows say.</summary>
    private void Beside(IReadOnlyList<string> structures, CancellationToken token)
    {
        inputs = new Inputs(setup.Inputs with { Paths = structures, Frames = [] });
        Dictionary<(string, int), int> numbers = [];
        foreach (var (number, snapshot) in inputs.Snapshots(warn))
        {
            token.ThrowIfCancellationRequested();
            var (path, frame) = inputs.Origin(number);
            // One file may be named for several.
            for (var k = 0; k < structures.Count; k++)
                if (structures[k] == path)
                    numbers.TryAdd((setup.Paths[k], frame), number);
            Take(number, snapshot);
        }
        foreach (var row in Rows.Rows)
        {
            var frame = row.Frame >= 0 ? row.Frame : row.Row;
            if (!numbers.TryGetValue((row.File, frame), out var number))
                throw new Refusal($"{row.File}: row {row.Row} is of frame {frame}, which its file of frames has not");
            places.Add((number, row.Particle));
        }
    }

    /// <summary>Without frames, those that rows say they are of are numbered as they come.</summary>
    private void Counted()
    {
        Dictionary<(string, int), int> numbers = [];
        foreach (var row in Rows.Rows)
        {
            var key = (row.File, row.Frame >= 0 ? row.Frame : -1 - row.Row);
            if (!numbers.TryGetValue(key, out var number))
            {
                number = numbers[key] = numbers.Count;
                if (
                    Rows.Targets.GetValueOrDefault(row.File) is { } targets
                    && targets.Frames.IndexOf(row.Frame) is >= 0 and var at
                )
                    foreach (var (name, values) in targets.Values)
                        facts.Add(name, number, [values[at]]);
            }
            places.Add((number, row.Particle));
        }
    }

    private MapColouring Numbered(string name) =>
        MapColouring.NewByNumber(
            PictureFile.Plain(name),
            facts.Numbers(name, places) ?? Column(name) ?? throw NotKnown()
        );

    /// <summary>A column of the table of features by its label, or what it says of a row.</summary>
    private double[]? Column(string name)
    {
        var rows = Rows.Rows;
        if (name == "frame" && rows.All(row => row.Frame >= 0))
            return [.. rows.Select(row => (double)row.Frame)];
        if (name == "particle" && rows.All(row => row.Particle >= 0))
            return [.. rows.Select(row => (double)row.Particle)];
        for (var column = 0; column < Rows.Properties.Count; column++)
            if (ColumnName(column) == name)
                return [.. Enumerable.Range(0, rows.Count).Select(row => Rows.Values(row)[column])];
        return null;
    }

    private string ColumnName(int column) =>
        string.Join(
            ' ',
            Rows.Properties.Names.Zip(Rows.Properties[column].Values.ToArray(), (name, value) => $"{name}={value}")
        );

    private Refusal NotKnown()
    {
        var known = facts.Known();
        return Refusal.Of(
            option,
            what,
            $"{ByFile}, {BySpecies}, {(known.Length > 0 ? known + ", " : "")}frame, particle, or a column by its label ({ColumnName(0)}); "
                + "order and other numbers are those of frames, named by --structures"
        );
    }

    private MapColouring Grouped(string by)
    {
        if (by == BySpecies)
            return Rows.Rows.Any(row => row.CenterType < 0)
                ? throw Refusal.Of(option, by, $"{ByFile}: these rows are not of single particles")
                : MapColouring.NewByGroup(Rows.Rows.Select(row => $"species {row.CenterType}"));
        return Rows.Rows.Select(row => row.File).Distinct().Count() < 2
            ? MapColouring.Plain
            : MapColouring.NewByGroup(Rows.Rows.Select(row => PictureFile.Plain(Names[row.File])));
    }

    /// <summary>Colours that the page's reader chooses among, the one that it opens with first.</summary>
    internal IEnumerable<Tuple<string, MapColouring>> Choices()
    {
        var first =
            what == ByOrder ? FrameFacts.Order
            : what == ByFile && Colour.IsPlain ? "none"
            : PictureFile.Plain(what);
        List<Tuple<string, MapColouring>> all = [Tuple.Create(first, Colour)];
        if (what != ByFile && Grouped(ByFile) is { IsPlain: false } files)
            all.Add(Tuple.Create(ByFile, files));
        if (
            what != BySpecies
            && Rows.Rows.All(row => row.CenterType >= 0)
            && Rows.Rows.Select(row => row.CenterType).Distinct().Count() > 1
        )
            all.Add(Tuple.Create(BySpecies, Grouped(BySpecies)));
        all.AddRange(facts.Colours(places).Where(colour => colour.Item1 != first));
        foreach (var name in (string[])["frame", "particle"])
            if (
                all.All(colour => colour.Item1 != name)
                && Column(name) is { } column
                && column.Distinct().Take(2).Count() > 1
            )
                all.Add(Tuple.Create(name, MapColouring.NewByNumber(name, column)));
        return all;
    }

    /// <summary>The map with the frames that a click shows, where there are any.</summary>
    internal Figure WithStructures(Figure map)
    {
        if (!HoldsFrames || frames.Frames.Count == 0 || inputs is null)
            return map;
        frames.Tell(warn);
        var at = frames.Frames.Index().ToDictionary(one => one.Item.Number, one => one.Index);
        var species = frames
            .Frames.SelectMany(kept => kept.Frame.Particles.Select(particle => particle.Species))
            .Distinct()
            .Take(2)
            .Count();
        var files = frames.Frames.Select(kept => inputs.Origin(kept.Number).Path).Distinct().Count();
        var names = PictureFile.ShortNames(frames.Frames.Select(kept => inputs.Origin(kept.Number).Path));
        return MapPicture
            .withStructures(
                new FrameStyle(
                    "",
                    species > 1 ? Colouring.BySpecies : Colouring.ByOrientation,
                    PictureFile.Unit(setup.Picture),
                    FramePicture.defaults.Wrap,
                    FramePicture.defaults.Triangles
                ),
                cutoff is { } radius ? FSharpOption<double>.Some(radius) : null,
                frames.Frames.Select(kept =>
                {
                    var (path, frame) = inputs.Origin(kept.Number);
                    return Tuple.Create(frames.Label(files > 1 ? names[path] : null, frame), kept.Frame);
                }),
                places.Select(place => (at.GetValueOrDefault(place.Frame, -1), place.Particle)),
                map
            )
            .OrThrow();
    }
}
