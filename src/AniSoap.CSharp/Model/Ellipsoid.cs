namespace AniSoap.CSharp;

/// <summary>A particle: an ellipsoid with a species, a place and an orientation. Immutable.</summary>
public sealed class Ellipsoid : IEquatable<Ellipsoid>
{
    internal Ellipsoid(Core.Ellipsoid core) => Inner = core;

    /// <summary>An ellipsoid. Its density is the normalised Gaussian whose standard deviations along the body's axes are the semi-axes.</summary>
    /// <param name="species">The species' number, for example the atomic number.</param>
    /// <param name="position">The centre, in the length unit of your choice.</param>
    /// <param name="orientation">Turns body coordinates into lab coordinates; normalised if it is not.</param>
    /// <param name="semiAxes">The semi-axes (half the diameters) along the body's x, y and z, all positive.</param>
    /// <exception cref="InvalidValueException">
    /// A number is not finite, a semi-axis is not positive, or the quaternion is zero.
    /// </exception>
    public Ellipsoid(int species, Vector3 position, Quaternion orientation, Vector3 semiAxes)
        : this(
            Core.EllipsoidModule.create(species, position.ToCore(), orientation.ToCore(), semiAxes.ToCore()).OrThrow()
        ) { }

    /// <summary>A sphere.</summary>
    /// <param name="species">The species' number.</param>
    /// <param name="position">The centre.</param>
    /// <param name="radius">All three semi-axes.</param>
    /// <exception cref="InvalidValueException">A number is not finite, or the radius is not positive.</exception>
    public static Ellipsoid Sphere(int species, Vector3 position, double radius) =>
        new(species, position, Quaternion.Identity, new(radius, radius, radius));

    internal Core.Ellipsoid Inner { get; }

    /// <summary>The species' number.</summary>
    public int Species => Inner.Species;

    /// <summary>The centre.</summary>
    public Vector3 Position => Vector3.Of(Inner.Position);

    /// <summary>The unit quaternion that turns body coordinates into lab coordinates.</summary>
    public Quaternion Orientation => Quaternion.Of(Inner.Orientation);

    /// <summary>The semi-axes along the body's x, y and z.</summary>
    public Vector3 SemiAxes => Vector3.Of(Inner.SemiAxes);

    /// <summary>Whether all three semi-axes are the same, so that the orientation does not matter.</summary>
    public bool IsSphere => Inner.IsSphere;

    /// <summary>Whether species, position, orientation and semi-axes are the same numbers.</summary>
    public bool Equals(Ellipsoid? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Ellipsoid);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>Species, position, orientation and semi-axes on one line, with few digits.</summary>
    public override string ToString() => Inner.ToString();
}
