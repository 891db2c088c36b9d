using AniSoap.Analysis;
using Expecto;
using Microsoft.FSharp.Core;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

internal static class ProjectionTests
{
    internal static Test All { get; } =
        TestList(
            "projections",
            [
                TestCase("coefficients are those of the F# library", TransformsAsCore),
                TestCase("raw coefficients are those of the F# library", TransformsRawAsCore),
                TestCase("mean spectra are those of the F# library", AveragesAsCore),
                TestCase("spectra of particles are those of the F# library", SpectraOfParticlesAsCore),
                TestCase("half the columns have the same norm", CompactHasSameNorm),
                TestCase("the mean is the mean of the particles", MeanIsMean),
                TestCase("a shipped file gives the documented numbers", ShippedFile),
                TestCase("what is suggested for frames can be computed, and is as large as was said", Suggests),
                TestCase("species fix the columns", SpeciesFixColumns),
                TestCase("radial functions are made once, whatever the species", RadialFunctionsOnce),
                TestCase("a rotated system has the same spectrum", RotationInvariance),
                TestCase("the number of threads changes nothing", Threads),
                TestCase("progress ends with all frames done", Progress),
                TestCase("a spectrum can be cancelled", Cancels),
                TestCase("a transform can be cancelled", CancelsTransform),
                TestCase("limits are kept by every call and can be raised", KeepsLimits),
                TestCase("equal hyperparameters are equal and vary by With", Varied),
            ]
        );

    private static readonly Projection Projection = Projection.Create(Examples.Hypers, Examples.Frames(1));

    private static Projection Core => ProjectionModule.create(Examples.Hypers, [1, 2]).ResultValue;

    private static void SameMaps(TensorMap expected, TensorMap found)
    {
        Check.Equal(expected.Keys, found.Keys);
        foreach (var (key, block) in found)
        {
            var other = expected.Blocks[key.Position];
            Check.Equal(expected[key.Position].Samples, block.Samples);
            Check.Same(other.Values, block.Values);
        }
    }

    private static void TransformsAsCore()
    {
        // More frames than are computed at once.
        var frames = Examples.Frames(35);
        var expected = Expansion.coefficients(Core, frames).ResultValue;
        SameMaps(expected, Projection.Transform(frames));
    }

    private static void TransformsRawAsCore()
    {
        var frames = Examples.Frames(2);
        var expected = Expansion.coefficientsWith(RunOptionsModule.defaults, RadialForm.Raw, Core, frames).ResultValue;
        SameMaps(expected, Projection.Transform(frames, normalize: false));
    }

    private static void AveragesAsCore()
    {
        var frames = Examples.Frames(3);
        SameMaps(PowerSpectrum.mean(Core, frames).ResultValue, Projection.PowerSpectrum(frames));
    }

    private static void SpectraOfParticlesAsCore()
    {
        var frames = Examples.Frames(3);
        var expected = PowerSpectrum.perParticle(Core, frames).ResultValue;
        SameMaps(expected, Projection.PowerSpectrum(frames, meanOverSamples: false));
    }

    private static double Norm(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value * value;
        return sum;
    }

    private static void CompactHasSameNorm()
    {
        var frames = Examples.Frames(2);
        var ordered = Projection.PowerSpectrum(frames);
        var unordered = Projection.PowerSpectrum(frames, columns: SpectrumColumns.UnorderedPairs);
        Check.That(unordered[0].Properties.Count < ordered[0].Properties.Count);
        for (var i = 0; i < ordered.Count; i++)
            Check.Close(1e-12, [Norm(ordered[i].Row(1))], [Norm(unordered[i].Row(1))]);
    }

    private static void MeanIsMean()
    {
        var frames = Examples.Frames(1);
        var mean = Projection.PowerSpectrum(frames).Block(("center_type", 2));
        var each = Projection.PowerSpectrum(frames, meanOverSamples: false).Block(("center_type", 2));
        Check.Equal(3, each.Samples.Count);
        var average = new double[each.Properties.Count];
        for (var i = 0; i < 3; i++)
        for (var j = 0; j < average.Length; j++)
            average[j] += each[i, j] / 3;
        Check.Close(1e-13, average, mean.Row(0));
    }

