namespace AniSoap.CSharp;

/// <summary>A vector of three doubles in lab coordinates.</summary>
/// <param name="X">The component along x.</param>
/// <param name="Y">The component along y.</param>
/// <param name="Z">The component along z.</param>
public readonly record struct Vector3(double X, double Y, double Z)
{
    /// <summary>The sum, component by component.</summary>
    public static Vector3 operator +(Vector3 a, Vector3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>The difference, component by component.</summary>
    public static Vector3 operator -(Vector3 a, Vector3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>The vector, the other way round.</summary>
    public static Vector3 operator -(Vector3 a) => new(-a.X, -a.Y, -a.Z);

    /// <summary>The vector, longer by a factor.</summary>
    public static Vector3 operator *(double factor, Vector3 a) => new(factor * a.X, factor * a.Y, factor * a.Z);

    /// <summary>The scalar product.</summary>
    public double Dot(Vector3 other) => X * other.X + Y * other.Y + Z * other.Z;

    /// <summary>The length.</summary>
    public double Length => Math.Sqrt(Dot(this));

    /// <summary>The three numbers, in the same form whatever the reader's culture.</summary>
    public override string ToString() => FormattableString.Invariant($"({X}, {Y}, {Z})");

    internal Core.Vector3 ToCore() => new(X, Y, Z);

    internal static Vector3 Of(Core.Vector3 v) => new(v.X, v.Y, v.Z);
}
