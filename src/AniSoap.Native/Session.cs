using AniSoap.Learning;

namespace AniSoap.Native;

/// <summary>What one handle works with; one call at a time.</summary>
internal abstract class Session(double cutoff, IReadOnlyList<int> species) : IDisposable
{
    internal double Cutoff { get; } = cutoff;
    internal IReadOnlyList<int> Species { get; } = species;
    internal Surroundings Surroundings { get; } = new();

    public virtual void Dispose() { }
}

/// <summary>A potential and room for what it says.</summary>
internal sealed class PotentialSession(Potential potential, PotentialEngine engine)
    : Session(potential.CutoffRadius, potential.Species)
{
    internal double Energy { get; private set; }
    internal double[] Centers { get; private set; } = [];
    internal double[] Forces { get; private set; } = [];
    internal double[] Torques { get; private set; } = [];
    internal double[] Virial { get; } = new double[9];

    internal void Evaluate(bool withCenters)
    {
        var (size, centers) = (3 * Surroundings.Count, Surroundings.CenterCount);
        if (Forces.Length < size)
        {
            Forces = new double[size + size / 4];
            Torques = new double[Forces.Length];
        }
        if (Centers.Length < centers)
            Centers = new double[centers + centers / 4];
        var frame = Surroundings.Frame;
        Energy = Exports.Value(
            withCenters && centers > 0
                ? engine.EvaluateCenters(
                    frame,
                    Centers.AsMemory(0, centers),
                    Forces.AsMemory(0, size),
                    Torques.AsMemory(0, size),
                    Virial,
                    Surroundings
                )
                : engine.Evaluate(frame, Forces.AsMemory(0, size), Torques.AsMemory(0, size), Virial, Surroundings)
        );
    }
}

/// <summary>Power spectra and room for them.</summary>
internal sealed class FeatureSession(Projection projection, Engine engine)
    : Session(projection.Hypers.CutoffRadius, projection.Species)
{
    private double[] values = [];

    internal int Length => engine.SpectrumLength(SpectrumColumns.OrderedPairs);

    internal ReadOnlySpan<double> Compute()
    {
        var size = checked(Length * Surroundings.CenterCount);
        if (values.Length < size)
            values = new double[size + size / 4];
        Exports.Value(
            engine.ParticleSpectra(
                Surroundings.Frame,
                SpectrumColumns.OrderedPairs,
                values.AsMemory(0, size),
                Surroundings,
                CancellationToken.None
            )
        );
        return values.AsSpan(0, size);
    }

    public override void Dispose() => ((IDisposable)engine).Dispose();
}
