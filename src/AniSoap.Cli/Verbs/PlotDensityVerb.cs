using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Plotting;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot density</c>: the density around a particle, and what its expansion keeps of it.</summary>
internal sealed class PlotDensityVerb
{
    private readonly InputOptionSet input = new();
    private readonly PictureOptions picture = new();
    private readonly HyperOptions hypers = new();
    private readonly RunOptionSet run = new();
    private readonly Option<string> particle = Choice.Of("--particle", "N", "the centre, from 0 (default)");
    private readonly Option<string> neighborType = Choice.Of(
        "--neighbor-type",
        "SPECIES",
        "the density of this species; default that of the centre"
    );
    private readonly Option<string> plane = Choice.Among(
        "--plane",
        "the plane through the centre; default xy",
        "xy",
        "xz",
        "yz"
    );

    internal Command Command { get; }

    internal PlotDensityVerb()
    {
        Command = new Command(
            "density",
            "Draw the density around a particle, its reconstruction from the expansion coefficients, and the difference."
        );
        input.AddTo(Command);
        picture.AddTo(Command);
        hypers.AddTo(Command);
        Command.Add(particle);
        Command.Add(neighborType);
        Command.Add(plane);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var choices = run.Read(given);
        var hyperChoices = hypers.Read(given);
        var inputChoices = input.Read(given, hyperChoices);
        var inputs = new Inputs(inputChoices);
        using var interruption = new Interruption();
        var pictureChoices = picture.Read(given, inputChoices.Paths, interruption);
        var complete = hyperChoices.Complete();
        var centre = given.Whole(particle) ?? 0;
        var where = given.Word(plane, "xy", "xz", "yz") switch
        {
            "xz" => LabPlane.XZ,
            "yz" => LabPlane.YZ,
            _ => LabPlane.XY,
        };

        foreach (var (number, frame) in inputs.Frames(WarningLines.To(choices.Quiet)))
        {
            if (centre < 0 || centre >= frame.Particles.Length)
                throw Refusal.Of(particle.Name, Texts.Show(centre), $"a number from 0 to {frame.Particles.Length - 1}");
            var species = frame.Particles[centre].Species;
            var of = given.Whole(neighborType) ?? species;
            var projection = ProjectionModule.withLimits(
                choices.Limits,
                Projections.For(complete, hyperChoices.Species ?? [.. FrameModule.species(frame)])
            );
            var suspicions = new SuspicionLines(projection, WarningLines.To(choices.Quiet));
            suspicions.Pass(inputs.PlaceOf(number), frame);
            suspicions.Finish();
            if (!projection.Species.Contains(of))
                throw Refusal.Of(neighborType.Name, Texts.Show(of), string.Join(", ", projection.Species));
            var (path, inFile) = inputs.Origin(number);
            var name = PictureFile.ShortName(path);
            var title = pictureChoices.Title ?? $"{name}, frame {inFile}, around particle {centre}";
            var style = new DensityStyle(
                PictureFile.Plain(title),
                PictureFile.Unit(pictureChoices),
                where,
                FSharpOption<double>.None,
                DensityPicture.defaults.Points
            );
            var chart = DensityPicture
                .create(style, projection, frame, centre, of)
                .OrThrow(error => inputs.LocateFrame(number, error));
            PictureFile.Write(chart, title, pictureChoices.Output, interruption);
            return 0;
        }
        throw inputs.NoFrames();
    }
}
