namespace AniSoap.CSharp;

/// <summary>
/// Vectors as C# has them: <c>new Vector3(1, 0, 0)</c>, with <c>+</c>, <c>-</c>, a factor before <c>*</c>, and <c>==</c>; quaternions <c>new Quaternion(w, x, y, z)</c>,
/// with Hamilton's product <c>p * q</c> (q turns first).
/// </summary>
public static class VectorExtensions
{
    extension(Vector3 a)
    {
        /// <summary>The length.</summary>
        public double Length => Vector3Module.norm(a);

        /// <summary>The scalar product.</summary>
        public double Dot(Vector3 b) => Vector3Module.dot(a, b);

        /// <summary>The vector product.</summary>
        public Vector3 Cross(Vector3 b) => Vector3Module.cross(a, b);

        /// <summary>The components: <c>var (x, y, z) = a</c>.</summary>
        public void Deconstruct(out double x, out double y, out double z) => (x, y, z) = (a.X, a.Y, a.Z);

        /// <summary>Whether all components are the same.</summary>
        public static bool operator ==(Vector3 one, Vector3 other) => one.Equals(other);

        /// <summary>Whether a component differs.</summary>
        public static bool operator !=(Vector3 one, Vector3 other) => !one.Equals(other);
    }

    extension(Quaternion)
    {
        /// <summary>No rotation: the body's axes are those of the lab.</summary>
        public static Quaternion Identity => QuaternionModule.identity;

        /// <summary>The rotation by an angle (in radians, right-handed) about an axis of any length.</summary>
        /// <exception cref="InvalidValueException">The axis is zero, or a number is not finite.</exception>
        public static Quaternion FromAxisAngle(Vector3 axis, double angle)
        {
            var (x, y, z) = Math.Sin(angle / 2) / axis.Length * axis;
            return QuaternionModule.tryNormalize(new(Math.Cos(angle / 2), x, y, z)).OrThrow();
        }
    }
}
