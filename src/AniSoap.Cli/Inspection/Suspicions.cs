namespace AniSoap.Cli.Inspection;

/// <summary>Likely mistakes in what was read, each with the option that mends it.</summary>
internal static class Suspicions
{
    /// <summary>Fewer pairs than this say nothing about the usual distance of particles.</summary>
    private const int EnoughPairs = 20;

    // Packed particles touch at a factor near 1; shapes read at half or twice their size touch near 2 or 1/2.
    private const double HalfSize = 1.6;
    private const double HalfSizeLimit = 2.5;
    private const double TwiceSize = 0.65;
    private const double Overlapping = 0.8;

    internal static IEnumerable<string> Of(FrameSurvey survey, double? cutoff)
    {
        var touch = survey.Contacts.Low;
        var factor = Range.Show(touch);
        // Contacts with the images of a layer say nothing about the shapes; the readers warn of these images.
        var enough = survey.ContactPairs >= EnoughPairs && !survey.HasLayer;
        if (enough && touch is > HalfSize and < HalfSizeLimit)
            yield return $"the closest particles touch when grown {factor} times: diameters that look like semi-axes "
                + "(--shape-as semiaxis, or --semiaxes, if they are)";
        if (enough && touch < TwiceSize)
            yield return $"the closest particles touch when shrunk to {factor} of their size: semi-axes that look like "
                + "diameters (--shape-as diameter, or --diameters, if they are)";
        if (touch < Overlapping && !survey.HasLayer)
            yield return $"overlapping particles: {survey.OverlappingPairs} pairs, the worst touch at {factor} of their size";
        if (cutoff is { } radius && radius < 2.0 * survey.LongestSemiAxis)
            yield return $"the cutoff {Range.Show(radius)} is shorter than the longest axis {Range.Show(2.0 * survey.LongestSemiAxis)}: "
                + "particles that touch end to end do not see each other";
        if (cutoff is not null && survey.Neighbors.High == 0)
            yield return "no particle has a neighbour within the cutoff";
        foreach (var (number, species) in survey.Species)
            // Some elongated particles, and all of them along the lab axes.
            if (species.Unturned > 1 && species.Unturned == species.Count - species.Shapeless - species.Spheres)
                yield return $"species {number}: no particle is turned; were the orientations read?";
    }
}
