using System.Text;
using System.Text.Json;
using AniSoap.Learning;
using AniSoap.Plotting;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Models;

/// <summary>Errors of frames that were held out, by potentials of more and more of the others.</summary>
internal sealed record LearningCurve(int HeldOut, IReadOnlyList<LearningPoint> Points)
{
    private const string Format = "anisoap learning curve";

    /// <summary>Every so many-th frame is held out, the first of each group of them.</summary>
    private const int Every = 5;

    /// <summary>At least so many frames are learnt from.</summary>
    private const int Fewest = 2;

    /// <summary>
    /// Trains on an eighth, a quarter, half and all of the frames that are not held out, each part within the next and spread over all, with the
    /// pair spectra and sites of a potential of all frames.
    /// </summary>
    internal static LearningCurve Of(
        TrainingOptions options,
        Potential potential,
        int threads,
        long frames,
        IEnumerable<FSharpResult<PotentialTargets, AniSoapError>> all,
        Func<AniSoapError, AniSoapError> locate
    )
    {
        var held = (int)((frames + Every - 1) / Every);
        var others = (int)(frames - held);
        if (others < Fewest)
            throw new Refusal(
                $"--learning-curve needs more frames than {frames}: a fifth is held out, and at least {Fewest} are learnt from"
            );
        var points = new List<LearningPoint>();
        for (var step = 8; step >= 1; step /= 2)
        {
            var learnt = (others + step - 1) / step;
            if (learnt < Fewest)
                continue;
            var stride = step;
            var trained = PotentialTraining
                .train(
                    new TrainingOptions(
                        hypers: potential.Contact is { Value: var contact }
                            ? FSharpOption<PairHypers>.Some(contact.Basis.Hypers)
                            : null,
                        cutoffRadius: null,
                        smoothingWidth: null,
                        hasOwnDensity: true,
                        densityScale: null,
                        speciesMixing: null,
                        regularization: options.Regularization,
                        energyWeight: options.EnergyWeight,
                        torqueWeight: options.TorqueWeight,
                        virialWeight: options.VirialWeight,
                        robustness: options.Robustness,
                        folds: options.Folds,
                        committee: 0,
                        bodies: Bodies(options, potential),
                        linearAlgebra: options.LinearAlgebra,
                        threads: threads
                    ),
                    Taken(all, number => number % Every != 0 && Rank(number) % stride == 0)
                )
                .OrThrow(locate);
            var (errors, _) = PotentialErrorsModule
                .measure(threads, null, trained, Taken(all, number => number % Every == 0))
                .OrThrow(locate);
            points.Add(
                new LearningPoint(
                    learnt,
                    PotentialErrorsModule.toJson(
                        errors,
                        FSharpValueOption<ValueTuple<double, PotentialErrors>>.None,
                        FSharpValueOption<SpreadErrors>.None
                    )
                )
            );
        }
        return new LearningCurve(held, points);
    }

    /// <summary>The sites that were found stay as they are.</summary>
    private static SiteOptions Bodies(TrainingOptions options, Potential potential) =>
        potential.Sites is { Value: var sites }
            ? new SiteOptions(
                SiteChoice.NewGiven(ListModule.OfSeq(sites.Bodies)),
                FSharpOption<SiteCutoff>.Some(sites.Cutoff),
                options.Bodies.Seed,
                options.Bodies.Symmetry
            )
            : new SiteOptions(SiteChoice.None, null, options.Bodies.Seed, 1);

    /// <summary>The place of a frame among those that are not held out.</summary>
    private static int Rank(int number) => number - (number / Every) - 1;

    private static IEnumerable<FSharpResult<PotentialTargets, AniSoapError>> Taken(
        IEnumerable<FSharpResult<PotentialTargets, AniSoapError>> all,
        Func<int, bool> isTaken
    ) => all.Where((_, number) => isTaken(number));

    /// <summary>As JSON: errors as <c>evaluate --json</c> has them, by the number of frames.</summary>
    internal string ToJson()
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("format", Format);
            writer.WriteNumber("version", 1);
            writer.WriteNumber("held_out", HeldOut);
            writer.WriteStartArray("points");
            foreach (var point in Points)
            {
                writer.WriteStartObject();
                writer.WriteNumber("frames", point.Frames);
                writer.WritePropertyName("errors");
                writer.WriteRawValue(point.Errors);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.ToArray()) + "\n";
    }

    /// <summary>Reads what <see cref="ToJson"/> has written.</summary>
    internal static LearningCurve Read(string path) =>
        WrittenJson.Read(
            path,
            Format,
            "is no learning curve; accepted: a file that train --learning-curve has written",
            root =>
            {
                var curve = new LearningCurve(
                    root.GetProperty("held_out").GetInt32(),
                    [
                        .. root.GetProperty("points")
                            .EnumerateArray()
                            .Select(point => new LearningPoint(
                                point.GetProperty("frames").GetInt32(),
                                point.GetProperty("errors").GetRawText()
                            )),
                    ]
                );
                return curve.Points.Count > 0 && curve.Lines().Any() ? curve : null;
            }
        );

    /// <summary>A line for each quantity that has errors.</summary>
    internal IEnumerable<LearningLine> Lines()
    {
        var percents = Points.Select(point => (point.Frames, Percent: PercentOf(point.Errors))).ToArray();
        foreach (var name in (string[])["energy", "forces", "torques"])
        {
            var known = percents.Where(point => point.Percent.ContainsKey(name)).ToArray();
            if (known.Length > 0)
                yield return new LearningLine(
                    name,
                    [.. known.Select(point => point.Frames)],
                    [.. known.Select(point => point.Percent[name])]
                );
        }
    }

    private static Dictionary<string, double> PercentOf(string errors)
    {
        using var document = JsonDocument.Parse(errors);
        return document
            .RootElement.EnumerateObject()
            .Where(item =>
                item.Value.ValueKind == JsonValueKind.Object
                && item.Value.TryGetProperty("percent_of_rms", out var percent)
                && percent.ValueKind == JsonValueKind.Number
            )
            .ToDictionary(item => item.Name, item => item.Value.GetProperty("percent_of_rms").GetDouble());
    }
}

/// <summary>Errors of held-out frames, as JSON, of a potential of so many others.</summary>
internal sealed record LearningPoint(int Frames, string Errors);
