using System.CommandLine;
using AniSoap.Cli.Output;

namespace AniSoap.Cli.Options;

/// <summary>The files that a command line names.</summary>
internal static class NamedFiles
{
    internal const string Input = "INPUT";

    /// <summary>
    /// The inputs, and what stands behind every option but <paramref name="output"/> that takes a file: an option whose
    /// value is called FILE in the help, or by an example of a file's name (RUN.data).
    /// </summary>
    internal static IEnumerable<NamedFile> Of(ParseResult given, IEnumerable<string> inputs, Option output) =>
        inputs
            .Select(path => new NamedFile(path, Input))
            .Concat(
                given
                    .CommandResult.Command.Options.Where(option => option != output && TakesFile(option))
                    .SelectMany(option =>
                        (given.GetResult(option)?.Tokens ?? []).Select(token => new NamedFile(token.Value, option.Name))
                    )
            );

    private static bool TakesFile(Option option) =>
        option.HelpName is { } name && (name.Contains("FILE", StringComparison.Ordinal) || name.Contains('.'));
}
