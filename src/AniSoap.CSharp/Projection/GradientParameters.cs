namespace AniSoap.CSharp;

/// <summary>What features are differentiated by. Names in a result: <c>positions</c>, <c>orientations</c>, <c>semiaxes</c>, <c>strain</c>.</summary>
[Flags]
public enum GradientParameters
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A particle and its periodic images move.</summary>
    Positions = 1,

    /// <summary>A particle turns about the lab's axes through its own centre, by an angle in radians.</summary>
    Orientations = 2,

    /// <summary>A particle's semi-axes along the body's x, y and z grow.</summary>
    SemiAxes = 4,

    /// <summary>All positions and the cell become (1 + ε) r.</summary>
    Strain = 8,

    /// <summary>All of them.</summary>
    All = Positions | Orientations | SemiAxes | Strain,
}
