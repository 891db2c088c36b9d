using System.Diagnostics;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Formats;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Files of features with and without their derivatives: memory, and how fast they are written.</summary>
internal static class DerivativeFileTable
{
    public static void Print(Effort effort)
    {
        var table = new Table(
            "Files of features beside those with derivatives by positions (.mts), the nematic frames, l 4, n 3, two threads",
            "what",
            "frames",
            "file, MB",
            "computing, s",
            "written, MB/s",
            "peak memory of the process, MiB"
        );
        var projection = Spectra.Projection(4, 3);
        var means = FeatureKind.NewMeanSpectra(SpectrumColumns.OrderedPairs);
        var coefficients = FeatureKind.NewExpansionCoefficients(RadialForm.Orthonormal);
        GradientParameter[] positions = [GradientParameter.Positions];
        Row("coefficients", coefficients, [], 400, null);
        Row("means with derivatives", means, positions, 8, null);
        Row("coefficients with derivatives", coefficients, positions, 2, null);
        Row("λ-SOAP, λ ≤ 2", coefficients, [], 20, [0, 1, 2]);

        void Row(string what, FeatureKind kind, GradientParameter[] parameters, int count, int[]? lambdas)
        {
            var path = Path.Combine(Path.GetTempPath(), $"anisoap-benchmark-{Guid.NewGuid():N}.mts");
            Frame[] frames = effort.IsShort ? [Frames.Gas(60)] : Frames.Nematic(count);
            var target = new FeatureTarget(
                path,
                WriteOptionsModule.replacing,
                LabelNames.Metatensor,
                MapModule.Empty<string, string>(),
                null,
                null
            );
            try
            {
                Memory.ForgetPeak();
                var wanted = SetModule.OfSeq(parameters);
                using var file = Frames.Ok(
                    lambdas is null
                        ? FeatureOutputModule.create(target, kind, wanted, projection)
                        : FeatureOutputModule.lambdaSoap(target, lambdas, wanted, projection)
                );
                var statistics = Frames.Ok(
                    file.Run(
                        2,
                        frames.Select((frame, i) => FSharpResult<(int, Frame), AniSoapError>.NewOk((i, frame))),
                        (_, _, _) => { },
                        CancellationToken.None
                    )
                );
                var start = Stopwatch.GetTimestamp();
                Frames.Ok(file.Complete());
                var writing = statistics.WriteSeconds + Stopwatch.GetElapsedTime(start).TotalSeconds;
                var megabytes = new FileInfo(path).Length / 1e6;
                table.Row(
                    what,
                    $"{frames.Length}",
                    Number(megabytes, 0),
                    Number(statistics.ComputeSeconds, 2),
                    Number(megabytes / writing, 0),
                    Number(Memory.PeakMebibytes(), 0)
                );
            }
            finally
            {
                File.Delete(path);
            }
        }
    }
}
