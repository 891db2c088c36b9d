namespace AniSoap.Cli.Options;

/// <summary>Three positive lengths given on the command line for one type, or for all (no type).</summary>
internal sealed record ShapeRule(string? Type, double A, double B, double C);

/// <summary>What the command line says about the input, each value checked by itself.</summary>
internal sealed record InputChoices
{
    internal required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The format's ending without a dot, where it does not follow from the file's name.</summary>
    internal string? Format { get; init; }

    /// <summary>Slices START:STOP:STEP as given.</summary>
    internal IReadOnlyList<string> Frames { get; init; } = [];

    /// <summary>Semi-axes that replace those of the file; of several rules for a particle the one for its type holds.</summary>
    internal IReadOnlyList<ShapeRule> SemiAxes { get; init; } = [];

    /// <summary>Diameters of the particles that have no shape: for a type, or for all (no type).</summary>
    internal IReadOnlyList<ShapeRule> PointSemiAxes { get; init; } = [];

    /// <summary>What the file's shape columns hold; null: what their name says.</summary>
    internal bool? ShapeIsDiameter { get; init; }

    /// <summary>Whether quaternions stand w,x,y,z; null: what the column's name says.</summary>
    internal bool? OrientationIsWxyz { get; init; }

    internal IReadOnlyList<KeyValuePair<string, int>> TypeMap { get; init; } = [];

    /// <summary>Along which cell vectors the frames repeat; null: what the files say.</summary>
    internal (bool A, bool B, bool C)? Periodicity { get; init; }

    /// <summary>The atom style of LAMMPS data files; null: what the files say.</summary>
    internal string? AtomStyle { get; init; }

    /// <summary>A LAMMPS data file that says the shapes of a dump's particles.</summary>
    internal string? ShapesFrom { get; init; }

    /// <summary>Whether points of data files may lack a size, since they go to a data file again.</summary>
    internal bool PointsWithoutSize { get; init; }

    /// <summary>The cutoff radius of the features to come, where there is one.</summary>
    internal double? Cutoff { get; init; }

    internal bool OrientationIsMatrix { get; init; }
    internal string? OrientationColumn { get; init; }

    /// <summary>The shape columns' name or names, or the name of a chemiscope shape; null: any that is known.</summary>
    internal string? ShapeColumn { get; init; }

    internal const string StandardInput = "-";

    /// <summary>All files that are read, none of which an output may replace.</summary>
    internal IReadOnlyList<string> FilesRead => ShapesFrom is { } data ? [.. Paths, data] : Paths;

    /// <summary>Whether something is read that can be read once only: standard input, or a pipe, whoever made it.</summary>
    internal bool ReadsStream => Paths.Any(PathKindModule.isStream);
}
