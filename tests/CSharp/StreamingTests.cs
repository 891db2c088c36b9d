using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

internal static class StreamingTests
{
    private static readonly string Nematic = Examples.Shipped("nematic.extxyz.gz");
    private static readonly Projection Projection = Projection.Create(Examples.Hypers, [1, 2]);

    internal static Test All { get; } =
        TestList(
            "streams of features",
            [
                TestCase("rows of files are the rows of the spectrum, for any number of threads", RowsOfFiles),
                TestCase("rows of particles carry their particle and its species", RowsOfParticles),
                TestCase("frames go in as they come and rows come out as they are done", AsyncFrames),
                TestCase("an endless stream of frames is computed as far as somebody asks", Endless),
                TestCase("not many more frames are read than rows are taken", BackPressure),
                TestCase("a stream can be cancelled while it waits for frames", CancelsWaiting),
                TestCase("a stream that is cancelled between rows gives no more", CancelsBetween),
                TestCase("a stream is stopped by the token of its options too", CancelsByOptions),
                TestCase(
                    "an error in the tenth frame comes after nine rows",
                    () => Examples.InFolder(ErrorInTheMiddle)
                ),
                TestCase("mistakes are thrown at the call, not at the first row", Mistakes),
                TestCase("no threads are all processors, and fewer are refused", Threads),
            ]
        );

    private static void RowsOfFiles()
    {
        var frames = FrameFile.Read(Nematic).ToList();
        var expected = Projection.Create(Examples.Hypers, frames).PowerSpectrum(frames)[0];
        foreach (var threads in new[] { 1, 3, 0 })
        {
            var features = Features.FromFiles([Nematic], Examples.Hypers, options: RunOptions.Of(threads: threads));
            var rows = features.Rows().ToList();
            Check.Equal(expected.Properties.Count, features.Properties.Count);
            Check.Equal("0, 1, 2, 3, 4, 5", string.Join(", ", rows.Select(row => row.Frame)));
            foreach (var row in rows)
            {
                Check.Same(expected.Row(row.Frame), row.Values.Span);
                Check.That(row is { Particle: null, CenterType: null });
            }
        }
    }

    private static void RowsOfParticles()
    {
        var frames = Examples.Frames(2);
        var expected = Projection.PowerSpectrum(frames, meanOverSamples: false);
        var rows = Projection.Stream(frames, meanOverSamples: false).Rows().ToList();
        Check.Equal(12, rows.Count);
        foreach (var row in rows)
        {
            var block = expected.Block(("center_type", row.CenterType!.Value));
            var sample = block.Samples.Position([row.Frame, row.Particle!.Value]);
            Check.Equal(frames[row.Frame].Particles[row.Particle.Value].Species, row.CenterType.Value);
            Check.Same(block.Row(sample), row.Values.Span);
        }
    }

    private static async Task AsyncFrames()
    {
        var expected = Features.FromFiles([Nematic], Examples.Hypers).Rows().ToList();
        var projection = Projection.Create(Examples.Hypers, expectedSpecies);
        var at = 0;
        await foreach (
            var row in projection.Stream(FrameFile.ReadAsync(Nematic), options: RunOptions.Of(threads: 2)).RowsAsync()
        )
            Check.Same(expected[at++].Values.Span, row.Values.Span);
        Check.Equal(6, at);
    }

    private static readonly int[] expectedSpecies = [.. FrameFile.Read(Nematic).First().Species];

    private static IEnumerable<Frame> Forever(Action<int>? given = null)
    {
        for (var i = 0; ; i++)
        {
            given?.Invoke(i);
            yield return Examples.Frames(1, seed: i)[0];
        }
    }

    private static void Endless()
    {
        foreach (var threads in new[] { 1, 2 })
            Check.Equal(
                "0, 1, 2",
                string.Join(
                    ", ",
                    Projection
                        .Stream(Forever(), options: RunOptions.Of(threads: threads))
                        .Rows()
                        .Take(3)
                        .Select(row => row.Frame)
                )
            );
    }

    private static void BackPressure()
    {
        var (given, taken, most) = (0, 0, 0);
        foreach (var _ in Projection.Stream(Forever(i => given = i)).Rows())
        {
            most = Math.Max(most, given - taken);
            if (++taken == 200)
                break;
        }
        Check.That(most < 60, $"{most} frames ahead");
    }

