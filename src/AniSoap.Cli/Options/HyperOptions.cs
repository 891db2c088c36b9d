using System.Collections.Immutable;
using System.CommandLine;

namespace AniSoap.Cli.Options;

/// <summary>The options that say what the features are, under the names of the keywords in a hyperparameter file.</summary>
internal sealed class HyperOptions
{
    private readonly Option<string> file = Choice.Of(
        "--hypers",
        "FILE",
        $"read hyperparameters from a JSON file or an earlier output ({string.Join(", ", Endings.withHypers)}); options on the command line override them"
    );
    private readonly Option<string> maxAngular = Choice.Of(
        "--max-angular",
        "L",
        "largest angular momentum l of the expansion: angular resolution"
    );
    private readonly Option<string> maxRadial = Choice.Of(
        "--max-radial",
        "N",
        "largest radial index n: one number for every l, a list with one for each l (4,3,2,1), or coupled (default): up to (L - l)/2"
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
        "particles nearer than this are neighbours; in the input's length unit"
    );
    private readonly Option<bool> subtractCenter = Choice.Flag(
        "--subtract-center",
        "leave a particle's own density out of its expansion"
    );
    private readonly Option<string> center = Choice.Among(
        "--center-density",
        "a particle's own density: added to that of neighbours of its species (merged, default), in separate columns (own, type -1), or left out (none)",
        HyperChoices.Centers
    );
    private readonly Option<string> densityScale = Choice.Of(
        "--density-scale",
        "F",
        "multiply all semi-axes by F when densities are built; default 1"
    );
    private readonly Option<string> channels = Choice.Of(
        "--species-channels",
        "K[,SEED]",
        "mix all species into K channels by random weights, so that the number of columns does not grow with the species; default seed 0"
    );
    private readonly Option<bool> normalize = Choice.Flag(
        "--normalize",
        "divide each particle's power spectrum by its norm before averaging"
    );
    private readonly Option<string> average = Choice.Among(
        "--average",
        "average over a frame's particles: of their power spectra (outer, default), or of their coefficients, before the power spectrum is taken (inner)",
        "outer",
        "inner"
    );
    private readonly Option<string> rcond = Choice.Of(
        "--basis-rcond",
        "X",
        "drop radial functions whose overlap eigenvalue is below this; default 1e-8"
    );
    private readonly Option<string> tolerance = Choice.Of(
        "--basis-tol",
        "X",
        "largest deviation of the radial basis from orthonormality that is accepted; default 1e-3"
    );
    private readonly Option<string> smoothing = Choice.Of(
        "--cutoff-smoothing-width",
        "W",
        "let neighbours fade out over the last W before the cutoff (shifted cosine); default: a sharp cutoff"
    );
    private readonly Option<string> scaling = Choice.Of(
        "--radial-scaling",
        "S,R,E",
        "weight neighbours at distance r by R / (R + (r/S)^E): scale S, rate R, exponent E"
    );
    private readonly Option<string> species = Choice.Of(
        "--species",
        "LIST",
        "all species of the run, as numbers (1,6,8); default: the input is read once more beforehand to find them"
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
