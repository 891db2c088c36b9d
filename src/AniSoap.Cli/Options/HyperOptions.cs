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
            SubtractCenter = given.FlagOrNull(subtractCenter),
            Rcond = given.Number(rcond),
            Tolerance = given.Number(tolerance),
            SmoothingWidth = given.Number(smoothing),
            Scaling = given.GetValue(scaling) is { } three ? ReadScaling(three) : null,
            Species = given.GetValue(species) is { } list ? ReadSpecies(list) : null,
        };
        return given.GetValue(file) is { } path ? options.Over(HyperChoices.Read(path)) : options;
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
