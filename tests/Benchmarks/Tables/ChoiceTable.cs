using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Chosen columns and centres alone, against all of them.</summary>
internal static class ChoiceTable
{
    public static void Print(Effort effort)
    {
        var table = new Table(
            "Chosen columns and centres of the nematic frame, l 6, n 4, spectra of particles, one thread",
            "species",
            "columns",
            "all, ms",
            "20 columns, ms",
            "20 centres, ms"
        );
        foreach (var species in effort.Pick(new[] { 1, 4, 10 }, [1]))
        {
            var frame = Frames.WithSpecies(Frames.Nematic(1)[0], species);
            var projection = Spectra.Projection(6, 4, species);
            var options = RunOptionsModule.threads(1);
            var all = SpectrumColumnsModule.properties(SpectrumColumns.OrderedPairs, projection);
            var rows = Enumerable.Range(0, 20).Select(i => all[i * all.Count / 20].Values.ToArray());
            var some = Frames.Ok(
                SpectrumColumnsModule.choose(
                    SpectrumColumns.OrderedPairs,
                    projection,
                    Frames.Ok(LabelsModule.create(all.Names, rows))
                )
            );
            var centers = Frames.Ok(CenterSelectionModule.create(Enumerable.Range(0, 20).Select(i => (0, 25 * i))));
            var seconds = Turns.Shortest(
                effort.Rounds(20),
                () =>
                    Frames.Ok(
                        PowerSpectrum.perParticleWith(options, SpectrumColumns.OrderedPairs, projection, [frame])
                    ),
                () => Frames.Ok(PowerSpectrum.perParticleWith(options, some, projection, [frame])),
                () =>
                    Frames.Ok(
                        PowerSpectrum.ofCenters(options, SpectrumColumns.OrderedPairs, centers, projection, [frame])
                    )
            );
            table.Row(
                $"{species}",
                Number(all.Count, 0),
                Number(1e3 * seconds[0], 2),
                Number(1e3 * seconds[1], 2),
                Number(1e3 * seconds[2], 2)
            );
        }
    }
}
