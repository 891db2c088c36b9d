using System.CommandLine;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Options;

/// <summary>The option <c>--gradients</c>: what features are differentiated by.</summary>
internal static class GradientOptions
{
    internal static Option<string> Create()
    {
        var option = Choice.Of(
            "--gradients",
            "LIST",
            "write derivatives too (in .mts), by any of positions, orientations, semiaxes, strain (with commas between)"
        );
        option.CompletionSources.Add([.. GradientParameterModule.all.Select(GradientParameterModule.name)]);
        return option;
    }

    /// <summary>The parameters asked for; none without the option.</summary>
    internal static FSharpSet<GradientParameter> Read(ParseResult given, Option<string> option, OutputChoices output)
    {
        if (given.GetValue(option) is not { } text)
            return SetModule.Empty<GradientParameter>();
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        var parameters = new List<GradientParameter>();
        foreach (var name in names)
            parameters.Add(
                GradientParameterModule
                    .all.Where(parameter => GradientParameterModule.name(parameter) == name)
                    .DefaultIfEmpty(null!)
                    .First()
                    ?? throw Refusal.Of(
                        option.Name,
                        name.Length == 0 ? text : name,
                        string.Join(", ", GradientParameterModule.all.Select(GradientParameterModule.name))
                    )
            );
        if (output.Ending != ".mts")
            throw new Refusal(
                $"{option.Name} cannot be written to {output.Path}; accepted: an output ending in .mts, the format that holds gradients"
            );
        if (output.UpstreamLabels)
            throw new Refusal(
                $"{option.Name} cannot go with --labels anisoap, which has no names for gradients; accepted: --labels metatensor"
            );
        return SetModule.OfSeq(parameters);
    }
}
