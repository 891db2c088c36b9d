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

    internal int? MaxAngular { get; init; }
    internal RadialCount? MaxRadial { get; init; }
    internal string? RadialBasis { get; init; }
    internal double? Width { get; init; }
    internal double? Cutoff { get; init; }
    internal bool? SubtractCenter { get; init; }
    internal double? Rcond { get; init; }
    internal double? Tolerance { get; init; }
    internal double? SmoothingWidth { get; init; }
    internal RadialScaling? Scaling { get; init; }
    internal string? RotationType { get; init; }
    internal string? RotationKey { get; init; }
    internal ImmutableArray<int>? Species { get; init; }

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
            SubtractCenter = SubtractCenter ?? under.SubtractCenter,
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

    /// <summary>All hyperparameters, checked.</summary>
    internal Hypers Complete()
    {
        if (RadialBasis is MonomialName && Width is { } unused)
            throw Refusal.Of("radial_gaussian_width", Texts.Show(unused), "nothing: the monomial basis has no width");

        var maxAngular = MaxAngular ?? throw Missing("max_angular", "--max-angular");
        var cutoff = Cutoff ?? throw Missing("cutoff_radius", "--cutoff-radius");
        var basis =
            RadialBasis is MonomialName
                ? AniSoap.RadialBasis.Monomial
                : AniSoap.RadialBasis.NewGto(
                    Width ?? throw Missing("radial_gaussian_width", "--radial-gaussian-width")
                );

        var defaults = HypersModule.create(maxAngular, basis, cutoff);
        var hypers = new Hypers(
            defaults.MaxAngular,
            MaxRadial ?? defaults.MaxRadial,
            defaults.RadialBasis,
            defaults.CutoffRadius,
            SubtractCenter ?? defaults.SubtractCenterContribution,
            SmoothingWidth is { } width ? Smoothing.NewShiftedCosine(width) : defaults.Smoothing,
            Scaling is { } scaling ? FSharpOption<RadialScaling>.Some(scaling) : defaults.RadialScaling,
            Rcond ?? defaults.BasisRcond,
            Tolerance ?? defaults.BasisTolerance
        );
        return ProjectionModule.validate(hypers).OrRefuse();
    }

    internal static RadialCount PerAngular(IEnumerable<int> numbers) =>
        RadialCount.NewPerAngular(ListModule.OfSeq(numbers));

    private static Refusal Missing(string keyword, string option) =>
        new($"{keyword} is missing; give {option} or a file with it (--hypers FILE.json)");
}
