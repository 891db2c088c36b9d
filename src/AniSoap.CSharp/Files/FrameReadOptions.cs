namespace AniSoap.CSharp;

/// <summary>
/// How a file of frames is to be understood, where it does not say it itself or says it wrongly. (The F# library's <see cref="InputOptions"/> has no
/// fields that may be left out.)
/// </summary>
public sealed record FrameReadOptions
{
    /// <inheritdoc cref="InputOptions.Format"/>
    public FrameFormat? Format { get; init; }

    /// <inheritdoc cref="InputOptions.ShapeAs"/>
    public ShapeMeasure? ShapeAs { get; init; }

    /// <inheritdoc cref="InputOptions.SemiAxes"/>
    public Vector3? SemiAxes { get; init; }

    /// <inheritdoc cref="InputOptions.SemiAxesBySpecies"/>
    public IReadOnlyDictionary<int, Vector3> SemiAxesBySpecies { get; init; } = ImmutableDictionary<int, Vector3>.Empty;

    /// <inheritdoc cref="InputOptions.PointSemiAxis"/>
    public double? PointSemiAxis { get; init; }

    /// <inheritdoc cref="InputOptions.PointSemiAxisBySpecies"/>
    public IReadOnlyDictionary<int, double> PointSemiAxisBySpecies { get; init; } =
        ImmutableDictionary<int, double>.Empty;

    /// <inheritdoc cref="InputOptions.OrientationOrder"/>
    public QuaternionOrder? OrientationOrder { get; init; }

    /// <summary><c>rotation_type</c>: how orientations are stated.</summary>
    public RotationType RotationType { get; init; } = RotationType.Quaternion;

    /// <summary>
    /// <c>rotation_key</c>: the column that holds the orientation, or four names (of a matrix nine) with commas between them; by default
    /// the first known name.
    /// </summary>
    public string? RotationKey { get; init; }

    /// <inheritdoc cref="InputOptions.ShapeKey"/>
    public string? ShapeKey { get; init; }

    /// <inheritdoc cref="InputOptions.TypeMap"/>
    public IReadOnlyDictionary<string, int> TypeMap { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <inheritdoc cref="InputOptions.Periodicity"/>
    public Periodicity? Periodicity { get; init; }

    /// <inheritdoc cref="InputOptions.AtomStyle"/>
    public string? AtomStyle { get; init; }

    /// <inheritdoc cref="InputOptions.ShapesFrom"/>
    public string? ShapesFrom { get; init; }

    /// <inheritdoc cref="InputOptions.PointsWithoutSize"/>
    public bool PointsWithoutSize { get; init; }

    /// <inheritdoc cref="InputOptions.CutoffRadius"/>
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
