using System.CommandLine;

namespace AniSoap.Cli.Options;

/// <summary>How orientations stand in the input; keywords of hyperparameter files too, as upstream has it.</summary>
internal sealed class RotationOptionSet
{
    private static readonly string[] Types = ["quaternion", "matrix"];

    private readonly Option<string> type = Choice.Among(
        "--rotation-type",
        "whether the orientation columns hold quaternions (default) or rotation matrices",
        Types
    );
    private readonly Option<string> key = Choice.Of(
        "--rotation-key",
        "NAME",
        "name of the orientation column; default: the usual names are recognised (c_q, quaternion, orientation, …)"
    );

    internal void AddTo(Command command)
    {
        command.Add(type);
        command.Add(key);
    }

    /// <summary>What is said of orientations, and nothing else.</summary>
    internal HyperChoices Read(ParseResult given) =>
        new() { RotationType = given.Word(type, Types), RotationKey = given.GetValue(key) };
}
