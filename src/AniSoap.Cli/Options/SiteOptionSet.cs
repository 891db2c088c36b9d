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
        "interaction sites in the body's frame in place of contact channels: found where they at least halve the error of held-out frames (auto), so many, or those that coarse-grain --sites-output writes; default none"
    );
    private readonly Option<string> cutoff = Choice.Of(
        "--site-cutoff",
        "R",
        "the distance of two sites from which on nothing acts; default: behind all pairs of frames in which nothing repeats, else 3.5 thinnest diameters"
    );
    private readonly Option<string> width = Choice.Of(
        "--site-cutoff-smoothing-width",
        "W",
        "over what length before --site-cutoff sites leave, by half a cosine; default a fourteenth of it"
    );
    private readonly Option<string> seed = Choice.Of("--seed", "N", "of the random starts of --sites; default 0");

    private readonly Option<string> symmetry = Choice.Of(
        "--site-symmetry",
        "N",
        "sites repeat by turns of 360/N degrees about the body's axis that is least like the two others, z of spheres; --sites counts all of them, each such ring is of one type; default 1: none"
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
