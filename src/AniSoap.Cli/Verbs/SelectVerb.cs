using System.CommandLine;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;
using AniSoap.Learning;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap select</c>: the rows or columns of features that differ most, or that tell most of the others.</summary>
internal sealed class SelectVerb
{
    private const string Json = ".json";
    private const string Farthest = "fps";
    private const string Leverage = "cur";
    private const string Samples = "samples";
    private const string Features = "features";

    private readonly ModelInput input = new();
    private readonly OutputOptions output = new(numbers: false, [Json, .. Endings.ofFeatures]);
    private readonly Option<string> method = Choice.Among(
        "--method",
        "fps (default): farthest point sampling, each is the farthest from those chosen before; cur: CUR decomposition, each explains most of the rest",
        Farthest,
        Leverage
    );
    private readonly Option<string> of = Choice.Among(
        "--of",
        "choose samples (rows) or features (columns)",
        Samples,
        Features
    );
    private readonly Option<string> count = Choice.Of("--count", "N", "number of rows or columns to choose");
    private readonly Option<string> first = Choice.Of(
        "--first",
        "K",
        "fps: number of the one to begin with; default 0"
    );
    private readonly Option<string> vectors = Choice.Of(
        "--vectors",
        "K",
        "cur: number of singular vectors that the choice is based on; default 1"
    );
    private readonly Option<string> json = Choice.Of(
        "--json",
        "FILE|-",
        "write the numbers of the chosen rows or columns here, when -o is a table"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal SelectVerb()
    {
        Command = new Command("select", "Select the most diverse rows or columns of a table of features.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(method);
        Command.Add(of);
        Command.Add(count);
        Command.Add(first);
        Command.Add(vectors);
        Command.Add(json);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var warn = WarningLines.To(choices.Quiet);
        var ofFeatures = given.Word(of, Samples, Features) is { } what
            ? what == Features
            : throw new Refusal($"{of.Name} is missing; give {of.Name} {Samples} (rows) or {Features} (columns)");
        var number =
            given.Whole(count)
            ?? throw new Refusal(
                $"{count.Name} is missing; give number of rows or columns to choose ({count.Name} 20)"
            );
        var word = given.Word(method, Farthest, Leverage) ?? Farthest;
        var stray = word == Farthest ? vectors : first;
        if (given.GetValue(stray) is not null)
            throw Refusal.Of(method.Name, $"{word} with {stray.Name}", word == Farthest ? Leverage : Farthest);
        var (start, judged) = (given.Whole(first) ?? 0, given.Whole(vectors) ?? 1);
        using var interruption = new Interruption();
        var target = output.Read(given, input.Paths(given), interruption);
        target = OutputPath.Beside(target, given.GetValue(json), input.Paths(given));
        using var step = new StepLine(choices.Quiet);
        step.Say("reading features");
        var features = input.Read(given, warn);
        var read = clock.Seconds;
        interruption.Token.ThrowIfCancellationRequested();
        step.Say(
            $"choosing {number} of {(ofFeatures ? features.X.Columns : features.X.Rows)} {(ofFeatures ? "columns" : "rows")}"
        );
        ModelRun.CheckMemory(choices, "select", Memory(features.X, word));
        var chosen = ModelRun
            .By(
                choices.Threads,
                () =>
                    (word, ofFeatures) switch
                    {
                        (Farthest, true) => FarthestPoints.features(start, number, features.X),
                        (Farthest, false) => FarthestPoints.samples(start, number, features.X),
                        (_, true) => Cur.features(judged, number, features.X),
                        (_, false) => Cur.samples(judged, number, features.X),
                    }
            )
            .OrThrow();
        interruption.Token.ThrowIfCancellationRequested();
        var done = clock.Seconds;
        var text = SelectionFile.ToJson(features, ofFeatures, word, chosen);
        if (target.Ending == Json)
            ReportFile.Write(target.Path, target.Existing, text);
        else
        {
            var taken = ofFeatures ? features.TakeColumns(chosen.Positions) : features.TakeRows(chosen.Positions);
            taken.Write(target, taken.Table.Properties, taken.Table.Values, features.Metadata, warn);
        }
        if (given.GetValue(json) is { } report)
            ReportFile.Write(report, target.Existing, text);
        step.Dispose();
        clock.Print(choices, ModelRun.Statistics(features, read, done - read, clock.Seconds - done), target.Path);
        return 0;
    }

    /// <summary>A transposed copy, and what CUR takes out of its own; the smaller Gram matrix and its vectors.</summary>
    private static double Memory(Matrix x, string word)
    {
        var (rows, columns) = ((double)x.Rows, (double)x.Columns);
        var smaller = Math.Min(rows, columns);
        return (2.0 * rows * columns) + (word == Leverage ? (rows * columns) + (3.0 * smaller * smaller) : 0.0);
    }
}
