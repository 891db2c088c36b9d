using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

internal static class FrameFileTests
{
    private static readonly string Nematic = Examples.Shipped("nematic.extxyz.gz");

    internal static Test All { get; } =
        TestList(
            "files of frames",
            [
                TestCase("a shipped file is read frame by frame", ReadsShippedFile),
                TestCase("only the frames asked for are read", ReadsSlices),
                TestCase("whoever stops early has the file closed", () => Examples.InFolder(StopsEarly)),
                TestCase("frames read ahead are the frames of the file", ReadsAhead),
                TestCase("reading ahead can be cancelled", CancelsReading),
                TestCase("an error while reading ahead is the reader's", () => Examples.InFolder(ReadsAheadToError)),
                TestCase("written frames are read back as they were", () => Examples.InFolder(WritesAndReads)),
                TestCase("frames are written as they come", () => Examples.InFolder(WritesAsync)),
                TestCase("what a format cannot hold is told and returned", () => Examples.InFolder(WarnsOfLosses)),
                TestCase("a cancelled write leaves nothing", () => Examples.InFolder(CancelsWriting)),
                TestCase("a warning comes to the caller once", Warns),
                TestCase("options replace what the file says", ReadsWithOptions),
                TestCase(
                    "parts of a trajectory begin at their frames and hold all of them",
                    () => Examples.InFolder(ReadsInParts)
                ),
                TestCase(
                    "a layer is read as repeating along two vectors when told so",
                    () => Examples.InFolder(ReadsLayer)
                ),
            ]
        );

    private static void ReadsShippedFile()
    {
        var frames = FrameFile.Read(Nematic).ToList();
        Check.Equal(6, frames.Count);
        Check.That(frames.All(frame => frame.Count == frame.Particles.Length && frame.Count > 0));
        Check.That(frames[0].Cell.IsPeriodic);
        Check.That(frames[0].Particles.All(particle => !particle.IsSphere));
    }

    private static Task ReadsInParts(string folder)
    {
        var path = Path.Combine(folder, "frames.extxyz");
        FrameFile.Write(path, FrameFile.Read(Nematic));
        IndexFile.Save(IndexFile.Make(path, InputOptions.Of(cutoffRadius: 2.0)));
        var index = IndexFile.Load(path);
        var (all, parts) = (FrameFile.Read(path).ToList(), index.Parts(4));
        Check.Equal(4, parts.Count);
        var read = parts.SelectMany(span => index.Read(span)).ToList();
        Check.Equal(all.Count, read.Count);
        for (var i = 0; i < read.Count; i++)
            Check.That(all[i].Particles.SequenceEqual(read[i].Particles));
        Check.Equal(all.Count, parts.Sum(span => index.ReadSnapshots(span).Count()));
        Check.Throws<InvalidValueException>(() => index.Parts(7));
        return Task.CompletedTask;
    }

    private static void ReadsSlices()
    {
        var all = FrameFile.Read(Nematic).ToList();
        var some = FrameFile.Read(Nematic, InputOptions.Of(selection: FrameSelection.Parse("1::2"))).ToList();
        Check.Equal(3, some.Count);
        for (var i = 0; i < some.Count; i++)
            Check.That(all[2 * i + 1].Particles.SequenceEqual(some[i].Particles));
    }

