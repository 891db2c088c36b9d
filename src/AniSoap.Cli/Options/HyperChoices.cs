using System.Collections.Immutable;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Options;

/// <summary>
/// Hyperparameters as far as one source gives them, null where it says nothing. Sources are laid over each other;
/// what is still missing at the end is a default or is refused.
/// </summary>
internal sealed record HyperChoices
{
    internal const string GtoName = "gto";
    internal const string MonomialName = "monomial";
    internal static readonly string[] Centers = ["merged", "own", "none"];

    internal static CenterDensity CenterOf(string name) =>
        name switch
        {
            "merged" => CenterDensity.Merged,
            "own" => CenterDensity.Own,
            _ => CenterDensity.Absent,
        };

    internal int? MaxAngular { get; init; }
    internal RadialCount? MaxRadial { get; init; }
    internal string? RadialBasis { get; init; }
    internal double? Width { get; init; }
    internal double? Cutoff { get; init; }
    internal CenterDensity? Center { get; init; }
    internal double? DensityScale { get; init; }
    internal SpeciesMixing? Mixing { get; init; }
    internal bool? Normalize { get; init; }
    internal Averaging? Averaging { get; init; }
    internal double? Rcond { get; init; }
    internal double? Tolerance { get; init; }
    internal double? SmoothingWidth { get; init; }
    internal RadialScaling? Scaling { get; init; }
    internal string? RotationType { get; init; }
    internal string? RotationKey { get; init; }
    internal ImmutableArray<int>? Species { get; init; }

    /// <summary>What the file that <c>--hypers</c> names says: an earlier output by its ending, else JSON.</summary>
    internal static HyperChoices Read(string path)
    {
        if (path.Length == 0)
            throw new Refusal("--hypers is empty; expected: a JSON file of hyperparameters or an earlier output");
        var saved = HypersFile.read(path).OrThrow();
        return new()
        {
            MaxAngular = saved.MaxAngular?.Value,
            MaxRadial = saved.MaxRadial?.Value,
            RadialBasis = saved.RadialBasisName?.Value,
            Width = saved.RadialGaussianWidth?.Value,
            Cutoff = saved.CutoffRadius?.Value,
            Center = SavedHypersModule.center(saved).OrThrow()?.Value,
            DensityScale = saved.DensityScale?.Value,
            Mixing = saved.SpeciesMixing?.Value,
            Normalize = saved.NormalizeSpectra?.Value,
            Averaging = saved.Averaging?.Value,
            Rcond = saved.BasisRcond?.Value,
            Tolerance = saved.BasisTolerance?.Value,
            SmoothingWidth = saved.SmoothingWidth?.Value,
            Scaling = saved.RadialScaling?.Value,
            RotationType = saved.RotationType?.Value,
            RotationKey = saved.RotationKey?.Value,
            Species = saved.Species is { Value: var species } ? [.. species] : null,
        };
    }

    /// <summary>These choices, and those of <paramref name="under"/> where these say nothing.</summary>
    internal HyperChoices Over(HyperChoices under) =>
        new()
        {
            MaxAngular = MaxAngular ?? under.MaxAngular,
            MaxRadial = MaxRadial ?? under.MaxRadial,
            RadialBasis = RadialBasis ?? under.RadialBasis,
            // A width that belongs to the basis below goes with it.
            Width =
                Width ?? (RadialBasis is MonomialName && under.RadialBasis is not MonomialName ? null : under.Width),
            Cutoff = Cutoff ?? under.Cutoff,
            Center = Center ?? under.Center,
            DensityScale = DensityScale ?? under.DensityScale,
            Mixing = Mixing ?? under.Mixing,
            Normalize = Normalize ?? under.Normalize,
            Averaging = Averaging ?? under.Averaging,
            Rcond = Rcond ?? under.Rcond,
            Tolerance = Tolerance ?? under.Tolerance,
            SmoothingWidth = SmoothingWidth ?? under.SmoothingWidth,
            Scaling = Scaling ?? under.Scaling,
            RotationType = RotationType ?? under.RotationType,
            RotationKey = RotationKey ?? under.RotationKey,
            Species = Species ?? under.Species,
        };

    /// <summary>Whether anything about the basis is said, so that the rest of it must be there too.</summary>
    internal bool HasBasis => MaxAngular is not null || MaxRadial is not null || Width is not null;

    /// <summary>All hyperparameters, checked and made ready, whatever the species.</summary>
    internal Projection Complete()
    {
        if (RadialBasis is MonomialName && Width is { } unused)
            throw Refusal.Of("radial_gaussian_width", Texts.Show(unused), "nothing: the monomial basis has no width");

        if (Missing() is { Count: > 0 } missing)
            throw new MissingOptions(missing);
        var basis =
            RadialBasis is MonomialName ? AniSoap.RadialBasis.Monomial : AniSoap.RadialBasis.NewGto(Width!.Value);

        var defaults = HypersModule.create(MaxAngular!.Value, basis, Cutoff!.Value);
        var hypers = new Hypers(
            defaults.MaxAngular,
            MaxRadial ?? defaults.MaxRadial,
            defaults.RadialBasis,
            defaults.CutoffRadius,
            Center ?? defaults.CenterDensity,
            DensityScale ?? defaults.DensityScale,
            Mixing is { } mixing ? FSharpOption<SpeciesMixing>.Some(mixing) : defaults.SpeciesMixing,
            Normalize ?? defaults.NormalizeSpectra,
            Averaging ?? defaults.Averaging,
            SmoothingWidth is { } width ? Smoothing.NewShiftedCosine(width) : defaults.Smoothing,
            Scaling is { } scaling ? FSharpOption<RadialScaling>.Some(scaling) : defaults.RadialScaling,
            Rcond ?? defaults.BasisRcond,
            Tolerance ?? defaults.BasisTolerance
        );
        return Library.Projections.Check(hypers);
    }

    internal static RadialCount PerAngular(IEnumerable<int> numbers) =>
        RadialCount.NewPerAngular(ListModule.OfSeq(numbers));

    /// <summary>What must be given and is not, with values that go with what is given: a cutoff of some widths.</summary>
    private List<(string Keyword, string Option, string Value)> Missing()
    {
        const double usualWidth = 1.5,
            widths = 4.0;
        var needsWidth = RadialBasis is not MonomialName && Width is null;
        List<(string, string, string)> missing = [];
        if (MaxAngular is null)
            missing.Add(("max_angular", "--max-angular", "6"));
        if (needsWidth)
            missing.Add(
                ("radial_gaussian_width", "--radial-gaussian-width", Texts.Show(Cutoff / widths ?? usualWidth))
            );
        if (Cutoff is null)
            missing.Add(("cutoff_radius", "--cutoff-radius", Texts.Show(widths * (Width ?? usualWidth))));
        return missing;
    }
}
