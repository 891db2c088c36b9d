using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>How the time of a frame grows with each thing that it depends on, all others kept.</summary>
internal static class GrowthTable
{
    private sealed record Case(string Name, Projection Projection, Frame Frame);

    public static void Print(Effort effort)
    {
        var frame = Frames.Nematic(1)[0];
        Print(
            effort,
            "particles (l 6, n 4)",
            effort
                .Pick(new[] { 1, 2, 4 }, [1])
                .Select(k => Frames.Replicate(frame, k, k, k))
                .Select(f => new Case($"{f.Particles.Length}", Spectra.Projection(6, 4), f))
        );
        Print(
            effort,
            "density (l 6, n 4)",
            effort
                .Pick(new[] { 0.125, 0.25, 0.5, 1.0, 2.0 }, [1.0])
                .Select(times => new Case(
                    Number(times * Frames.NematicDensity, 3),
                    Spectra.Projection(6, 4),
                    Frames.WithDensity(frame, times)
                ))
        );
        Print(
            effort,
            "l (n 4)",
            effort
                .Pick(new[] { 0, 2, 4, 6, 8, 10, 12 }, [2])
                .Select(l => new Case($"{l}", Spectra.Projection(l, 4), frame))
        );
        Print(
            effort,
            "n (l 6)",
            effort
                .Pick(new[] { 0, 1, 2, 3, 4, 5, 6, 7 }, [1])
                .Select(n => new Case($"{n}", Spectra.Projection(6, n), frame))
        );
        Print(
            effort,
            "species (l 6, n 4)",
            effort
                .Pick(new[] { 1, 2, 3, 4, 6 }, [2])
                .Select(s => new Case($"{s}", Spectra.Projection(6, 4, s), Frames.WithSpecies(frame, s)))
        );
    }

    private static void Print(Effort effort, string what, IEnumerable<Case> cases)
    {
        var list = cases.ToArray();
        var pairs = list.Select(item => Spectra.Run(item.Projection, 1, [item.Frame]).Pairs).ToArray();
        var runs = list.Select(item => (Action)(() => Spectra.Run(item.Projection, 1, [item.Frame]))).ToArray();
        var seconds = Turns.Shortest(effort.Rounds(15), runs);
        var table = new Table(
            $"Growth with {what}",
            what.Split(' ')[0],
            "D",
            "pairs",
            "frame, ms",
            "µs a pair",
            "µs a centre"
        );
        for (var i = 0; i < list.Length; i++)
            table.Row(
                list[i].Name,
                $"{list[i].Projection.Degree}",
                $"{pairs[i]}",
                Number(1e3 * seconds[i], 2),
                Number(1e6 * seconds[i] / pairs[i], 3),
                Number(1e6 * seconds[i] / list[i].Frame.Particles.Length, 1)
            );
    }
}
