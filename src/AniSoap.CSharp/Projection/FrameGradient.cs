namespace AniSoap.CSharp;

/// <summary>
/// The derivatives of a number E (an energy, say) by everything that a frame is made of. Units: that of E, by the length unit of the input for
/// positions and semi-axes, by radians for rotations.
/// </summary>
public sealed class FrameGradient
{
    internal FrameGradient(Core.FrameGradient core)
    {
        Positions = Vectors(core.Positions);
        Orientations = Vectors(core.Orientations);
        SemiAxes = Vectors(core.SemiAxes);
        Strain = Matrix3.Of(core.Strain);
        Forces = Vectors(core.Forces);
        Torques = Vectors(core.Torques);
        Virial = Matrix3.Of(core.Virial);
    }

    /// <summary>∂E/∂r of every particle: it and its periodic images move, orientation and cell stay.</summary>
    public ImmutableArray<Vector3> Positions { get; }

    /// <summary>∂E/∂ω of every particle: it turns about the lab's axes through its own centre.</summary>
    public ImmutableArray<Vector3> Orientations { get; }

    /// <summary>∂E/∂a of every particle's semi-axes along the body's x, y and z; none unless asked for.</summary>
    public ImmutableArray<Vector3> SemiAxes { get; }

    /// <summary>∂E/∂ε: all positions and cell vectors become (1 + ε) r, orientations and semi-axes stay.</summary>
    public Matrix3 Strain { get; }

    /// <summary>−∂E/∂r of every particle.</summary>
    public ImmutableArray<Vector3> Forces { get; }

    /// <summary>−∂E/∂ω of every particle, about the lab's axes.</summary>
    public ImmutableArray<Vector3> Torques { get; }

    /// <summary>−∂E/∂ε. Stress is ∂E/∂ε divided by the volume.</summary>
    public Matrix3 Virial { get; }

    private static ImmutableArray<Vector3> Vectors(ImmutableArray<Core.Vector3> vectors) =>
        [.. vectors.Select(Vector3.Of)];
}
