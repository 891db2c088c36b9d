using System.Collections.Immutable;
using System.Globalization;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Inspection;

/// <summary>What the frames seen so far say of their energies: what <c>train</c> learns from.</summary>
internal sealed class TargetSurvey
{
    private const string Stress = "stress";

    /// <summary>In the order in which <c>train</c> looks for them.</summary>
    private static readonly string[] tensorNames = ["virial", "virial6", Stress];

    private readonly Spread energies = new();
    private readonly VectorSurvey forces = new();
    private readonly VectorSurvey torques = new();
    private readonly SortedDictionary<string, Spread> tensors = [];
    private int frames;
    private int zerosBesideForces;
    private string? energyText;
    private bool isStressAlone;

    internal void Add(Snapshot snapshot)
    {
        frames++;
        var found = Column(snapshot, Quantities.Forces);
        forces.Add(found);
        torques.Add(Column(snapshot, Quantities.Torques));
        if (Numbers(snapshot, Quantities.Energy, 1) is { Length: 1 } energy)
        {
            energies.Add(energy);
            if (energy[0] == 0.0 && found.Any(force => force != 0.0))
                zerosBesideForces++;
        }
        else if (SnapshotModule.tryInfo(Quantities.Energy, snapshot) is { Value: InfoValue.Text text })
            energyText ??= text.Item;
        var hasVirial = false;
        foreach (var name in tensorNames)
        {
            var numbers = Numbers(snapshot, name, 9);
            if (numbers.IsEmpty)
                numbers = Numbers(snapshot, name, 6);
            if (numbers.IsEmpty)
                continue;
            var row = $"{name} ({numbers.Length} numbers)";
            if (!tensors.TryGetValue(row, out var spread))
                tensors.Add(row, spread = new Spread());
            spread.Add(numbers);
            isStressAlone |= name == Stress && !hasVirial;
            hasVirial = true;
        }
    }

    internal IEnumerable<(string, string)> Rows()
    {
        if (energies.Frames > 0)
            yield return (
                "energy",
                $"{Of(energies.Frames)}: mean {energies.Mean.ToString("G8", CultureInfo.InvariantCulture)}, spread {Range.Show(energies.Deviation)}"
            );
        if (forces.Numbers.Frames > 0)
            yield return ("forces", forces.Describe(Of(forces.Numbers.Frames)));
        if (torques.Numbers.Frames > 0)
            yield return ("torques", torques.Describe(Of(torques.Numbers.Frames)));
        foreach (var (name, spread) in tensors)
            yield return (name, $"{Of(spread.Frames)}: root mean square {Range.Show(spread.RootMeanSquare)}");
    }

    internal IEnumerable<string> Warnings()
    {
        if (energies.Frames > 0 && zerosBesideForces == energies.Frames)
            yield return "energy is exactly 0 in every frame that has one, beside forces that are not: readers of dumps add such energies; "
                + "train leaves them out with --energy-key none";
        if (energyText is not null)
            yield return $"energy is a text (\"{energyText}\") and no number: train does not use it";
        if (isStressAlone)
            yield return "stress without virial: train takes virial = -volume x stress (tension positive); where yours has the other sign, "
                + "leave it out with --stress-key none";
    }

    private string Of(int some) =>
        some == frames ? "all frames" : $"{InspectionTable.Whole(some)} of {InspectionTable.Whole(frames)} frames";

    private static ImmutableArray<double> Column(Snapshot snapshot, string quantity) =>
        Quantities.tryReals(quantity, 3, snapshot) is { Value: var values } ? values : [];

    private static ImmutableArray<double> Numbers(Snapshot snapshot, string name, int count) =>
        Quantities.tryNumbers(name, count, snapshot) is { Value: var values } ? [.. values] : [];

    /// <summary>Numbers of frames as they come; their spread about the first, which loses no digits of large energies.</summary>
    private sealed class Spread
    {
        private double first;
        private double sum;
        private double squares;
        private double plainSquares;
        private long count;

        internal int Frames { get; private set; }

        internal void Add(ImmutableArray<double> numbers)
        {
            Frames++;
            foreach (var number in numbers)
            {
                if (count++ == 0)
                    first = number;
                sum += number - first;
                squares += (number - first) * (number - first);
                plainSquares += number * number;
            }
        }

        internal double Mean => first + sum / count;
        internal double Deviation => Math.Sqrt(Math.Max(0.0, squares / count - sum / count * (sum / count)));
        internal double RootMeanSquare => Math.Sqrt(plainSquares / count);
    }

    private sealed class VectorSurvey
    {
        private double largestSum;

        internal Spread Numbers { get; } = new();

        internal void Add(ImmutableArray<double> numbers)
        {
            if (numbers.IsEmpty)
                return;
            Numbers.Add(numbers);
            for (var axis = 0; axis < 3; axis++)
            {
                var sum = 0.0;
                for (var i = axis; i < numbers.Length; i += 3)
                    sum += numbers[i];
                largestSum = Math.Max(largestSum, Math.Abs(sum));
            }
        }

        internal string Describe(string frames) =>
            $"{frames}: root mean square {Range.Show(Numbers.RootMeanSquare)}, sums up to {Range.Show(largestSum)}";
    }
}
