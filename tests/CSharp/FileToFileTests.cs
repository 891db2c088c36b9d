using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

/// <summary>From files to a file in a dozen lines.</summary>
internal static class FileToFileTests
{
    private static readonly string Nematic = Examples.Shipped("nematic.extxyz.gz");
    private static readonly string Smectic = Examples.Shipped("smectic.extxyz.gz");

    internal static Test All { get; } =
        TestList(
            "from files to a file",
            [
                TestCase(
                    "a dozen lines go from files to rows, a file and an engine",
                    () => Examples.InFolder(ADozenLines)
                ),
                TestCase(
                    "hyperparameters are saved and loaded, and read out of features",
                    () => Examples.InFolder(Hyperparameters)
                ),
                TestCase(
                    "hyperparameters that are none are refused with their line",
                    () => Examples.InFolder(BadHyperparameters)
                ),
                TestCase(
                    "features of frames in memory go into a file by its ending",
                    () => Examples.InFolder(FramesToFile)
                ),
                TestCase("maps are written and read by their file's ending", () => Examples.InFolder(Maps)),
                TestCase("an output that cannot be is refused at the call", () => Examples.InFolder(Mistakes)),
                TestCase("a file whose writing is cancelled does not appear", () => Examples.InFolder(Cancels)),
            ]
        );

    private static async Task ADozenLines(string folder)
    {
        Examples.Hypers.Save(Path.Combine(folder, "hypers.json"));
        string[] trajectories = [Nematic, Smectic];
        var (token, sum) = (CancellationToken.None, 0.0);
        // --- from here
        var hypers = Hypers.Load(Path.Combine(folder, "hypers.json"));
        var features = Features.FromFiles(trajectories, hypers);
        await foreach (var row in features.RowsAsync(token))
            sum += row.Values.Span[0];
        await features.WriteAsync(Path.Combine(folder, "features.parquet"), overwrite: true);
        using var engine = hypers.CreateEngine(species: features.Projection.Species);
        var spectrum = new double[features.Properties.Count];
        engine.MeanSpectrum(FrameFile.Read(Nematic).First(), SpectrumColumns.OrderedPairs, spectrum);
        // --- to here
        Check.Same(features.Rows().First().Values.Span, spectrum);
        Check.That(sum > 0);
        foreach (var ending in new[] { ".npz", ".csv", ".mts", ".h5", ".parquet" })
        {
            var path = Path.Combine(folder, "features" + ending);
            var done = features.Write(path, overwrite: true);
            Check.Equal(12L, done.Frames);
            Check.Equal(hypers, Hypers.Load(path));
            var block = TensorMap.Read(path)[0];
            foreach (var row in features.Rows())
                Check.Same(row.Values.Span, block.Row(row.Frame));
        }
    }

    private static Task Hyperparameters(string folder)
    {
        var path = Path.Combine(folder, "hypers.json");
        var hypers = Hypers
            .Monomial(maxAngular: 3, maxRadial: new[] { 3, 2, 2, 1 }, cutoffRadius: 3.5)
            .With(
                smoothing: Smoothing.NewShiftedCosine(1),
                radialScaling: new(2, 1, 4),
                centerDensity: CenterDensity.Absent
            );
        hypers.Save(path);
        Check.Equal(hypers, Hypers.Load(path));
        Check.Equal(hypers, Hypers.FromJson(hypers.ToJson()));
        var dense = hypers.With(
            centerDensity: CenterDensity.Own,
            densityScale: 0.8,
            speciesMixing: SpeciesMixing.NewRandom(2, 7),
            normalizeSpectra: true,
            averaging: Averaging.Inner
        );
        Check.Equal(dense, Hypers.FromJson(dense.ToJson()));
        Check.Throws<InaccessibleFileException>(() => hypers.Save(path));
        Examples.Hypers.Save(path, overwrite: true);
        Check.Equal(Examples.Hypers, Hypers.Load(path));
        return Task.CompletedTask;
    }

    private static Task BadHyperparameters(string folder)
    {
        var path = Path.Combine(folder, "hypers.json");
        File.WriteAllText(path, "{\n  \"max_angular\": 4,\n  \"cutof_radius\": 3\n}\n");
        var problem = Check.Throws<AniSoapException>(() => Hypers.Load(path));
        Check.Equal(path, problem.Place.Source?.Value);
        Check.Equal(3, problem.Place.Line?.Value);
        Check.Throws<MissingDataException>(() => Hypers.FromJson("{\"max_angular\": 4}"));
        Check.Throws<InaccessibleFileException>(() => Hypers.Load(Path.Combine(folder, "none.json")));
        return Task.CompletedTask;
    }

    private static Task FramesToFile(string folder)
    {
        var projection = Projection.Create(Examples.Hypers, [1, 2]);
        var frames = Examples.Frames(3);
        var expected = projection.PowerSpectrum(frames, meanOverSamples: false);
        var path = Path.Combine(folder, "particles.mts");
        Check.Equal(
            18L,
            projection.Stream(frames, meanOverSamples: false, options: RunOptions.Of(threads: 2)).Write(path).Particles
        );
        var read = TensorMap.Read(path);
        for (var i = 0; i < expected.Count; i++)
            Check.Same(expected[i].Values, read[i].Values);
        Check.Equal(Examples.Hypers, Hypers.Load(path));
        return Task.CompletedTask;
    }

    private static Task Maps(string folder)
    {
        var spectrum = Projection.Create(Examples.Hypers, [1, 2]).PowerSpectrum(Examples.Frames(2));
        foreach (var ending in new[] { ".npz", ".h5", ".mts" })
        {
            var path = Path.Combine(folder, "spectrum" + ending);
            spectrum.Write(path);
            Check.Throws<InaccessibleFileException>(() => spectrum.Write(path));
            spectrum.Write(path, overwrite: true);
            Check.Equal(
                spectrum.Blocks.Sum(block => block.Values.Length),
                TensorMap.Read(path).Blocks.Sum(block => block.Values.Length)
            );
        }
        Check.Throws<InvalidValueException>(() => spectrum.Write(Path.Combine(folder, "spectrum.doc")));
        return Task.CompletedTask;
    }

    private static Task Mistakes(string folder)
    {
        var features = Features.FromFiles([Nematic], Examples.Hypers);
        var path = Path.Combine(folder, "features.npz");
        File.WriteAllText(path, "mine");
        Check.Throws<InaccessibleFileException>(() => _ = features.WriteAsync(path));
        Check.Throws<InvalidValueException>(() => _ = features.WriteAsync(Path.Combine(folder, "features.doc")));
        Check.Throws<InaccessibleFileException>(() =>
            _ = features.WriteAsync(Path.Combine(folder, "no", "features.npz"))
        );
        Check.Equal("mine", File.ReadAllText(path));
        return Task.CompletedTask;
    }

    private static async Task Cancels(string folder)
    {
        using var stop = new CancellationTokenSource();
        IEnumerable<Frame> Forever()
        {
            for (var i = 0; ; i++)
            {
                if (i == 20)
                    stop.Cancel();
                yield return Examples.Frames(1, seed: i)[0];
            }
        }
        var projection = Projection.Create(Examples.Hypers, [1, 2]);
        await Check.ThrowsAsync<OperationCanceledException>(() =>
            projection.Stream(Forever()).WriteAsync(Path.Combine(folder, "never.npz"), cancellationToken: stop.Token)
        );
        Check.Equal(0, Directory.GetFiles(folder).Length);
    }
}
