using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Clebsch–Gordan coefficients, and λ-SOAP of the nematic frame.</summary>
internal static class CouplingTable
{
    public static void Print(Effort effort)
    {
        var coefficients = new Table("Clebsch–Gordan coefficients of all l up to a limit", "l", "ms");
        foreach (var maxAngular in effort.Pick(new[] { 4, 6, 9, 12, 18 }, [4]))
        {
            var seconds = Turns.Shortest(effort.Rounds(9), () => Frames.Ok(ClebschGordanModule.create(maxAngular)));
            coefficients.Row(Number(maxAngular, 0), Number(1e3 * seconds[0], 1));
        }

        var products = new Table(
            "λ-SOAP of the nematic frame, l 6, n 3, from its coefficients",
            "L up to",
            "numbers, MB",
            "one thread, ms",
            "two threads, ms"
        );
        var table = Frames.Ok(ClebschGordanModule.create(6));
        var expansion = Frames.Ok(Expansion.coefficients(Spectra.Projection(6, 3), [Frames.Nematic(1)[0]]));
        foreach (var lambda in effort.Pick(new[] { 0, 2, 4 }, [0]))
        {
            var bytes = 0L;
            TensorMap Couple(int threads) =>
                Frames.Ok(Product.couplingsOn(threads, table, Product.upTo(lambda), expansion, expansion));
            var seconds = Turns.Shortest(
                effort.Rounds(9),
                () => bytes = Couple(1).Blocks.Sum(block => 8L * block.Values.Length),
                () => Couple(2)
            );
            products.Row(
                Number(lambda, 0),
                Number(bytes / 1e6, 1),
                Number(1e3 * seconds[0], 1),
                Number(1e3 * seconds[1], 1)
            );
        }
    }
}
