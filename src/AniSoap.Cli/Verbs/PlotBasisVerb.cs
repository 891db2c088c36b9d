using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Cli.Running;
using AniSoap.Plotting;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot basis</c>: the radial functions of hyperparameters.</summary>
internal sealed class PlotBasisVerb
{
    private readonly Argument<string?> input = new("INPUT")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description =
            "hyperparameters from a JSON file or an earlier output; options on the command line override them",
    };
    private readonly PictureOptions picture = new();
    private readonly HyperOptions hypers = new();
    private readonly Option<bool> primitives = Choice.Flag(
        "--primitives",
        "the normalised primitives, not the orthonormal functions made of them"
    );

    internal Command Command { get; }

    internal PlotBasisVerb()
    {
        Command = new Command("basis", "Draw the radial functions of every l, and the cutoff.");
        Command.Add(input);
        picture.AddTo(Command);
        hypers.AddTo(Command);
        Command.Add(primitives);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var path = given.GetValue(input);
        var choices = hypers.Read(given);
        if (path is not null)
            choices = choices.Over(HyperChoices.Read(path));
        var projection = choices.Complete();
        using var interruption = new Interruption();
        var pictureChoices = picture.Read(given, path is null ? [] : [path], interruption);
        var title = pictureChoices.Title ?? "Radial functions";

        var style = new BasisStyle(
            PictureFile.Plain(title),
            PictureFile.Unit(pictureChoices),
            given.GetValue(primitives)
        );
        PictureFile.Write(BasisPicture.create(style, projection), title, pictureChoices.Output, interruption);
        return 0;
    }
}
