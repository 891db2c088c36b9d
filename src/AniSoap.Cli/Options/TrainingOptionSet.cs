using System.CommandLine;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Options;

/// <summary>The options that say how potentials are trained, or the setup that stands for them.</summary>
internal sealed class TrainingOptionSet
{
    private readonly Option<string> hypers = Choice.Of(
        "--hypers",
        "FILE.json",
        "the pair spectra, from a potential's file or an object of its hypers; default: chosen by what they leave of held-out frames; or all that --choose has written"
    );
    private readonly Option<string> cutoff = Choice.Of(
        "--cutoff-radius",
        "R",
        "the cutoff radius where pair spectra are chosen; default: from the data"
    );
    private readonly Option<string> smoothing = Choice.Of(
        "--cutoff-smoothing-width",
        "W",
        "over what length pairs leave before the cutoff, 0 for at once; default: a tenth of the cutoff radius"
    );
    private readonly Option<string> center = Choice.Among(
        "--center-density",
        "whether pair spectra that are chosen have columns of the centre's own density beside a neighbour's; default own",
        "own",
        "none"
    );
    private readonly Option<string> densityScale = Choice.Of(
        "--density-scale",
        "F",
        "multiply semi-axes by F in the densities of pair spectra that are chosen; default 0.6"
    );
    private readonly Option<string> channels = Choice.Of(
        "--species-channels",
        "K[,SEED]",
        "mix all species into K channels by random weights: columns do not grow with the species; seed default 0"
    );
    private readonly Option<string> regularization = Choice.Of(
        "--regularization",
        "L",
        "ridge, relative to the number of columns; default: chosen by held-out frames"
    );
    private readonly Option<string> energyWeight = Choice.Of(
        "--energy-weight",
        "W",
        "what energies count beside forces, each in units of its spread; default: more the larger frames are"
    );
    private readonly Option<string> torqueWeight = Choice.Of(
        "--torque-weight",
        "W",
        "what torques count beside forces; default 1"
    );
    private readonly Option<string> virialWeight = Choice.Of(
        "--virial-weight",
        "W",
        "what virials count beside forces; default 0: they are not trained on"
    );
    private readonly Option<string> robustness = Choice.Of(
        "--robustness",
        "P",
        "from 0, where all rows count alike, to 1: the more acts on a particle, the less its rows count; default 0.5"
    );
    private readonly Option<string> folds = Choice.Of(
        "--folds",
        "N",
        "parts of the frames that are held out in turn; default 8"
    );
    private readonly Option<string> committee = Choice.Of(
        "--committee",
        "N",
        "as many potentials of half of the frames each, for the spreads of predict and evaluate --spread; default 0: none"
    );
    private readonly SiteOptionSet sites = new();

    internal void AddTo(Command command)
    {
        command.Add(hypers);
        command.Add(cutoff);
        command.Add(smoothing);
        command.Add(center);
        command.Add(densityScale);
        command.Add(channels);
        command.Add(regularization);
        command.Add(energyWeight);
        command.Add(torqueWeight);
        command.Add(virialWeight);
        command.Add(robustness);
        command.Add(folds);
        command.Add(committee);
        sites.AddTo(command);
    }

    /// <summary>The members of a committee.</summary>
    internal int Committee(ParseResult given) => given.Whole(committee) ?? PotentialTraining.defaults.Committee;

    /// <summary>The option of committees, for refusals.</summary>
    internal string CommitteeName => committee.Name;

    /// <summary>
    /// What training has chosen before, where <c>--hypers</c> names that; null where it names hyperparameters alone, or nothing. Refuses options that
    /// would choose once more.
    /// </summary>
    internal TrainingSetup? Setup(ParseResult given)
    {
        if (given.GetValue(hypers) is not { } file)
            return null;
        if (TrainingSetupFile.tryLoad(file).OrThrow() is not { Value: var setup })
            return null;
        Option[] chosen =
        [
            cutoff,
            smoothing,
            center,
            densityScale,
            channels,
            regularization,
            energyWeight,
            torqueWeight,
            virialWeight,
            robustness,
            folds,
            .. sites.All,
        ];
        foreach (var option in chosen)
            if (given.GetResult(option) is { Implicit: false } result)
                throw Refusal.Of(
                    option.Name,
                    string.Join(" ", result.Tokens),
                    $"none beside {hypers.Name} {file}, which has what --choose chose"
                );
        return setup;
    }

    /// <summary>The setup of a part, which chooses nothing.</summary>
    internal TrainingSetup SetupOfPart(ParseResult given) =>
        Setup(given)
        ?? throw (
            given.GetValue(hypers) is { } file
                ? Refusal.Of(
                    hypers.Name,
                    file,
                    "what train --choose -o FILE.json writes: parts choose nothing, nor measure what rows count"
                )
                : new Refusal(
                    $"{hypers.Name} is missing; parts choose nothing: give what train --choose -o FILE.json writes ({hypers.Name} FILE.json)"
                )
        );

    internal TrainingOptions Options(ParseResult given, int threads)
    {
        var usual = PotentialTraining.defaults;
        var file = given.GetValue(hypers);
        if (
            file is not null
            && Array.Find([cutoff, smoothing, center, densityScale, channels], one => given.GetValue(one) is not null)
                is { } beside
        )
            throw Refusal.Of(hypers.Name, $"{file} with {beside.Name}", "one or the other: the file says it");
        var scale = given.Number(densityScale);
        if (scale is not (null or > 0.0 and <= 1e6))
            throw Refusal.Of(densityScale.Name, Texts.Show(scale.Value), "a number above zero, at most 1e6");
        return new TrainingOptions(
            hypers: file is null ? null : FSharpOption<PairHypers>.Some(PotentialFile.hypers(file).OrThrow()),
            cutoffRadius: Number(given, cutoff),
            smoothingWidth: Number(given, smoothing),
            hasOwnDensity: given.Word(center, "own", "none") is not "none",
            densityScale: scale is { } factor ? FSharpOption<double>.Some(factor) : null,
            speciesMixing: given.GetValue(channels) is { } mixed
                ? FSharpOption<SpeciesMixing>.Some(HyperOptions.ReadChannels(channels.Name, mixed))
                : null,
            regularization: Number(given, regularization),
            energyWeight: Number(given, energyWeight),
            torqueWeight: given.Number(torqueWeight) ?? usual.TorqueWeight,
            virialWeight: given.Number(virialWeight) ?? usual.VirialWeight,
            robustness: given.Number(robustness) ?? usual.Robustness,
            folds: given.Whole(folds) ?? usual.Folds,
            committee: given.Whole(committee) ?? usual.Committee,
            bodies: sites.Read(given),
            threads: threads
        );
    }

    private static FSharpOption<double>? Number(ParseResult given, Option<string> option) =>
        given.Number(option) is { } number
            ? number >= 0.0
                ? FSharpOption<double>.Some(number)
                : throw Refusal.Of(option.Name, Texts.Show(number), "a number from 0")
            : null;
}