    private static async Task CancelsWaiting()
    {
        using var stop = new CancellationTokenSource();
        static async IAsyncEnumerable<Frame> Never(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default
        )
        {
            yield return Examples.Frames(1)[0];
            await Task.Delay(Timeout.Infinite, token);
        }
        var waiting = Check.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var _ in Projection.Stream(Never(), options: RunOptions.Of(threads: 2)).RowsAsync(stop.Token)
            ) { }
        });
        stop.CancelAfter(50);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task CancelsBetween()
    {
        using var stop = new CancellationTokenSource();
        var taken = 0;
        await Check.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var _ in Projection.Stream(Forever(), options: RunOptions.Of(threads: 2)).RowsAsync(stop.Token)
            )
            {
                taken++;
                stop.Cancel();
            }
        });
        Check.Equal(1, taken);
    }

    private static async Task CancelsByOptions()
    {
        using var stop = new CancellationTokenSource();
        var stream = Projection.Stream(Forever(), options: RunOptions.Of(cancellation: stop.Token));
        var taken = 0;
        await Check.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in stream.RowsAsync())
                if (++taken == 3)
                    stop.Cancel();
        });
        Check.Equal(3, taken);
    }

    private static Task ErrorInTheMiddle(string folder)
    {
        var path = Path.Combine(folder, "broken.xyz");
        FrameFile.Write(path, Examples.Frames(9));
        File.AppendAllText(path, "two\n");
        var taken = 0;
        var problem = Check.Throws<MalformedDataException>(() =>
        {
            foreach (var _ in Features.FromFiles([path], Examples.Hypers, species: [1, 2]).Rows())
                taken++;
        });
        Check.Equal(9, taken);
        Check.Equal(9, problem.Place.Frame?.Value);
        return Task.CompletedTask;
    }

    private static void Mistakes()
    {
        var hypers = Examples.Hypers;
        string Parameter(Action call) => Check.Throws<InvalidValueException>(call).Parameter;
        Check.Throws<InaccessibleFileException>(() => Features.FromFiles(["no-such-file.xyz"], hypers));
        Check.Throws<InaccessibleFileException>(() => FrameFile.ReadMany([Nematic, "no-such-file.xyz"]));
        Check.Throws<InaccessibleFileException>(() => FrameFile.ReadAsync("no-such-file.xyz"));
        Check.Throws<InvalidValueException>(() =>
            FrameFile.ReadAsync(Nematic, InputOptions.Of(selection: FrameSelection.Parse("a:b")))
        );
        Check.Throws<ArgumentNullException>(() => Features.FromFiles(null!, hypers));
        Check.Throws<ArgumentNullException>(() => Features.FromFiles([Nematic], null!));
        Check.Equal("cutoff_radius", Parameter(() => Features.FromFiles([Nematic], hypers.With(cutoffRadius: 0))));
        Check.Equal(
            "frames",
            Parameter(() =>
                Features.FromFiles([Nematic], hypers, input: InputOptions.Of(selection: FrameSelection.Parse("a:b")))
            )
        );
        Check.Equal(
            "threads",
            Parameter(() => Features.FromFiles([Nematic], hypers, options: RunOptions.Of(threads: -1)))
        );
        Check.Throws<ArgumentNullException>(() => Projection.Stream((IEnumerable<Frame>)null!));
    }

    private static void Threads()
    {
        var frames = Examples.Frames(3, particles: 40);
        var one = Projection.PowerSpectrum(frames);
        Check.Same(one[0].Values, Projection.PowerSpectrum(frames, options: RunOptions.Of(threads: 0))[0].Values);
        Check.Same(
            Projection.Transform(frames)[0].Values,
            Projection.Transform(frames, options: RunOptions.Of(threads: 0))[0].Values
        );
        Check.Throws<InvalidValueException>(() => Projection.Transform(frames, options: RunOptions.Of(threads: -1)));
        Check.Throws<InvalidValueException>(() =>
            Projection.PowerSpectrum(frames, gradients: [], options: RunOptions.Of(threads: -1))
        );
        Check.Throws<InvalidValueException>(() =>
            Projection.Pullback(
                frames[0],
                SpectrumCotangent.NewOfEachParticle((_, _, _) => { }),
                options: RunOptions.Of(threads: -2)
            )
        );
    }
}