    private static void ShippedFile()
    {
        var frames = FrameFile.Read(Examples.Shipped("nematic.extxyz.gz")).ToList();
        var hypers = Hypers.Gto(maxAngular: 6, maxRadial: 4, width: 1.5, cutoffRadius: 4.0);
        var spectrum = Projection.Create(hypers, frames).PowerSpectrum(frames);
        Check.Equal("6, 175", string.Join(", ", spectrum[0].Shape));
        Check.Close(1e-7, [5.206833, 6.093949, 5.631437, 3.693601, 1.597776], spectrum[0].Row(0)[..5]);
    }

    private static void Suggests()
    {
        var frames = FrameFile.Read(Examples.Shipped("nematic.extxyz.gz")).Take(1).ToList();
        var suggestion = Suggestion.For(frames, mostColumns: 100, threads: 1);
        var spectrum = Projection.Create(suggestion.Hypers, frames).PowerSpectrum(frames)[0];
        Check.Equal(suggestion.Cost.Columns, (long)spectrum.Properties.Count);
        Check.Equal(4, suggestion.Values.Length);
    }

    private static void SpeciesFixColumns()
    {
        var projection = Projection.Create(Examples.Hypers, [7, 1, 2]);
        Check.Equal("1, 2, 7", string.Join(", ", projection.Species));
        var spectrum = projection.PowerSpectrum(Examples.Frames(1));
        Check.Equal(3, spectrum.Count);
        Check.Equal(0.0, Norm(spectrum.Block(("center_type", 7)).Values));
        var only = Projection.Create(Examples.Hypers, [1]);
        var problem = Check.Throws<InvalidValueException>(() => only.PowerSpectrum(Examples.Frames(2)));
        Check.Equal("species", problem.Parameter);
        Check.Equal("2", problem.Value);
        Check.Equal(0, problem.Place.Frame?.Value);
        Check.Equal(1, problem.Place.Particle?.Value);
    }

    private static void RadialFunctionsOnce()
    {
        var made = Projection.RadialFunctions;
        Check.That(ReferenceEquals(made, Projection.With([1, 2, 7]).RadialFunctions));
        Check.That(ReferenceEquals(made, Projection.With(Limits.None).RadialFunctions));
        Check.That(!ReferenceEquals(made, Core.RadialFunctions));
    }

    private static void RotationInvariance()
    {
        var frame = Frame.Create(Examples.Frames(1)[0].Particles);
        var turn = Quaternion.FromAxisAngle(new(1, 2, 3), 1.0);
        // The image of a vector: q v q*, by the product of quaternions.
        Vector3 Turn(Vector3 v)
        {
            var image = turn * new Quaternion(0, v.X, v.Y, v.Z) * new Quaternion(turn.W, -turn.X, -turn.Y, -turn.Z);
            return new(image.X, image.Y, image.Z);
        }
        var turned = Frame.Create(
            frame.Particles.Select(p => Ellipsoid.Create(p.Species, Turn(p.Position), turn * p.Orientation, p.SemiAxes))
        );
        var spectrum = Projection.PowerSpectrum([frame, turned]);
        foreach (var block in spectrum.Blocks)
            Check.Close(1e-11, block.Row(0), block.Row(1));
        var coefficients = Projection.Transform([frame, turned]).Block(("o3_lambda", 2), ("center_type", 1));
        Check.Throws<CheckFailed>(() => Check.Close(1e-3, coefficients.Row(0), coefficients.Row(3)));
    }

