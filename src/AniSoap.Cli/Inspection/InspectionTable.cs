using System.Globalization;
using Spectre.Console;

namespace AniSoap.Cli.Inspection;

/// <summary>A survey as a table for people.</summary>
internal static class InspectionTable
{
    private const int WidthOfFiles = 100;

    /// <summary>Numbers in rows and columns that have names.</summary>
    internal static void WriteMatrix(string title, string[] header, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(title)) };
        for (var column = 0; column < header.Length; column++)
            table.AddColumn(
                new TableColumn(Markup.Escape(header[column]))
                {
                    Alignment = column == 0 ? Justify.Left : Justify.Right,
                }
            );
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        Terminal().Write(table);
    }

    private static IAnsiConsole Terminal()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = WidthOfFiles;
        return console;
    }

    internal static void Write(string title, IEnumerable<(string, string)> rows)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = false };
        table.Title = new TableTitle(Markup.Escape(title));
        table.AddColumn(new TableColumn("") { NoWrap = true });
        table.AddColumn("");
        foreach (var (name, value) in rows)
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        Terminal().Write(table);
    }

    /// <summary>A survey as rows: a name and what was found.</summary>
    internal static IEnumerable<(string, string)> Rows(FrameSurvey survey, double? cutoff)
    {
        yield return ("frames", Whole(survey.Frames));
        yield return ("particles a frame", $"{survey.Particles} (mean {Range.Show(survey.Particles.Mean)})");
        foreach (var (number, species) in survey.Species)
        {
            yield return ($"species {number}", $"{Whole(species.Count)} particles");
            if (species.Shapeless > 0)
                yield return (
                    "  no shape",
                    $"{Whole(species.Shapeless)} (--diameters, --semiaxes or --point-diameter give them one)"
                );
            if (species.Shapeless == species.Count)
                continue;
            yield return ("  semi-axes", $"{species.A} × {species.B} × {species.C}");
            yield return ("  orientations", Orientations(species));
            foreach (var row in survey.Order.Rows(number))
                yield return row;
        }
        foreach (var (axes, count) in survey.Periodicities)
            yield return (
                "cell",
                $"{(axes == "" ? "not periodic" : $"periodic along {string.Join(", ", axes.ToCharArray())}")} "
                    + $"({Whole(count)} frames)"
            );
        if (survey.Volumes.Count > 0)
        {
            yield return ("  volume", survey.Volumes.ToString());
            yield return ("  particles a volume", survey.Densities.ToString());
        }
        yield return (
            "nearest distance",
            survey.NearestDistances.Count == 0
                ? "none"
                : $"{Range.Show(survey.NearestDistances.Low)} (mean of all particles {Range.Show(survey.NearestDistances.Mean)})"
        );
        foreach (var row in survey.Digits.Rows())
            yield return row;
        if (survey.Contacts.Count > 0)
            yield return (
                "closest contact",
                $"at {Range.Show(survey.Contacts.Low)} of the size (1 touches, less overlaps); "
                    + $"{Whole(survey.OverlappingPairs)} overlapping pairs"
            );
        if (cutoff is { } radius)
            yield return (
                "neighbours",
                $"{survey.Neighbors} within {Range.Show(radius)} (mean {Range.Show(survey.Neighbors.Mean)})"
            );
    }

    private static string Orientations(SpeciesSurvey species)
    {
        var shaped = species.Count - species.Shapeless;
        return species.Spheres == shaped
            ? "none needed: spheres"
            : $"{Whole(shaped - species.Spheres - species.Unturned)} turned, {Whole(species.Unturned)} along the lab axes, "
                + $"{Whole(species.Spheres)} spheres";
    }

    internal static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
