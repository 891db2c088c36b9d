using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using AniSoap.Cli.Verbs;

namespace AniSoap.Cli;

/// <summary>The verbs, and how their command lines are parsed.</summary>
internal static class CommandLine
{
    internal static int Run(string[] args)
    {
        var root = Root();
        // Short options are not bundled: "-10:" is a slice and "-o" is one word. "@" begins a file's name like any letter.
        var given = root.Parse(
            args,
            new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null }
        );
        if (given.Errors.Count > 0 && given.Action is not { ClearsParseErrors: true })
            throw Refuse(given);
        return given.Invoke(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
        );
    }

    private static RootCommand Root()
    {
        var root = new RootCommand(HelpTexts.Program)
        {
            new PowerSpectrumVerb().Command,
            new ExpansionVerb().Command,
            new InspectVerb().Command,
            new ConvertVerb().Command,
            PlotVerb.Command(),
        };
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
                option.Action = new HelpWithExamples(help);
            if (option is VersionOption)
                option.Action = new PrintVersion();
        }
        return root;
    }

    private static Refusal Refuse(ParseResult given)
    {
        var command = given.CommandResult.Command;
        if (command.Subcommands.Count == 0)
            return new Refusal($"{given.Errors[0].Message} {Name(command)} --help lists the options.");
        var (what, accepted) = (
            command is RootCommand ? "verb" : "picture",
            string.Join(", ", command.Subcommands.Select(verb => verb.Name))
        );
        return given.UnmatchedTokens is [var unknown, ..]
            ? Refusal.Of(what, unknown, accepted)
            : new Refusal($"a {what} is missing; accepted: {accepted} ({Name(command)} --help says more)");
    }

    /// <summary>What is typed to get to a command.</summary>
    private static string Name(Command command) =>
        command is RootCommand ? "anisoap" : $"{Name(command.Parents.OfType<Command>().First())} {command.Name}";

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult given)
        {
            Console.Out.WriteLine($"anisoap {ProgramVersion.Text}");
            return 0;
        }
    }

    /// <summary>The parser's help, and below it what it has no place for.</summary>
    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult given)
        {
            help.Invoke(given);
            given.InvocationConfiguration.Output.WriteLine(HelpTexts.After(given.CommandResult.Command));
            return 0;
        }
    }
}
