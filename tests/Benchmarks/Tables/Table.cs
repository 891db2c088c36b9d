using System.Globalization;

namespace AniSoap.Benchmarks.Tables;

/// <summary>A table in Markdown, printed row by row as it is measured.</summary>
internal sealed class Table
{
    /// <summary>Prints the heading and the names of the columns.</summary>
    public Table(string title, params ReadOnlySpan<string> columns)
    {
        Console.WriteLine($"\n### {title}\n");
        Print(columns);
        Console.WriteLine("|" + string.Concat(Enumerable.Repeat("---|", columns.Length)));
    }

    /// <summary>Prints a row; numbers are formatted the same everywhere.</summary>
    public void Row(params ReadOnlySpan<string> cells) => Print(cells);

    /// <summary>A number with so many decimals.</summary>
    public static string Number(double value, int decimals) =>
        value.ToString($"N{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A share of one hundred.</summary>
    public static string Percent(double share) => Number(100.0 * share, 1) + " %";

    private static void Print(ReadOnlySpan<string> cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");
}
