using System.Diagnostics;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Very small frames by one engine, as a simulation program brings them: two particles, whose own densities make four directed pairs.</summary>
internal static class EngineTable
{
    private const int WarmUp = 100;

    public static void Print(Effort effort)
    {
        var table = new Table(
            "An engine and a frame of two particles, l 6, n 4, one thread, processor time: each column the median of nine times 100,000 calls",
            "species of the projection",
            "species of the particles",
            "mean spectrum, µs a call",
            "bytes a call",
            "with forces, torques, virial, µs a call",
            "bytes a call"
        );
        foreach (var (species, second) in effort.Pick(new[] { (1, 1), (3, 1), (3, 2) }, [(1, 1)]))
        {
            var frame = Pair(second);
            using var engine = Frames.Ok(Engine.Create(Spectra.Projection(6, 4, species), 1));
            var values = new double[species * engine.SpectrumLength(SpectrumColumns.OrderedPairs)];
            var cotangent = new double[values.Length];
            Array.Fill(cotangent, 1.0);
            var (positions, orientations, strain) = (new double[6], new double[6], new double[9]);
            var spectrum = Measure(effort, () => engine.MeanSpectrum(frame, SpectrumColumns.OrderedPairs, values).IsOk);
            var pull = Measure(
                effort,
                () =>
                    engine
                        .PullMean(
                            frame,
                            SpectrumColumns.OrderedPairs,
                            cotangent,
                            values,
                            new GradientRoom(positions, orientations, strain, default)
                        )
                        .IsOk
            );
            table.Row(
                Number(species, 0),
                $"1, {second}",
                Number(spectrum.Microseconds, 1),
                Number(spectrum.Bytes, 0),
                Number(pull.Microseconds, 1),
                Number(pull.Bytes, 0)
            );
        }
    }

    private static Frame Pair(int second)
    {
        Ellipsoid At(int species, double x, double w) =>
            Frames.Ok(
                EllipsoidModule.create(
                    species,
                    Vector3Module.create(x, 0.2, 0.3),
                    QuaternionModule.create(w, 0.3, 0.4, 0.1),
                    Vector3Module.create(0.5, 0.7, 1.5)
                )
            );
        return FrameModule.create(CellModule.none, [At(1, 0.0, 1.0), At(second, 1.5, 0.5)]);
    }

    private static (double Microseconds, double Bytes) Measure(Effort effort, Func<bool> call)
    {
        var calls = effort.Pick(100_000, 10);
        for (var i = 0; i < WarmUp; i++)
            Require(call());
        var times = new double[effort.Pick(9, 1)];
        using var process = Process.GetCurrentProcess();
        double Seconds()
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
        var bytes = 0L;
        for (var round = 0; round < times.Length; round++)
        {
            // Others on the machine would take part of the time of so long a run, but not of the processor's time for it.
            var start = Seconds();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < calls; i++)
                Require(call());
            bytes += GC.GetAllocatedBytesForCurrentThread() - before;
            times[round] = 1e6 * (Seconds() - start) / calls;
        }
        Array.Sort(times);
        return (times[times.Length / 2], (double)bytes / calls / times.Length);
    }

    private static void Require(bool isOk)
    {
        if (!isOk)
            throw new InvalidOperationException("the engine refused a frame of two particles");
    }
}
