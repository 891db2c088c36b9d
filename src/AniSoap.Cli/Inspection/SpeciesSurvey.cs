namespace AniSoap.Cli.Inspection;

/// <summary>The particles of one species seen so far.</summary>
internal sealed class SpeciesSurvey
{
    /// <summary>The radius that particles without a shape are read with, so that the rest can be told of them too.</summary>
    internal const double NoShape = 1.0 / (1L << 40);

    internal static bool HasShape(Ellipsoid particle) => particle.SemiAxes.X != NoShape;

    internal long Count { get; private set; }
    internal long Shapeless { get; private set; }
    internal Range A { get; } = new();
    internal Range B { get; } = new();
    internal Range C { get; } = new();
    internal long Spheres { get; private set; }

    /// <summary>Particles whose body axes are the lab's: many of them may mean that orientations were not read.</summary>
    internal long Unturned { get; private set; }

    internal void Add(Ellipsoid particle)
    {
        Count++;
        if (!HasShape(particle))
        {
            Shapeless++;
            return;
        }
        A.Add(particle.SemiAxes.X);
        B.Add(particle.SemiAxes.Y);
        C.Add(particle.SemiAxes.Z);
        if (particle.IsSphere)
            Spheres++;
        else if (Math.Abs(particle.Orientation.W) == 1.0)
            Unturned++;
    }
}
