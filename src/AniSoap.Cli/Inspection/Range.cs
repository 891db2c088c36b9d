using System.Globalization;

namespace AniSoap.Cli.Inspection;

/// <summary>Smallest, largest and mean of numbers as they come.</summary>
internal sealed class Range
{
    internal double Low { get; private set; } = double.PositiveInfinity;
    internal double High { get; private set; } = double.NegativeInfinity;
    internal long Count { get; private set; }
    private double sum;

    internal void Add(double value)
    {
        Low = Math.Min(Low, value);
        High = Math.Max(High, value);
        sum += value;
        Count++;
    }

    internal double Mean => sum / Count;

    /// <summary>One number where all are equal, else the smallest and the largest.</summary>
    public override string ToString() =>
        Count == 0 ? "none"
        : Low == High ? Show(Low)
        : $"{Show(Low)} to {Show(High)}";

    internal static string Show(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
