using System.CommandLine;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap plot</c>: pictures as web pages that need no network.</summary>
internal static class PlotVerb
{
    internal static Command Command() =>
        new(
            "plot",
            "Draw frames, radial functions, spectra, maps, densities and bodies as web pages that need no network."
        )
        {
            new PlotFrameVerb().Command,
            new PlotBasisVerb().Command,
            new PlotSpectrumVerb().Command,
            new PlotMapVerb().Command,
            new PlotDensityVerb().Command,
            new PlotBodyVerb().Command,
        };
}
