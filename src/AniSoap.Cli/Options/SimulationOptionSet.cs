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
    private const string Nvt = "nvt";
    private const string Npt = "npt";
    private const string OwnEngine = "anisoap";
    private const string Lammps = "lammps";

    private readonly Option<string> steps = Choice.Of("--steps", "N", "number of time steps; required");
    private readonly Option<string> timeStep = Choice.Of(
        "--time-step",
        "DT",
        "length of a time step, in units of length × √(mass / energy) of the potential; required"
    );
    private readonly Option<string> every = Choice.Of(
        "--every",
        "N",
        "write every Nth step, and the first and the last; default 100"
    );
    private readonly Option<string> ensemble = Choice.Among(
        "--ensemble",
        "constant energy (nve, default), Langevin thermostat (langevin); with --engine lammps also Nosé–Hoover at constant volume (nvt) or pressure (npt)",
        Nve,
        Langevin,
        Nvt,
        Npt
    );
    private readonly Option<string> temperature = Choice.Of(
        "--temperature",
        "T",
        "temperature k_B T in the potential's unit of energy: initial velocities and angular momenta are drawn at it (langevin: only if INPUT has none)"
    );
    private readonly Option<string> friction = Choice.Of(
        "--friction-time",
        "TAU",
        "langevin: relaxation time of velocities; default 200 time steps"
    );
    private readonly Option<string> rotationFriction = Choice.Of(
        "--rotation-friction-time",
        "TAU",
        "langevin: relaxation time of angular momenta; default: that of velocities"
    );
    private readonly Option<string> seed = Choice.Of("--seed", "S", "seed of the random numbers; default 0");
    private readonly Option<string[]> masses = Choice.Several(
        "--mass",
        "[TYPE=]M",
        "mass of all particles or of one type, with the inertia of solid ellipsoids; default: the file's masses, else 1"
    );

    private readonly Option<string> thermostat = Choice.Of(
        "--thermostat-time",
        "TAU",
        "nvt, npt: relaxation time of the thermostat; default 100 time steps"
    );
    private readonly Option<string> pressure = Choice.Of(
        "--pressure",
        "P",
        "npt: the pressure, in the potential's energy / length³; required for npt"
    );
    private readonly Option<string> barostat = Choice.Of(
        "--barostat-time",
        "TAU",
        "npt: relaxation time of the barostat; default 1000 time steps"
    );
    private readonly Option<string> engine = Choice.Among(
        "--engine",
        "program that integrates the motion: this one (anisoap, default) or LAMMPS",
        OwnEngine,
        Lammps
    );
    private readonly Option<string> command = Choice.Of(
        "--lammps-command",
        "WORDS",
        "command that starts LAMMPS; default lmp; with MPI: \"mpirun -np 4 lmp\""
    );
    private readonly Option<string> libraries = Choice.Of(
        "--lammps-libraries",
        "FOLDER",
        "where libanisoap.so and anisoapplugin.so are, as ./build native and ./build lammps make them; default native"
    );
    private readonly Option<string> folder = Choice.Of(
        "--lammps-folder",
        "FOLDER",
        "keep LAMMPS's data file, input, trajectory, restart and log there"
    );

    internal void AddTo(Command command)
    {
        Option[] all =
        [
            steps,
            timeStep,
            every,
            ensemble,
            temperature,
            friction,
            rotationFriction,
            thermostat,
            pressure,
            barostat,
            seed,
            masses,
            engine,
            this.command,
            libraries,
            folder,
        ];
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

    /// <summary>What is asked of LAMMPS; nothing where this program moves the bodies itself.</summary>
    internal LammpsOptions? ReadLammps(ParseResult given)
    {
        if (given.Word(engine, OwnEngine, Lammps) == Lammps)
        {
            var words = (given.GetValue(command) ?? "lmp").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                throw Refusal.Of(command.Name, "", "the words that start LAMMPS, lmp for one");
            return new LammpsOptions(
                command: ListModule.OfSeq(words),
                libraries: given.GetValue(libraries) ?? "native",
                folder: given.GetValue(folder) is { } path ? FSharpOption<string>.Some(path) : null,
                progress: null,
                warn: null
            );
        }
        foreach (var option in (Option<string>[])[command, libraries, folder])
            if (given.GetValue(option) is { } value)
                throw Refusal.Of(option.Name, value, $"with {engine.Name} {Lammps} alone");
        if (given.Word(ensemble, Nve, Langevin, Nvt, Npt) is (Nvt or Npt) and var name)
            throw Refusal.Of(ensemble.Name, name, $"{Nve} or {Langevin}; {Nvt} and {Npt} with {engine.Name} {Lammps}");
        return null;
    }

    private Ensemble Ensemble(ParseResult given, double step)
    {
        var name = given.Word(ensemble, Nve, Langevin, Nvt, Npt) ?? Nve;
        Only(given, name, friction, Langevin);
        Only(given, name, rotationFriction, Langevin);
        Only(given, name, thermostat, Nvt, Npt);
        Only(given, name, pressure, Npt);
        Only(given, name, barostat, Npt);
        if (name == Nve)
            return AniSoap.Learning.Ensemble.Nve;
        if (given.GetValue(temperature) is null)
            throw new Refusal(
                $"{temperature.Name} is missing; {ensemble.Name} {name} needs one: k_B T in the potential's unit of energy"
            );
        if (name == Langevin)
        {
            var translation = Positive(given, friction) ?? 200.0 * step;
            return AniSoap.Learning.Ensemble.NewLangevin(translation, Positive(given, rotationFriction) ?? translation);
        }
        var time = Positive(given, thermostat) ?? 100.0 * step;
        if (name == Nvt)
            return AniSoap.Learning.Ensemble.NewNoseHoover(time);
        var p =
            given.Number(pressure)
            ?? throw new Refusal(
                $"{pressure.Name} is missing; {ensemble.Name} {Npt} needs one, in the potential's energy / length³"
            );
        return AniSoap.Learning.Ensemble.NewBarostat(time, p, Positive(given, barostat) ?? 1000.0 * step);
    }

    private void Only(ParseResult given, string name, Option<string> option, params string[] ensembles)
    {
        if (given.GetValue(option) is { } value && !ensembles.Contains(name))
            throw Refusal.Of(
                option.Name,
                value,
                $"with {ensemble.Name} {string.Join(" or ", ensembles)} alone, not with {name}"
            );
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
