using System.CommandLine;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Options;

/// <summary>Where results go and how numbers and labels are written.</summary>
internal sealed record OutputChoices(string Path, bool Force, bool SinglePrecision, bool UpstreamLabels)
{
    private const string Gzip = ".gz";

    /// <summary>The output that this is a part of, else itself.</summary>
    internal string Whole { get; init; } = Path;

    /// <summary>What becomes of a file of that name.</summary>
    internal Existing Existing { get; private init; } = Force ? Existing.Replace : Existing.Keep;

    /// <summary>The same with files that have been begun.</summary>
    internal OutputChoices With(IEnumerable<AtomicFile> begun)
    {
        var before = Existing is Existing.Begun { Item: var files } ? files : [];
        return this with { Existing = Existing.NewBegun(ListModule.OfSeq(before.Concat<IOutputFile>(begun))) };
    }

    /// <summary>The same where it has been begun beside others.</summary>
    internal OutputChoices Begun(Existing begun) => this with { Existing = begun };

    /// <summary>How features are written.</summary>
    internal WriteOptions Options => new(Existing, SinglePrecision ? Precision.Single : Precision.Double);

    /// <summary>The names of labels.</summary>
    internal LabelNames Names => UpstreamLabels ? LabelNames.Package : LabelNames.Metatensor;

    /// <summary>The ending in lower case, with its dot; of compressed text both endings.</summary>
    internal string Ending
    {
        get
        {
            var last = System.IO.Path.GetExtension(Path).ToLowerInvariant();
            return last == Gzip ? System.IO.Path.GetExtension(Path[..^Gzip.Length]).ToLowerInvariant() + Gzip : last;
        }
    }
}

/// <summary>The options of the output; <paramref name="endings"/> are those that the verb can write.</summary>
internal sealed class OutputOptions(bool numbers, params string[] endings)
{
    private readonly Option<string> path = Choice.Of(
        "--output",
        "FILE",
        $"output file; its ending chooses the format: {string.Join(", ", endings)}",
        "-o"
    );
    private readonly Option<bool> force = Choice.Flag("--force", "replace the output if it exists");
    private readonly Option<string> dtype = Choice.Among(
        "--dtype",
        "double (f8, default) or single precision (f4) in the output",
        "f8",
        "f4"
    );
    private readonly Option<string> labels = Choice.Among(
        "--labels",
        "names of rows and columns: metatensor's (default) or those of the Python package AniSOAP",
        "metatensor",
        "anisoap"
    );

    internal void AddTo(Command command)
    {
        command.Add(path);
        command.Add(force);
        if (!numbers)
            return;
        command.Add(dtype);
        command.Add(labels);
    }

    /// <summary>Whether there is an output, for verbs that can do without.</summary>
    internal bool IsGiven(ParseResult given) => given.GetValue(path) is not null;

    /// <summary>
    /// The choices, once the output is begun; <paramref name="inputs"/> stay as they are. Whoever stops the run from then on finds
    /// <paramref name="interruption"/> there, which leaves nothing behind.
    /// </summary>
    internal OutputChoices Read(
        ParseResult given,
        IReadOnlyList<string> inputs,
        Interruption interruption,
        PartChoices? part = null
    )
    {
        var target =
            given.GetValue(path)
            ?? throw new Refusal($"--output is missing; give -o FILE ending in {string.Join(", ", endings)}");
        var choices = new OutputChoices(
            target,
            given.GetValue(force),
            numbers && given.Word(dtype, "f8", "f4") == "f4",
            numbers && given.Word(labels, "metatensor", "anisoap") == "anisoap"
        );
        if (target.Length == 0)
            throw new Refusal($"--output is empty; give -o FILE ending in {string.Join(", ", endings)}");
        Output.OutputPath.CheckKind(target);
        if (!endings.Contains(choices.Ending))
            throw new Refusal(
                $"{target}: the ending {(choices.Ending.Length == 0 ? "(none)" : choices.Ending)} cannot be written "
                    + $"by {given.CommandResult.Command.Name}; accepted: {string.Join(", ", endings)}"
            );
        interruption.Token.ThrowIfCancellationRequested();
        if (part is not null)
            choices = OfPart(choices, part);
        return choices.With(Output.OutputPath.Begin(choices, NamedFiles.Of(given, inputs, path)));
    }

    /// <summary>The file of a part, which takes the place of one that does not fit.</summary>
    private OutputChoices OfPart(OutputChoices whole, PartChoices part)
    {
        // Features in such a file have their frames beside them; a model's parts hold factors.
        if (numbers && whole.Ending is ".json" or ".json.gz")
            throw Refusal.Of("--output", whole.Path, "features without their frames, where --part is given");
        return new OutputChoices(
            PartRun.FileOf(part, whole.Path),
            Force: true,
            whole.SinglePrecision,
            whole.UpstreamLabels
        )
        {
            Whole = whole.Path,
        };
    }
}
