using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Learning;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Options;

/// <summary>The options that say how bodies are moved.</summary>
internal sealed class SimulationOptionSet
{
    private const string Nve = "nve";
    private const string Langevin = "langevin";

    private readonly Option<string> steps = Choice.Of("--steps", "N", "how many time steps; required");
    private readonly Option<string> timeStep = Choice.Of(
        "--time-step",
        "DT",
        "the time of a step, in length × √(mass / energy) of the potential's units; required"
    );
    private readonly Option<string> every = Choice.Of(
        "--every",
        "N",
        "write every so many steps, and the first and the last; default 100"
    );
    private readonly Option<string> ensemble = Choice.Among(
        "--ensemble",
        "what is constant: the energy (nve, default) or the temperature (langevin)",
        Nve,
        Langevin
    );
    private readonly Option<string> temperature = Choice.Of(
        "--temperature",
        "T",
        "k_B T in the potential's unit of energy: velocities and angular momenta are drawn at it, under langevin only where INPUT has none"
    );
    private readonly Option<string> friction = Choice.Of(
        "--friction-time",
        "TAU",
        "langevin: within what time velocities forget themselves; default 200 time steps"
    );
    private readonly Option<string> rotationFriction = Choice.Of(
        "--rotation-friction-time",
        "TAU",
        "the same of angular momenta; default: that of velocities"
    );
    private readonly Option<string> seed = Choice.Of("--seed", "S", "what random numbers are drawn from; default 0");
    private readonly Option<string[]> masses = Choice.Several(
        "--mass",
        "[TYPE=]M",
        "the mass of all particles or of a type, as solid ellipsoids, instead of the file's; default: the file's, else 1"
    );

    internal void AddTo(Command command)
    {
        Option[] all = [steps, timeStep, every, ensemble, temperature, friction, rotationFriction, seed, masses];
        foreach (var option in all)
            command.Add(option);
    }

    internal SimulationOptions Read(ParseResult given, InputChoices inputs, int threads, CancellationToken cancellation)
    {
        var usual = SimulationOptionsModule.create(
            Whole(given, steps)
                ?? throw new Refusal($"{steps.Name} is missing; give the number of time steps (600, say)"),
            Positive(given, timeStep)
                ?? throw new Refusal(
                    $"{timeStep.Name} is missing; give the time of a step (0.002, say, where sizes, energies and masses are about 1)"
                )
        );
        var kT = given.Number(temperature);
        if (kT < 0.0)
            throw Refusal.Of(temperature.Name, Texts.Show(kT.Value), "k_B T, a number from 0");
        var (all, byType) = Masses(given, inputs);
        return new SimulationOptions(
            steps: usual.Steps,
            timeStep: usual.TimeStep,
            every: Whole(given, every) ?? usual.Every,
            ensemble: Ensemble(given, usual.TimeStep),
            temperature: kT is { } value ? FSharpOption<double>.Some(value) : null,
            seed: given.Whole(seed) ?? usual.Seed,
            masses: byType,
            mass: all is { } mass ? FSharpOption<double>.Some(mass) : null,
            threads: threads,
            cancellation: cancellation
        );
    }

    private Ensemble Ensemble(ParseResult given, double step)
    {
        var times = (Positive(given, friction), Positive(given, rotationFriction));
        if (given.Word(ensemble, Nve, Langevin) == Langevin)
        {
            if (given.GetValue(temperature) is null)
                throw new Refusal(
                    $"{temperature.Name} is missing; {ensemble.Name} {Langevin} needs one: k_B T in the potential's unit of energy"
                );
            var translation = times.Item1 ?? 200.0 * step;
            return AniSoap.Learning.Ensemble.NewLangevin(translation, times.Item2 ?? translation);
        }
        if (times is not (null, null))
            throw Refusal.Of(
                times.Item1 is null ? rotationFriction.Name : friction.Name,
                Texts.Show(times.Item1 ?? times.Item2 ?? 0.0),
                $"with {ensemble.Name} {Langevin} alone: there is no friction at constant energy"
            );
        return AniSoap.Learning.Ensemble.Nve;
    }

    private (double?, FSharpMap<int, double>) Masses(ParseResult given, InputChoices inputs)
    {
        double? all = null;
        var byType = MapModule.Empty<int, double>();
        foreach (var text in given.All(masses))
        {
            var (type, mass) = Texts.Positives(masses.Name, text, 1, "a mass above zero M or TYPE=M");
            if (type is not null)
                byType = byType.Add(TypeNames.Species(masses.Name, type, inputs), mass[0]);
            else
                all = all is null ? mass[0] : throw Refusal.Of(masses.Name, text, "one mass for all particles");
        }
        return (all, byType);
    }

    private static int? Whole(ParseResult given, Option<string> option) =>
        given.Whole(option) is { } number
            ? number >= 1
                ? number
                : throw Refusal.Of(option.Name, Texts.Show(number), "a whole number from 1")
            : null;

    private static double? Positive(ParseResult given, Option<string> option) =>
        given.Number(option) is { } number
            ? number > 0.0
                ? number
                : throw Refusal.Of(option.Name, Texts.Show(number), "a number above zero")
            : null;
}
