using System.CommandLine;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;
using AniSoap.Learning;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap regress</c>: a property of frames or particles out of their features.</summary>
internal sealed class RegressVerb
{
    private const string Linear = "ridge";
    private const string Kernels = "kernel";
    private const string Sparse = "sparse";
    private const string Json = ".json";
    private const string EachRow = "loo";
    private const int UsualFolds = 8;
    private const int UsualPoints = 200;

    private readonly ModelInput input = new();
    private readonly OutputOptions output = new(numbers: false, [Json, .. Endings.ofFeatures]);
    private readonly TargetSource targets = new();
    private readonly Option<string> method = Choice.Among(
        "--method",
        "ridge (default): linear; kernel: kernel regression on all rows; sparse: kernel regression on a few of them, for many rows",
        Linear,
        Kernels,
        Sparse
    );
    private readonly KernelOptions kernels = new();
    private readonly Option<string> points = Choice.Of(
        "--points",
        "N",
        $"sparse: number of rows that kernels are centred on, chosen far from each other; default {UsualPoints}, or all if there are fewer"
    );
    private readonly Option<string> regularization = Choice.Of(
        "--regularization",
        "L[,L…]",
        "strength of the regularisation; of several values the best one by cross-validation is taken; default: 25 values from 1e-10 to 100"
    );
    private readonly Option<bool> noIntercept = Choice.Flag("--no-intercept", "fit without a constant term");
    private readonly ScalingOption scaling = new();
    private readonly Option<string> folds = Choice.Of(
        "--folds",
        "N|loo",
        $"cross-validation: N parts of the frames, or leave one row out (loo); default: loo, or {UsualFolds} parts if frames have several rows"
    );
    private readonly Option<string> model = Choice.Of(
        "--model",
        "FILE.json",
        "predict with a model that regress has written; nothing is learnt"
    );
    private readonly Option<string> json = Choice.Of("--json", "FILE|-", "write the errors as JSON too");
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal RegressVerb()
    {
        Command = new Command(
            "regress",
            "Learn a property of frames or particles from their features (-o MODEL.json), or predict it (--model)."
        );
        input.AddTo(Command);
        output.AddTo(Command);
        targets.AddTo(Command);
        Command.Add(method);
        kernels.AddTo(Command);
        Command.Add(points);
        Command.Add(regularization);
        Command.Add(noIntercept);
        scaling.AddTo(Command);
        Command.Add(folds);
        Command.Add(model);
        Command.Add(json);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var known = given.GetValue(model) is { } file ? LearnedFile.load(file).OrThrow() : null;
        if (known is not null)
            RefuseBesideModel(given);
        else if (targets.Names(given) is null)
            throw new Refusal("--targets is missing; give what is learnt (--targets energy)");
        var how = known is null ? HowToLearn(given) : null;
        using var interruption = new Interruption();
        var target = output.Read(given, input.Paths(given), interruption);
        if (known is null != (target.Ending == Json))
            throw known is null
                ? Refusal.Of("--output", target.Path, $"a name ending in {Json} for what is learnt")
                : Refusal.Of(
                    "--output",
                    target.Path,
                    $"one ending in {string.Join(", ", Endings.ofFeatures)} for predictions"
                );
        target = OutputPath.Beside(target, given.GetValue(json), input.Paths(given));
        return known is null
            ? Learn(given, how!, target, choices, clock, interruption)
            : Predict(given, known, target, choices, clock, interruption);
    }

    private void RefuseBesideModel(ParseResult given)
    {
        ModelRun.RefuseBeside(model, given, [method, points, regularization, folds], kernels, targets);
        if (targets.PerParticle(given))
            throw Refusal.Of(model.Name, "with --per-particle", "one or the other: the model has been learnt");
    }

    // --- learning ---

    private sealed record Learning(
        string Word,
        IReadOnlyList<Kernel> Kernels,
        int? Points,
        IReadOnlyList<double> Regularizations,
        int? Parts,
        bool EachRow,
        bool Intercept,
        ScalerOptions Scaling
    );

    private Learning HowToLearn(ParseResult given)
    {
        var word = given.Word(method, Linear, Kernels, Sparse) ?? Linear;
        if (word == Linear && kernels.Given(given) is { } stray)
            throw Refusal.Of(method.Name, $"{word} with {stray}", $"{Kernels} or {Sparse}");
        if (word != Sparse && given.GetValue(points) is not null)
            throw Refusal.Of(method.Name, $"{word} with {points.Name}", Sparse);
        var text = given.GetValue(folds);
        return new(
            word,
            word == Linear ? [] : kernels.Read(given, 0.1, 1.0, 10.0),
            given.Whole(points),
            given.GetValue(regularization) is { } list
                ? Array.ConvertAll(list.Split(','), part => Texts.Number(regularization.Name, part.Trim()))
                : RegressionModule.defaults.Regularizations,
            text is null or EachRow ? null : Texts.Whole(folds.Name, text),
            text == EachRow,
            !given.GetValue(noIntercept),
            scaling.Read(given)
        );
    }

