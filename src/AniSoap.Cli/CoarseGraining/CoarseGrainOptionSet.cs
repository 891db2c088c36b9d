using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.CoarseGraining;

/// <summary>The options that say how atoms become ellipsoids.</summary>
internal sealed class CoarseGrainOptionSet
{
    private readonly Option<string> bonds = Choice.Of(
        "--bonds",
        "FACTOR",
        "find molecules by bonds: atoms closer than FACTOR times the sum of their covalent radii are bonded (default 1.2)"
    );
    private readonly Option<string> bondsFrom = Choice.Of(
        "--bonds-from",
        "RUN.data",
        "find molecules by the bonds listed in a LAMMPS data file"
    );
    private readonly Option<string> molecules = Choice.Of(
        "--molecules",
        "COLUMN",
        "find molecules by a column of molecule numbers (0: no molecule); default: molid, mol or molecule if there is one, else bonds"
    );
    private readonly Option<string> groups = Choice.Of(
        "--groups",
        "FILE.json",
        "groups with names: {\"groups\":[{\"name\":\"ring\",\"elements\":\"C6H6\"},{\"name\":\"head\",\"type\":2,\"atoms\":[0,1,2]}]}; "
            + "atoms count from 0, within each such molecule where elements are given too"
    );
    private readonly Option<string[]> elements = Choice.Several(
        "--elements",
        "NAME=SYMBOL,…",
        "chemical elements of atom names or type numbers that the input leaves unclear (1=C,2=H,CA=C)"
    );
    private readonly Option<string[]> masses = Choice.Several(
        "--masses",
        "NAME=MASS,…",
        "masses of atom names or type numbers, instead of those in the input or of the elements"
    );
    private readonly Option<string[]> keep = Choice.Several(
        "--keep-atoms",
        "NAME,…",
        "keep the atoms of these elements, names or type numbers as spheres"
    );
    private readonly Option<string> centre = Choice.Among(
        "--centre",
        "centre of the ellipsoid, which torques and inertia refer to: centre of mass (default) or mean position",
        Centres
    );
    private readonly Option<string> shape = Choice.Among(
        "--shape",
        "semi-axes from the gyration tensor (default), from the moments of inertia, from the extent with van der Waals radii (contact), or given by --semiaxes A,B,C (fixed)",
        Shapes
    );
    private readonly Option<string> factor = Choice.Of(
        "--factor",
        "F",
        "squared semi-axes are F times the second moments: 5 (default) gives the solid ellipsoid with the same moments of inertia, 1 a Gaussian with the same spread"
    );
    private readonly Option<string> minAxis = Choice.Of(
        "--min-axis",
        "LENGTH",
        "make no semi-axis smaller than this; planar and straight molecules need it"
    );
    private readonly Option<string> addRadius = Choice.Among(
        "--add-radius",
        "add the mean van der Waals radius of the atoms to each semi-axis",
        "vdw"
    );
    private readonly Option<string> shapeFrom = Choice.Among(
        "--shape-from",
        "give all molecules of a kind one shape: that of their average (the input is read twice), or of the first one; default: each its own",
        Origins
    );
    private readonly Option<string> orientation = Choice.Among(
        "--orientation",
        "axes of the ellipsoid: the molecule's own principal axes, or those of a reference molecule fitted onto it, which do not jump in time "
            + "(default where all molecules have one shape)",
        Axes
    );
    private readonly Option<bool> uniaxial = Choice.Flag(
        "--uniaxial",
        "average the two axes that are closest in length"
    );

    private static readonly string[] Centres = ["mass", "geometry"];
    private static readonly string[] Shapes = ["gyration", "inertia", "contact", "fixed"];
    private static readonly string[] Origins = ["average", "reference"];
    private static readonly string[] Axes = ["principal", "reference"];

    internal CoarseGrainOptionSet() => centre.Aliases.Add("--center");

    internal void AddTo(Command command)
    {
        Option[] all =
        [
            bonds,
            bondsFrom,
            molecules,
            groups,
            elements,
            masses,
            keep,
            centre,
            shape,
            factor,
            minAxis,
            addRadius,
            shapeFrom,
            orientation,
            uniaxial,
        ];
        foreach (var option in all)
            command.Add(option);
    }

    /// <summary>The files that the options name, none of which an output may replace.</summary>
    internal IEnumerable<string> FilesRead(ParseResult given) =>
        new[] { given.GetValue(bondsFrom), given.GetValue(groups) }.OfType<string>();

