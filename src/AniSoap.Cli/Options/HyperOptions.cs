using System.Collections.Immutable;
using System.CommandLine;

namespace AniSoap.Cli.Options;

/// <summary>The options that say what the features are, under the names of the keywords in a hyperparameter file.</summary>
internal sealed class HyperOptions
{
    private readonly Option<string> file = Choice.Of(
        "--hypers",
        "FILE",
        $"hyperparameters: a JSON file, or an earlier output ({string.Join(", ", Endings.withHypers)}); options beat it"
    );
    private readonly Option<string> maxAngular = Choice.Of("--max-angular", "L", "largest l of the expansion");
    private readonly Option<string> maxRadial = Choice.Of(
        "--max-radial",
        "N",
        "largest n: a number for every l, a list with one for each l (4,3,2,1), or coupled (default)"
    );
    private readonly Option<string> basis = Choice.Among(
        "--radial-basis",
        "radial functions; default gto",
        HyperChoices.GtoName,
        HyperChoices.MonomialName
    );
    private readonly Option<string> width = Choice.Of(
        "--radial-gaussian-width",
        "SIGMA",
        "width of the gto functions, in the input's length unit"
    );
    private readonly Option<string> cutoff = Choice.Of(
        "--cutoff-radius",
        "R",
        "neighbours are nearer than this, in the input's length unit"
    );
    private readonly Option<bool> subtractCenter = Choice.Flag(
        "--subtract-center",
        "leave a particle's own density out of its expansion"
    );
    private readonly Option<string> center = Choice.Among(
        "--center-density",
        "a particle's own density: merged with its species', in columns of its own (type -1), or left out; default merged",
        HyperChoices.Centers
    );
    private readonly Option<string> densityScale = Choice.Of(
        "--density-scale",
        "F",
        "multiply semi-axes by F in the densities; default 1"
    );
    private readonly Option<string> channels = Choice.Of(
        "--species-channels",
        "K[,SEED]",
        "mix all species into K channels by random weights: columns do not grow with the species; seed default 0"
    );
    private readonly Option<bool> normalize = Choice.Flag(
        "--normalize",
        "divide the power spectrum of every centre by its norm, before means are taken"
    );
    private readonly Option<string> average = Choice.Among(
        "--average",
        "the mean of a frame: of its centres' spectra, or the spectrum of their mean coefficients; default outer",
        "outer",
        "inner"
    );
    private readonly Option<string> rcond = Choice.Of(
        "--basis-rcond",
        "X",
        "overlap eigenvalues up to this are dropped; default 1e-8"
    );
    private readonly Option<string> tolerance = Choice.Of(
        "--basis-tol",
        "X",
        "largest error of the orthonormalisation that is accepted; default 1e-3"
    );
    private readonly Option<string> smoothing = Choice.Of(
        "--cutoff-smoothing-width",
        "W",
        "neighbours fade over the last W before the cutoff (shifted cosine); default a step"
    );
    private readonly Option<string> scaling = Choice.Of(
        "--radial-scaling",
        "S,R,E",
        "weigh neighbours by R / (R + (r/S)^E): scale, rate, exponent"
    );
    private readonly Option<string> species = Choice.Of(
        "--species",
        "LIST",
        "all species of the run, as numbers (1,6,8); default: found by a first pass over the input"
    );
    private readonly RotationOptionSet rotation = new();

    internal void AddTo(Command command)
    {
        Option[] all =
        [
            file,
            maxAngular,
            maxRadial,
            basis,
            width,
            cutoff,
            subtractCenter,
            center,
            densityScale,
            channels,
            normalize,
            average,
            rcond,
            tolerance,
            smoothing,
            scaling,
            species,
        ];
        foreach (var option in all)
            command.Add(option);
        rotation.AddTo(command);
    }

    /// <summary>The options laid over the file that <c>--hypers</c> names.</summary>
    internal HyperChoices Read(ParseResult given)
    {
        var options = rotation.Read(given) with
        {
            MaxAngular = given.Whole(maxAngular),
            MaxRadial = given.GetValue(maxRadial) is { } text ? ReadMaxRadial(text) : null,
            RadialBasis = given.Word(basis, HyperChoices.GtoName, HyperChoices.MonomialName),
            Width = given.Number(width),
            Cutoff = given.Number(cutoff),
            Center = ReadCenter(given),
            DensityScale = given.Number(densityScale),
            Mixing = given.GetValue(channels) is { } mixed ? ReadChannels(channels.Name, mixed) : null,
            Normalize = given.FlagOrNull(normalize),
            Averaging = given.Word(average, "outer", "inner") is { } mean
                ? mean == "inner"
                    ? Averaging.Inner
                    : Averaging.Outer
                : null,
            Rcond = given.Number(rcond),
            Tolerance = given.Number(tolerance),
            SmoothingWidth = given.Number(smoothing),
            Scaling = given.GetValue(scaling) is { } three ? ReadScaling(three) : null,
            Species = given.GetValue(species) is { } list ? ReadSpecies(list) : null,
        };
        return given.GetValue(file) is { } path ? options.Over(HyperChoices.Read(path)) : options;
    }

    private CenterDensity? ReadCenter(ParseResult given)
    {
        var density = given.Word(center, HyperChoices.Centers) is { } name ? HyperChoices.CenterOf(name) : null;
        if (!given.GetValue(subtractCenter))
            return density;
        return density is null or { IsAbsent: true }
            ? CenterDensity.Absent
            : throw Refusal.Of(
                center.Name,
                SavedHypersModule.centerName(density),
                $"none, or nothing, beside {subtractCenter.Name}"
            );
    }

    internal static SpeciesMixing ReadChannels(string option, string text)
    {
        const string accepted = "a number of channels, or CHANNELS,SEED";
        try
        {
            return Texts.Wholes(option, text) switch
            {
                [var count] => SpeciesMixing.NewRandom(count, 0),
                [var count, var seed] => SpeciesMixing.NewRandom(count, seed),
                _ => throw Refusal.Of(option, text, accepted),
            };
        }
        catch (Refusal)
        {
            throw Refusal.Of(option, text, accepted);
        }
    }

    private RadialCount ReadMaxRadial(string text)
    {
        if (text == "coupled")
            return RadialCount.Coupled;
        const string accepted = "a whole number, a list of them (4,3,2,1), or coupled";
        try
        {
            var numbers = Texts.Wholes(maxRadial.Name, text);
            return numbers is [var one] ? RadialCount.NewUniform(one) : HyperChoices.PerAngular(numbers);
        }
        catch (Refusal)
        {
            throw Refusal.Of(maxRadial.Name, text, accepted);
        }
    }

    private RadialScaling ReadScaling(string text)
    {
        var three = Texts.Numbers(scaling.Name, text, 3, "three numbers SCALE,RATE,EXPONENT");
        return new RadialScaling(three[0], three[1], three[2]);
    }

    private ImmutableArray<int> ReadSpecies(string text)
    {
        var numbers = Texts.Wholes(species.Name, text);
        if (numbers.Distinct().Count() != numbers.Length)
            throw Refusal.Of(species.Name, text, "each species once");
        return [.. numbers.Order()];
    }
}
