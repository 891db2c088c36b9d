using System.CommandLine;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Pictures;

/// <summary>The options of pictures of features, which are read from files or computed from frames.</summary>
internal sealed class FeatureInput
{
    private readonly InputOptionSet input = new($"; or features: {string.Join(", ", Endings.ofFeatures)}");
    private readonly PictureOptions picture = new();
    private readonly HyperOptions hypers = new();
    private readonly RunOptionSet run = new();
    private readonly Option<bool> perParticle = Choice.Flag(
        "--per-particle",
        "of frames: one row for each particle, instead of the mean over each frame"
    );

    internal void AddTo(Command command)
    {
        input.AddTo(command);
        picture.AddTo(command);
        hypers.AddTo(command);
        command.Add(perParticle);
        run.AddTo(command);
    }

    internal FeatureSetup Read(ParseResult given, string verb, Interruption interruption)
    {
        var runChoices = run.Read(given);
        var hyperChoices = hypers.Read(given);
        var inputs = input.Read(given, hyperChoices);
        var pictureChoices = picture.Read(given, inputs.Paths, interruption);
        var features = inputs.Paths.Count(FeatureFiles.Is);
        if (features > 0 && features < inputs.Paths.Count)
            throw Refusal.Of("INPUT", string.Join(" ", inputs.Paths), "files of frames or files of features, not both");
        return new FeatureSetup(
            inputs.Paths,
            pictureChoices,
            runChoices,
            given.GetValue(perParticle),
            inputs,
            features > 0 ? null : RunSetup.Of(verb, hyperChoices, inputs, pictureChoices.Output, runChoices)
        );
    }
}

/// <summary>Features to be drawn, with everything checked that can be without reading them.</summary>
internal sealed record FeatureSetup(
    IReadOnlyList<string> Paths,
    PictureChoices Picture,
    RunChoices Run,
    bool PerParticle,
    InputChoices Inputs,
    RunSetup? Frames
)
{
    /// <summary>The rows without colours.</summary>
    internal (FeatureRows, RunStatistics) Rows(SpectrumColumns columns, CancellationToken token)
    {
        if (Frames is null)
        {
            var rows = FeatureRows.Read(Paths, WarningLines.To(Run.Quiet));
            return (rows, Nothing(rows));
        }
        var computed = new PictureRun(Frames, PerParticle, columns).Compute(null, out var statistics, token);
        return (computed, statistics);
    }

    /// <summary>The statistics of a run that computes no features.</summary>
    internal static RunStatistics Nothing(FeatureRows rows) =>
        new()
        {
            Frames = rows.Rows.Select(row => (row.File, row.Frame)).Distinct().Count(),
            Particles = 0,
            Pairs = 0,
            Features = rows.Properties.Count,
            ReadSeconds = 0.0,
            ComputeSeconds = 0.0,
            WriteSeconds = 0.0,
        };
}