    private static void Threads()
    {
        var frames = Examples.Frames(5, particles: 40);
        var one = Projection.PowerSpectrum(frames);
        var three = Projection.PowerSpectrum(frames, options: RunOptions.Of(threads: 3));
        var all = Projection.PowerSpectrum(frames, options: RunOptions.Of(threads: 0));
        for (var i = 0; i < one.Count; i++)
        {
            Check.Same(one[i].Values, three[i].Values);
            Check.Same(one[i].Values, all[i].Values);
        }
        var problem = Check.Throws<InvalidValueException>(() =>
            Projection.PowerSpectrum(frames, options: RunOptions.Of(threads: -1))
        );
        Check.Equal("threads", problem.Parameter);
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, tells at once.</summary>
    private sealed class Reports(Action<RunProgress>? then = null) : IProgress<RunProgress>
    {
        internal List<RunProgress> All { get; } = [];

        public void Report(RunProgress value)
        {
            All.Add(value);
            then?.Invoke(value);
        }
    }

    private static void Progress()
    {
        var (spectrum, transform) = (new Reports(), new Reports());
        Projection.PowerSpectrum(Examples.Frames(40), options: RunOptions.Of(progress: spectrum));
        Check.Equal(40L, spectrum.All[^1].Frames);
        Check.Equal(240L, spectrum.All[^1].Particles);
        Check.That(spectrum.All[^1].Pairs > 0);
        Projection.Transform(Examples.Frames(40), options: RunOptions.Of(progress: transform));
        Check.Equal(40L, transform.All[^1].Frames);
        Check.Equal(240L, transform.All[^1].Particles);
        Check.That(transform.All.Count > 1);
    }

    private static void Cancels()
    {
        using var stop = new CancellationTokenSource();
        var reports = new Reports(_ => stop.Cancel());
        Check.Throws<OperationCanceledException>(() =>
            Projection.PowerSpectrum(
                Examples.Frames(40),
                options: RunOptions.Of(threads: 2, progress: reports, cancellation: stop.Token)
            )
        );
        Check.That(reports.All[^1].Frames < 40);
    }

    private static void CancelsTransform()
    {
        using var stop = new CancellationTokenSource();
        var reports = new Reports(_ => stop.Cancel());
        Check.Throws<OperationCanceledException>(() =>
            Projection.Transform(
                Examples.Frames(40),
                options: RunOptions.Of(progress: reports, cancellation: stop.Token)
            )
        );
        Check.That(reports.All[^1].Frames < 40);
    }

    private static void KeepsLimits()
    {
        Check.Equal(20_000_000_000L, Projection.Limits.MaxPairs);
        Check.Equal(16L << 30, Projection.Limits.MaxMemory);
        var frames = Examples.Frames(2);
        Limits few = new(maxPairs: 1, maxMemory: Limits.Defaults.MaxMemory);
        var limited = Projection.With(few);
        Action[] calls =
        [
            () => limited.PowerSpectrum(frames),
            () => limited.Transform(frames),
            () => limited.PowerSpectrum(frames, gradients: [GradientParameter.Positions]),
        ];
        foreach (var call in calls)
            Check.Equal("pairs of a frame", Check.Throws<InvalidValueException>(call).Parameter);
        Check.Same(
            Projection.PowerSpectrum(frames)[0].Values,
            Projection.With(Limits.None).PowerSpectrum(frames)[0].Values
        );
    }

    private static void Varied()
    {
        var one = Examples.Hypers;
        Check.Equal(one, one.With());
        Check.Equal(one, one.With(maxRadial: 2));
        Check.That(!one.Equals(one.With(maxRadial: RadialCount.Coupled)));
        Check.Equal("2, 1, 1", one.With(maxRadial: new[] { 2, 1, 1 }).MaxRadial.ToString());
        Check.Equal(one, HypersModule.gto(4, 2, 1.5, 4.0));
        var (basis, mixing, smoothing, scaling) = (
            RadialBasis.Monomial,
            SpeciesMixing.NewRandom(2, 7),
            Smoothing.NewShiftedCosine(1),
            new RadialScaling(2, 1, 4)
        );
        Check.Equal(
            new Hypers(
                5,
                3,
                basis,
                3,
                CenterDensity.Absent,
                0.8,
                FSharpOption<SpeciesMixing>.Some(mixing),
                true,
                Averaging.Inner,
                smoothing,
                FSharpOption<RadialScaling>.Some(scaling),
                1e-9,
                1e-4
            ),
            one.With(
                5,
                3,
                basis,
                3,
                CenterDensity.Absent,
                0.8,
                mixing,
                true,
                Averaging.Inner,
                smoothing,
                scaling,
                1e-9,
                1e-4
            )
        );
        var perAngular = Projection.Create(one.With(maxAngular: 2, maxRadial: new[] { 2, 1, 0 }), [1, 2]);
        var spectrum = perAngular.PowerSpectrum(Examples.Frames(1));
        Check.Equal((9 + 4 + 1) * 4, spectrum[0].Properties.Count);
    }
}
