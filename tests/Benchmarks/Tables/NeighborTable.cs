using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Finding neighbours among 100 to 1,000,000 particles of one density.</summary>
internal static class NeighborTable
{
    public static void Print(Effort effort)
    {
        var table = new Table(
            "Neighbours in a periodic cube of constant density (0.36)",
            "particles",
            "grid made, ns a particle",
            "neighbours found bin by bin (cutoff 4), ns a pair",
            "list (cutoff 2), ns a pair",
            "list, pairs"
        );
        foreach (var count in effort.Pick(new[] { 100, 1_000, 10_000, 100_000, 1_000_000 }, [100]))
        {
            var frame = Frames.Gas(count);
            NeighborGrid? grid = null;
            var buffer = new NeighborBuffer();
            var found = 0L;
            var listed = 0L;
            var repeats = Math.Max(1, effort.Pick(20_000, 1) / count);
            void Repeated(Action run)
            {
                for (var i = 0; i < repeats; i++)
                    run();
            }
            var seconds = Turns.Shortest(
                effort.Rounds(count < 100_000 ? 20 : 3),
                () => Repeated(() => grid = NeighborGrid.Create(frame, 4.0)),
                () =>
                    Repeated(() =>
                    {
                        found = 0;
                        for (var slot = 0; slot < count; slot++)
                        {
                            grid!.FindAt(slot, buffer);
                            found += buffer.Count;
                        }
                    }),
                () => Repeated(() => listed = Frames.Ok(NeighborList.create(2.0, frame)).Length)
            );
            table.Row(
                Number(count, 0),
                Number(1e9 * seconds[0] / repeats / count, 0),
                Number(1e9 * seconds[1] / repeats / found, 1),
                Number(1e9 * seconds[2] / repeats / listed, 0),
                Number(listed, 0)
            );
        }
    }
}
