using System.Diagnostics;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Inspection;

/// <summary>What is in the frames seen so far; one pass, memory as of one frame.</summary>
internal sealed class FrameSurvey(double? cutoff, Limits limits)
{
    /// <summary>Contacts are looked for up to so many times the longest semi-axis: those of half-size shapes too.</summary>
    private const double ContactReach = 4.5;
    private const int Doublings = 12;

    /// <summary>Contacts are looked for as far as this at first, which is enough where particles are packed.</summary>
    private const double NearReach = 3.0;

    /// <summary>So many times the semi-axis of the particle in the middle is a size to warn of.</summary>
    private const double Enormous = 20.0;

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

    /// <summary>Pairs looked at, for the line of progress.</summary>
    internal long SeenPairs { get; private set; }
    internal Range Neighbors { get; } = new();
    internal OrderSurvey Order { get; } = new();
    internal DigitSurvey Digits { get; } = new();
    internal double LongestSemiAxis { get; private set; }

    /// <summary>The first particle of a size beyond all others, if there is one.</summary>
    internal GiantParticle? Giant { get; private set; }

    private long pairsWithinCutoff;
    private double surveying;

    /// <summary>Adds a frame; returns the orders of its particles' axes.</summary>
    internal IReadOnlyList<FrameOrder> Add(
        string file,
        int number,
        Frame frame,
        Func<AniSoapError, AniSoapError> locate
    )
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
        var orders = Order.Add(frame);
        Digits.Add(frame);
        AddPairs(frame, ContactAxis(file, number, frame, longest), locate);
        surveying += Stopwatch.GetElapsedTime(started).TotalSeconds;
        return orders;
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

    /// <summary>
    /// The longest semi-axis up to which contacts are looked for. One particle of a thousand times the usual size (a
    /// wrong column, a wall) is noted, and does not make all others look for contacts as far as it reaches.
    /// </summary>
    private double ContactAxis(string file, int number, Frame frame, double longest)
    {
        var axes = frame.Particles.Where(SpeciesSurvey.HasShape).Select(Largest).Order().ToArray();
        if (axes.Length == 0)
            return longest;
        var middle = axes[axes.Length / 2];
        if (longest <= Enormous * middle)
            return longest;
        if (Giant is null)
            for (var i = 0; i < frame.Particles.Length && Giant is null; i++)
                if (SpeciesSurvey.HasShape(frame.Particles[i]) && Largest(frame.Particles[i]) == longest)
                    Giant = new GiantParticle(file, number, i, longest, middle);
        return axes.Last(axis => axis <= Enormous * middle);
    }

    private void AddPairs(Frame frame, double longest, Func<AniSoapError, AniSoapError> locate)
    {
        var particles = frame.Particles;
        var contact = new Contact(frame);
        var sizes = particles.Select(Largest).ToArray();
        var nearest = new double[particles.Length];
        var neighbors = new long[particles.Length];
        var closest = double.PositiveInfinity;
        var overlapping = 0L;
        var any = false;

        void Visit(NeighborPair pair)
        {
            any = true;
            SeenPairs++;
            var distance = pair.Displacement.Length;
            nearest[pair.First] = Math.Min(nearest[pair.First], distance);
            if (distance < cutoff)
                neighbors[pair.First]++;
            if (pair.Second < pair.First)
                return;
            if (!SpeciesSurvey.HasShape(particles[pair.First]) || !SpeciesSurvey.HasShape(particles[pair.Second]))
                return;
            // Spheres around both would have to grow by this much: no ellipsoids touch earlier.
            var reach = distance / (sizes[pair.First] + sizes[pair.Second]);
            // Of pairs that do not overlap only the closest counts.
            var enough = Math.Max(1.0, closest);
            if (reach >= enough || contact.IsBeyond(enough, pair.First, pair.Second, pair.Displacement))
                return;
            var scale = contact.Factor(pair.First, pair.Second, pair.Displacement);
            closest = Math.Min(closest, scale);
            if (scale < 1.0)
                overlapping++;
        }

        void Look(double radius)
        {
            Array.Fill(nearest, double.PositiveInfinity);
            Array.Clear(neighbors);
            (closest, overlapping) = (double.PositiveInfinity, 0L);
            NeighborList.visit(limits, radius, FuncConvert.FromAction<NeighborPair>(Visit), frame).OrThrow(locate);
        }

        var farthest = Math.Max(cutoff ?? 0.0, ContactReach * longest);
        farthest = farthest > 0.0 ? farthest : 1.0;
        var near = Math.Max(cutoff ?? 0.0, NearReach * longest);
        near = near > 0.0 ? near : farthest;
        // Whatever touches or overlaps is no farther than two longest semi-axes. Farther is only looked where the closest contact, or
        // somebody's nearest neighbour, may be there: the pairs would be three times as many.
        Look(near);
        if (near < farthest && (closest * 2.0 * longest > near || nearest.Any(double.IsInfinity)))
            Look(farthest);
        // A frame of few and far particles has its nearest distance too.
        for (var i = 1; i <= Doublings && !any && particles.Length > 1; i++)
            Look(farthest *= 2.0);

        OverlappingPairs += overlapping;
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
}

/// <summary>A particle much larger than the one in the middle of its frame, by their longest semi-axes.</summary>
internal sealed record GiantParticle(string File, int Frame, int Particle, double SemiAxis, double Middle)
{
    public override string ToString() =>
        $"frame {Frame}, particle {Particle}: its longest semi-axis {Range.Show(SemiAxis)} is "
        + $"{Range.Show(SemiAxis / Middle)} times that of the middle one of its frame ({Range.Show(Middle)}); "
        + "is it a number of something else, or of another unit? (contacts beyond the size of the others are not looked for)";
}
