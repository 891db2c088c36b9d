using System.CommandLine;

namespace AniSoap.Cli.Options;

/// <summary>How orientations stand in the input; keywords of hyperparameter files too, as upstream has it.</summary>
internal static class OrientationOptions
{
    internal static readonly string[] Types = ["quaternion", "matrix"];

    internal static Option<string> RotationType() =>
        Choice.Among("--rotation-type", "what the orientation columns hold; default quaternion", Types);

    internal static Option<string> RotationKey() =>
        Choice.Of(
            "--rotation-key",
            "NAME",
            "the orientation columns' name; default: any that is known (c_q, quaternion, orientation, …)"
        );
}
