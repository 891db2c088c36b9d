using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Plotting;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot frame</c>: the ellipsoids of frames in their cell.</summary>
internal sealed class PlotFrameVerb
{
    private const string ByOrientation = "orientation";
    private const string BySpecies = "species";
    private const int MostTriangles = 20_000_000; // A browser takes no page much larger.

    private readonly InputOptionSet input = new();
    private readonly PictureOptions picture = new();
    private readonly Option<string> colour = Choice.Of(
        "--color",
        "WHAT",
        "orientation (default: the angle to the director), species, or a number that the file has for each particle, by its name "
            + "(charges; forces is the length, forces[1] a component)",
        "--colour"
    );
    private readonly Option<bool> unwrapped = Choice.Flag(
        "--unwrapped",
        "particles where the file has them, also outside of a periodic cell"
    );
    private readonly Option<string> triangles = Choice.Of(
        "--triangles",
        "N",
        "about how many triangles the ellipsoids of a frame are made of in all, at least 20 each; default 200000. More are rounder"
    );
    private readonly RotationOptionSet rotation = new();
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal PlotFrameVerb()
    {
        Command = new Command(
            "frame",
            "Draw the ellipsoids of a frame in their cell, to be turned with the mouse; a slider goes through several frames."
        );
        input.AddTo(Command);
        picture.AddTo(Command);
        Command.Add(colour);
        Command.Add(unwrapped);
        Command.Add(triangles);
        rotation.AddTo(Command);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var (clock, choices, inputChoices) = run.Begin(given, input, rotation);
        var inputs = new Inputs(inputChoices);
        using var interruption = new Interruption();
        var pictureChoices = picture.Read(given, inputChoices.Paths, interruption);
        var detail = given.Whole(triangles) ?? FramePicture.defaults.Triangles;
        if (detail is < 1 or > MostTriangles)
            throw Refusal.Of(triangles.Name, Texts.Show(detail), $"a whole number from 1 to {MostTriangles}");

        var what = given.GetValue(colour) ?? ByOrientation;
        var warn = WarningLines.To(choices.Quiet);
        var frames = new PageFrames();
        foreach (var (number, snapshot) in inputs.Snapshots(warn))
        {
            interruption.Token.ThrowIfCancellationRequested();
            frames.Add(
                number,
                snapshot.Frame,
                () => what is ByOrientation or BySpecies ? null : Values(what, snapshot)
            );
            // An image shows one.
            if (pictureChoices.Output.Ending != PictureFile.Page)
                break;
        }
        if (frames.Frames.Count == 0)
            throw inputs.NoFrames();
        frames.Tell(warn);

        var reading = clock.Seconds;
        var names = PictureFile.ShortNames(inputChoices.Paths);
        (string File, int Frame)[] origins =
        [
            .. frames
                .Frames.Select(kept => inputs.Origin(kept.Number))
                .Select(of => (names.GetValueOrDefault(of.Path, of.Path), of.Frame)),
        ];
        var files = origins.Select(origin => origin.File).Distinct().ToArray();
        var title =
            pictureChoices.Title
            ?? (
                origins.Length == 1
                    ? $"{files[0]}, frame {origins[0].Frame}"
                    : string.Join(", ", files.Take(3)) + (files.Length > 3 ? ", …" : "")
            );
        var style = new FrameStyle(
            PictureFile.Plain(title),
            what switch
            {
                ByOrientation => Colouring.ByOrientation,
                BySpecies => Colouring.BySpecies,
                _ => Colouring.NewByValue(PictureFile.Plain(what), frames.Frames.SelectMany(kept => kept.Values ?? [])),
            },
            PictureFile.Unit(pictureChoices),
            !given.GetValue(unwrapped),
            detail
        );
        var chart = FramePicture
            .series(
                style,
                frames.Frames.Zip(
                    origins,
                    (kept, origin) =>
                        Tuple.Create(frames.Label(files.Length > 1 ? origin.File : null, origin.Frame), kept.Frame)
                )
            )
            .OrThrow(error =>
                inputs.LocateFrame(frames.Frames.MinBy(kept => kept.Frame.Particles.Length).Number, error)
            );
        var drawing = clock.Seconds;
        PictureFile.Write(chart, title, pictureChoices.Output, interruption);
        clock.Print(
            choices,
            new RunStatistics
            {
                Frames = frames.Seen,
                Particles = frames.Frames.Sum(kept => kept.Frame.Particles.Length),
                Pairs = 0,
                Features = 0,
                ReadSeconds = reading,
                ComputeSeconds = drawing - reading,
                WriteSeconds = clock.Seconds - drawing,
            },
            pictureChoices.Output.Path
        );
        return 0;
    }

    private double[] Values(string what, Snapshot snapshot) =>
        Quantity.OfParticles(snapshot, what)
        ?? throw Refusal.Of(
            colour.Name,
            what,
            $"{ByOrientation}, {BySpecies}, or a number of each particle by its name ({Quantity.Known(snapshot, ofParticles: true)})"
        );
}
