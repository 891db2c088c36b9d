using System.Globalization;
using AniSoap.Cli.Inspection;
using AniSoap.Cli.Options;
using AniSoap.Cli.Pictures;
using AniSoap.Learning;
using AniSoap.Plotting;
using Microsoft.FSharp.Collections;
using FeatureRow = AniSoap.Cli.Pictures.FeatureRow;
using Range = AniSoap.Cli.Inspection.Range;

namespace AniSoap.Cli.Models;

/// <summary>Rows of features compared with others: of two files the first's with the second's, else all with each other.</summary>
internal sealed class RowComparison
{
    internal const string Distance = "distance";
    internal const string Similarity = "similarity";
    internal const string Kernel = "kernel";

    /// <summary>A matrix of more columns is not printed: it would not fit a terminal.</summary>
    private const int MostColumns = 8;
    private const int MostRows = 40;

    /// <summary>Pairs that are named.</summary>
    private const int MostPairs = 3;

    private readonly string measure;
    private readonly FeatureRow[] first;
    private readonly FeatureRow[] second;
    private readonly bool areSame;
    private Matrix x;
    private Matrix y;
    private Matrix found;
    private AniSoap.Learning.Kernel kernel = AniSoap.Learning.Kernel.Linear;
    private bool isNormalized;

    private RowComparison(string measure, FeatureRow[] first, FeatureRow[] second, bool areSame, Matrix x, Matrix y)
    {
        this.measure = measure;
        this.first = first;
        this.second = second;
        this.areSame = areSame;
        (this.x, this.y, found) = (x, y, x);
    }

    internal static RowComparison Of(FeatureRows rows, IReadOnlyList<string> paths, string measure)
    {
        if (paths.FirstOrDefault(path => rows.Rows.All(row => row.File != path)) is { } empty)
            throw new Refusal(
                $"{empty}: none of its frames is selected; --frames counts on from file to file (--frames 0:3 --frames 6:9)"
            );
        rows.RefuseWhatNoMapHolds();
        var all = MatrixModule.ofBlock(rows.Block()).OrThrow();
        string[] files = [.. rows.Rows.Select(row => row.File).Distinct()];
        if (files.Length != 2)
            return new(measure, [.. rows.Rows], [.. rows.Rows], areSame: true, all, all);
        var (ofFirst, ofSecond) = (Numbers(rows, files[0]), Numbers(rows, files[1]));
        return new(
            measure,
            [.. ofFirst.Select(row => rows.Rows[row])],
            [.. ofSecond.Select(row => rows.Rows[row])],
            areSame: false,
            MatrixModule.takeRows(ofFirst, all).OrThrow(),
            MatrixModule.takeRows(ofSecond, all).OrThrow()
        );
    }

    private static int[] Numbers(FeatureRows rows, string file) =>
        [.. Enumerable.Range(0, rows.Rows.Count).Where(row => rows.Rows[row].File == file)];

    /// <summary>Numbers that the comparison keeps in memory.</summary>
    internal double Size => (2.0 * first.Length * second.Length) + (2.0 * (first.Length + second.Length) * x.Columns);

    /// <summary>
    /// Compares; <paramref name="choose"/> is given 1 divided by the mean squared distance and by the mean squared length of the rows.
    /// </summary>
    internal bool Compute(bool normalize, Func<double, double, AniSoap.Learning.Kernel> choose)
    {
        isNormalized = normalize;
        if (normalize)
            (x, y) = (Comparison.normalize(x).OrThrow(), Comparison.normalize(y).OrThrow());
        kernel = choose(1.0, 1.0);
        if (!kernel.IsLinear)
        {
            var apart = Comparison.distances(AniSoap.Learning.Kernel.Linear, x, y).OrThrow();
            kernel = choose(Inverse(MeanSquare(apart.Values, 1)), Inverse(MeanSquare(x.Values, x.Columns)));
        }
        found = measure switch
        {
            Similarity => Comparison.similarities(kernel, x, y).OrThrow(),
            Kernel => KernelModule.matrix(kernel, x, y).OrThrow(),
            _ => Comparison.distances(kernel, x, y).OrThrow(),
        };
        return true;

        static double Inverse(double value) => value > 0.0 ? 1.0 / value : 1.0;
    }

