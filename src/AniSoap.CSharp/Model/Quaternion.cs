namespace AniSoap.CSharp;

/// <summary>
/// A quaternion w + xi + yj + zk. As an orientation it turns body coordinates into lab coordinates; q and −q are the same orientation, and
/// its length does not matter.
/// </summary>
/// <param name="W">The scalar part.</param>
/// <param name="X">The factor of i.</param>
/// <param name="Y">The factor of j.</param>
/// <param name="Z">The factor of k.</param>
public readonly record struct Quaternion(double W, double X, double Y, double Z)
{
    /// <summary>No rotation: the body's axes are those of the lab.</summary>
    public static Quaternion Identity => new(1, 0, 0, 0);

    /// <summary>The rotation by an angle (in radians, right-handed) about an axis of any length.</summary>
    /// <exception cref="InvalidValueException">The axis is zero, or a number is not finite.</exception>
    public static Quaternion FromAxisAngle(Vector3 axis, double angle)
    {
        var sine = Math.Sin(angle / 2) / axis.Length;
        var (x, y, z) = sine * axis;
        return Of(Core.QuaternionModule.tryNormalize(new(Math.Cos(angle / 2), x, y, z)).OrThrow());
    }

    /// <summary>Hamilton's product: turns by <paramref name="q"/> first, then by <paramref name="p"/>.</summary>
    public static Quaternion operator *(Quaternion p, Quaternion q) => Of(p.ToCore() * q.ToCore());

    /// <summary>The four numbers, scalar first, in the same form whatever the reader's culture.</summary>
    public override string ToString() => FormattableString.Invariant($"({W}, {X}, {Y}, {Z})");

    internal Core.Quaternion ToCore() => new(W, X, Y, Z);

    internal static Quaternion Of(Core.Quaternion q) => new(q.W, q.X, q.Y, q.Z);
}
