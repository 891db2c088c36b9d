using AniSoap.Cli.Options;

namespace AniSoap.Cli.Inspection;

/// <summary>What the radial basis is worth: how many functions stay, and how well they can be told apart.</summary>
internal static class BasisReport
{
    /// <summary>Rows of the table, for each l; a basis that cannot be orthonormalised is refused.</summary>
    internal static IEnumerable<(string, string)> Rows(Projection projection)
    {
        var (hypers, radial) = (projection.Hypers, projection.RadialFunctions);
        var (functions, kept) = (0, 0);
        for (var l = 0; l <= radial.MaxAngular; l++)
        {
            functions += radial.Count(l);
            kept += radial.Rank(l);
        }
        yield return ("basis", $"{kept} of {functions} radial functions kept (rcond {Texts.Show(hypers.BasisRcond)})");
        for (var l = 0; l <= radial.MaxAngular; l++)
        {
            var eigenvalues = radial.Eigenvalues(l);
            var (least, most) = (eigenvalues.First(), eigenvalues.Last());
            var condition = least > 0.0 ? Range.Show(most / least) : "infinite";
            yield return ($"  l = {l}", $"rank {radial.Rank(l)} of {radial.Count(l)}, condition {condition}");
        }
    }
}
