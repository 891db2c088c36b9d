using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Coupling;
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
            "row after row into the same memory, one thread, ms",
            "a few rows at a time, handed over, one thread, ms",
            "two threads, ms",
            "into memory that is there, one thread, ms",
            "a map in new memory, one thread, ms",
            "two threads, ms",
            "as much new memory, filled once, ms"
        );
        var table = Frames.Ok(ClebschGordanModule.create(6));
        var projection = Spectra.Projection(6, 3);
        var expansion = Frames.Ok(Expansion.coefficients(projection, [Frames.Nematic(1)[0]]));
        foreach (var lambda in effort.Pick(new[] { 0, 2, 4 }, [0]))
        {
            var bytes = 0L;
            TensorMap Couple(int threads) =>
                Frames.Ok(Product.couplingsOn(threads, table, Product.upTo(lambda), expansion, expansion));
            var seconds = Turns.Shortest(
                effort.Rounds(15),
                Rows(projection, expansion, lambda),
                HandedOver(projection, expansion, lambda, 1),
                HandedOver(projection, expansion, lambda, 2),
                Again(projection, expansion, lambda),
                () => bytes = Couple(1).Blocks.Sum(block => 8L * block.Values.Length),
                () => Couple(2),
                NewMemory(Couple(1))
            );
            products.Row(
                Number(lambda, 0),
                Number(bytes / 1e6, 1),
                Number(1e3 * seconds[0], 1),
                Number(1e3 * seconds[1], 1),
                Number(1e3 * seconds[2], 1),
                Number(1e3 * seconds[3], 1),
                Number(1e3 * seconds[4], 1),
                Number(1e3 * seconds[5], 1),
                Number(1e3 * seconds[6], 1)
            );
        }
    }

    /// <summary>Rows handed over as they are computed: memory stays in the caches.</summary>
    private static Action HandedOver(Projection projection, TensorMap expansion, int lambda, int threads)
    {
        var soap = Frames.Ok(LambdaSoap.Create(Enumerable.Range(0, lambda + 1), projection, threads));
        var coefficients = Coefficients(expansion).SelectMany(row => row).ToArray();
        var sum = 0.0;
        return () => Frames.Ok(soap.ForEach(coefficients, (_, row) => sum += row[0]));
    }

    /// <summary>Rows into memory of the caller that has been used before.</summary>
    private static Action Again(Projection projection, TensorMap expansion, int lambda)
    {
        var soap = Frames.Ok(LambdaSoap.Create(Enumerable.Range(0, lambda + 1), projection, 1));
        var rows = Coefficients(expansion);
        var coefficients = rows.SelectMany(row => row).ToArray();
        var values = new double[rows.Length * soap.Length];
        return () => Frames.Ok(soap.Couple(coefficients, values));
    }

    /// <summary>What the system takes for the memory of a result alone.</summary>
    private static Action NewMemory(TensorMap result)
    {
        var lengths = result.Blocks.Select(block => block.Values.Length).ToArray();
        return () =>
        {
            var arrays = lengths.Select(length => GC.AllocateUninitializedArray<double>(length)).ToArray();
            foreach (var array in arrays)
                Array.Fill(array, 1.0);
        };
    }

    /// <summary>All rows of a product one after another, as the program writes them: what the system takes for new memory is not in it.</summary>
    private static Action Rows(Projection projection, TensorMap expansion, int lambda)
    {
        var rows = Frames.Ok(LambdaRows.Create(Enumerable.Range(0, lambda + 1), projection));
        var coefficients = Coefficients(expansion);
        var target = new double[rows.Size];
        var scratch = rows.Scratch();
        return () =>
        {
            foreach (var row in coefficients)
                rows.Square(row, target, scratch);
        };
    }

    /// <summary>A row of coefficients for every centre.</summary>
    private static double[][] Coefficients(TensorMap expansion)
    {
        var samples = expansion.Blocks[0].Samples.Count;
        // By l, as the blocks are.
        return Enumerable
            .Range(0, samples)
            .Select(sample =>
                expansion
                    .Blocks.SelectMany(block =>
                    {
                        var length = block.Values.Length / samples;
                        return block.Values.Slice(sample * length, length).ToArray();
                    })
                    .ToArray()
            )
            .ToArray();
    }
}
