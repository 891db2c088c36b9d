using System.CommandLine;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Formats;
using AniSoap.Learning;
using AniSoap.Plotting;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot body</c>: what particles are made of, as a potential has learnt it.</summary>
internal sealed class PlotBodyVerb
{
    private const int Points = 400;

    private readonly Argument<string> model = new("MODEL")
    {
        Description = "a potential with bodies made of sites, as `train --sites` writes it",
    };
    private readonly PictureOptions picture = new();
    private readonly Option<string> ellipsoids = Choice.Of(
        "--ellipsoids",
        "FILE",
        "frames; the ellipsoids of the first one are drawn around the sites of their species"
    );

    internal Command Command { get; }

    internal PlotBodyVerb()
    {
        Command = new Command(
            "body",
            "Draw bodies made of sites, the energy of two sites by their distance, and what each number of sites left of the data."
        );
        Command.Add(model);
        picture.AddTo(Command);
        Command.Add(ellipsoids);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var path = given.GetValue(model)!;
        using var interruption = new Interruption();
        var choices = picture.Read(given, [path], interruption);
        var potential = PotentialFile.load(path).OrThrow();
        if (potential.Sites?.Value is not { } sites)
            throw Refusal.Of("MODEL", path, "a potential with bodies made of sites, of train --sites");
        var title = choices.Title ?? $"Bodies of {Path.GetFileNameWithoutExtension(path)}";
        var style = new BodyStyle(PictureFile.Plain(title), PictureFile.Unit(choices), Around(given));
        var costs = potential.Trials.Select(trial => new SiteCost(
            trial.Species,
            trial.Sites,
            trial.Types,
            trial.Validation
        ));
        var figure = BodyPicture.create(style, sites.Bodies, sites.Functions.Select(one => Curve(sites, one)), costs);
        PictureFile.Write(figure.OrThrow(), title, choices.Output, interruption);
        return 0;
    }

    private Microsoft.FSharp.Collections.FSharpList<Ellipsoid> Around(ParseResult given)
    {
        if (given.GetValue(ellipsoids) is not { } path)
            return BodyPicture.defaults.Ellipsoids;
        foreach (var frame in FrameFileModule.read(path))
            return Microsoft.FSharp.Collections.ListModule.OfSeq(frame.OrThrow().Particles);
        throw Refusal.Of(ellipsoids.Name, path, "a file with a frame");
    }

    /// <summary>From a little below the shortest distance that was seen to the cutoff.</summary>
    private static SiteCurve Curve(SitePotential sites, SiteFunction function)
    {
        var table = sites.Model.Table(function.First, function.Second);
        var (from, until) = (0.85 * function.Nearest, sites.Cutoff.Radius);
        var distances = Enumerable.Range(0, Points).Select(k => from + (until - from) * k / (Points - 1)).ToArray();
        var energies = distances.Select(r => table.At(r).Item1).ToArray();
        return new SiteCurve(function.First, function.Second, distances, energies, function.Nearest, function.Farthest);
    }
}
