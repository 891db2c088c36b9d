using System.CommandLine;
using System.Globalization;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Learning;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Models;

/// <summary>Targets by name, a row for each row of features.</summary>
internal sealed record TargetColumns(FSharpList<string> Names, Matrix Y);

/// <summary>
/// Where targets are from: what <c>power-spectrum --keep</c> has written beside the features, frames, or a table of comma-separated values.
/// </summary>
internal sealed class TargetSource
{
    private readonly Option<string> names = Choice.Of(
        "--targets",
        "NAME,…",
        "properties to learn: kept with the features (power-spectrum --keep), or taken from --targets-from"
    );
    private readonly Option<string> energy = Choice.Of("--energy-key", "NAME", "the same as --targets NAME");
    private readonly Option<string[]> from = Choice.Several(
        "--targets-from",
        "FILE",
        "file with the targets: the frames that the features were computed from, or a .csv with a header and one line for each row of features"
    );
    private readonly Option<bool> perParticle = Choice.Flag(
        "--per-particle",
        "divide the targets of a frame by the number of its particles"
    );

    internal void AddTo(Command command)
    {
        command.Add(names);
        command.Add(energy);
        command.Add(from);
        command.Add(perParticle);
    }

    /// <summary>Whether targets of frames are divided by the number of particles.</summary>
    internal bool PerParticle(ParseResult given) => given.GetValue(perParticle);

    /// <summary>The names, where any are given.</summary>
    internal string[]? Names(ParseResult given) =>
        Given(given) is { } text
            ? text.Split(',') is var parts && parts.All(part => part.Length > 0)
                ? parts
                : throw Refusal.Of(names.Name, text, "names separated by commas")
            : null;

    private string? Given(ParseResult given) =>
        (given.GetValue(names), given.GetValue(energy)) switch
        {
            ({ } text, { } key) => throw Refusal.Of(
                energy.Name,
                key,
                $"one name or the other beside {names.Name} {text}"
            ),
            var (text, key) => text ?? key,
        };

