using System.CommandLine;
using AniSoap.Cli.Inspection;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap inspect</c>: what is in the input, as a table a person reads, and warnings for likely mistakes.</summary>
internal sealed class InspectVerb
{
    private readonly InputOptionSet input = new(InputFormats.OrFeatures);
    private readonly HyperOptions hypers = new();
    private readonly Option<bool> json = Choice.Flag(
        "--json",
        "print JSON instead of the table, with the cell, order parameter and director of every frame"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal InspectVerb()
    {
        Command = new Command("inspect", "Show what is in a file, with warnings for likely mistakes.");
        input.AddTo(Command);
        hypers.AddTo(Command);
        Command.Add(json);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var hyperChoices = hypers.Read(given);
        var inputChoices = input.Read(given, hyperChoices);
        if (inputChoices.Paths.Any(FeatureFiles.Is))
            return FeatureInspection.Run(inputChoices.Paths, given.GetValue(json), choices, clock);
        var projection = hyperChoices.HasBasis ? hyperChoices.Complete() : null;
        var basis = projection?.Hypers;
        var cutoff = basis?.CutoffRadius ?? hyperChoices.Cutoff;
        if (cutoff is { } radius && !(radius > 0.0))
            throw Refusal.Of("cutoff_radius", Texts.Show(radius), "a finite number above zero");
        var basisRows = projection is null ? [] : BasisReport.Rows(projection).ToList();
        var warn = WarningLines.To(choices.Quiet);
        var inputs = new Inputs(WithoutShapes(inputChoices));

        using var interruption = new Interruption();
        var survey = new FrameSurvey(cutoff, choices.Limits);
        var targets = new TargetSurvey();
        var watch = SuspicionWatch.Thorough(
            cutoff is { } within ? FSharpOption<double>.Some(within) : null,
            projection is null ? null : FSharpOption<Projection>.Some(projection),
            SpeciesSurvey.HasShape
        );
        var found = projection is null ? [] : SuspicionModule.ofProjection(projection).ToList();
        using var written = given.GetValue(json) ? new InspectionJson(inputChoices.Paths) : null;
        written?.BeginFrames();
        using (var progress = new ProgressLine(choices.Quiet, total: null))
            foreach (var (number, snapshot) in inputs.FilledSnapshots(warn))
            {
                interruption.Token.ThrowIfCancellationRequested();
                var frame = snapshot.Frame;
                targets.Add(snapshot);
                var (file, inFile) = inputs.Origin(number);
                var orders = survey.Add(file, inFile, frame, error => inputs.LocateFrame(number, error));
                written?.Add(file, inFile, frame, orders);
                found.AddRange(watch.Add(inputs.PlaceOf(number), frame));
                progress.Report(survey.Frames, 0, survey.SeenPairs);
            }

        if (survey.Frames == 0)
            throw inputs.NoFrames();
        List<(string, string)> rows = [.. InspectionTable.Rows(survey, cutoff), .. targets.Rows(), .. basisRows];
        List<string> warnings =
        [
            .. survey.Giant is { } giant ? (string[])[$"{giant.File}: {giant}"] : [],
            .. found.Concat(watch.Finish()).Select(SuspicionModule.describe),
            .. targets.Warnings(),
            .. survey.Digits.Warnings(),
        ];
        written?.EndFrames();
        written?.End(rows, warnings);
        if (written is null)
            InspectionTable.Write(string.Join(", ", inputChoices.Paths), rows);
        // Below the table, where they are read.
        warnings.ForEach(warn);
        clock.Print(choices, survey.Statistics(clock.Seconds));
        return 0;
    }

    /// <summary>The choices under which particles without a shape are no error.</summary>
    private static InputChoices WithoutShapes(InputChoices choices)
    {
        var none = SpeciesSurvey.NoShape;
        return choices.PointSemiAxes.Any(rule => rule.Type is null)
            ? choices
            : choices with
            {
                PointSemiAxes = [.. choices.PointSemiAxes, new ShapeRule(null, none, none, none)],
            };
    }
}
