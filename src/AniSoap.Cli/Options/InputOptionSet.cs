using System.CommandLine;

namespace AniSoap.Cli.Options;

/// <summary>
/// The options that say what to read and how to understand it; <paramref name="more"/> names what else the verb reads.
/// </summary>
internal sealed class InputOptionSet(string more = "")
{
    private readonly Argument<string[]> inputs = new("INPUT")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = $"files by their ending: {InputFormats.Frames}; " + "- is extended XYZ on standard input" + more,
    };
    private readonly Option<string> format = Choice.Among(
        "--format",
        "format of all inputs, whatever their ending",
        InputFormats.Names
    );
    private readonly Option<string[]> frames = Choice.Several(
        "--frames",
        "START:STOP:STEP",
        "use only these frames, as a Python slice (0:100:10); may be repeated"
    );
    private readonly Option<string[]> diameters = Choice.Several(
        "--diameters",
        "[TYPE=]A,B,C",
        "full diameters of all particles, or of one type; they replace those in the file"
    );
    private readonly Option<string[]> semiAxes = Choice.Several(
        "--semiaxes",
        "[TYPE=]A,B,C",
        "the same as semi-axes (half the diameters)"
    );
    private readonly Option<string> shapeAs = Choice.Among(
        "--shape-as",
        "whether the file's shape columns hold full diameters or semi-axes; default: told by their names",
        "diameter",
        "semiaxis"
    );
    private readonly Option<string[]> pointDiameter = Choice.Several(
        "--point-diameter",
        "[TYPE=]D",
        "particles without a shape are spheres of this diameter"
    );
    private readonly Option<string> shapeKey = Choice.Of(
        "--shape-key",
        "NAME",
        "name of the shape column, or three names (a,b,c), or a chemiscope shape; default: the usual names are recognised"
    );
    private readonly Option<string> orientationKey = Choice.Of(
        "--orientation-key",
        "NAME",
        "name of the orientation column, or four names (qw,qx,qy,qz); the same as --rotation-key"
    );
    private readonly Option<string> orientationOrder = Choice.Among(
        "--orientation-order",
        "order of the quaternion's components; default: told by the column's name",
        "wxyz",
        "xyzw"
    );
    private readonly Option<string[]> typeMap = Choice.Several(
        "--type-map",
        "NAME=NUMBER,…",
        "species numbers for particle names that are no chemical symbols (A=1,B=2), or other numbers for symbols"
    );

    private readonly Option<string> periodicity = Choice.Of(
        "--pbc",
        "TTF",
        "periodic directions (T or F for each cell vector), instead of the file's; TTF for two-dimensional systems"
    );
    private readonly Option<string> atomStyle = Choice.Of(
        "--atom-style",
        "STYLE",
        "atom style of a LAMMPS data file that does not name it: \"hybrid bond ellipsoid\""
    );
    private readonly Option<string> shapesFrom = Choice.Of(
        "--shapes-from",
        "RUN.data",
        "LAMMPS data file of the same run: says which particles of a dump are points, with their diameters and masses"
    );

    internal void AddTo(Command command)
    {
        command.Add(inputs);
        Option[] all =
        [
            format,
            frames,
            diameters,
            semiAxes,
            shapeAs,
            pointDiameter,
            shapeKey,
            orientationKey,
            orientationOrder,
            typeMap,
            periodicity,
            atomStyle,
            shapesFrom,
        ];
        foreach (var option in all)
            command.Add(option);
    }

    internal InputChoices Read(ParseResult given, HyperChoices hypers)
    {
        var paths = given.GetValue(inputs) ?? [];
        if (paths.Length == 0)
            throw new Refusal("INPUT is missing; name one or more files, or - for standard input");
        if (paths.Contains(""))
            throw Refusal.Of("INPUT", "''", "the name of a file, or - for standard input");
        if (paths.Count(path => path == InputChoices.StandardInput) > 1)
            throw Refusal.Of("INPUT", "- -", "standard input once");

        var choices = new InputChoices
        {
            Paths = paths,
            Format = given.Word(format, InputFormats.Names),
            Frames = given.GetValue(frames) ?? [],
            SemiAxes = Shapes(given),
            PointSemiAxes = OncePerType(
                pointDiameter.Name,
                [.. given.All(pointDiameter).Select(text => Point(pointDiameter.Name, text))]
            ),
            ShapeIsDiameter = given.Word(shapeAs, "diameter", "semiaxis") switch
            {
                null => null,
                var word => word == "diameter",
            },
            OrientationIsWxyz = given.Word(orientationOrder, "wxyz", "xyzw") switch
            {
                null => null,
                var word => word == "wxyz",
            },
            TypeMap = [.. given.Pairs(typeMap, MapAccepted).Select(Mapping)],
            Periodicity = given.GetValue(periodicity) is { } axes ? Repeats(axes) : null,
            AtomStyle = given.GetValue(atomStyle),
            ShapesFrom = given.GetValue(shapesFrom),
            Cutoff = hypers.Cutoff is > 0.0 ? hypers.Cutoff : null,
            OrientationIsMatrix = hypers.RotationType == "matrix",
            OrientationColumn = given.GetValue(orientationKey) ?? hypers.RotationKey,
            ShapeColumn = given.GetValue(shapeKey),
        };
        return choices;
    }

    /// <summary>TTF, or "T T F" as extended XYZ has it.</summary>
    private (bool, bool, bool) Repeats(string text)
    {
        var letters = text.Where(letter => letter is not (' ' or ',')).Select(char.ToUpperInvariant).ToArray();
        return letters is [var a, var b, var c] && letters.All(letter => letter is 'T' or 'F')
            ? (a == 'T', b == 'T', c == 'T')
            : throw Refusal.Of(periodicity.Name, text, "T or F for each of the three cell vectors (TTF)");
    }

    private ShapeRule[] Shapes(ParseResult given) =>
        OncePerType(
            $"{diameters.Name}/{semiAxes.Name}",
            [
                .. given.All(diameters).Select(text => Shape(diameters.Name, text, 0.5)),
                .. given.All(semiAxes).Select(text => Shape(semiAxes.Name, text, 1.0)),
            ]
        );

    private static ShapeRule[] OncePerType(string option, ShapeRule[] rules)
    {
        var twice = rules.GroupBy(rule => rule.Type).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw Refusal.Of(option, $"two shapes for {twice.Key ?? "all particles"}", "one shape for each type");
        return rules;
    }

    private static ShapeRule Shape(string option, string text, double toSemiAxis)
    {
        var (type, a) = Texts.Positives(option, text, 3, "three lengths above zero A,B,C or TYPE=A,B,C");
        return new ShapeRule(type, toSemiAxis * a[0], toSemiAxis * a[1], toSemiAxis * a[2]);
    }

    private static ShapeRule Point(string option, string text)
    {
        var (type, diameter) = Texts.Positives(option, text, 1, "a length above zero D or TYPE=D");
        return new ShapeRule(type, 0.5 * diameter[0], 0.5 * diameter[0], 0.5 * diameter[0]);
    }

    private const string MapAccepted = "NAME=NUMBER";

    private KeyValuePair<string, int> Mapping((string Name, string Number) pair) =>
        int.TryParse(pair.Number, out var species)
            ? new(pair.Name, species)
            : throw Refusal.Of(
                typeMap.Name,
                $"{pair.Name}={pair.Number}",
                $"{MapAccepted}, several separated by commas"
            );
}
