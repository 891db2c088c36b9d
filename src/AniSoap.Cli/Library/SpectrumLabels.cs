namespace AniSoap.Cli.Library;

/// <summary>
/// The labels of a table of power spectra, in today's names or in those of the Python package; the values and their
/// order are the same. (The package lists its property labels in another order than its values where there are
/// several species; here the labels are those of the values.)
/// </summary>
internal sealed class SpectrumLabels
{
    private static readonly string[] UpstreamProperties =
    [
        "n_1_a",
        "neighbor_types_1_a",
        "k_2",
        "n_1_b",
        "neighbor_types_1_b",
        "l_2",
    ];

    private readonly bool upstream;
    private readonly Lazy<Labels> ofParticle;
    private readonly Lazy<Labels> ofMean;

    internal SpectrumLabels(Projection projection, SpectrumColumns columns, bool upstream)
    {
        this.upstream = upstream;
        // Each only where it is asked for: with many species those of means are long.
        ofParticle = new(() =>
        {
            var labels = SpectrumColumnsModule.properties(columns, projection);
            return upstream ? Renamed(labels, [], 0) : labels;
        });
        ofMean = new(() =>
        {
            var labels = SpectrumColumnsModule.meanProperties(columns, projection);
            return upstream ? Renamed(labels, [CenterType], 1) : labels;
        });
        Keys = upstream
            ? Make(["order_nu", "angular_channel", CenterType], projection.Species.SelectMany(t => new[] { 2, 0, t }))
            : Make([CenterType], projection.Species);
        Components = upstream ? [Make(["spherical_harmonics_m"], [0])] : [];
    }

    /// <summary>The columns of one centre's spectrum.</summary>
    internal Labels OfParticle => ofParticle.Value;

    /// <summary>The columns of a frame's mean: those of every species as centre, side by side.</summary>
    internal Labels OfMean => ofMean.Value;

    /// <summary>The keys of a TensorMap: the species as centre.</summary>
    internal Labels Keys { get; }

    internal Labels[] Components { get; }

    internal string CenterType => upstream ? "types_center" : "center_type";

    /// <summary>What a table calls the frame's number; a TensorMap calls it a system.</summary>
    internal string Frame(bool tensorMap) =>
        upstream ? "type"
        : tensorMap ? "system"
        : "frame";

    internal string Particle(bool tensorMap) =>
        upstream ? "center"
        : tensorMap ? "atom"
        : "particle";

    /// <summary>Columns (…, l, n1, t1, n2, t2) under the package's names (…, n1, t1, l, n2, t2, l).</summary>
    private static Labels Renamed(Labels labels, string[] before, int skip)
    {
        var width = labels.Size;
        var values = labels.Values;
        var renamed = new int[labels.Count * (skip + UpstreamProperties.Length)];
        for (int row = 0, at = 0; row < labels.Count; row++)
        {
            var column = values.Slice(row * width, width);
            foreach (var number in column[..skip])
                renamed[at++] = number;
            var (l, n1, t1) = (column[skip], column[skip + 1], column[skip + 2]);
            foreach (var number in (ReadOnlySpan<int>)[n1, t1, l, column[skip + 3], column[skip + 4], l])
                renamed[at++] = number;
        }
        return Make([.. before, .. UpstreamProperties], renamed);
    }

    private static Labels Make(IEnumerable<string> names, IEnumerable<int> values) =>
        LabelsModule.ofValues(names, values).OrRefuse();
}
