namespace AniSoap.CSharp;

/// <summary>
/// Every choice that decides what the features mean, under the names that the Python package's constructor has. Lengths are in
/// the unit of the input. A record of wishes: <see cref="EllipsoidalDensityProjection"/> checks them. (The F# library's <see cref="Hypers"/> has no
/// fields that may be left out.)
/// </summary>
public sealed record Hyperparameters
{
    /// <summary><c>max_angular</c>: the largest angular momentum l, 0 to 18: how fine directions are resolved.</summary>
    public required int MaxAngular { get; init; }

    /// <summary><c>cutoff_radius</c>: neighbours are the particles and images nearer than this.</summary>
    public required double CutoffRadius { get; init; }

    /// <summary><c>radial_basis_name</c>: <see cref="RadialBasisName.Gto"/> unless given.</summary>
    public RadialBasisName RadialBasisName { get; init; }

    /// <summary><c>radial_gaussian_width</c>: σ of the GTO basis, which needs it; the monomial basis has none.</summary>
    public double? RadialGaussianWidth { get; init; }

    /// <summary>
    /// <c>max_radial</c>: the largest radial index n (so that k gives k + 1 radial functions), a number (<c>MaxRadial = 4</c>), an array with one for each
    /// l, or <see cref="RadialCount.Coupled"/> to l unless given.
    /// </summary>
    public RadialCount MaxRadial { get; init; } = RadialCount.Coupled;

    /// <summary><c>subtract_center_contribution</c>: whether a particle's own density is left out of its expansion.</summary>
    public bool SubtractCenterContribution { get; init; }

    /// <summary>
    /// <c>center_density</c>: whether a particle's own density is merged with that of the neighbours of its species, has columns of its own, or is left out; without it
    /// <see cref="SubtractCenterContribution"/> decides between the first and the last.
    /// </summary>
    public CenterDensity? CenterDensity { get; init; }

    /// <summary><c>density_scale</c>: what semi-axes are multiplied by in the densities.</summary>
    public double DensityScale { get; init; } = 1.0;

    /// <summary><c>species_mixing</c>: how species are mixed into channels; every species has its own columns unless given.</summary>
    public SpeciesMixing? SpeciesMixing { get; init; }

    /// <summary><c>normalize</c>: whether the power spectrum of every centre is divided by its norm, before means are taken.</summary>
    public bool NormalizeSpectra { get; init; }

    /// <summary><c>average</c>: whether the mean of a frame is that of its centres' spectra, or the spectrum of their mean coefficients.</summary>
    public Averaging Averaging { get; init; } = Averaging.Outer;

    /// <summary>
    /// <c>cutoff_smoothing_width</c>: neighbours fade out as sin² over this length before the cutoff; without it they leave at once.
    /// </summary>
    public double? CutoffSmoothingWidth { get; init; }

    /// <summary><c>radial_scaling</c>: whether and how far neighbours count less: <c>new RadialScaling(scale, rate, exponent)</c>.</summary>
    public RadialScaling? RadialScaling { get; init; }

    /// <summary><c>basis_rcond</c>: eigenvalues of the radial overlap up to this are dropped in the orthonormalisation.</summary>
    public double BasisRcond { get; init; } = 1e-8;

    /// <summary><c>basis_tol</c>: the largest error of the orthonormalisation that is accepted.</summary>
    public double BasisTol { get; init; } = 1e-3;

    /// <summary>The same for functions of the F# library.</summary>
    /// <exception cref="InvalidValueException">The Gaussian width is missing, or there is one where the basis has none, or what is said of the centre's density
    /// contradicts itself.</exception>
    public Hypers ToHypers() =>
        new(
            MaxAngular,
            MaxRadial,
            Basis(),
            CutoffRadius,
            Center(),
            DensityScale,
            SpeciesMixing.ToOption(),
            NormalizeSpectra,
            Averaging,
            CutoffSmoothingWidth is { } width ? Smoothing.NewShiftedCosine(width) : Smoothing.Step,
            RadialScaling.ToOption(),
            BasisRcond,
            BasisTol
        );

