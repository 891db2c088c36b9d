namespace AniSoap.CSharp;

/// <summary>What a likely mistake is about.</summary>
public enum SuspicionKind
{
    /// <summary>Shapes of half their size: full lengths were expected and half lengths given.</summary>
    SmallShapes,

    /// <summary>Shapes of twice their size.</summary>
    LargeShapes,

    /// <summary>Quaternions read with the scalar at the wrong end.</summary>
    OrientationOrder,

    /// <summary>Particles within each other.</summary>
    Overlaps,

    /// <summary>A cutoff shorter than the particles.</summary>
    ShortCutoff,

    /// <summary>A cutoff within which there is nobody.</summary>
    NoNeighbors,

    /// <summary>Particles that are all turned the same way as the lab.</summary>
    NotTurned,

    /// <summary>Radial functions that are the others' combinations.</summary>
    DroppedFunctions,

    /// <summary>Radial functions wider than the cutoff.</summary>
    WideGaussian,

    /// <summary>Radial functions that end before the next particle.</summary>
    NarrowGaussian,
}

/// <summary>A likely mistake in what features are made of. The numbers can be computed all the same.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Sentence">What was found, and what mends it.</param>
/// <param name="Place">Where, as far as it is at a place.</param>
public sealed record Suspicion(SuspicionKind Kind, string Sentence, Place Place)
{
    internal static Suspicion Of(Core.Suspicion suspicion) =>
        new((SuspicionKind)suspicion.Kind.Tag, suspicion.Sentence, Place.Of(suspicion.Place));
}