    /// <summary>The choices; <paramref name="sites"/> says whether reference molecules are written, which go with their axes.</summary>
    internal CoarseGrainOptions Read(ParseResult given, InputChoices input, int threads, bool sites) =>
        new(
            molecules: Molecules(given, input),
            bondFactor: given.Number(bonds) ?? 1.2,
            groups: given.GetValue(groups) is { } file
                ? GroupsFile.read(file).OrThrow()
                : FSharpList<GroupDefinition>.Empty,
            elements: Elements(given, input),
            masses: new FSharpMap<string, double>(
                given
                    .Pairs(masses, "NAME=MASS")
                    .Select(pair => Tuple.Create(pair.Name, Texts.Number(masses.Name, pair.Value)))
            ),
            keep: new FSharpSet<string>(
                given.All(keep).SelectMany(text => text.Split(',')).Select(text => text.Trim())
            ),
            centre: given.Word(centre, Centres) == "geometry" ? BodyCentre.Geometry : BodyCentre.Mass,
            shape: Shape(given, input),
            minAxis: given.Number(minAxis) is { } least ? FSharpOption<double>.Some(least) : null,
            addRadius: given.Word(addRadius, "vdw") is not null,
            shapeFrom: given.Word(shapeFrom, Origins) switch
            {
                "average" => ShapeOrigin.Average,
                "reference" => ShapeOrigin.Reference,
                _ => ShapeOrigin.Own,
            },
            axes: given.Word(orientation, Axes) switch
            {
                "principal" when sites => throw Refusal.Of(
                    orientation.Name,
                    "principal with --sites-output",
                    "reference: sites stand along the axes of the reference molecule"
                ),
                "principal" => FSharpOption<OrientationAxes>.Some(OrientationAxes.Principal),
                null when !sites => null,
                _ => FSharpOption<OrientationAxes>.Some(OrientationAxes.Reference),
            },
            uniaxial: given.GetValue(uniaxial),
            threads: threads
        );

    private MoleculeSource Molecules(ParseResult given, InputChoices input)
    {
        Option<string>[] sources = [bonds, bondsFrom, molecules];
        if (sources.Where(option => given.GetValue(option) is not null).ToArray() is [var one, var other, ..])
            throw Refusal.Of(
                one.Name,
                $"{given.GetValue(one)} with {other.Name}",
                "one of both: each tells the molecules"
            );
        if (given.GetValue(molecules) is { } column)
            return MoleculeSource.NewColumn(column);
        if (given.GetValue(bondsFrom) is { } data)
            return LammpsBonds.read(data).OrThrow() is { Length: > 0 } listed
                ? MoleculeSource.NewListed(listed)
                : throw Refusal.Of(bondsFrom.Name, data, "a LAMMPS data file with a section Bonds");
        return given.GetValue(bonds) is null ? MoleculeSource.Automatic : MoleculeSource.Radii;
    }

    /// <summary>The species of names that stand for an element's number are of that element.</summary>
    private FSharpMap<string, string> Elements(ParseResult given, InputChoices input)
    {
        var all = new Dictionary<string, string>();
        foreach (var (name, number) in input.TypeMap)
            if (ChemicalSymbols.trySymbol(number) is { Value: var symbol } && number > 0)
                all[name] = symbol;
        foreach (var (name, symbol) in given.Pairs(elements, "NAME=SYMBOL"))
            all[name] = symbol;
        return new FSharpMap<string, string>(all.Select(pair => Tuple.Create(pair.Key, pair.Value)));
    }

    /// <summary>The names of --elements as species numbers: readers take no name that has none.</summary>
    internal IEnumerable<KeyValuePair<string, int>> TypeMap(ParseResult given) =>
        from pair in given.Pairs(elements, "NAME=SYMBOL")
        where !int.TryParse(pair.Name, out _)
        let element = AniSoap.Elements.trySymbol(pair.Value)
        where element is not null
        select new KeyValuePair<string, int>(pair.Name, element.Value.Number);

    private BodyShape Shape(ParseResult given, InputChoices input)
    {
        var word = given.Word(shape, Shapes);
        var times = given.Number(factor);
        if (times is not null && word is "contact" or "fixed")
            throw Refusal.Of(factor.Name, given.GetValue(factor) ?? "", $"no factor for the shape {word}");
        if (word != "fixed" && input.SemiAxes.Count > 0)
            throw Refusal.Of("--semiaxes/--diameters", "a shape", "a shape of ellipsoids with --shape fixed alone");
        return word switch
        {
            "inertia" => BodyShape.NewInertia(times ?? 5.0),
            "contact" => BodyShape.Contact,
            "fixed" => input.SemiAxes is [{ Type: null } rule]
                ? BodyShape.NewFixed(Vector3Module.create(rule.A, rule.B, rule.C))
                : throw new Refusal("--shape fixed needs the semi-axes of all molecules: --semiaxes A,B,C"),
            _ => BodyShape.NewGyration(times ?? 5.0),
        };
    }
}
