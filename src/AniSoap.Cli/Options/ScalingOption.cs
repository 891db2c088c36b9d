using System.Collections.Immutable;
using System.CommandLine;
using AniSoap.Learning;

namespace AniSoap.Cli.Options;

/// <summary>What features go through before a model sees them.</summary>
internal sealed class ScalingOption
{
    private const string All = "all";
    private const string Columns = "columns";
    private const string None = "none";

    private readonly Option<string> scale = Choice.Among(
        "--scale",
        "scale the centred features: all columns by one factor (all, default), each column by its own (columns), or not (none)",
        All,
        Columns,
        None
    );

    internal void AddTo(Command command) => command.Add(scale);

    internal ScalerOptions Read(ParseResult given)
    {
        var word = given.Word(scale, All, Columns, None) ?? All;
        return new ScalerOptions(word == Columns, center: true, scale: word != None, ImmutableArray<double>.Empty);
    }
}
