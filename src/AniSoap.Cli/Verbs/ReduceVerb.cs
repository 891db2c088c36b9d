using System.CommandLine;
using AniSoap.Cli.Models;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;
using AniSoap.Cli.Running;
using AniSoap.Learning;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap reduce</c>: few coordinates in place of many features.</summary>
internal sealed class ReduceVerb
{
    private const string Components = "pca";
    private const string Covariates = "pcovr";
    private const string KernelCovariates = "kpcovr";

    private readonly ModelInput input = new();
    private readonly OutputOptions output = new(numbers: false, [.. Endings.ofFeatures]);
    private readonly Option<string> method = Choice.Among(
        "--method",
        "pca (default): principal components; pcovr: principal covariates, which also explain the targets; kpcovr: the same with kernels",
        Components,
        Covariates,
        KernelCovariates
    );
    private readonly Option<string> components = Choice.Of("--components", "K", "number of coordinates; default 2");
    private readonly Option<string> mixing = Choice.Of(
        "--mixing",
        "A",
        "pcovr, kpcovr: from 0 (only the targets count) to 1 (only the features count); default 0.5"
    );
    private readonly Option<string> regularization = Choice.Of(
        "--regularization",
        "L",
        "pcovr, kpcovr: strength of the ridge regularisation; default 1e-6"
    );
    private readonly KernelOptions kernels = new();
    private readonly TargetSource targets = new();
    private readonly ScalingOption scaling = new();
    private readonly Option<string> saved = Choice.Of(
        "--save-model",
        "FILE.json",
        "write the model, to be applied to other files of features with --model"
    );
    private readonly Option<string> model = Choice.Of(
        "--model",
        "FILE.json",
        "apply a model that --save-model has written; nothing is learnt"
    );
    private readonly RunOptionSet run = new();

    internal Command Command { get; }

    internal ReduceVerb()
    {
        Command = new Command("reduce", "Reduce features to a few coordinates: principal components or covariates.");
        input.AddTo(Command);
        output.AddTo(Command);
        Command.Add(method);
        Command.Add(components);
        targets.AddTo(Command);
        Command.Add(mixing);
        Command.Add(regularization);
        kernels.AddTo(Command);
        scaling.AddTo(Command);
        Command.Add(saved);
        Command.Add(model);
        run.AddTo(Command);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        var clock = new RunClock();
        var choices = run.Read(given);
        var warn = WarningLines.To(choices.Quiet);
        var known = given.GetValue(model) is { } file ? LearnedFile.load(file).OrThrow() : null;
        var plan = known is null ? Plan(given) : null;
        if (known is not null)
            ModelRun.RefuseBeside(model, given, [method, components, mixing, regularization, saved], kernels, targets);
        using var interruption = new Interruption();
        var target = output.Read(given, input.Paths(given), interruption);
        target = OutputPath.Beside(target, given.GetValue(saved), input.Paths(given));
        using var step = new StepLine(choices.Quiet);
        step.Say("reading features");
        var features = input.Read(given, warn);
        var columns = plan?.Names is { } names
            ? targets.Read(given, names, targets.PerParticle(given), features, interruption.Token)
            : null;
        var read = clock.Seconds;
        interruption.Token.ThrowIfCancellationRequested();
        step.Say(known is null ? "finding coordinates" : "computing coordinates");
        if (known is null)
            ModelRun.CheckMemory(choices, "reduce", Memory(features.X, plan!.Word));
        else
            features = features.TakeColumns(
                LearnedModelModule
                    .columnsIn(features.Source, features.Table.Properties, features.Metadata, known)
                    .OrThrow()
            );
        var (learnt, scores) = ModelRun.By(
            choices.Threads,
            () =>
            {
                var found = known ?? Learn(plan!, scaling.Read(given), features, columns);
                return (found, LearnedModelModule.transform(found, features.X).OrThrow());
            }
        );
        interruption.Token.ThrowIfCancellationRequested();
        var done = clock.Seconds;
        features.Write(
            target,
            LabelsModule.range("component", scores.Columns).OrThrow(),
            scores.Values,
            Described(features.Metadata, learnt),
            warn
        );
        if (given.GetValue(saved) is { } path)
            LearnedFile.save(target.Existing, path, learnt).OrFail();
        step.Dispose();
        if (!choices.Quiet)
            Console.Error.WriteLine($"anisoap: {Sentence(learnt, scores)}");
        clock.Print(choices, ModelRun.Statistics(features, read, done - read, clock.Seconds - done), target.Path);
        return 0;
    }

