using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Plotting;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot frame</c>: the ellipsoids of a frame in their cell.</summary>
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
        "about how many triangles the ellipsoids are made of in all, at least 20 each; default 200000. More are rounder"
    );
    private readonly RotationOptionSet rotation = new();
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal PlotFrameVerb()
    {
        Command = new Command("frame", "The first of the selected frames: its ellipsoids in their cell, to be turned.");
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

        (int Number, Snapshot Snapshot)? first = null;
        foreach (var read in inputs.Snapshots(WarningLines.To(choices.Quiet)))
        {
            first = read;
            break;
        }
        if (first is not { } found)
            throw inputs.NoFrames();

        var reading = clock.Seconds;
        var (path, frame) = inputs.Origin(found.Number);
        var title = pictureChoices.Title ?? $"{PictureFile.ShortName(path)}, frame {frame}";
        var style = new FrameStyle(
            PictureFile.Plain(title),
            Colouring(given.GetValue(colour) ?? ByOrientation, found.Snapshot),
            PictureFile.Unit(pictureChoices),
            !given.GetValue(unwrapped),
            detail
        );
        var chart = FramePicture
            .create(style, found.Snapshot.Frame)
            .OrThrow(error => inputs.LocateFrame(found.Number, error));
        var drawing = clock.Seconds;
        PictureFile.Write(chart, title, pictureChoices.Output, interruption);
        clock.Print(
            choices,
            new RunStatistics
            {
                Frames = 1,
                Particles = found.Snapshot.Frame.Particles.Length,
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

    private Colouring Colouring(string what, Snapshot snapshot) =>
        what switch
        {
            ByOrientation => AniSoap.Plotting.Colouring.ByOrientation,
            BySpecies => AniSoap.Plotting.Colouring.BySpecies,
            _ => AniSoap.Plotting.Colouring.NewByValue(
                PictureFile.Plain(what),
                Quantity.OfParticles(snapshot, what)
                    ?? throw Refusal.Of(
                        colour.Name,
                        what,
                        $"{ByOrientation}, {BySpecies}, or a number of each particle by its name ({Quantity.Known(snapshot, ofParticles: true)})"
                    )
            ),
        };
}
