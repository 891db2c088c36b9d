using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

/// <summary>Benzene's atoms as ellipsoids.</summary>
internal static class CoarseGrainTests
{
    private static readonly string Crystal = Examples.Shipped("crystal.extxyz.gz", "benzene");
    private static InputOptions AsAtoms { get; } =
        InputOptions.Of(pointSemiAxis: 1, selection: FrameSelection.Parse("::25"));

    internal static Test All { get; } =
        TestList(
            "atoms into ellipsoids",
            [
                TestCase(
                    "a dozen lines go from atoms to ellipsoids in a file and their features",
                    () => Examples.InFolder(ADozenLines)
                ),
                TestCase("molecules are those of the F# library, one frame after another", AsCore),
                TestCase("named groups become ellipsoids of their species", Groups),
                TestCase("an option that cannot work is refused at the call", Mistakes),
                TestCase("what is wrong with a frame names the frame", NamesTheFrame),
                TestCase("coarse-graining stops when it is cancelled", Cancels),
            ]
        );

    private static Task ADozenLines(string folder)
    {
        var (ellipsoids, table) = (Path.Combine(folder, "benzene.extxyz"), Path.Combine(folder, "benzene.npz"));
        // --- from here
        var atoms = FrameFile.ReadSnapshots(
            Crystal,
            InputOptions.Of(pointSemiAxis: 1, selection: FrameSelection.Parse("::5"))
        );
        var options = CoarseGrainOptions.Of(
            shape: BodyShape.NewGyration(1),
            shapeFrom: ShapeOrigin.Average,
            uniaxial: true,
            minAxis: 0.4
        );
        var run = new CoarseGrainRun(options, new(withAtoms: false, allShapes: false));
        FrameFile.Write(ellipsoids, run.AddAll(atoms).Select(frame => frame.Ellipsoids));
        var hypers = Examples.Hypers.With(cutoffRadius: 6);
        var statistics = Features.FromFiles([ellipsoids], hypers).Write(table);
        // --- to here
        var kind = run.Report().Kinds.Single();
        Check.Equal("C6H6", kind.Name);
        Check.Equal(528L, kind.Count);
        Check.Equal(528L, statistics.Particles);
        // The numbers of docs/from-atoms.md.
        Check.Close(5e-5, [1.0742, 1.0742, 0.4], [kind.MeanSemiAxes.X, kind.MeanSemiAxes.Y, kind.MeanSemiAxes.Z]);
        var frames = FrameFile.Read(ellipsoids).ToList();
        Check.That(frames.Count == 11 && frames.All(frame => frame.Count == 48));
        var spectrum = Projection.Create(hypers, frames).PowerSpectrum(frames);
        Check.Same(spectrum[0].Values, TensorMap.Read(table)[0].Values);
        return Task.CompletedTask;
    }

    private static void AsCore()
    {
        var options = CoarseGrainOptions.Of(shape: BodyShape.Contact, threads: 2);
        var atoms = FrameFile.ReadSnapshots(Crystal, AsAtoms).ToList();
        var expected = CoarseGrain.frames(options, atoms).Select(frame => frame.OrThrow()).ToList();
        var found = new CoarseGrainRun(options, new(withAtoms: true, allShapes: true)).AddAll(atoms).ToList();
        Check.Equal(3, found.Count);
        foreach (var (one, (molecules, ellipsoids)) in expected.Zip(found))
        {
            Check.Equal(48, molecules.Bodies.Length);
            for (var i = 0; i < 48; i++)
            {
                Check.Equal(one.Bodies[i].Centre, molecules.Bodies[i].Centre);
                Check.Equal(one.Bodies[i].Orientation, molecules.Bodies[i].Orientation);
                Check.Equal(one.Bodies[i].SemiAxes, ellipsoids.Frame.Particles[i].SemiAxes);
            }
            Check.Equal(48 * 13, ellipsoids.Frame.Count);
        }
    }

    private static void Groups()
    {
        var options = CoarseGrainOptions.Of(
            groups: [GroupDefinition.Of("ring", formula: "C6H6", species: 7)],
            masses: new Dictionary<string, double> { ["H"] = 2.014 },
            minAxis: 0.4
        );
        var (molecules, ellipsoids) = new CoarseGrainRun(options, new(false, false))
            .AddAll(FrameFile.ReadSnapshots(Crystal, AsAtoms))
            .First();
        Check.Equal("ring", molecules.Kinds[0].Name);
        Check.Equal("7", string.Join(", ", ellipsoids.Frame.Species));
        Check.Close(1e-12, [6 * (12.011 + 2.014)], [molecules.Bodies[0].Mass]);
    }

    private static void Mistakes()
    {
        string Parameter(Action call) => Check.Throws<InvalidValueException>(call).Parameter;
        static void Add(CoarseGrainOptions options, Snapshot[] atoms) =>
            new CoarseGrainRun(options, new(false, false)).AddAll(atoms);
        Check.Equal("smallest semi-axis", Parameter(() => Add(CoarseGrainOptions.Of(minAxis: -1), [])));
        Check.Equal("factor", Parameter(() => Add(CoarseGrainOptions.Of(shape: BodyShape.NewInertia(0)), [])));
        Check.Throws<ArgumentNullException>(() => Add(CoarseGrainOptions.Of(), null!));
    }

    private static void NamesTheFrame()
    {
        var flat = Frame.Create([.. new[] { 0.0, 1.4 }.Select(x => Ellipsoid.Sphere(6, new(x, 0, 0), 1))]);
        var fine = FrameFile.ReadSnapshots(Crystal, AsAtoms).First();
        var run = new CoarseGrainRun(
            CoarseGrainOptions.Of(elements: new Dictionary<string, string> { ["6"] = "C" }),
            new(false, false)
        );
        var taken = 0;
        var problem = Check.Throws<InvalidValueException>(() =>
        {
            foreach (var _ in run.AddAll([fine, SnapshotModule.ofFrame(flat)]))
                taken++;
        });
        Check.Equal(1, taken);
        Check.Equal(1, problem.Place.Frame?.Value);
        Check.That(problem.Parameter.Contains("straight"));
    }

    private static void Cancels()
    {
        using var stop = new CancellationTokenSource();
        var run = new CoarseGrainRun(CoarseGrainOptions.Of(minAxis: 0.4), new(false, false));
        var taken = 0;
        Check.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in run.AddAll(FrameFile.ReadSnapshots(Crystal, AsAtoms), stop.Token))
            {
                taken++;
                stop.Cancel();
            }
        });
        Check.Equal(1, taken);
    }
}
