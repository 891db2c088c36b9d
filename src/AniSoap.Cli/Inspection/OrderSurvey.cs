using System.Globalization;

namespace AniSoap.Cli.Inspection;

/// <summary>How well the particles of each species are aligned, for every axis that their shapes distinguish.</summary>
internal sealed class OrderSurvey
{
    private readonly SortedDictionary<(int Species, BodyAxis Axis), Alignment> alignments = new(
        new BySpeciesThenAxis()
    );

    /// <summary>Adds a frame; returns what is found in it, by species and axis.</summary>
    internal IReadOnlyList<FrameOrder> Add(Frame frame)
    {
        var here = new List<FrameOrder>();
        var directions = new Dictionary<(int Species, BodyAxis Axis), List<Vector3>>();
        foreach (var particle in frame.Particles)
        {
            if (particle.IsSphere || !SpeciesSurvey.HasShape(particle))
                continue;
            foreach (var axis in OrderParametersModule.distinctAxes(particle))
            {
                if (!directions.TryGetValue((particle.Species, axis), out var list))
                    directions.Add((particle.Species, axis), list = []);
                list.Add(OrderParametersModule.direction(axis, particle));
            }
        }
        foreach (var (key, list) in directions)
        {
            if (OrderParametersModule.ofDirections(list).OrThrow() is not { Value: var order })
                continue;
            if (!alignments.TryGetValue(key, out var alignment))
                alignments.Add(key, alignment = new Alignment());
            alignment.Add(order);
            here.Add(new FrameOrder(key.Species, Letter(key.Axis), order));
        }
        here.Sort((one, other) => (one.Species, one.Axis[0]).CompareTo((other.Species, other.Axis[0])));
        return here;
    }

    /// <summary>Rows of the table: of each axis the order S over the frames, and where there is one frame the director.</summary>
    internal IEnumerable<(string, string)> Rows(int species)
    {
        foreach (var ((number, axis), alignment) in alignments)
            if (number == species)
                yield return ($"  order of body {Letter(axis)}", alignment.ToString());
    }

    private static string Letter(BodyAxis axis) =>
        axis.IsX ? "x"
        : axis.IsY ? "y"
        : "z";

    private sealed class BySpeciesThenAxis : IComparer<(int Species, BodyAxis Axis)>
    {
        public int Compare((int Species, BodyAxis Axis) a, (int Species, BodyAxis Axis) b) =>
            (a.Species, a.Axis.Tag).CompareTo((b.Species, b.Axis.Tag));
    }

    /// <summary>The order of one axis in the frames seen so far.</summary>
    private sealed class Alignment
    {
        private readonly Range order = new();
        private Vector3 director;

        internal void Add(OrderParameters found)
        {
            order.Add(found.Order);
            director = found.Director;
        }

        public override string ToString() =>
            order.Count == 1
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"S = {Show(order.Low)} along ({Show(director.X)}, {Show(director.Y)}, {Show(director.Z)})"
                )
                : $"S = {Show(order.Low)} to {Show(order.High)} (mean {Show(order.Mean)})";

        private static string Show(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
    }
}

/// <summary>The order of an axis of a species' bodies in one frame.</summary>
internal sealed record FrameOrder(int Species, string Axis, OrderParameters Found);
