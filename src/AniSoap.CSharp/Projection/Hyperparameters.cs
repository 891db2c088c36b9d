namespace AniSoap.CSharp;

/// <summary>
/// Every choice that decides what the features mean, under the names that the Python package's constructor has. Lengths are in
/// the unit of the input. A record of wishes: <see cref="EllipsoidalDensityProjection"/> checks them.
/// </summary>
public sealed record Hyperparameters
{
    /// <summary><c>max_angular</c>: the largest angular momentum l, 0 to 18: how fine directions are resolved.</summary>
    public required int MaxAngular { get; init; }

    /// <summary><c>cutoff_radius</c>: neighbours are the particles and images nearer than this.</summary>
    public required double CutoffRadius { get; init; }

    /// <summary><c>radial_basis_name</c>: <see cref="RadialBasis.Gto"/> unless given.</summary>
    public RadialBasis RadialBasisName { get; init; } = RadialBasis.Gto;

    /// <summary><c>radial_gaussian_width</c>: σ of the GTO basis, which needs it; the monomial basis has none.</summary>
    public double? RadialGaussianWidth { get; init; }

    /// <summary><c>max_radial</c>: the largest radial index n, a number, one for each l, or coupled to l unless given.</summary>
    public MaxRadial MaxRadial { get; init; } = MaxRadial.Coupled;

    /// <summary><c>subtract_center_contribution</c>: whether a particle's own density is left out of its expansion.</summary>
    public bool SubtractCenterContribution { get; init; }

    /// <summary>
    /// <c>cutoff_smoothing_width</c>: neighbours fade out as sin² over this length before the cutoff; without it they leave at once.
    /// </summary>
    public double? CutoffSmoothingWidth { get; init; }

    /// <summary><c>radial_scaling</c>: whether and how far neighbours count less.</summary>
    public RadialScaling? RadialScaling { get; init; }

    /// <summary><c>basis_rcond</c>: eigenvalues of the radial overlap up to this are dropped in the orthonormalisation.</summary>
    public double BasisRcond { get; init; } = 1e-8;

    /// <summary><c>basis_tol</c>: the largest error of the orthonormalisation that is accepted.</summary>
    public double BasisTol { get; init; } = 1e-3;

    internal Core.Hypers ToCore() =>
        new(
            MaxAngular,
            MaxRadial.Inner,
            CoreBasis(),
            CutoffRadius,
            SubtractCenterContribution,
            CutoffSmoothingWidth is { } width ? Core.Smoothing.NewShiftedCosine(width) : Core.Smoothing.Step,
            (RadialScaling?.ToCore()).ToOption(),
            BasisRcond,
            BasisTol
        );

    private Core.RadialBasis CoreBasis() =>
        (RadialBasisName, RadialGaussianWidth) switch
        {
            (RadialBasis.Gto, { } width) => Core.RadialBasis.NewGto(width),
            (RadialBasis.Monomial, null) => Core.RadialBasis.Monomial,
            (RadialBasis.Gto, null) => throw Refuse("none", "a length above zero: the GTO basis needs it"),
            (_, { } width) => throw Refuse(
                FormattableString.Invariant($"{width}"),
                "nothing: the monomial basis has no width"
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(RadialBasisName), RadialBasisName, null),
        };

    private static AniSoapException Refuse(string value, string accepted) =>
        AniSoapException.Of(
            Core.AniSoapError.NewInvalidValue("radial_gaussian_width", value, accepted, Core.Place.Unknown)
        );
}
