using System.Diagnostics;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Inspection;

/// <summary>What is in the frames seen so far; one pass, memory as of one frame.</summary>
internal sealed class FrameSurvey(double? cutoff)
{
    /// <summary>Contacts are looked for up to so many times the longest semi-axis: those of half-size shapes too.</summary>
    private const double ContactReach = 4.5;
    private const int Doublings = 12;

    internal int Frames { get; private set; }
    internal Range Particles { get; } = new();
    internal SortedDictionary<int, SpeciesSurvey> Species { get; } = [];
    internal SortedDictionary<string, int> Periodicities { get; } = [];
    internal Range Volumes { get; } = new();
    internal Range Densities { get; } = new();

    /// <summary>For each particle that has a neighbour, the distance to the nearest.</summary>
    internal Range NearestDistances { get; } = new();

    /// <summary>Of each frame, the smallest factor that makes two of its ellipsoids touch.</summary>
    internal Range Contacts { get; } = new();
    internal long OverlappingPairs { get; private set; }
    internal long ContactPairs { get; private set; }
    internal Range Neighbors { get; } = new();
    internal OrderSurvey Order { get; } = new();
    internal double LongestSemiAxis { get; private set; }

    /// <summary>Whether a frame is a layer with its images near: those overlap, whatever the shapes are.</summary>
    internal bool HasLayer { get; private set; }

    private long pairsWithinCutoff;
    private double surveying;

    internal void Add(Frame frame)
    {
        var started = Stopwatch.GetTimestamp();
        Frames++;
        Particles.Add(frame.Particles.Length);
        AddCell(frame);
        var longest = 0.0;
        foreach (var particle in frame.Particles)
        {
            if (!Species.TryGetValue(particle.Species, out var survey))
                Species.Add(particle.Species, survey = new SpeciesSurvey());
            survey.Add(particle);
            if (SpeciesSurvey.HasShape(particle))
                longest = Math.Max(longest, Largest(particle));
        }
        LongestSemiAxis = Math.Max(LongestSemiAxis, longest);
        Order.Add(frame);
        HasLayer |= ParticleLayerModule.tryFind(cutoff ?? ContactReach * longest, frame) is not null;
        AddPairs(frame, longest);
        surveying += Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    internal RunStatistics Statistics(double seconds) =>
        new()
        {
            Frames = Frames,
            Particles = Species.Values.Sum(species => species.Count),
            Pairs = pairsWithinCutoff,
            Features = 0,
            ReadSeconds = Math.Max(0.0, seconds - surveying),
            ComputeSeconds = surveying,
            WriteSeconds = 0.0,
        };

    private static double Largest(Ellipsoid particle) =>
        Math.Max(particle.SemiAxes.X, Math.Max(particle.SemiAxes.Y, particle.SemiAxes.Z));

    private void AddCell(Frame frame)
    {
        var (cell, periodic) = (frame.Cell, frame.Cell.Periodicity);
        var axes = string.Concat(periodic.A ? "a" : "", periodic.B ? "b" : "", periodic.C ? "c" : "");
        Periodicities[axes] = Periodicities.GetValueOrDefault(axes) + 1;
        if (axes != "abc")
            return;
        var volume = Math.Abs(Matrix3Module.determinant(cell.Vectors));
        Volumes.Add(volume);
        Densities.Add(frame.Particles.Length / volume);
    }

    private void AddPairs(Frame frame, double longest)
    {
        var radius = Math.Max(cutoff ?? 0.0, ContactReach * longest);
        var pairs = PairsWithin(frame, radius > 0.0 ? radius : 1.0);
        var particles = frame.Particles;
        var nearest = new double[particles.Length];
        var neighbors = new long[particles.Length];
        var closest = double.PositiveInfinity;
        Array.Fill(nearest, double.PositiveInfinity);
        foreach (var pair in pairs)
        {
            var distance = Vector3Module.norm(pair.Displacement);
            nearest[pair.First] = Math.Min(nearest[pair.First], distance);
            if (distance < cutoff)
                neighbors[pair.First]++;
            if (pair.Second < pair.First)
                continue;
            var (one, other) = (particles[pair.First], particles[pair.Second]);
            if (!SpeciesSurvey.HasShape(one) || !SpeciesSurvey.HasShape(other))
                continue;
            ContactPairs++;
            // Spheres around both would have to grow by this much: no ellipsoids touch earlier.
            var reach = distance / (Largest(one) + Largest(other));
            if (reach >= closest && reach >= 1.0)
                continue;
            var scale = Contact.Scale(Shape(one), Shape(other), pair.Displacement);
            closest = Math.Min(closest, scale);
            if (scale < 1.0)
                OverlappingPairs++;
        }
        foreach (var distance in nearest)
            if (double.IsFinite(distance))
                NearestDistances.Add(distance);
        if (cutoff is not null)
            foreach (var count in neighbors)
            {
                Neighbors.Add(count);
                pairsWithinCutoff += count;
            }
        if (double.IsFinite(closest))
            Contacts.Add(closest);
    }

    // A frame of few and far particles has its nearest distance too.
    private static IReadOnlyList<NeighborPair> PairsWithin(Frame frame, double radius)
    {
        var pairs = NeighborList.create(radius, frame).OrRefuse();
        for (var i = 0; i < Doublings && pairs.Length == 0 && frame.Particles.Length > 1; i++)
            pairs = NeighborList.create(radius *= 2.0, frame).OrRefuse();
        return pairs;
    }

    private static SymmetricMatrix3 Shape(Ellipsoid particle)
    {
        var axes = particle.SemiAxes;
        return SymmetricMatrix3Module.ofRotatedDiagonal(
            QuaternionModule.toMatrix(particle.Orientation),
            Vector3Module.create(axes.X * axes.X, axes.Y * axes.Y, axes.Z * axes.Z)
        );
    }
}
