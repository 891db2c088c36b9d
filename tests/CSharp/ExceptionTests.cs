using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

internal static class ExceptionTests
{
    internal static Test All { get; } =
        TestList(
            "exceptions",
            [
                TestCase("a hyperparameter that cannot work is named", InvalidHyperparameter),
                TestCase("an ellipsoid that is none is refused", InvalidEllipsoid),
                TestCase("a cell that is none is refused", InvalidCell),
                TestCase("a file that is not there is inaccessible", NoFile),
                TestCase("a file without orientations misses them", () => Examples.InFolder(NoOrientation)),
                TestCase("no frames have no spectrum", NoFrames),
                TestCase("null is a mistake in the call", Nulls),
            ]
        );

    private static void InvalidHyperparameter()
    {
        var problem = Check.Throws<InvalidValueException>(() =>
            _ = Projection.Create(Examples.Hypers.With(cutoffRadius: -1), [1])
        );
        Check.Equal("cutoff_radius", problem.Parameter);
        Check.Equal("-1", problem.Value);
        Check.Equal("a finite number above zero", problem.Accepted);
        Check.Equal("cutoff_radius = -1 cannot be used; accepted: a finite number above zero", problem.Message);
        Check.Equal(Place.Unknown, problem.Place);
    }

    private static void InvalidEllipsoid()
    {
        var problem = Check.Throws<InvalidValueException>(() =>
            _ = Ellipsoid.Create(1, new(0, 0, 0), Quaternion.Identity, new(1, 0, 1))
        );
        Check.Equal("semi-axes", problem.Parameter);
        Check.Throws<InvalidValueException>(() => _ = Ellipsoid.Sphere(1, new(double.NaN, 0, 0), 1));
        Check.Throws<InvalidValueException>(() => _ = Quaternion.FromAxisAngle(new(0, 0, 0), 1));
        Check.Throws<InvalidValueException>(() => _ = Ellipsoid.Create(1, new(0, 0, 0), default, new(1, 1, 1)));
    }

    private static void InvalidCell() => Check.Throws<InvalidValueException>(() => _ = Cell.Box(1, 0, 1));

    private static void NoFile()
    {
        var problem = Check.Throws<InaccessibleFileException>(() => _ = FrameFile.Read("no-such-file.xyz"));
        Check.Equal("no-such-file.xyz", problem.Path);
        Check.Equal("no-such-file.xyz", problem.Place.Source?.Value);
        Check.That(problem.Reason.Length > 0);
    }

    private static Task NoOrientation(string folder)
    {
        var path = Path.Combine(folder, "bare.xyz");
        File.WriteAllText(path, "1\nProperties=species:S:1:pos:R:3:c_diameter:R:3\nC 0 0 0 1 1 2\n");
        var problem = Check.Throws<MissingDataException>(() => _ = FrameFile.Read(path).Count());
        Check.That(problem.What.Contains("orientation"));
        Check.That(problem.Remedy.Length > 0);
        Check.Equal(0, problem.Place.Frame?.Value);
        return Task.CompletedTask;
    }

    private static void NoFrames()
    {
        Frame[] none = [];
        Check.Equal(
            "frames",
            Check.Throws<InvalidValueException>(() => Projection.Create(Examples.Hypers, none)).Parameter
        );
        // Where species are known there are columns, and no rows: as in F#.
        var columns = Projection.Create(Examples.Hypers, [1]).PowerSpectrum([]);
        Check.Equal(0, columns[0].Samples.Count);
    }

    private static void Nulls()
    {
        Check.Throws<ArgumentNullException>(() => Projection.Create(Examples.Hypers, (IEnumerable<Frame>)null!));
        Check.Throws<ArgumentNullException>(() => _ = Frame.Create(null!));
        Check.Throws<ArgumentNullException>(() => _ = FrameFile.ReadMany(null!));
    }
}
