using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using AniSoap.Cli.Verbs;

namespace AniSoap.Cli;

/// <summary>The verbs, and how their command lines are parsed.</summary>
internal static class CommandLine
{
    // Short options are not bundled: "-10:" is a slice and "-o" is one word. "@" begins a file's name like any letter.
    private static readonly ParserConfiguration Parser = new()
    {
        EnablePosixBundling = false,
        ResponseFileTokenReplacer = null,
    };

    private const string Help = "help";

    internal static int Run(string[] args)
    {
        try
        {
            // `anisoap help VERB` is `anisoap VERB --help`.
            return Parsed(args is [Help, .. var words] ? [.. words.Where(word => word != "--help"), "--help"] : args);
        }
        catch (MissingOptions missing)
        {
            throw missing.For(args);
        }
    }

    private static int Parsed(string[] args)
    {
        var root = Root(args.FirstOrDefault());
        var given = root.Parse(args, Parser);
        if (
            args is [.., "--help"]
            && given.CommandResult.Command.Subcommands.Count > 0
            && given.UnmatchedTokens.Count > 0
        )
            throw Refuse(given);
        if (given.Action is not { ClearsParseErrors: true })
        {
            if (given.Errors.Count > 0)
                throw Refuse(given);
            if (StrayOption(given) is { } stray)
                throw Spelling.UnknownOption(stray, given.CommandResult.Command);
        }
        return given.Invoke(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
        );
    }

    /// <summary>A verb, made when it is needed.</summary>
    private sealed record Verb(string Name, Func<Command> Create);

    /// <summary>The verbs in the order of the help.</summary>
    private static readonly Verb[] Verbs =
    [
        new("power-spectrum", () => new PowerSpectrumVerb().Command),
        new("expansion", () => new ExpansionVerb().Command),
        new("inspect", () => new InspectVerb().Command),
        new("suggest", () => new SuggestVerb().Command),
        new("convert", () => new ConvertVerb().Command),
        new("coarse-grain", () => new CoarseGrainVerb().Command),
        new("train", () => new TrainVerb().Command),
        new("predict", () => new PredictVerb().Command),
        new("evaluate", () => new EvaluateVerb().Command),
        new("simulate", () => new SimulateVerb().Command),
        new("select", () => new SelectVerb().Command),
        new("reduce", () => new ReduceVerb().Command),
        new("regress", () => new RegressVerb().Command),
        new("compare", () => new CompareVerb().Command),
        new("index", () => new IndexVerb().Command),
        new("merge", () => new MergeVerb().Command),
        new("status", () => new StatusVerb().Command),
        new("submit", () => new SubmitVerb().Command),
        new("plot", PlotVerb.Command),
        new(Help, () => new Command(Help, "Show the options of a verb; the same as VERB --help.")),
    ];

    /// <summary>The parser of a line that begins with this word: where it is a verb, the options of all others are not made, which would take as long as reading a file's first frame.</summary>
    private static RootCommand Root(string? first)
    {
        var root = new RootCommand(HelpTexts.Program);
        foreach (var verb in Array.Find(Verbs, verb => verb.Name == first) is { } given ? [given] : Verbs)
            root.Add(verb.Create());
        foreach (var directive in root.Directives.OfType<SuggestDirective>())
            directive.Action = new Suggest(directive);
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
            return given.Tokens.FirstOrDefault(IsStrayOption) is { Value: var option }
                ? Spelling.UnknownOption(option, command)
                : new Refusal($"{given.Errors[0].Message} {Name(command)} --help lists the options.");
        var (what, accepted) = (
            command is RootCommand ? "verb" : "picture",
            string.Join(", ", command.Subcommands.Select(verb => verb.Name))
        );
        return given.UnmatchedTokens is [var unknown, ..]
            ? new Refusal(
                $"{what} = {unknown} cannot be used{Spelling.DidYouMean(unknown, command.Subcommands.Select(verb => verb.Name))}; accepted: {accepted}"
            )
            : new Refusal($"a {what} is missing; accepted: {accepted} ({Name(command)} --help says more)");
    }

    /// <summary>An option that the command does not have, taken for one of its arguments. Behind "--" every word is an argument, and "-" alone is standard input.</summary>
    private static string? StrayOption(ParseResult given)
    {
        var before = given.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToHashSet();
        return given
            .CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .FirstOrDefault(token => token.Value.Length > 1 && token.Value[0] == '-' && before.Contains(token))
            ?.Value;
    }

    // The parser takes what it does not know for an argument.
    private static bool IsStrayOption(Token token) =>
        token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal);

    /// <summary>What is typed to get to a command.</summary>
    internal static string Name(Command command) =>
        command is RootCommand ? "anisoap" : $"{Name(command.Parents.OfType<Command>().First())} {command.Name}";

    /// <summary>
    /// What may stand where the cursor is, one a line. Nothing where a file's name may stand, so that shells complete those: an option
    /// only where a dash begins it.
    /// </summary>
    private sealed class Suggest(Directive directive) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult given)
        {
            var line = given.Tokens.LastOrDefault(token => token.Type != TokenType.Directive)?.Value ?? "";
            var position = int.TryParse(given.GetResult(directive)?.Values.SingleOrDefault(), out var cursor)
                ? Math.Clamp(cursor, 0, line.Length)
                : line.Length;
            // Whatever the program is called there: by a path, or under another name.
            var typed = line[..position].TrimStart();
            var blank = typed.IndexOfAny([' ', '\t']);
            if (blank < 0)
                return 0;
            typed = "anisoap" + typed[blank..];
            var word = typed[(typed.LastIndexOfAny([' ', '\t', '=']) + 1)..];
            var parsed = given.RootCommandResult.Command.Parse(typed, Parser);
            foreach (var completion in parsed.GetCompletions(typed.Length))
                if (
                    completion.Label.StartsWith(word, StringComparison.Ordinal)
                    && (char.IsLetter(completion.Label[0]) || word.StartsWith('-'))
                )
                    given.InvocationConfiguration.Output.WriteLine(completion.Label);
            return 0;
        }
    }

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