    private int Learn(
        ParseResult given,
        Learning how,
        OutputChoices target,
        RunChoices choices,
        RunClock clock,
        Interruption interruption
    )
    {
        using var step = new StepLine(choices.Quiet);
        step.Say("reading features and targets");
        var features = input.Read(given, WarningLines.To(choices.Quiet));
        var perParticle = targets.PerParticle(given);
        var columns = targets.Read(given, targets.Names(given)!, perParticle, features, interruption.Token);
        var read = clock.Seconds;
        interruption.Token.ThrowIfCancellationRequested();
        var rows = features.X.Rows;
        var chosen = how.Word == Sparse ? how.Points ?? Math.Min(UsualPoints, rows) : rows;
        if (chosen > rows)
            throw Refusal.Of(points.Name, $"{chosen}", $"up to {rows}, as many as there are rows");
        ModelRun.CheckMemory(choices, "regress", Memory(features.X, how.Word == Linear ? features.X.Columns : chosen));
        var (parts, leftOut) = LeftOut(how, features);
        step.Say($"learning from {rows} rows of {features.X.Columns} columns");
        var found = ModelRun
            .By(
                choices.Threads,
                () =>
                    RegressionModule.run(
                        new RegressionOptions(
                            how.Word switch
                            {
                                Linear => RegressionMethod.Ridge,
                                Kernels => RegressionMethod.NewKernel(ListModule.OfSeq(how.Kernels)),
                                _ => RegressionMethod.NewSparse(ListModule.OfSeq(how.Kernels), chosen),
                            },
                            ListModule.OfSeq(how.Regularizations),
                            parts,
                            how.Intercept,
                            how.Scaling
                        ),
                        features.X,
                        columns.Y
                    )
            )
            .OrThrow();
        interruption.Token.ThrowIfCancellationRequested();
        var learnt = new LearnedModel(
            found.Learner,
            found.Scaler,
            features.Table.Properties,
            features.Metadata.Remove(FrameTargetsModule.Entry),
            columns.Names,
            perParticle
        );
        var predicted = LearnedModelModule.predict(learnt, features.X).OrThrow();
        var done = clock.Seconds;
        var report = new RegressionReport(
            learnt,
            how.Word,
            string.Join(", ", features.Paths),
            rows,
            found,
            leftOut,
            [
                new("held out", RegressionModule.errors(found.Search.HeldOut, columns.Y).OrThrow()),
                new("training", RegressionModule.errors(predicted, columns.Y).OrThrow()),
            ]
        );
        LearnedFile.save(target.Existing, target.Path, learnt).OrFail();
        step.Dispose();
        Tell(given, report, target, choices);
        clock.Print(choices, ModelRun.Statistics(features, read, done - read, clock.Seconds - done), target.Path);
        return 0;
    }

    /// <summary>The features, what their decomposition takes, and held-out predictions; kernels of rows with points.</summary>
    private static double Memory(Matrix x, int directions)
    {
        var (rows, columns) = ((double)x.Rows, (double)x.Columns);
        return (3.0 * rows * columns) + (4.0 * rows * directions) + (3.0 * directions * directions);
    }

    /// <summary>What is left out in turn, and the sentence that says it.</summary>
    private static (Folds, string) LeftOut(Learning how, FeatureMatrix features)
    {
        var groups = features.Groups();
        var frames = groups.Distinct().Count();
        var rows = features.X.Rows;
        if (how.EachRow || (how.Parts is null && frames == rows))
            return (Folds.LeaveOneOut, $"every row by the fit to all others ({rows})");
        var count = how.Parts ?? Math.Min(UsualFolds, frames);
        return (
            Folds.NewGroups([.. groups], count),
            $"{count} parts of {frames} frames in turn, rows of a frame together"
        );
    }

    // --- predicting ---

    private int Predict(
        ParseResult given,
        LearnedModel known,
        OutputChoices target,
        RunChoices choices,
        RunClock clock,
        Interruption interruption
    )
    {
        var warn = WarningLines.To(choices.Quiet);
        using var step = new StepLine(choices.Quiet);
        step.Say("reading features");
        var all = input.Read(given, warn);
        var features = all.TakeColumns(
            LearnedModelModule.columnsIn(all.Source, all.Table.Properties, all.Metadata, known).OrThrow()
        );
        var columns = targets.AreThere(given, [.. known.Targets], all)
            ? targets.Read(given, [.. known.Targets], known.PerParticle, all, interruption.Token)
            : null;
        if (columns is null && given.GetValue(json) is not null)
            throw Refusal.Of(json.Name, "without targets", "features with targets beside them, or --targets-from FILE");
        var read = clock.Seconds;
        interruption.Token.ThrowIfCancellationRequested();
        step.Say($"predicting {features.X.Rows} rows");
        var predicted = ModelRun.By(choices.Threads, () => LearnedModelModule.predict(known, features.X)).OrThrow();
        interruption.Token.ThrowIfCancellationRequested();
        var done = clock.Seconds;
        features.Write(
            target,
            LabelsModule.range("target", predicted.Columns).OrThrow(),
            predicted.Values,
            all.Metadata.Remove(FrameTargetsModule.Entry)
                .Add("predicted", string.Join(",", known.Targets))
                .Add("predicted_by", LearnedModelModule.methodOf(known)),
            warn
        );
        step.Dispose();
        if (columns is not null)
            Tell(
                given,
                new RegressionReport(
                    known,
                    LearnedModelModule.methodOf(known),
                    string.Join(", ", features.Paths),
                    features.X.Rows,
                    null,
                    null,
                    [new("predicted", RegressionModule.errors(predicted, columns.Y).OrThrow())]
                ),
                target,
                choices
            );
        clock.Print(choices, ModelRun.Statistics(features, read, done - read, clock.Seconds - done), target.Path);
        return 0;
    }

    private void Tell(ParseResult given, RegressionReport report, OutputChoices target, RunChoices choices)
    {
        var place = given.GetValue(json);
        if (place is not null)
            ReportFile.Write(place, target.Existing, report.Json());
        if (place != InputChoices.StandardInput && !choices.Quiet)
            report.Print();
    }
}
