using System.IO.Compression;
using Microsoft.FSharp.Core;

namespace AniSoap.Benchmarks.Runs;

/// <summary>The frames that are measured: 500 ellipsoids in the nematic phase, and what can be made of them.</summary>
internal static class Frames
{
    /// <summary>Particles a unit of volume of the nematic phase.</summary>
    public const double NematicDensity = 0.36;

    private static readonly string NematicPath = Path.Combine(AppContext.BaseDirectory, "nematic.extxyz.gz");

    /// <summary>Writes the file of nematic frames, unpacked, over and over until there are so many bytes or a few more; returns their number.</summary>
    public static long WriteNematicText(string path, long length)
    {
        using var packed = new GZipStream(File.OpenRead(NematicPath), CompressionMode.Decompress);
        using var text = new MemoryStream();
        packed.CopyTo(text);
        using var file = File.Create(path);
        while (file.Length < length)
            text.WriteTo(file);
        return file.Length;
    }

    /// <summary>So many nematic frames; the file's own, over and over.</summary>
    public static Frame[] Nematic(int count)
    {
        var own = Read(NematicPath).ToArray();
        return Enumerable.Range(0, count).Select(i => own[i % own.Length]).ToArray();
    }

    /// <summary>The frames of a file, as they come.</summary>
    public static IEnumerable<Frame> Read(string path) => FrameFileModule.read(path).Select(Ok);

    /// <summary>The value of a result that cannot be an error here.</summary>
    public static T Ok<T>(FSharpResult<T, AniSoapError> result) =>
        result.IsOk
            ? result.ResultValue
            : throw new InvalidOperationException(AniSoapErrorModule.describe(result.ErrorValue));

    /// <summary>The frame so many times along each of its axes: every particle has the same surroundings as before.</summary>
    public static Frame Replicate(Frame frame, int timesA, int timesB, int timesC)
    {
        var cell = frame.Cell.Vectors;
        var particles =
            from i in Enumerable.Range(0, timesA)
            from j in Enumerable.Range(0, timesB)
            from k in Enumerable.Range(0, timesC)
            let shift = Sum(Scale(i, cell.Row1), Scale(j, cell.Row2), Scale(k, cell.Row3))
            from particle in frame.Particles
            select With(particle, particle.Species, Sum(particle.Position, shift));
        return Periodic(Scale(timesA, cell.Row1), Scale(timesB, cell.Row2), Scale(timesC, cell.Row3), particles);
    }

    /// <summary>The frame stretched so that it is so many times as dense.</summary>
    public static Frame WithDensity(Frame frame, double times)
    {
        var factor = Math.Pow(times, -1.0 / 3.0);
        var cell = frame.Cell.Vectors;
        var particles = frame.Particles.Select(p => With(p, p.Species, Scale(factor, p.Position)));
        return Periodic(Scale(factor, cell.Row1), Scale(factor, cell.Row2), Scale(factor, cell.Row3), particles);
    }

    /// <summary>The frame with species 1 … count dealt out in turn.</summary>
    public static Frame WithSpecies(Frame frame, int count) =>
        FrameModule.create(frame.Cell, frame.Particles.Select((p, i) => With(p, 1 + i % count, p.Position)));

    /// <summary>The frame with spheres of radius 0.5 instead of its ellipsoids.</summary>
    public static Frame AsSpheres(Frame frame) =>
        FrameModule.create(
            frame.Cell,
            frame.Particles.Select(p => Ok(EllipsoidModule.sphere(p.Species, p.Position, 0.5)))
        );

    /// <summary>
    /// The same a thousand-millionth longer along an axis of their own: as good as spheres, but without the short cuts that spheres have.
    /// </summary>
    public static Frame AsAlmostSpheres(Frame frame) =>
        FrameModule.create(
            frame.Cell,
            frame.Particles.Select(p =>
                Ok(
                    EllipsoidModule.create(
                        p.Species,
                        p.Position,
                        p.Orientation,
                        new Vector3(0.5, 0.5, 0.5 * (1 + 1e-9))
                    )
                )
            )
        );

    /// <summary>Spheres anywhere in a periodic cube as dense as the nematic phase.</summary>
    public static Frame Gas(int particles)
    {
        var random = new Random(particles);
        var edge = Math.Cbrt(particles / NematicDensity);
        var spheres = Enumerable
            .Range(0, particles)
            .Select(_ => new Vector3(
                edge * random.NextDouble(),
                edge * random.NextDouble(),
                edge * random.NextDouble()
            ))
            .Select(position => Ok(EllipsoidModule.sphere(1, position, 0.5)));
        return Periodic(new Vector3(edge, 0, 0), new Vector3(0, edge, 0), new Vector3(0, 0, edge), spheres);
    }

    /// <summary>Writes a frame as extended XYZ.</summary>
    public static void Write(Frame frame, string path)
    {
        var options = new FrameOutputOptions(
            FSharpOption<FrameFormat>.Some(FrameFormat.ExtendedXyz),
            ShapeColumns.Strict,
            Existing.Replace,
            FrameOutputOptionsModule.defaults.Warn
        );
        Ok(FrameFileModule.writeWith(options, path, [frame]));
    }

    private static Ellipsoid With(Ellipsoid particle, int species, Vector3 position) =>
        Ok(EllipsoidModule.create(species, position, particle.Orientation, particle.SemiAxes));

    private static Frame Periodic(Vector3 a, Vector3 b, Vector3 c, IEnumerable<Ellipsoid> particles) =>
        FrameModule.create(Ok(CellModule.create(a, b, c, new Periodicity(true, true, true))), particles);

    private static Vector3 Scale(double factor, Vector3 v) => new(factor * v.X, factor * v.Y, factor * v.Z);

    private static Vector3 Sum(params ReadOnlySpan<Vector3> vectors)
    {
        double x = 0,
            y = 0,
            z = 0;
        foreach (var v in vectors)
        {
            x += v.X;
            y += v.Y;
            z += v.Z;
        }
        return new Vector3(x, y, z);
    }
}
