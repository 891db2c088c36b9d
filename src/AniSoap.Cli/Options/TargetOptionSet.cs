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
        "name of a frame's energy; default energy; none: train without energies"
    );
    private readonly Option<string> forces = Choice.Of(
        "--forces-key",
        "NAME",
        "name of the column of forces; default forces; none: train without them"
    );
    private readonly Option<string> torques = Choice.Of(
        "--torques-key",
        "NAME",
        "name of the column of torques; default torques; none: train without them"
    );
    private readonly Option<string> virial = Choice.Of(
        "--virial-key",
        "NAME",
        "name of a frame's virial, nine numbers or six; default virial or virial6; none: without it"
    );
    private readonly Option<string> stress = Choice.Of(
        "--stress-key",
        "NAME",
        "name of a frame's stress, used where there is no virial (virial = -volume x stress); default stress; none: without it"
    );
    private readonly Option<string> order = Choice.Among(
        "--virial-order",
        "order of six numbers: xx, yy, zz, xy, xz, yz (lammps, default) or xx, yy, zz, yz, xz, xy (voigt)",
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
