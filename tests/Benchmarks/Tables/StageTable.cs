using System.Diagnostics;
using AniSoap.Benchmarks.Runs;
using AniSoap.Numerics;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Where the time of a frame goes.</summary>
internal static unsafe class StageTable
{
    private enum Stage
    {
        Prepare,
        Find,
        Expand,
        Gather,
        Trace,
        Harmonics,
        Orthonormalize,
        Spectrum,
    }

    public static void Print(Effort effort)
    {
        var table = new Table(
            "Stages, ns a pair (gather, trace and harmonics are done a second time to be measured: the moments are the rest of the expansion)",
            "l, n",
            "prepare frame",
            "find neighbours",
            "expand",
            "of which moments",
            "gather",
            "trace",
            "harmonics",
            "orthonormalise",
            "spectrum"
        );
        var frame = Frames.Nematic(1)[0];
        foreach (var (maxAngular, maxRadial) in new[] { (4, 3), (6, 4), (9, 6) })
        {
            var projection = Spectra.Projection(maxAngular, maxRadial);
            var shortest = new double[Enum.GetValues<Stage>().Length];
            Array.Fill(shortest, double.PositiveInfinity);
            for (var round = 0; round < effort.Rounds(40); round++)
            {
                var (ticks, pairs) = Measure(projection, frame);
                for (var i = 0; i < ticks.Length; i++)
                    shortest[i] = Math.Min(shortest[i], 1e9 * ticks[i] / Stopwatch.Frequency / pairs);
            }

            string Show(Stage stage) => Number(shortest[(int)stage], 1);
            var moments =
                shortest[(int)Stage.Expand]
                - shortest[(int)Stage.Gather]
                - shortest[(int)Stage.Trace]
                - shortest[(int)Stage.Harmonics];
            table.Row(
                $"{maxAngular}, {maxRadial}",
                Show(Stage.Prepare),
                Show(Stage.Find),
                Show(Stage.Expand),
                Number(moments, 1),
                Show(Stage.Gather),
                Show(Stage.Trace),
                Show(Stage.Harmonics),
                Show(Stage.Orthonormalize),
                Show(Stage.Spectrum)
            );
        }
    }

    private static (long[] Ticks, long Pairs) Measure(Projection projection, Frame frame)
    {
        var table = projection.Table;
        var work = new Workspace(projection);
        var spectrum = new AlignedBuffer(table.SpectrumOffsets[table.MaxAngular + 1] + 8);
        var ticks = new long[Enum.GetValues<Stage>().Length];
        var last = Stopwatch.GetTimestamp();
        void Stop(Stage stage)
        {
            var now = Stopwatch.GetTimestamp();
            ticks[(int)stage] += now - last;
            last = now;
        }

        var prepared = new PreparedFrame(projection, frame);
        _ = (prepared.Search, prepared.Gaussians);
        Stop(Stage.Prepare);
        var pairs = 0L;
        fixed (
            double* shells = work.Shells.Span,
                sums = work.Sums.Span,
                traced = work.Traced.Span
        )
        fixed (
            double* coefficients = work.Coefficients.Span,
                scratch = work.TraceScratch.Span,
                mixed = work.Mixed.Span
        )
        fixed (double* into = spectrum.Span)
            for (var center = 0; center < frame.Particles.Length; center++)
            {
                pairs += CenterKernel.findNeighbors(prepared.Search, prepared.Gaussians, work, center);
                Stop(Stage.Find);
                CenterKernel.expand(prepared.Gaussians, work);
                Stop(Stage.Expand);
                ContractionKernel.gatherShells(table, work.Width, sums, shells);
                Stop(Stage.Gather);
                ContractionKernel.traceShells(table, 0, shells, scratch, traced);
                Stop(Stage.Trace);
                ContractionKernel.harmonics(table, traced, coefficients);
                Stop(Stage.Harmonics);
                CenterKernel.orthonormalize(work);
                Stop(Stage.Orthonormalize);
                ContractionKernel.addSpectrum(table, mixed, into);
                Stop(Stage.Spectrum);
            }
        return (ticks, pairs);
    }
}
