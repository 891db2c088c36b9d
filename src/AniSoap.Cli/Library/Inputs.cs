using System.Collections.Immutable;
using System.Globalization;
using AniSoap.Cli.Options;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Library;

/// <summary>The program's inputs as the library's readers take them.</summary>
internal sealed class Inputs
{
    private readonly IReadOnlyList<string> paths;
    private readonly InputOptions options;
    private readonly List<(int First, string Path)> opened = [];

    /// <summary>Refuses what can be refused without reading a frame: formats, files, slices.</summary>
    internal Inputs(InputChoices choices)
    {
        paths = choices.Paths;
        AreStreams = choices.ReadsStream;
        options = Options(choices);
        FrameFileModule.check(options, paths).OrThrow();
        if (choices.ReadsStream && FrameSelectionModule.needsCount(options.Selection))
            throw Refusal.Of(
                "--frames",
                string.Join(" ", choices.Frames),
                "numbers from the start (0 and up) and forward steps, as a stream is read once"
            );
    }

    /// <summary>The selected frames with their numbers, one at a time; the first error ends the run.</summary>
    internal IEnumerable<(int Number, Frame Frame)> Frames(Action<string> warn) =>
        Read(warn).Select(read => read.OrThrow());

    /// <summary>The same as the library takes them. A frame without particles is an error: it has no mean.</summary>
    internal IEnumerable<FSharpResult<(int, Frame), AniSoapError>> Read(Action<string> warn) =>
        Noted(FrameFileModule.readNumbered(With(warn), paths)).Select(read => Filled(read, frame => frame));

    /// <summary>The same of the frames of a part, from whose index their places are known.</summary>
    internal IEnumerable<FSharpResult<(int, Frame), AniSoapError>> ReadPart(
        FrameIndex index,
        FrameSpan span,
        Action<string> warn
    ) => Noted(IndexedFrames.read(With(warn), index, span)).Select(read => Filled(read, frame => frame));

    /// <summary>The same with all that the files say of the frames.</summary>
    internal IEnumerable<FSharpResult<(int, Snapshot), AniSoapError>> ReadPartSnapshots(
        FrameIndex index,
        FrameSpan span,
        Action<string> warn
    ) => Noted(IndexedFrames.snapshots(With(warn), index, span));

    /// <summary>Reads a trajectory once for its index.</summary>
    internal IndexedFile Index(string path, Action<int> progress) =>
        IndexFile.make(options, FuncConvert.FromAction(progress), path).OrThrow();

    /// <summary>The selected frames with all that the files say of them; the first error ends the run.</summary>
    internal IEnumerable<(int Number, Snapshot Snapshot)> Snapshots(Action<string> warn) =>
        ReadSnapshots(warn).Select(read => read.OrThrow());

    /// <summary>The same where a frame without particles is an error.</summary>
    internal IEnumerable<(int Number, Snapshot Snapshot)> FilledSnapshots(Action<string> warn) =>
        ReadSnapshots(warn).Select(read => Filled(read, snapshot => snapshot.Frame).OrThrow());

    /// <summary>The same as the library takes them.</summary>
    internal IEnumerable<FSharpResult<(int, Snapshot), AniSoapError>> ReadSnapshots(Action<string> warn) =>
        Noted(FrameFileModule.snapshotsNumbered(With(warn), paths));

    /// <summary>The file of a frame and its number in it, from the number that runs on from file to file.</summary>
    internal (string Path, int Frame) Origin(int number)
    {
        // Frames are read by one thread, asked about by others.
        lock (opened)
        {
            var (first, path) = opened.FindLast(file => file.First <= number);
            return (path ?? "", number - first);
        }
    }

