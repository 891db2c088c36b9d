using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

internal static class GradientTests
{
    internal static Test All { get; } =
        TestList(
            "gradients",
            [
                TestCase("features with gradients are the features", FeaturesStay),
                TestCase("blocks hold the gradients that were asked for", HoldsGradients),
                TestCase("forces, torques and virial of a mean are those of its gradients", PullbackOfMean),
                TestCase("forces are those of finite differences", FiniteDifferences),
                TestCase("an energy of each particle is pulled back in one pass", PullbackOfEach),
                TestCase("derivatives that are not as many as features are refused", Refuses),
            ]
        );

    private static readonly Projection Projection = Projection.Create(
        Examples.Hypers.With(smoothing: Smoothing.NewShiftedCosine(1)),
        [1, 2]
    );

    private static Frame Frame { get; } = Examples.Frames(1)[0];

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Check.Equal(a.Length, b.Length);
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double[] Weights(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }

    private static double[] Numbers(IEnumerable<Vector3> vectors) =>
        [.. vectors.SelectMany<Vector3, double>(v => [v.X, v.Y, v.Z])];

    private static double[] Features(TensorMap spectrum) =>
        [.. spectrum.Blocks.SelectMany(block => block.Values.ToArray())];

    private static void FeaturesStay()
    {
        var frames = Examples.Frames(2);
        Check.Close(
            1e-13,
            Features(Projection.PowerSpectrum(frames)),
            Features(Projection.PowerSpectrum(frames, gradients: [GradientParameter.Positions]))
        );
        Check.Close(
            1e-13,
            Features(Projection.Transform(frames)),
            Features(
                Projection.Transform(
                    frames,
                    gradients: [GradientParameter.Positions],
                    options: RunOptions.Of(threads: 2)
                )
            )
        );
    }

    private static void HoldsGradients()
    {
        var one = Projection.PowerSpectrum(
            [Frame],
            gradients: [GradientParameter.Strain, GradientParameter.Orientations]
        );
        Check.Equal("orientations, strain", string.Join(", ", one[0].Gradients.Keys.Order()));
        Check.Equal("1, 3, 3, " + one[0].Properties.Count, string.Join(", ", one[0].Gradients["strain"].Shape));
        var all = Projection.PowerSpectrum([Frame], meanOverSamples: false, gradients: GradientParameterModule.all);
        Check.Equal(4, all[0].Gradients.Count);
        Check.Equal("sample, system, atom", string.Join(", ", all[0].Gradients["positions"].Samples.Names));
        Check.Equal(0, Projection.PowerSpectrum([Frame], gradients: [])[0].Gradients.Count);
    }

    /// <summary>E = Σ w · (mean spectrum): once with the full matrix of derivatives, once pulled back.</summary>
    private static void PullbackOfMean()
    {
        var full = Projection.PowerSpectrum([Frame], gradients: GradientParameterModule.all);
        var columns = full[0].Properties.Count;
        var weights = Weights(2 * columns);
        var pulled = Projection.Pullback(
            Frame,
            SpectrumCotangent.NewOfMean(weights),
            semiAxes: true,
            options: RunOptions.Of(threads: 2)
        );
        Check.Close(1e-13, Features(full), pulled.Values.Span);

        double[] Expected(string name)
        {
            var sums = new double[3 * Frame.Count];
            for (var t = 0; t < full.Count; t++)
            {
                var gradient = full[t].Gradients[name];
                foreach (var row in gradient.Samples)
                    for (var axis = 0; axis < 3; axis++)
                        sums[3 * row["atom"] + axis] += Dot(
                            gradient.Row(row.Position, axis),
                            weights.AsSpan(t * columns, columns)
                        );
            }
            return sums;
        }

        Check.Close(1e-11, Expected("positions"), Numbers(pulled.Positions));
        Check.Close(1e-11, Expected("orientations"), Numbers(pulled.Orientations));
        Check.Close(1e-11, Expected("semiaxes"), Numbers(pulled.SemiAxes));
        Check.Close(0, Numbers(pulled.Positions.Select(v => -v)), Numbers(pulled.Forces));
        Check.Close(0, Numbers(pulled.Orientations.Select(v => -v)), Numbers(pulled.Torques));
        // Entry [p, q] of a gradient is ∂/∂ε_qp, row q of the strain's.
        var strain = new double[9];
        for (var t = 0; t < full.Count; t++)
        for (var i = 0; i < 9; i++)
            strain[3 * (i % 3) + i / 3] += Dot(
                full[t].Gradients["strain"].Row(0, i),
                weights.AsSpan(t * columns, columns)
            );
        var found = pulled.Strain;
        Check.Close(1e-11, strain, Numbers([found.Row1, found.Row2, found.Row3]));
        Check.Close(0, Numbers([-found.Row1]), Numbers([pulled.Virial.Row1]));
    }

    private static void FiniteDifferences()
    {
        const double step = 1e-4;
        var weights = Weights(2 * Projection.PowerSpectrum([Frame])[0].Properties.Count);

        double Energy(double displacement)
        {
            var moved = Frame.Particles.Select(
                (p, i) =>
                    i == 2
                        ? Ellipsoid.Create(
                            p.Species,
                            p.Position + new Vector3(0, displacement, 0),
                            p.Orientation,
                            p.SemiAxes
                        )
                        : p
            );
            return Dot(weights, Features(Projection.PowerSpectrum([Frame.Create(moved, Frame.Cell)])));
        }

        var expected = -(8 * (Energy(step) - Energy(-step)) - (Energy(2 * step) - Energy(-2 * step))) / (12 * step);
        Check.Close(1e-7, [expected], [Projection.Pullback(Frame, SpectrumCotangent.NewOfMean(weights)).Forces[2].Y]);
    }

    /// <summary>E = Σ over particles of ½ |spectrum|², whose derivative is the spectrum.</summary>
    private static void PullbackOfEach()
    {
        var each = Projection.Pullback(
            Frame,
            SpectrumCotangent.NewOfEachParticle((_, spectrum, derivative) => spectrum.CopyTo(derivative)),
            options: RunOptions.Of(threads: 2)
        );
        var given = Projection.Pullback(Frame, SpectrumCotangent.NewOfParticles(each.Values));
        Check.Close(1e-13, each.Values.Span, given.Values.Span);
        Check.Close(1e-11, Numbers(each.Forces), Numbers(given.Forces));
        Check.Close(1e-11, Numbers(each.Torques), Numbers(given.Torques));
        Check.Equal(0, each.SemiAxes.Length);
    }

    private static void Refuses()
    {
        var problem = Check.Throws<InvalidValueException>(() =>
            Projection.Pullback(Frame, SpectrumCotangent.NewOfMean(new double[3]))
        );
        Check.Equal("number of derivatives", problem.Parameter);
        Check.Throws<InvalidValueException>(() =>
            Projection.Pullback(
                Frame,
                SpectrumCotangent.NewOfEachParticle((_, _, _) => { }),
                options: RunOptions.Of(threads: -1)
            )
        );
        Check.Equal(0, Projection.PowerSpectrum([], gradients: [GradientParameter.Positions])[0].Samples.Count);
    }
}
