using AniSoap.Plotting;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Pictures;

/// <summary>
/// What files say of frames, and of particles where rows are of them, in numbers and in words: the colours that a map's
/// reader chooses among.
/// </summary>
internal sealed class FrameFacts(bool perParticle)
{
    // More than this many numbers in all make a page slow to open.
    private const long MostNumbers = 2_000_000;
    private const int MostNames = 40;

    private readonly List<string> names = [];
    private readonly Dictionary<(string Name, int Frame), double[]> numbers = [];
    private readonly Dictionary<(string Name, int Frame), string> words = [];

    /// <summary>Takes what is known of a frame.</summary>
    internal void Add(int number, Snapshot snapshot)
    {
        if (OrderParametersModule.ofPrincipalAxes(snapshot.Frame) is { Value: var order })
            Add(Order, number, [order.Order]);
        foreach (var (name, value) in snapshot.Info)
            if (value is InfoValue.Text text)
                AddWord(name, number, text.Item);
            else if (Quantity.OfFrame(snapshot, name) is { } one)
                Add(name, number, [one]);
        if (!perParticle)
            return;
        foreach (var column in snapshot.Columns)
            if (Quantity.OfParticles(snapshot, column.Name) is { } each)
                Add(column.Name, number, each);
    }

    internal const string Order = "nematic order S";

    /// <summary>One number for a frame, or one for each particle.</summary>
    internal void Add(string name, int frame, double[] values)
    {
        Note(name);
        numbers.TryAdd((name, frame), values);
    }

    private void AddWord(string name, int frame, string word)
    {
        Note(name);
        words.TryAdd((name, frame), word);
    }

    private void Note(string name)
    {
        if (!names.Contains(name))
            names.Add(name);
    }

    /// <summary>The colours of rows by their frames' numbers and particles, each with its name; what is the same for all is no colour.</summary>
    internal IEnumerable<Tuple<string, MapColouring>> Colours(IReadOnlyList<(int Frame, int Particle)> rows)
    {
        var most = Math.Min(MostNames, (int)(MostNumbers / Math.Max(1, rows.Count)));
        foreach (var name in names.Take(most))
            if (Colour(name, rows) is { } colour)
                yield return Tuple.Create(PictureFile.Plain(name), colour);
    }

    private MapColouring? Colour(string name, IReadOnlyList<(int Frame, int Particle)> rows)
    {
        if (rows.Any(row => words.ContainsKey((name, row.Frame))))
        {
            string[] groups =
            [
                .. rows.Select(row => PictureFile.Plain(words.GetValueOrDefault((name, row.Frame), ""))),
            ];
            // A word of each frame alone says nothing.
            return groups.Distinct().Count() is > 1 and <= 30 ? MapColouring.NewByGroup(groups) : null;
        }
        double[] values = [.. rows.Select(row => Value(name, row))];
        return values.Where(double.IsFinite).Distinct().Take(2).Count() > 1
            ? MapColouring.NewByNumber(PictureFile.Plain(name), values)
            : null;
    }

    private double Value(string name, (int Frame, int Particle) row) =>
        numbers.GetValueOrDefault((name, row.Frame)) switch
        {
            null => double.NaN,
            [var one] => one,
            var each => row.Particle >= 0 && row.Particle < each.Length ? each[row.Particle] : double.NaN,
        };

    /// <summary>The numbers of rows under a name; nothing where no frame has it.</summary>
    internal double[]? Numbers(string name, IReadOnlyList<(int Frame, int Particle)> rows) =>
        names.Contains(name) && rows.Any(row => numbers.ContainsKey((name, row.Frame)))
            ? [.. rows.Select(row => Value(name, row))]
            : null;

    /// <summary>The names of all numbers, for refusals.</summary>
    internal string Known() =>
        string.Join(", ", names.Where(name => name != Order && numbers.Keys.Any(key => key.Name == name)));
}
