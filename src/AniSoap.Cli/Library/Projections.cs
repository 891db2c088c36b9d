namespace AniSoap.Cli.Library;

/// <summary>Hyperparameters made ready.</summary>
internal static class Projections
{
    /// <summary>Finds out before any frame is read whether the hyperparameters can work, whatever the species.</summary>
    internal static Projection Check(Hypers hypers) => ProjectionModule.create(hypers, [1]).OrThrow();

    /// <summary>What has been checked, for the species of the run: radial functions are made once.</summary>
    internal static Projection For(Projection ready, IEnumerable<int> species) =>
        ProjectionModule.withSpecies(species, ready).OrThrow();
}