    private sealed record Reduction(
        string Word,
        int Components,
        double Mixing,
        double Regularization,
        string[]? Names,
        bool PerParticle,
        Kernel? Kernel
    );

    private Reduction Plan(ParseResult given)
    {
        var word = given.Word(method, Components, Covariates, KernelCovariates) ?? Components;
        var names = targets.Names(given);
        if (word == Components && names is not null)
            throw Refusal.Of(method.Name, $"{word} with --targets", $"{Covariates} or {KernelCovariates}");
        if (word == Components && (given.GetValue(mixing) ?? given.GetValue(regularization)) is not null)
            throw Refusal.Of(
                method.Name,
                $"{word} with {mixing.Name} or {regularization.Name}",
                $"{Covariates} or {KernelCovariates}"
            );
        if (word != Components && names is null)
            throw new Refusal(
                $"--targets is missing; {word} needs what its coordinates shall tell of (--targets energy)"
            );
        if (word != KernelCovariates && kernels.Given(given) is { } stray)
            throw Refusal.Of(method.Name, $"{word} with {stray}", KernelCovariates);
        var kernel = word == KernelCovariates ? kernels.Read(given, 1.0) : null;
        if (kernel?.Count > 1)
            throw Refusal.Of(
                "--gamma",
                $"{kernel.Count} numbers",
                "one number: coordinates are not chosen by rows left out"
            );
        return new(
            word,
            given.Whole(components) ?? 2,
            given.Number(mixing) ?? 0.5,
            given.Number(regularization) ?? 1e-6,
            names,
            targets.PerParticle(given),
            kernel?[0]
        );
    }

    private static LearnedModel Learn(
        Reduction plan,
        ScalerOptions options,
        FeatureMatrix features,
        TargetColumns? columns
    )
    {
        var scaler = Scaler.fit(options, features.X).OrThrow();
        var x = Scaler.transform(scaler, features.X).OrThrow();
        var covariates = new PcovrOptions(plan.Components, plan.Mixing, plan.Regularization);
        var learner = plan.Word switch
        {
            Components => Learner.NewPca(Pca.fit(plan.Components, x).OrThrow()),
            Covariates => Learner.NewPcovr(Pcovr.fit(covariates, x, columns!.Y).OrThrow()),
            _ => Learner.NewKernelPcovr(
                KernelPcovr
                    .fit(new KernelPcovrOptions(plan.Kernel!, covariates, KernelFeatures.DefaultCut), x, columns!.Y)
                    .OrThrow()
            ),
        };
        return new LearnedModel(
            learner,
            scaler,
            features.Table.Properties,
            features.Metadata.Remove(FrameTargetsModule.Entry),
            columns?.Names ?? ListModule.Empty<string>(),
            plan.PerParticle
        );
    }

    private static double Memory(Matrix x, string word)
    {
        var (rows, columns) = ((double)x.Rows, (double)x.Columns);
        return (3.0 * rows * columns) + (word == KernelCovariates ? 6.0 * rows * rows : 0.0);
    }

    /// <summary>The features' metadata, and what was made of them.</summary>
    private static FSharpMap<string, string> Described(FSharpMap<string, string> metadata, LearnedModel learnt) =>
        metadata.Add("reduced_by", LearnedModelModule.methodOf(learnt));

    private static string Sentence(LearnedModel learnt, Matrix scores) =>
        learnt.Learner is Learner.Pca { Item: var pca }
            ? FormattableString.Invariant(
                $"{scores.Columns} components explain {100.0 * pca.VarianceRatios.Sum():0.##} % of the variance of the rows that they are of"
            )
            : $"{scores.Columns} covariates of {string.Join(", ", learnt.Targets)}";
}
