using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using Microsoft.FSharp.Core;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Coefficients of every pair of the nematic frame.</summary>
internal static class PairTable
{
    public static void Print(Effort effort)
    {
        var table = new Table(
            "Coefficients of every pair of the nematic frame",
            "l, n",
            "one thread, µs a pair",
            "two threads, µs a pair"
        );
        var frame = Frames.Nematic(1)[0];
        foreach (var (maxAngular, maxRadial) in effort.Pick(new[] { (4, 3), (6, 4), (9, 6) }, [(1, 1)]))
        {
            var projection = Spectra.Projection(maxAngular, maxRadial);
            var pairs = 0L;
            void Compute(int threads) =>
                Frames.Ok(
                    Expansion.pairCoefficientsWith(
                        new RunOptions(
                            threads,
                            null,
                            FuncConvert.FromAction<RunProgress>(so => pairs = so.Pairs),
                            CancellationToken.None
                        ),
                        RadialForm.Orthonormal,
                        projection,
                        [frame]
                    )
                );
            var seconds = Turns.Shortest(effort.Rounds(9), () => Compute(1), () => Compute(2));
            table.Row(
                $"{maxAngular}, {maxRadial}",
                Number(1e6 * seconds[0] / pairs, 2),
                Number(1e6 * seconds[1] / pairs, 2)
            );
        }
    }
}
