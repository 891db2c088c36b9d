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

    /// <summary>Whether pairs may be listed once alone.</summary>
    internal bool TakesPairs => engine.TakesPairs;

    /// <summary>Energies of so many centres, or particles where every pair is listed once; none for 0.</summary>
    internal void Evaluate(bool arePairs, int wanted)
    {
        var size = 3 * Surroundings.Count;
        if (Forces.Length < size)
        {
            Forces = new double[size + size / 4];
            Torques = new double[Forces.Length];
        }
        if (Centers.Length < wanted)
            Centers = new double[wanted + wanted / 4];
        var (frame, energies) = (Surroundings.Frame, Centers.AsMemory(0, wanted));
        var (forces, torques) = (Forces.AsMemory(0, size), Torques.AsMemory(0, size));
        Energy = Exports.Value(
            arePairs
                ? engine.EvaluatePairs(frame, energies, forces, torques, Virial, Surroundings)
                : engine.EvaluateCenters(frame, energies, forces, torques, Virial, Surroundings)
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
