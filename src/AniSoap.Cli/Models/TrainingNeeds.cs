using AniSoap.Cli.Options;
using AniSoap.Learning;

namespace AniSoap.Cli.Models;

/// <summary>What training needs of a frame, known before anything is chosen: at least that much.</summary>
internal sealed class TrainingNeeds(TrainingOptions options, RunChoices run)
{
    // Where nothing is given, the cutoff radius is four thirds of the longest particle's length.
    private const double OfLongest = 4.0 / 3.0;

    private int most;

    private PairHypers? Given => options.Hypers is { Value: var hypers } ? hypers : null;

    /// <summary>The cutoff radius: that of the hyperparameters, the given one, or what is chosen for particles of these lengths.</summary>
    internal double CutoffRadius(Frame frame) =>
        Given?.CutoffRadius ?? (options.CutoffRadius is { Value: var radius } ? radius : OfLongest * Longest(frame));

    /// <summary>What a setup needs: of bodies alone, next to nothing.</summary>
    internal static TrainingOptions OfSetup(TrainingSetup setup)
    {
        var usual = PotentialTraining.defaults;
        return new TrainingOptions(
            hypers: setup.Hypers,
            cutoffRadius: usual.CutoffRadius,
            smoothingWidth: usual.SmoothingWidth,
            hasOwnDensity: usual.HasOwnDensity,
            densityScale: usual.DensityScale,
            speciesMixing: usual.SpeciesMixing,
            regularization: setup.Regularization,
            energyWeight: usual.EnergyWeight,
            torqueWeight: usual.TorqueWeight,
            virialWeight: usual.VirialWeight,
            robustness: setup.Robustness,
            folds: setup.Folds,
            committee: usual.Committee,
            bodies: setup.Hypers is null
                ? new SiteOptions(SiteChoice.Auto, usual.Bodies.Cutoff, usual.Bodies.Seed, 1)
                : usual.Bodies,
            linearAlgebra: usual.LinearAlgebra,
            threads: usual.Threads
        );
    }

    /// <summary>The columns of a setup's pair spectra.</summary>
    internal static long Columns(TrainingSetup setup) =>
        setup.Hypers is { Value: var hypers } ? PairBasisModule.create(hypers, setup.Species).OrThrow().Length : 0;

    private static double Longest(Frame frame)
    {
        var longest = 0.0;
        foreach (var axis in frame.Particles.SemiAxes)
            longest = Math.Max(longest, 2.0 * axis);
        return longest;
    }

    /// <summary>Refuses a frame whose rows of energies, forces, torques and virials need more memory than allowed.</summary>
    internal void CheckMemory(Frame frame)
    {
        // Bodies of sites have rows of their own, of few columns.
        if (frame.Particles.Length <= most || !options.Bodies.Sites.IsNone)
            return;
        most = frame.Particles.Length;
        var thinnest = double.PositiveInfinity;
        foreach (var axis in frame.Particles.SemiAxes)
            thinnest = Math.Min(thinnest, 2.0 * axis);
        // Mixed species have fewer columns.
        if (Given is null && options.SpeciesMixing is not null)
            return;
        var hypers = Given ?? PairHypersModule.create(thinnest, 1.2 * thinnest, CutoffRadius(frame));
        var basis = PairBasisModule.create(hypers, FrameModule.species(frame));
        // What cannot work at all is refused by the training itself, in its own words.
        if (basis.IsOk)
            ModelRun.CheckMemory(
                run,
                $"the rows of {frame.Particles.Length} particles",
                basis.ResultValue.Length * ((6.0 * frame.Particles.Length) + 10.0)
            );
    }
}