    /// <summary>The same as the library takes them, without their numbers.</summary>
    internal IEnumerable<FSharpResult<Snapshot, AniSoapError>> SnapshotResults(Action<string> warn) =>
        ReadSnapshots(warn)
            .Select(read =>
                read.IsOk
                    ? FSharpResult<Snapshot, AniSoapError>.NewOk(read.ResultValue.Item2)
                    : FSharpResult<Snapshot, AniSoapError>.NewError(read.ErrorValue)
            );

    /// <summary>Whether an input can be read only once.</summary>
    internal bool AreStreams { get; }

    /// <summary>
    /// The error with the name of the file that its frame is of, and the number of the frame in that file; without a
    /// frame, the name of the file that was read last.
    /// </summary>
    internal AniSoapError Locate(AniSoapError error) =>
        AniSoapErrorModule.withPlace(FuncConvert.FromFunc<Place, Place>(Located), error);

    /// <summary>The error with the file's name and the number of the frame in it.</summary>
    internal AniSoapError LocateFrame(int number, AniSoapError error) =>
        Locate(AniSoapErrorModule.at(new Place(null, null, Some(number), null), error));

    /// <summary>Where a frame is that was read last.</summary>
    internal Place PlaceOf(int number) => Located(new Place(null, null, Some(number), null));

    /// <summary>The error with the file's name, where there is but one or its frame says which.</summary>
    internal AniSoapError LocateInOnly(AniSoapError error) =>
        paths.Count == 1 || AniSoapErrorModule.place(error).Frame is not null ? Locate(error) : error;

    // What names its file has been located there already.
    private Place Located(Place place)
    {
        if (place.Source is not null)
            return place;
        var (path, frame) = Origin(place.Frame is { Value: var number } ? number : int.MaxValue);
        return new Place(
            path.Length == 0 ? null : Some(path),
            place.Line,
            place.Frame is null ? null : Some(frame),
            place.Particle
        );
    }

    private InputOptions With(Action<string> warn) => InputOptionsModule.telling(FuncConvert.FromAction(warn), options);

    /// <summary>The same with their numbers alone; where they are of is kept for errors.</summary>
    private IEnumerable<FSharpResult<(int, T), AniSoapError>> Noted<T>(
        IEnumerable<FSharpResult<Numbered<T>, AniSoapError>> frames
    )
    {
        lock (opened)
            opened.Clear();
        foreach (var read in frames)
        {
            if (read.IsError)
            {
                yield return FSharpResult<(int, T), AniSoapError>.NewError(read.ErrorValue);
                continue;
            }
            var frame = read.ResultValue;
            var first = frame.Number - frame.NumberInFile;
            lock (opened)
                if (opened.Count == 0 || opened[^1].First != first)
                    opened.Add((first, frame.Path));
            yield return FSharpResult<(int, T), AniSoapError>.NewOk((frame.Number, frame.Value));
        }
    }

    /// <summary>A first pass: the species of the selected frames, and how many frames there are.</summary>
    internal (ImmutableArray<int> Species, int Frames) Survey()
    {
        var (species, frames) = FrameFileModule.survey(options, paths).OrThrow();
        if (frames > 0 && species.Length == 0)
            throw new Refusal(
                $"{string.Join(", ", paths)}: found frames without particles alone ({frames}); expected: at least one particle in every frame"
            );
        return species.Length > 0 ? ([.. species], frames) : throw NoFrames();
    }

    /// <summary>What was read, or the error that its frame has no particles.</summary>
    private FSharpResult<(int, T), AniSoapError> Filled<T>(
        FSharpResult<(int, T), AniSoapError> read,
        Func<T, Frame> frameOf
    )
    {
        if (read.IsError || !frameOf(read.ResultValue.Item2).Particles.IsEmpty)
            return read;
        var place = new Place(null, null, Some(read.ResultValue.Item1), null);
        return FSharpResult<(int, T), AniSoapError>.NewError(
            Locate(
                AniSoapError.NewMalformed(
                    "a frame without particles",
                    "at least one (--frames can leave the frame out)",
                    place
                )
            )
        );
    }