    /// <summary>The targets of these names for all rows; <paramref name="divided"/> says whether they are a particle.</summary>
    internal TargetColumns Read(
        ParseResult given,
        IReadOnlyList<string> wanted,
        bool divided,
        FeatureMatrix features,
        CancellationToken token
    )
    {
        var files = given.All(from);
        if (files.Length == 0)
            return Columns(wanted, features, Kept(wanted, divided, features));
        var tables = files.Count(path => path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase));
        if (tables > 0 && files.Length > 1)
            throw Refusal.Of(from.Name, string.Join(" ", files), "one table, or files of frames");
        if (tables == 1)
        {
            if (divided)
                throw Refusal.Of(
                    perParticle.Name,
                    $"with {from.Name} {files[0]}",
                    "targets of frames: a table does not tell how many particles there are"
                );
            return Columns(wanted, features, Table(files[0], wanted, features));
        }
        return Columns(wanted, features, Frames(files, wanted, divided, features, token));
    }

    /// <summary>Whether targets can be had without being asked for: they stand beside the features, or a file of them is named.</summary>
    internal bool AreThere(ParseResult given, IReadOnlyList<string> wanted, FeatureMatrix features) =>
        given.All(from).Length > 0
        || (
            !features.IsOfParticles
            && features.AllMetadata.All(metadata =>
                FrameTargetsModule.ofMetadata(metadata).OrThrow() is { Value: var kept }
                && wanted.All(name => kept.Values.Any(column => column.Item1 == name))
            )
        );

    private static TargetColumns Columns(
        IReadOnlyList<string> wanted,
        FeatureMatrix features,
        Func<int, string, double> value
    ) =>
        new(
            ListModule.OfSeq(wanted),
            MatrixModule
                .create(
                    features.Rows.Count,
                    wanted.Count,
                    Enumerable
                        .Range(0, features.Rows.Count)
                        .SelectMany(row => wanted.Select(name => Finite(features, row, name, value(row, name))))
                )
                .OrThrow()
        );

    private static double Finite(FeatureMatrix features, int row, string name, double value) =>
        double.IsFinite(value)
            ? value
            : throw Refusal.Of(
                $"{name} of row {features.Rows[row].Row} of {features.Paths[features.Rows[row].File]}",
                Texts.Show(value),
                "finite numbers"
            );

    // --- what stands beside the features ---

    private Func<int, string, double> Kept(IReadOnlyList<string> wanted, bool divided, FeatureMatrix features)
    {
        if (features.IsOfParticles)
            throw new Refusal(
                $"{features.Source}: has rows of particles, and targets beside features are of frames; give the frames that have a column of them ({from.Name} FILE)"
            );
        var ofFiles = features
            .AllMetadata.Select((metadata, file) => Kept(wanted, features.Paths[file], metadata))
            .ToArray();
        return (row, name) =>
        {
            var origin = features.Rows[row];
            var kept = ofFiles[origin.File];
            if (!kept.Places.TryGetValue(origin.Frame, out var place))
                throw new Refusal(
                    $"{features.Paths[origin.File]}: has no targets of the frame {origin.Frame}; expected: those of all rows"
                );
            var value = kept.Targets.Values.First(column => column.Item1 == name).Item2[place];
            return divided ? value / kept.Targets.Particles[place] : value;
        };
    }

    private (FrameTargets Targets, Dictionary<int, int> Places) Kept(
        IReadOnlyList<string> wanted,
        string path,
        FSharpMap<string, string> metadata
    )
    {
        var found = FrameTargetsModule.ofMetadata(metadata).OrThrow(error => FeatureFiles.In(path, error));
        if (found is not { Value: var kept })
            throw new Refusal(
                $"{path}: has no targets beside its features; power-spectrum --keep {string.Join(",", wanted)} writes them, or give {from.Name} FILE"
            );
        foreach (var name in wanted)
            if (kept.Values.All(column => column.Item1 != name))
                throw Refusal.Of(
                    names.Name,
                    name,
                    $"what stands beside the features of {path}: {string.Join(", ", kept.Values.Select(column => column.Item1))}"
                );
        return (kept, kept.Frames.Select((frame, place) => (frame, place)).ToDictionary());
    }

    // --- frames ---

    private Func<int, string, double> Frames(
        IReadOnlyList<string> files,
        IReadOnlyList<string> wanted,
        bool divided,
        FeatureMatrix features,
        CancellationToken token
    )
    {
        if (features.Paths.Count > 1)
            throw Refusal.Of(
                from.Name,
                string.Join(" ", files),
                "frames with one file of features, whose rows number them (power-spectrum --keep writes targets beside the features)"
            );
        if (features.Rows.Any(row => row.Frame < 0))
            throw new Refusal($"{features.Source}: its rows name no frame; expected: rows with a number called frame");
        if (divided && features.IsOfParticles)
            throw Refusal.Of(perParticle.Name, "for rows of particles", "rows of frames");
        var needed = features.Rows.Select(row => row.Frame).ToHashSet();
        // Shapes are not needed, so that particles may be without one.
        var inputs = new Inputs(
            new InputChoices { Paths = files, PointSemiAxes = [new ShapeRule(null, 0.5, 0.5, 0.5)] }
        );
        var numbers = new Dictionary<(int, string), double[]>();
        foreach (var (number, snapshot) in inputs.Snapshots(_ => { }))
        {
            token.ThrowIfCancellationRequested();
            if (!needed.Contains(number))
                continue;
            foreach (var name in wanted)
                numbers[(number, name)] = Numbers(inputs, number, snapshot, name, divided, features.IsOfParticles);
        }
        return (row, name) =>
        {
            var origin = features.Rows[row];
            if (!numbers.TryGetValue((origin.Frame, name), out var found))
                throw new Refusal(
                    $"{string.Join(", ", files)}: has no frame {origin.Frame}, which a row of {features.Source} is of"
                );
            var place = features.IsOfParticles ? origin.Particle : 0;
            return place < found.Length
                ? found[place]
                : throw new Refusal(
                    $"{string.Join(", ", files)}: has no particle {place} in frame {origin.Frame}, which a row of {features.Source} is of"
                );
        };
    }

    private double[] Numbers(Inputs inputs, int number, Snapshot snapshot, string name, bool divided, bool ofParticles)
    {
        if (ofParticles && Quantity.OfParticles(snapshot, name) is { } each)
            return each;
        if (!ofParticles && Quantity.OfFrame(snapshot, name) is { } one)
            return [divided ? one / snapshot.Frame.Particles.Length : one];
        var (path, frame) = inputs.Origin(number);
        throw Refusal.Of(
            names.Name,
            name,
            $"a number that every {(ofParticles ? "particle" : "frame")} has (in {path}, frame {frame}, {Quantity.Known(snapshot, ofParticles)})"
        );
    }

    // --- a table ---

    private Func<int, string, double> Table(string path, IReadOnlyList<string> wanted, FeatureMatrix features)
    {
        if (!File.Exists(path))
            throw new Refusal($"{path}: does not exist");
        var lines = File.ReadAllLines(path).Where(line => line.Trim().Length > 0).ToArray();
        if (lines.Length == 0)
            throw new Refusal($"{path}: is empty; expected: a line of names and a row each");
        var header = Array.ConvertAll(lines[0].Split(','), Plain);
        if (lines.Length - 1 != features.Rows.Count)
            throw new Refusal(
                $"{path}: has {lines.Length - 1} rows below its names; expected: {features.Rows.Count}, one for each row of features in their order"
            );
        var columns = new Dictionary<string, double[]>();
        foreach (var name in wanted)
        {
            var at = Array.IndexOf(header, name);
            if (at < 0)
                throw Refusal.Of(names.Name, name, $"a column of {path}: {string.Join(", ", header)}");
            columns[name] = [.. lines.Skip(1).Select((line, row) => Number(path, row, line, at, name))];
        }
        return (row, name) => columns[name][row];
    }

    private static string Plain(string cell) => cell.Trim().Trim('"');

    private static double Number(string path, int row, string line, int at, string name)
    {
        var cells = line.Split(',');
        return
            at < cells.Length
            && double.TryParse(Plain(cells[at]), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new Refusal(
                $"{path}: line {row + 2}: has '{(at < cells.Length ? Plain(cells[at]) : "")}' in the column {name}; expected: a number"
            );
    }
}
