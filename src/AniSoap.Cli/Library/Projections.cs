namespace AniSoap.Cli.Library;

/// <summary>Hyperparameters made ready.</summary>
internal static class Projections
{
    /// <summary>Finds out before any frame is read whether the hyperparameters can work, whatever the species.</summary>
    internal static Projection Check(Hypers hypers) => Create(hypers, [1]);

    internal static Projection Create(Hypers hypers, IEnumerable<int> species) =>
        ProjectionModule.create(hypers, species).OrThrow();
}
