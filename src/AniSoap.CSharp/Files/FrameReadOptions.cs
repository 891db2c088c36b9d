namespace AniSoap.CSharp;

/// <summary>
/// How a file of frames is to be understood, where it does not say it itself or says it wrongly. (The F# library's <see cref="InputOptions"/> has no
/// fields that may be left out.)
/// </summary>
public sealed record FrameReadOptions
{
    /// <summary>The format, where the file's ending does not tell it.</summary>
    public FrameFormat? Format { get; init; }

    /// <summary>What the shape columns hold; by default their names tell (<c>c_diameter</c>: diameters, <c>semiaxes</c>: semi-axes).</summary>
    public ShapeMeasure? ShapeAs { get; init; }

    /// <summary>Semi-axes of every particle; they replace the file's.</summary>
    public Vector3? SemiAxes { get; init; }

    /// <summary>Semi-axes by species; they replace the file's and <see cref="SemiAxes"/>.</summary>
    public IReadOnlyDictionary<int, Vector3> SemiAxesBySpecies { get; init; } = ImmutableDictionary<int, Vector3>.Empty;

    /// <summary>The radius of the sphere that a particle without a shape becomes.</summary>
    public double? PointSemiAxis { get; init; }

    /// <summary>The same by species; beats <see cref="PointSemiAxis"/>.</summary>
    public IReadOnlyDictionary<int, double> PointSemiAxisBySpecies { get; init; } =
        ImmutableDictionary<int, double>.Empty;

    /// <summary>The order of a quaternion's numbers; by default the column's name tells.</summary>
    public QuaternionOrder? OrientationOrder { get; init; }

    /// <summary><c>rotation_type</c>: how orientations are stated.</summary>
    public RotationType RotationType { get; init; } = RotationType.Quaternion;

    /// <summary>
    /// <c>rotation_key</c>: the column that holds the orientation, or four names (of a matrix nine) with commas between them; by default
    /// the first known name.
    /// </summary>
    public string? RotationKey { get; init; }

    /// <summary>
    /// The column that holds the shape (in chemiscope files the shape's name), or three names with commas between them; by default the
    /// first known name. What a column of an unknown name holds <see cref="ShapeAs"/> says; diameters without it.
    /// </summary>
    public string? ShapeKey { get; init; }

    /// <summary>Species numbers of names; beats chemical symbols and numeric names.</summary>
    public IReadOnlyDictionary<string, int> TypeMap { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>
    /// Along which cell vectors the frames repeat, whatever the files say (two-dimensional runs of LAMMPS call the third one periodic, say).
    /// </summary>
    public Periodicity? Periodicity { get; init; }

    /// <summary>
    /// The atom style of LAMMPS data files, as the input script has it (<c>ellipsoid</c>, <c>hybrid bond ellipsoid</c>); by default the comment behind <c>Atoms</c> tells it.
    /// </summary>
    public string? AtomStyle { get; init; }

    /// <summary>
    /// A LAMMPS data file that says by id which particles of dumps are points, and their diameters and masses; it beats the dumps' own columns.
    /// </summary>
    public string? ShapesFrom { get; init; }

    /// <summary>
    /// Whether points of LAMMPS data files (<c>ellipsoidflag</c> 0) may lack a size, as is right where frames go to a data file again: they are then of no size to speak of, and useless for features.
    /// </summary>
    public bool PointsWithoutSize { get; init; }

    /// <summary>
    /// The cutoff radius of the features to come, where it is known: a layer of particles whose periodic images are nearer is warned of. Without it, images nearer than two particles' lengths are.
    /// </summary>
    public double? CutoffRadius { get; init; }

    /// <summary>
    /// Which frames are read: slices START:STOP:STEP as in Python, or single numbers, with commas between them. All of them by default.
    /// </summary>
    public string? Frames { get; init; }

    /// <summary>Told what is odd about the input but does not keep it from being read, each thing once.</summary>
    public Action<string>? OnWarning { get; init; }

    internal InputOptions ToInputOptions() =>
        new(
            Format.ToOption(),
            ShapeAs.ToOption(),
            SemiAxes.ToOption(),
            SemiAxesBySpecies.ToMap(),
            PointSemiAxis.ToOption(),
            PointSemiAxisBySpecies.ToMap(),
            OrientationOrder.ToOption(),
            RotationType,
            RotationKey.ToOption(),
            ShapeKey.ToOption(),
            TypeMap.ToMap(),
            Periodicity.ToOption(),
            AtomStyle.ToOption(),
            ShapesFrom.ToOption(),
            PointsWithoutSize,
            CutoffRadius.ToOption(),
            Frames is null ? FrameSelectionModule.all : FrameSelectionModule.parse(Frames).OrThrow(),
            FuncConvert.FromAction(OnWarning ?? (_ => { }))
        );
}