    /// <summary>Why a run over no frames ends without an output.</summary>
    internal Refusal NoFrames() => new($"{string.Join(", ", paths)}: no frames are left to take; nothing is written");

    private static InputOptions Options(InputChoices choices) =>
        new(
            format: choices.Format switch
            {
                null => null,
                "dump" or "lammpstrj" => Some(FrameFormat.LammpsDump),
                "data" => Some(FrameFormat.LammpsData),
                "gsd" => Some(FrameFormat.Gsd),
                "json" => Some(FrameFormat.Chemiscope),
                "pdb" => Some(FrameFormat.Pdb),
                "gro" => Some(FrameFormat.Gro),
                _ => Some(FrameFormat.ExtendedXyz),
            },
            shapeAs: choices.ShapeIsDiameter switch
            {
                null => null,
                true => Some(ShapeMeasure.Diameter),
                false => Some(ShapeMeasure.SemiAxis),
            },
            semiAxes: ForAll(choices.SemiAxes, SemiAxes),
            semiAxesBySpecies: ByType("--diameters/--semiaxes", choices.SemiAxes, choices, SemiAxes),
            pointSemiAxis: ForAll(choices.PointSemiAxes, rule => rule.A),
            pointSemiAxisBySpecies: ByType("--point-diameter", choices.PointSemiAxes, choices, rule => rule.A),
            orientationOrder: choices.OrientationIsWxyz switch
            {
                null => null,
                true => Some(QuaternionOrder.WXYZ),
                false => Some(QuaternionOrder.XYZW),
            },
            rotationType: choices.OrientationIsMatrix ? RotationType.Matrix : RotationType.Quaternion,
            rotationKey: choices.OrientationColumn is { } name ? Some(name) : null,
            shapeKey: choices.ShapeColumn is { } shape ? Some(shape) : null,
            typeMap: new FSharpMap<string, int>(choices.TypeMap.Select(pair => Tuple.Create(pair.Key, pair.Value))),
            periodicity: choices.Periodicity is { } repeats
                ? Some(new Periodicity(repeats.A, repeats.B, repeats.C))
                : null,
            atomStyle: choices.AtomStyle is { } style ? Some(style) : null,
            shapesFrom: choices.ShapesFrom is { } data ? Some(data) : null,
            pointsWithoutSize: choices.PointsWithoutSize,
            cutoffRadius: choices.Cutoff is { } cutoff ? Some(cutoff) : null,
            selection: Selection(choices.Frames),
            warn: InputOptionsModule.defaults.Warn
        );

    private static FSharpOption<T> Some<T>(T value) => FSharpOption<T>.Some(value);

    private static Vector3 SemiAxes(ShapeRule rule) => Vector3Module.create(rule.A, rule.B, rule.C);

    private static FSharpOption<T>? ForAll<T>(IReadOnlyList<ShapeRule> rules, Func<ShapeRule, T> value) =>
        rules.Where(rule => rule.Type is null).Select(rule => Some(value(rule))).FirstOrDefault();

    private static FSharpMap<int, T> ByType<T>(
        string option,
        IReadOnlyList<ShapeRule> rules,
        InputChoices choices,
        Func<ShapeRule, T> value
    ) =>
        new(
            rules
                .Where(rule => rule.Type is not null)
                .Select(rule => Tuple.Create(TypeNames.Species(option, rule.Type!, choices), value(rule)))
        );

    private static FrameSelection Selection(IReadOnlyList<string> slices) =>
        slices.Count == 0 ? FrameSelectionModule.all : slices.Select(Slice).Aggregate(FrameSelectionModule.union);

    private static FrameSelection Slice(string text)
    {
        var parsed = FrameSelectionModule.parse(text);
        return parsed.IsOk
            ? parsed.ResultValue
            : throw Refusal.Of(
                "--frames",
                text,
                "START:STOP:STEP of whole numbers, each of which may be left out (the step is not 0), or one number"
            );
    }
}