    /// <summary>Hyperparameters of the F# library.</summary>
    public static Hyperparameters Of(Hypers hypers) =>
        new()
        {
            MaxAngular = hypers.MaxAngular,
            CutoffRadius = hypers.CutoffRadius,
            RadialBasisName = hypers.RadialBasis.IsMonomial ? RadialBasisName.Monomial : RadialBasisName.Gto,
            RadialGaussianWidth = (hypers.RadialBasis as RadialBasis.Gto)?.width,
            MaxRadial = hypers.MaxRadial,
            SubtractCenterContribution = hypers.SubtractCenterContribution,
            CenterDensity = hypers.CenterDensity.IsOwn ? hypers.CenterDensity : null,
            DensityScale = hypers.DensityScale,
            SpeciesMixing = hypers.SpeciesMixing?.Value,
            NormalizeSpectra = hypers.NormalizeSpectra,
            Averaging = hypers.Averaging,
            CutoffSmoothingWidth = (hypers.Smoothing as Smoothing.ShiftedCosine)?.width,
            RadialScaling = hypers.RadialScaling?.Value,
            BasisRcond = hypers.BasisRcond,
            BasisTol = hypers.BasisTolerance,
        };

    /// <summary>The hyperparameters in a file: JSON under the keywords of the Python package, or any file of features that was written with them.</summary>
    /// <exception cref="AniSoapException">The file cannot be read, or says none; the exception says on which line.</exception>
    public static Hyperparameters Load(string path) => Of(HypersModule.load(path).OrThrow());

    /// <summary>The hyperparameters in a JSON text.</summary>
    /// <exception cref="AniSoapException">It says none; the exception says on which line.</exception>
    public static Hyperparameters FromJson(string json) => Of(HypersModule.ofJson(json).OrThrow());

    /// <summary>One line of JSON, as <see cref="FromJson"/> and the program's option <c>--hypers</c> take it.</summary>
    public string ToJson() => HypersModule.toJson(ToHypers());

    /// <summary>Writes a JSON file, which appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether a file that exists is replaced.</param>
    /// <exception cref="InaccessibleFileException">The file cannot be written, or exists and may not be replaced.</exception>
    public void Save(string path, bool overwrite = false) =>
        HypersModule.saveWith(overwrite ? Existing.Replace : Existing.Keep, path, ToHypers()).OrThrow();

    /// <summary>An engine that computes these features of frames of these species, without allocating a call. Dispose of it in the end.</summary>
    /// <param name="species">The species of all frames to come.</param>
    /// <param name="threads">Threads that compute; 0 for as many as there are processors.</param>
    /// <exception cref="InvalidValueException">A hyperparameter cannot work, or <paramref name="threads"/> is below 0.</exception>
    public ProjectionEngine CreateEngine(IEnumerable<int> species, int threads = 1) =>
        new EllipsoidalDensityProjection(this, species).CreateEngine(threads);

    private CenterDensity Center() =>
        (SubtractCenterContribution, CenterDensity) switch
        {
            (true, null) => AniSoap.CenterDensity.Absent,
            (false, null) => AniSoap.CenterDensity.Merged,
            (true, { IsAbsent: false } density) => throw AniSoapException.Invalid(
                "center_density",
                SavedHypersModule.centerName(density),
                "none, or nothing, where subtract_center_contribution is true"
            ),
            (_, { } density) => density,
        };

    private RadialBasis Basis() =>
        (RadialBasisName, RadialGaussianWidth) switch
        {
            (RadialBasisName.Gto, { } width) => RadialBasis.NewGto(width),
            (RadialBasisName.Monomial, null) => RadialBasis.Monomial,
            (RadialBasisName.Gto, null) => throw Width("none", "a length above zero: the GTO basis needs it"),
            (RadialBasisName.Monomial, var width) => throw Width(width, "nothing: the monomial basis has no width"),
            _ => throw new ArgumentOutOfRangeException(nameof(RadialBasisName), RadialBasisName, null),
        };

    private static AniSoapException Width(object value, string accepted) =>
        AniSoapException.Invalid("radial_gaussian_width", value, accepted);
}

/// <summary><c>radial_basis_name</c>: the functions of the distance in which the density is expanded.</summary>
public enum RadialBasisName
{
    /// <summary>r^(l+2n) exp(−r²/2σ²), σ the <see cref="Hyperparameters.RadialGaussianWidth"/>.</summary>
    Gto,

    /// <summary>r^(l+2n), normalised on [0, cutoff].</summary>
    Monomial,
}
