using System.CommandLine;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Options;

/// <summary>What is written on a picture.</summary>
internal sealed record PictureChoices(OutputChoices Output, string? Title, string? LengthUnit);

/// <summary>The options of every picture.</summary>
internal sealed class PictureOptions
{
    private readonly OutputOptions output = new(numbers: false, Pictures.PictureFile.OfPictures);
    private readonly Option<string> title = Choice.Of("--title", "TEXT", "title of the picture");
    private readonly Option<string> lengthUnit = Choice.Of(
        "--length-unit",
        "NAME",
        "the input's unit of length (nm, Å, σ), for labels"
    );

    internal void AddTo(Command command)
    {
        output.AddTo(command);
        command.Add(title);
        command.Add(lengthUnit);
    }

    internal PictureChoices Read(ParseResult given, IReadOnlyList<string> inputs, Interruption interruption) =>
        new(output.Read(given, inputs, interruption), given.GetValue(title), given.GetValue(lengthUnit));
}