    /// <summary>The mean over rows of so many numbers of the sum of their squares.</summary>
    private static double MeanSquare(ReadOnlySpan<double> values, int columns)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value * value;
        return sum / (values.Length / columns);
    }

    /// <summary>What was compared how, files with files, and the pairs that are most and least alike.</summary>
    internal void Print()
    {
        if (second.Length <= MostColumns && first.Length <= MostRows)
            InspectionTable.WriteMatrix(
                Title,
                ["", .. second.Select(row => row.ToString())],
                first.Select(
                    (row, i) =>
                        (string[])[row.ToString(), .. Enumerable.Range(0, second.Length).Select(j => Show(found[i, j]))]
                )
            );
        else
            InspectionTable.Write(Title, Summary());
    }

    private string Title =>
        $"{measure} ({(kernel.IsLinear && measure == Distance ? "of rows" : KernelOptions.Show(kernel))}{(isNormalized ? ", rows of length 1" : "")})";

    private IEnumerable<(string, string)> Summary()
    {
        yield return ("rows", $"{InspectionTable.Whole(first.Length)} × {InspectionTable.Whole(second.Length)}");
        string[] files = [.. first.Concat(second).Select(row => row.File).Distinct()];
        if (files.Length <= MostColumns)
            foreach (var (one, other, range) in Blocks(files))
                yield return (
                    $"{PictureFile.ShortName(one)} – {PictureFile.ShortName(other)}",
                    $"{Show(range.Low)} to {Show(range.High)}, mean {Show(range.Mean)}"
                );
        foreach (var (i, j) in Extremes(mostAlike: true))
            yield return ("most alike", $"{Show(found[i, j])}: {first[i]} and {second[j]}");
        foreach (var (i, j) in Extremes(mostAlike: false))
            yield return ("least alike", $"{Show(found[i, j])}: {first[i]} and {second[j]}");
    }

    /// <summary>Of every two files the numbers between their rows, a row with itself left out.</summary>
    private IEnumerable<(string, string, Range)> Blocks(string[] files)
    {
        var ranges = new Dictionary<(int, int), Range>();
        foreach (var (i, j) in Pairs())
        {
            var key = (Array.IndexOf(files, first[i].File), Array.IndexOf(files, second[j].File));
            if (key.Item1 > key.Item2)
                key = (key.Item2, key.Item1);
            if (!ranges.TryGetValue(key, out var range))
                ranges.Add(key, range = new Range());
            range.Add(found[i, j]);
        }
        return ranges
            .OrderBy(entry => entry.Key)
            .Select(entry => (files[entry.Key.Item1], files[entry.Key.Item2], entry.Value));
    }

    /// <summary>Every pair once.</summary>
    private IEnumerable<(int, int)> Pairs()
    {
        for (var i = 0; i < first.Length; i++)
        for (var j = areSame ? i + 1 : 0; j < second.Length; j++)
            yield return (i, j);
    }

    private IEnumerable<(int, int)> Extremes(bool mostAlike)
    {
        // What is nearest is most alike.
        var sign = mostAlike == (measure == Distance) ? 1.0 : -1.0;
        var best = new PriorityQueue<(int, int), double>();
        foreach (var (i, j) in Pairs())
        {
            best.Enqueue((i, j), -sign * found[i, j]);
            if (best.Count > MostPairs)
                best.Dequeue();
        }
        return best.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element);
    }

    /// <summary>The matrix as a page; without a title it says which file goes downwards.</summary>
    internal Figure Picture(string title) =>
        ComparisonPicture
            .create(
                new ComparisonStyle(
                    title != "" || areSame ? title : PictureFile.Plain(FilesInWords()),
                    measure,
                    first.Select(row => PictureFile.Plain(row.ToString())),
                    second.Select(row => PictureFile.Plain(row.ToString())),
                    measure == Distance
                ),
                found.ToArray()
            )
            .OrThrow();

    private string FilesInWords()
    {
        var names = PictureFile.ShortNames([first[0].File, second[0].File]);
        return $"{names[first[0].File]} downwards, {names[second[0].File]} to the right";
    }

    /// <summary>The matrix as a table: its rows and columns are called by file, frame and particle.</summary>
    internal void Write(OutputChoices output)
    {
        var paths = first.Concat(second).Select(row => row.File).Distinct().ToList();
        var block = TensorBlockModule
            .create(Names(first, paths), [], Names(second, paths), found.Values.ToArray())
            .OrThrow();
        var metadata = MapModule.OfSeq<string, string>([
            Tuple.Create("measure", Title),
            Tuple.Create("inputs", System.Text.Json.JsonSerializer.Serialize(paths)),
        ]);
        FeatureFile
            .writeSet(
                output.Options,
                output.Path,
                new FeatureSet(FeatureContent.NewTable(block), metadata, ListModule.OfSeq([ScalarType.Float64]))
            )
            .OrFail();
    }

    private static Labels Names(FeatureRow[] rows, List<string> paths)
    {
        var isOfParticles = rows[0].Particle >= 0;
        return LabelsModule
            .create(
                isOfParticles ? ["file", "frame", "particle"] : ["file", "frame"],
                rows.Select(row =>
                {
                    var (file, frame) = (paths.IndexOf(row.File), row.Frame >= 0 ? row.Frame : row.Row);
                    return isOfParticles ? (IEnumerable<int>)[file, frame, row.Particle] : [file, frame];
                })
            )
            .OrThrow();
    }

    private static string Show(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
