using System.Reflection;
using Expecto;
using Microsoft.FSharp.Core;
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
                TestCase("every call of an engine throws what is wrong with it", EveryCall),
            ]
        );

    private static readonly Projection Projection = Projection.Create(Examples.Hypers, [1, 2]);

    private static double[] Flat(TensorMap map) => [.. map.Blocks.SelectMany(block => block.Values.ToArray())];

    private static void Spectra()
    {
        using var engine = Examples.Hypers.CreateEngine(species: [1, 2], threads: 2);
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
                Check.Same(block.Row(block.Samples.Position([0, i])), each.AsSpan(i * length, length));
            }
        }
    }

    private static void Mistakes()
    {
        using var engine = Examples.Hypers.CreateEngine(species: [1]);
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
        Check.Throws<InvalidValueException>(() => Examples.Hypers.CreateEngine([1], threads: -1));
        Check.Throws<InvalidValueException>(() => new NeighborTable().Take(new int[2], new int[2], new int[2]));
    }

    private static void Disposed()
    {
        var engine = Examples.Hypers.CreateEngine(species: [1]);
        var values = new double[engine.SpectrumLength(SpectrumColumns.OrderedPairs)];
        ((IDisposable)engine).Dispose();
        var alone = Frame.Create([Ellipsoid.Sphere(1, new(0, 0, 0), 1)]);
        Check.Throws<InvalidValueException>(() => engine.MeanSpectrum(alone, SpectrumColumns.OrderedPairs, values));
    }

    /// <summary>Calls whose result nobody has to look at, all of them, with room for no number.</summary>
    private static void EveryCall()
    {
        var engine = Examples.Hypers.CreateEngine(species: [1]);
        ((IDisposable)engine).Dispose();
        var calls = typeof(Engine)
            .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => method.ReturnType == typeof(FSharpResult<Unit, AniSoapError>))
            .ToList();
        object? Argument(Type type) =>
            type == typeof(Frame) ? Frame.Create([Ellipsoid.Sphere(1, new(0, 0, 0), 1)])
            : type == typeof(SpectrumColumns) ? SpectrumColumns.OrderedPairs
            : type == typeof(RadialForm) ? RadialForm.Orthonormal
            : type == typeof(FeatureKind) ? FeatureKind.NewMeanSpectra(SpectrumColumns.OrderedPairs)
            : type == typeof(IEnumerable<GradientParameter>) ? Array.Empty<GradientParameter>()
            : type.IsValueType ? Activator.CreateInstance(type)
            : null;
        foreach (var call in calls)
            Check.Throws<InvalidValueException>(() =>
                call.Invoke(
                    engine,
                    BindingFlags.DoNotWrapExceptions,
                    null,
                    [.. call.GetParameters().Select(parameter => Argument(parameter.ParameterType))],
                    null
                )
            );
        Check.That(calls.Count >= 9, $"{calls.Count} calls");
    }
}
