using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Options;

/// <summary>The options that name what frames say of their energies.</summary>
internal sealed class TargetOptionSet
{
    private const string NoKey = "none";
    private const string Lammps = "lammps";
    private const string Voigt = "voigt";

    private readonly Option<string> energy = Choice.Of(
        "--energy-key",
        "NAME",
        "the energy of a frame; default energy, none leaves it out"
    );
    private readonly Option<string> forces = Choice.Of(
        "--forces-key",
        "NAME",
        "the column of forces; default forces, none leaves them out"
    );
    private readonly Option<string> torques = Choice.Of(
        "--torques-key",
        "NAME",
        "the column of torques; default torques, none leaves them out"
    );
    private readonly Option<string> virial = Choice.Of(
        "--virial-key",
        "NAME",
        "the virial of a frame, nine numbers or six; default virial or virial6, none leaves it out"
    );
    private readonly Option<string> stress = Choice.Of(
        "--stress-key",
        "NAME",
        "the stress of a frame where it has no virial: virial = -volume x stress; default stress, none leaves it out"
    );
    private readonly Option<string> order = Choice.Among(
        "--virial-order",
        "what six numbers are: xx, yy, zz, xy, xz, yz, or yz, xz, xy last; default lammps",
        Lammps,
        Voigt
    );

    internal void AddTo(Command command)
    {
        command.Add(energy);
        command.Add(forces);
        command.Add(torques);
        command.Add(virial);
        command.Add(stress);
        command.Add(order);
    }

    internal TargetKeys Read(ParseResult given)
    {
        var defaults = PotentialTargetsModule.keys;
        return new TargetKeys(
            Key(given, energy, defaults.Energy),
            Key(given, forces, defaults.Forces),
            Key(given, torques, defaults.Torques),
            Key(given, virial, defaults.Virial),
            Key(given, stress, defaults.Stress),
            given.Word(order, Lammps, Voigt) == Voigt ? VirialOrder.Voigt : defaults.VirialOrder
        );
    }

    /// <summary>
    /// The frames with their targets, of a part those of its span, read anew whenever they are gone through; of streams kept after the first time.
    /// </summary>
    internal static IEnumerable<FSharpResult<PotentialTargets, AniSoapError>> Frames(
        Inputs inputs,
        TargetKeys keys,
        Action<string> warn,
        CancellationToken cancellation,
        Running.PartRun? part = null
    )
    {
        var frames = (part is null ? inputs.ReadSnapshots(warn) : inputs.ReadPartSnapshots(part.Index, part.Span, warn))
            .Select(read =>
            {
                cancellation.ThrowIfCancellationRequested();
                return PotentialTargetsModule
                    .ofSnapshot(keys, read.OrThrow().Item2)
                    .OrThrow(error => inputs.LocateFrame(read.ResultValue.Item1, error));
            })
            .Select(FSharpResult<PotentialTargets, AniSoapError>.NewOk);
        return inputs.AreStreams ? frames.ToList() : frames;
    }

    private static FSharpOption<string>? Key(ParseResult given, Option<string> option, FSharpOption<string>? usual) =>
        given.GetValue(option) switch
        {
            null => usual,
            NoKey => null,
            var name => FSharpOption<string>.Some(name),
        };
}
