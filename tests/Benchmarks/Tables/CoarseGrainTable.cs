using System.Globalization;
using System.Text;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Cli.CoarseGraining;
using Microsoft.FSharp.Core;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Atoms into ellipsoids, beside reading the atoms alone: both take turns.</summary>
internal static class CoarseGrainTable
{
    private const int Threads = 2;

    public static void Print(Effort effort)
    {
        var table = new Table(
            $"Molecules of 12 atoms out of extended XYZ into ellipsoids in extended XYZ, {Threads} threads, against reading alone",
            "molecules a frame",
            "reading, million atoms a second",
            "by a column, times as long",
            "by bonds searched in every frame, times as long"
        );
        foreach (var molecules in effort.Pick<int[]>([10_000, 100_000], [100]))
            Measure(table, effort, molecules, effort.Pick(1_000_000 / molecules, 2));
    }

    private static void Measure(Table table, Effort effort, int molecules, int frames)
    {
        var path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}.extxyz");
        var written = path + ".out.extxyz";
        try
        {
            WriteRings(path, molecules, frames);
            var bonds = With(MoleculeSource.Radii);
            var column = With(MoleculeSource.Automatic);
            var seconds = Turns.Shortest(
                effort.Rounds(5),
                () => Read(path).Count(),
                () => CoarseGrain(column, path, written),
                () => CoarseGrain(bonds, path, written)
            );
            table.Row(
                molecules.ToString(CultureInfo.InvariantCulture),
                Number(12e-6 * molecules * frames / seconds[0], 2),
                Number(seconds[1] / seconds[0], 2),
                Number(seconds[2] / seconds[0], 2)
            );
        }
        finally
        {
            File.Delete(path);
            File.Delete(written);
        }
    }

    private static CoarseGrainOptions With(MoleculeSource source)
    {
        var o = CoarseGrainOptionsModule.defaults;
        return new(
            source,
            o.BondFactor,
            o.Groups,
            o.Elements,
            o.Masses,
            o.Keep,
            o.Centre,
            o.Shape,
            FSharpOption<double>.Some(0.4), // Rings are flat.
            o.AddRadius,
            o.ShapeFrom,
            o.Axes,
            o.Uniaxial,
            ReadAhead.ThreadsOfWork(Threads)
        );
    }

    private static IEnumerable<Snapshot> Read(string path)
    {
        var o = InputOptionsModule.defaults;
        var points = new InputOptions(
            o.Format,
            o.ShapeAs,
            o.SemiAxes,
            o.SemiAxesBySpecies,
            FSharpOption<double>.Some(0.5),
            o.PointSemiAxisBySpecies,
            o.OrientationOrder,
            o.RotationType,
            o.RotationKey,
            o.ShapeKey,
            o.TypeMap,
            o.Periodicity,
            o.AtomStyle,
            o.ShapesFrom,
            o.PointsWithoutSize,
            o.CutoffRadius,
            o.Selection,
            o.Warn
        );
        return FrameFileModule.snapshotsWith(points, path).Select(Frames.Ok);
    }

    private static void CoarseGrain(CoarseGrainOptions options, string path, string written)
    {
        var run = new CoarseGrainRun(options, CoarseSnapshot.plain);
        using var output = Frames.Ok(FrameFileModule.create(FrameOutputOptionsModule.replacing, written));
        foreach (
            var ellipsoids in ReadAhead.Worked(
                Read(path),
                snapshot => snapshot.Frame.Particles.Length,
                snapshot => Frames.Ok(run.Ellipsoids(snapshot)).Item2,
                threads => run.Threads = threads,
                Threads
            )
        )
            Frames.Ok(output.Write(ellipsoids));
        Frames.Ok(output.Complete());
    }

    /// <summary>Rings of six carbons and six hydrogens on a grid, each turned another way, atoms moved by a little.</summary>
    private static void WriteRings(string path, int molecules, int frames)
    {
        const double spacing = 7.0;
        var side = (int)Math.Ceiling(Math.Cbrt(molecules));
        var random = new Random(1);
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16);
        for (var frame = 0; frame < frames; frame++)
        {
            var edge = (spacing * side).ToString(CultureInfo.InvariantCulture);
            file.Write(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{12 * molecules}\nLattice=\"{edge} 0 0 0 {edge} 0 0 0 {edge}\" Properties=species:S:1:pos:R:3:molid:I:1\n"
                )
            );
            for (var molecule = 0; molecule < molecules; molecule++)
            {
                var (sin, cos) = Math.SinCos(Math.Tau * random.NextDouble());
                for (var atom = 0; atom < 12; atom++)
                {
                    var (up, along) = Math.SinCos(Math.PI / 3 * atom);
                    var radius = (atom < 6 ? 1.39 : 2.47) + 0.05 * random.NextDouble();
                    file.Write(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{(atom < 6 ? 'C' : 'H')} {spacing * (molecule % side + 0.5) + radius * along * cos:F6} {spacing * (molecule / side % side + 0.5) + radius * along * sin:F6} {spacing * (molecule / side / side + 0.5) + radius * up:F6} {molecule + 1}\n"
                        )
                    );
                }
            }
        }
    }
}
