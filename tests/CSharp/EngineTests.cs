using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

internal static class EngineTests
{
    internal static Test All { get; } =
        TestList(
            "engines",
            [
                TestCase("spectra into memory of the caller's are those of the projection", Spectra),
                TestCase("mistakes are exceptions, and the engine goes on after them", Mistakes),
                TestCase("an engine that is disposed of computes no more", Disposed),
            ]
        );

    private static readonly EllipsoidalDensityProjection Projection = new(Examples.Hyperparameters, [1, 2]);

    private static double[] Flat(TensorMap map) => [.. map.Blocks.SelectMany(block => block.Values.ToArray())];

    private static void Spectra()
    {
        using var engine = Examples.Hyperparameters.CreateEngine(species: [1, 2], threads: 2);
        var length = engine.SpectrumLength(SpectrumColumns.OrderedPairs);
        var mean = new double[2 * length];
        foreach (var frame in Examples.Frames(3))
        {
            engine.MeanSpectrum(frame, SpectrumColumns.OrderedPairs, mean);
            Check.Same(Flat(Projection.PowerSpectrum([frame])), mean);
            var each = new double[frame.Count * length];
            engine.ParticleSpectra(frame, SpectrumColumns.OrderedPairs, each);
            var expected = Projection.PowerSpectrum([frame], meanOverSamples: false);
            for (var i = 0; i < frame.Count; i++)
            {
                var block = expected.Block(("center_type", frame.Particles[i].Species));
                Check.Same(block.Row(block.Samples.IndexOf(0, i)), each.AsSpan(i * length, length));
            }
        }
    }

    private static void Mistakes()
    {
        using var engine = Examples.Hyperparameters.CreateEngine(species: [1]);
        var (columns, values) = (
            SpectrumColumns.OrderedPairs,
            new double[engine.SpectrumLength(SpectrumColumns.OrderedPairs)]
        );
        var alien = Check.Throws<InvalidValueException>(() =>
            engine.MeanSpectrum(Examples.Frames(1)[0], columns, values)
        );
        Check.Equal("species", alien.Parameter);
        var alone = Frame.Create([Ellipsoid.Sphere(1, new(0, 0, 0), 1)]);
        Check.Throws<InvalidValueException>(() => engine.MeanSpectrum(alone, columns, values.AsMemory(1)));
        engine.MeanSpectrum(alone, columns, values);
        Check.That(values.Any(value => value != 0));
        Check.Throws<InvalidValueException>(() => Examples.Hyperparameters.CreateEngine([1], threads: -1));
        Check.Throws<InvalidValueException>(() => new NeighborTable().Take(new int[2], new int[2], new int[2]));
        var open = new EllipsoidalDensityProjection(Examples.Hyperparameters);
        Check.Equal("species", Check.Throws<InvalidValueException>(() => open.CreateEngine()).Parameter);
    }

    private static void Disposed()
    {
        var engine = Examples.Hyperparameters.CreateEngine(species: [1]);
        var values = new double[engine.SpectrumLength(SpectrumColumns.OrderedPairs)];
        engine.Dispose();
        var alone = Frame.Create([Ellipsoid.Sphere(1, new(0, 0, 0), 1)]);
        Check.Throws<InvalidValueException>(() => engine.MeanSpectrum(alone, SpectrumColumns.OrderedPairs, values));
    }
}
