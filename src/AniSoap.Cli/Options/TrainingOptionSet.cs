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
        "pair spectra to use: a potential's file, its hyperparameters, or what --choose has written; default: chosen by the error of held-out frames"
    );
    private readonly Option<string> cutoff = Choice.Of(
        "--cutoff-radius",
        "R",
        "cutoff radius of the pair spectra that are chosen; default: from the data"
    );
    private readonly Option<string> smoothing = Choice.Of(
        "--cutoff-smoothing-width",
        "W",
        "length before the cutoff over which a pair's contribution goes to zero; default: a tenth of the cutoff radius"
    );
    private readonly Option<string> center = Choice.Among(
        "--center-density",
        "whether the pair spectra that are chosen have separate columns for the centre's own density (own, default)",
        "own",
        "none"
    );
    private readonly Option<string> densityScale = Choice.Of(
        "--density-scale",
        "F",
        "multiply semi-axes by F in the densities of the pair spectra that are chosen; default 0.6"
    );
    private readonly Option<string> channels = Choice.Of(
        "--species-channels",
        "K[,SEED]",
        "mix all species into K channels by random weights, so that the number of columns does not grow with the species; default seed 0"
    );
    private readonly Option<string> regularization = Choice.Of(
        "--regularization",
        "L",
        "strength of the ridge regularisation, relative to the number of columns; default: chosen by held-out frames"
    );
    private readonly Option<string> energyWeight = Choice.Of(
        "--energy-weight",
        "W",
        "weight of energies relative to forces, each in units of its spread; default: grows with the size of the frames"
    );
    private readonly Option<string> torqueWeight = Choice.Of(
        "--torque-weight",
        "W",
        "weight of torques relative to forces; default 1"
    );
    private readonly Option<string> virialWeight = Choice.Of(
        "--virial-weight",
        "W",
        "weight of virials relative to forces; default 0: virials are not used"
    );
    private readonly Option<string> robustness = Choice.Of(
        "--robustness",
        "P",
        "from 0 (all forces count alike) to 1 (the larger the forces on a particle, the less it counts); default 0.5"
    );
    private readonly Option<string> folds = Choice.Of(
        "--folds",
        "N",
        "cross-validation: number of parts of the frames, each of which is held out in turn; default 8"
    );
    private readonly Option<string> committee = Choice.Of(
        "--committee",
        "N",
        "train N more potentials, each on half of the frames, whose spread tells the uncertainty (predict --spread); default 0: none"
    );
    private readonly Option<string> algebra = Choice.Of(
        "--linear-algebra",
        "own|openblas|FILE",
        "what decomposes the rows of pair spectra: the program itself (own, default; the same bits on any number of threads), or OpenBLAS, installed (Debian: libopenblas0-pthread) or from this file; equal to rounding"
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
        command.Add(algebra);
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
            algebra,
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

    /// <summary>What to say of options of pair spectra that were given, where a potential has none.</summary>
    internal string? OfNoUse(ParseResult given, Potential potential) =>
        potential.Contact is null
        && potential.Sites?.Value is { } bodies
        && Array.Find([cutoff, smoothing, center, densityScale, channels], one => given.GetValue(one) is not null)
            is { } option
            ? FormattableString.Invariant(
                $"{option.Name} is for pair spectra, and this potential has none: sites act up to a distance of {bodies.Cutoff.Radius:g6} ({SiteOptionSet.CutoffName})"
            )
            : null;

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
            linearAlgebra: Algebra(given),
            threads: threads
        );
    }

    private LinearAlgebra Algebra(ParseResult given) =>
        given.GetValue(algebra) switch
        {
            null or "own" => LinearAlgebra.Own,
            "openblas" => LinearAlgebra.NewOpenBlas(OpenBlasModule.load(null).OrThrow()),
            var file => LinearAlgebra.NewOpenBlas(OpenBlasModule.load(file).OrThrow()),
        };

    private static FSharpOption<double>? Number(ParseResult given, Option<string> option) =>
        given.Number(option) is { } number
            ? number >= 0.0
                ? FSharpOption<double>.Some(number)
                : throw Refusal.Of(option.Name, Texts.Show(number), "a number from 0")
            : null;
}