    private static async Task StopsEarly(string folder)
    {
        var path = Path.Combine(folder, "frames.xyz");
        FrameFile.Write(path, Examples.Frames(20));
        Check.Equal(6, FrameFile.Read(path).First().Count);
        await foreach (var frame in FrameFile.ReadAsync(path))
        {
            Check.Equal(6, frame.Count);
            break;
        }
        // Nobody may have it open to get it exclusively.
        using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    private static async Task ReadsAhead()
    {
        var expected = FrameFile.Read(Nematic).ToList();
        var found = new List<Frame>();
        await foreach (var frame in FrameFile.ReadAsync(Nematic))
            found.Add(frame);
        Check.Equal(expected.Count, found.Count);
        for (var i = 0; i < found.Count; i++)
            Check.That(expected[i].Particles.SequenceEqual(found[i].Particles));
    }

    private static async Task CancelsReading()
    {
        using var stop = new CancellationTokenSource();
        var read = 0;
        await Check.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in FrameFile.ReadAsync(Nematic, cancellationToken: stop.Token))
            {
                read++;
                stop.Cancel();
            }
        });
        Check.Equal(1, read);
    }

    private static async Task ReadsAheadToError(string folder)
    {
        var path = Path.Combine(folder, "broken.xyz");
        FrameFile.Write(path, Examples.Frames(1));
        File.AppendAllText(path, "two\n");
        var read = 0;
        var problem = await Check.ThrowsAsync<MalformedDataException>(async () =>
        {
            await foreach (var _ in FrameFile.ReadAsync(path))
                read++;
        });
        Check.Equal(1, read);
        Check.Equal(path, problem.Place.Source?.Value);
        Check.Equal(9, problem.Place.Line?.Value);
        Check.Equal(1, problem.Place.Frame?.Value);
    }

    private static Task WritesAndReads(string folder)
    {
        var path = Path.Combine(folder, "frames.xyz");
        var frames = Examples.Frames(3);
        Check.Equal(3, FrameFile.Write(path, frames).Count);
        var (overwritten, _) = FrameFile.Write(path, frames, overwrite: true);
        Check.Equal(3, overwritten);
        SameFrames(frames, FrameFile.Read(path));
        Check.Throws<InaccessibleFileException>(() => FrameFile.Write(path, frames));
        Check.Equal(1, FrameFile.Write(path, frames[..1], overwrite: true).Count);
        Check.Equal(1, FrameFile.Read(path).Count());
        return Task.CompletedTask;
    }

    private static async Task WritesAsync(string folder)
    {
        var (first, second) = (Path.Combine(folder, "first.xyz"), Path.Combine(folder, "second.xyz"));
        var frames = Examples.Frames(9);
        FrameFile.Write(first, frames);
        Check.Equal(9, (await FrameFile.WriteAsync(second, FrameFile.ReadAsync(first))).Count);
        SameFrames(frames, FrameFile.Read(second));
    }

    private static Task WarnsOfLosses(string folder)
    {
        // LAMMPS's first cell vector lies along x: everything is turned.
        var cell = Cell.Create(new(0, 9, 0), new(9, 0, 0), new(0, 0, -9));
        Frame[] turned = [Frame.Create(Examples.Frames(1)[0].Particles, cell)];
        var told = new List<string>();
        var written = FrameFile.Write(Path.Combine(folder, "turned.dump"), turned, onWarning: told.Add);
        Check.Equal(1, written.Count);
        Check.That(told.Count > 0 && told.SequenceEqual(written.Warnings));
        Check.That(FrameFile.Write(Path.Combine(folder, "as-they-are.xyz"), turned).Warnings.IsEmpty);
        return Task.CompletedTask;
    }

    private static Task CancelsWriting(string folder)
    {
        using var stop = new CancellationTokenSource();
        IEnumerable<Frame> Frames()
        {
            yield return Examples.Frames(1)[0];
            stop.Cancel();
            yield return Examples.Frames(1)[0];
        }
        Check.Throws<OperationCanceledException>(() =>
            FrameFile.Write(Path.Combine(folder, "never.xyz"), Frames(), cancellationToken: stop.Token)
        );
        Check.Equal(0, Directory.GetFiles(folder).Length);
        return Task.CompletedTask;
    }

    private static void Warns()
    {
        var warnings = new List<string>();
        var options = InputOptions.Of(semiAxes: new Vector3(1, 2, 3), warn: warnings.Add);
        Check.Equal(6, FrameFile.Read(Nematic, options).Count());
        Check.Equal(1, warnings.Count);
        Check.That(warnings[0].Contains("shapes"));
    }

    private static void ReadsWithOptions()
    {
        var options = InputOptions.Of(semiAxes: new Vector3(1, 2, 3), selection: FrameSelection.Parse("0"));
        var frame = FrameFile.Read(Nematic, options).Single();
        Check.That(frame.Particles.All(particle => particle.SemiAxes == new Vector3(1, 2, 3)));
        var sliced = Check.Throws<InvalidValueException>(() =>
            FrameFile.Read(Nematic, InputOptions.Of(selection: FrameSelection.Parse("a:b")))
        );
        Check.Equal("frames", sliced.Parameter);
    }

    private static Task ReadsLayer(string folder)
    {
        var path = Path.Combine(folder, "layer.dump");
        File.WriteAllText(
            path,
            """
            ITEM: TIMESTEP
            0
            ITEM: NUMBER OF ATOMS
            2
            ITEM: BOX BOUNDS pp pp pp
            0 12
            0 12
            -0.5 0.5
            ITEM: ATOMS id type x y z quatw quati quatj quatk shapex shapey shapez
            1 1 2 2 0 1 0 0 0 3 1 1
            2 1 5.5 2 0 0.8 0 0 0.6 3 1 1

            """
        );
        var told = new List<string>();
        var asStated = FrameFile.Read(path, InputOptions.Of(warn: told.Add)).Single();
        Check.Equal(new Periodicity(true, true, true), asStated.Cell.Periodicity);
        Check.Equal(1, told.Count);
        told.Clear();
        var flat = FrameFile
            .Read(path, InputOptions.Of(periodicity: new Periodicity(true, true, false), warn: told.Add))
            .Single();
        Check.Equal(new Periodicity(true, true, false), flat.Cell.Periodicity);
        Check.Equal(0, told.Count);
        return Task.CompletedTask;
    }

    private static void SameFrames(IEnumerable<Frame> expected, IEnumerable<Frame> found)
    {
        foreach (var (one, other) in expected.Zip(found))
        {
            Check.Equal(one.Cell, other.Cell);
            foreach (var (particle, read) in one.Particles.Zip(other.Particles))
            {
                Check.Equal(particle.Species, read.Species);
                Check.Equal(particle.Position, read.Position);
                Check.Equal(particle.SemiAxes, read.SemiAxes);
                // Normalised again when it is read.
                Check.Close(1e-15, Numbers(particle.Orientation), Numbers(read.Orientation));
            }
        }
        Check.Equal(expected.Count(), found.Count());
    }

    private static double[] Numbers(Quaternion q) => [q.W, q.X, q.Y, q.Z];
}
