using System.CommandLine;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot</c>: pictures as web pages that need no network.</summary>
internal static class PlotVerb
{
    internal static Command Command() =>
        new("plot", "Pictures as single web pages that open without a network: frame, basis, spectrum, map, density.")
        {
            new PlotFrameVerb().Command,
            new PlotBasisVerb().Command,
            new PlotSpectrumVerb().Command,
            new PlotMapVerb().Command,
            new PlotDensityVerb().Command,
        };
}
