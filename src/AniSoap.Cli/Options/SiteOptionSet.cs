using System.CommandLine;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Options;

/// <summary>The options that say whether particles are bodies made of sites.</summary>
internal sealed class SiteOptionSet
{
    private readonly Option<string> sites = Choice.Of(
        "--sites",
        "none|auto|N|FILE.json",
        "interaction sites fixed in the body instead of contacts of ellipsoids: found if they at least halve the error of held-out frames (auto), N of them, or read from a file of coarse-grain --sites-output; default none"
    );
    internal const string CutoffName = "--site-cutoff";

    private readonly Option<string> cutoff = Choice.Of(
        CutoffName,
        "R",
        "distance beyond which two sites do not interact; default: beyond all pairs if no frame is periodic, else 3.5 times the smallest diameter"
    );
    private readonly Option<string> width = Choice.Of(
        "--site-cutoff-smoothing-width",
        "W",
        "length before --site-cutoff over which the interaction of sites goes to zero; default a fourteenth of it"
    );
    private readonly Option<string> seed = Choice.Of("--seed", "N", "seed of the random starts of --sites; default 0");

    private readonly Option<string> symmetry = Choice.Of(
        "--site-symmetry",
        "N",
        "impose an N-fold rotation axis on the sites: the body's axis that differs most from the other two (z for spheres). --sites counts all sites; those that a rotation maps onto each other are of one type; default 1: no symmetry"
    );

    internal IReadOnlyList<Option> All => [sites, cutoff, width, seed, symmetry];

    internal void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    internal SiteOptions Read(ParseResult given)
    {
        var choice = Choose(given);
        var turns = given.Whole(symmetry) ?? 1;
        return turns == 1 || choice.IsAuto || choice.IsCount
            ? new SiteOptions(choice, Cutoff(given), given.Whole(seed) ?? 0, turns)
            : throw Refusal.Of(symmetry.Name, Texts.Show(turns), $"1 unless {sites.Name} is auto or a number");
    }

    private SiteChoice Choose(ParseResult given) =>
        given.GetValue(sites) switch
        {
            null or "none" => SiteChoice.None,
            "auto" => SiteChoice.Auto,
            var text when text.All(char.IsAsciiDigit) => given.Whole(sites) is { } count and > 0
                ? SiteChoice.NewCount(count)
                : throw Refusal.Of(sites.Name, text, "a whole number from 1"),
            var path => SiteChoice.NewGiven(SiteFile.bodies(path).OrThrow()),
        };

    private FSharpOption<SiteCutoff>? Cutoff(ParseResult given)
    {
        if (given.Number(cutoff) is not { } radius)
            return given.GetValue(width) is { } alone
                ? throw Refusal.Of(width.Name, alone, $"a length with {cutoff.Name}")
                : null;
        return FSharpOption<SiteCutoff>.Some(
            SiteCutoffModule.create(radius, given.Number(width) ?? radius / 14.0).OrThrow()
        );
    }
}
