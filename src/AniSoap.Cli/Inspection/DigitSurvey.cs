using System.Globalization;

namespace AniSoap.Cli.Inspection;

/// <summary>
/// How many digits the coordinates have, from the shortest decimals that are the numbers read: text of six digits (%g) gives numbers of six digits
/// and no more.
/// </summary>
internal sealed class DigitSurvey
{
    /// <summary>Particles of a frame that are looked at, and numbers that are enough to judge by.</summary>
    private const int MostParticles = 2000;
    private const int Enough = 30;

    /// <summary>What %g gives; a number with more was written by another format, and numbers of fewer are made by hand.</summary>
    private const int FewDigits = 6;
    private const int FewestDigits = 5;

    private int most;
    private double largest;
    private long numbers;

    internal void Add(Frame frame)
    {
        var positions = frame.Particles.Positions;
        for (var i = 0; i < Math.Min(positions.Length, 3 * MostParticles); i++)
        {
            var value = Math.Abs(positions[i]);
            if (value == 0.0)
                continue;
            numbers++;
            largest = Math.Max(largest, value);
            most = Math.Max(most, Shortest(value));
        }
    }

    /// <summary>Digits of the shortest decimal that is this number, zeros at both ends left out.</summary>
    private static int Shortest(double value)
    {
        Span<char> text = stackalloc char[32];
        value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        var (count, zeros, begun) = (0, 0, false);
        foreach (var letter in text[..length])
        {
            if (letter == 'E')
                break;
            if (!char.IsAsciiDigit(letter) || (letter == '0' && !begun))
                continue;
            begun = true;
            zeros = letter == '0' ? zeros + 1 : 0;
            count++;
        }
        return count - zeros;
    }

    /// <summary>The step between neighbouring numbers of so many digits as the largest coordinate has.</summary>
    private double Step => Math.Pow(10.0, Math.Floor(Math.Log10(largest)) + 1 - most);

    private bool IsKnown => numbers >= Enough && most < 15;

    internal IEnumerable<(string, string)> Rows()
    {
        if (IsKnown)
            yield return (
                "digits of positions",
                $"{most}: coordinates near {Range.Show(largest)} in steps of {Range.Show(Step)}"
            );
    }

    internal IEnumerable<string> Warnings()
    {
        if (IsKnown && most is >= FewestDigits and <= FewDigits)
            yield return $"positions have {most} digits at most: coordinates near {Range.Show(largest)} are known in steps of {Range.Show(Step)}, "
                + "and forces and derivatives no better; LAMMPS writes more by dump_modify ID format float %.10g";
    }

    /// <summary>The digits, where enough numbers tell them.</summary>
    internal int? Digits => IsKnown ? most : null;
}
