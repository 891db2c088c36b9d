namespace AniSoap.Cli.Inspection;

/// <summary>How near two ellipsoids are to touching.</summary>
internal static class Contact
{
    private const int Steps = 40; // Golden sections: (0.618)^40 is below the rounding of doubles in the maximum.
    private static readonly double Golden = (Math.Sqrt(5.0) - 1.0) / 2.0;

    /// <summary>
    /// The factor by which both must grow, each about its centre, to touch: 1 for ellipsoids in contact, less for
    /// overlapping ones. Its square is the largest λ(1−λ) r·[(1−λ)A + λB]⁻¹ r over 0 ≤ λ ≤ 1 with A, B the squared
    /// shapes (J. W. Perram and M. S. Wertheim, J. Comput. Phys. 58 (1985) 409), a concave function of λ.
    /// </summary>
    internal static double Scale(SymmetricMatrix3 a, SymmetricMatrix3 b, Vector3 r)
    {
        double low = 0.0,
            high = 1.0;
        var left = high - Golden * (high - low);
        var right = low + Golden * (high - low);
        double atLeft = Value(a, b, r, left),
            atRight = Value(a, b, r, right);
        for (var step = 0; step < Steps; step++)
        {
            if (atLeft < atRight)
            {
                low = left;
                (left, atLeft) = (right, atRight);
                right = low + Golden * (high - low);
                atRight = Value(a, b, r, right);
            }
            else
            {
                high = right;
                (right, atRight) = (left, atLeft);
                left = high - Golden * (high - low);
                atLeft = Value(a, b, r, left);
            }
        }
        return Math.Sqrt(Math.Max(atLeft, atRight));
    }

    /// <summary>
    /// Whether both must grow at least by the factor to touch, where one look is enough to say so: the largest value over λ is no
    /// less than that in the middle.
    /// </summary>
    internal static bool IsBeyond(SymmetricMatrix3 a, SymmetricMatrix3 b, Vector3 r, double factor) =>
        Value(a, b, r, 0.5) >= factor * factor;

    private static double Value(SymmetricMatrix3 a, SymmetricMatrix3 b, Vector3 r, double weight)
    {
        double Mix(double ofA, double ofB) => (1.0 - weight) * ofA + weight * ofB;
        double xx = Mix(a.XX, b.XX),
            yy = Mix(a.YY, b.YY),
            zz = Mix(a.ZZ, b.ZZ);
        double xy = Mix(a.XY, b.XY),
            xz = Mix(a.XZ, b.XZ),
            yz = Mix(a.YZ, b.YZ);
        // r · adjugate · r / determinant
        double cxx = yy * zz - yz * yz,
            cyy = xx * zz - xz * xz,
            czz = xx * yy - xy * xy;
        double cxy = xz * yz - xy * zz,
            cxz = xy * yz - xz * yy,
            cyz = xy * xz - xx * yz;
        var determinant = xx * cxx + xy * cxy + xz * cxz;
        var quadratic =
            r.X * r.X * cxx
            + r.Y * r.Y * cyy
            + r.Z * r.Z * czz
            + 2.0 * (r.X * r.Y * cxy + r.X * r.Z * cxz + r.Y * r.Z * cyz);
        return weight * (1.0 - weight) * quadratic / determinant;
    }
}
