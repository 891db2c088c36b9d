using System.Collections.Immutable;
using System.CommandLine;
using AniSoap.Cli.Options;
using AniSoap.Learning;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Models;

/// <summary>The options of <c>convert</c> that put principal components of features beside frames.</summary>
internal sealed class FrameComponentOptions
{
    private readonly Option<string> features = Choice.Of(
        "--features",
        "FILE",
        "file of features of these frames: their first principal components are written with the frames (in .json: the map of the viewer chemiscope)"
    );
    private readonly Option<string> components = Choice.Of(
        "--components",
        "K",
        "how many components of --features; default 3"
    );

    internal void AddTo(Command command)
    {
        command.Add(features);
        command.Add(components);
    }

    internal bool AreGiven(ParseResult given) => given.GetValue(features) is not null;

    /// <summary>The components, where features are given.</summary>
    internal FrameComponents? Read(ParseResult given, Action<string> warn)
    {
        if (given.GetValue(features) is not { } path)
            return given.GetValue(components) is null
                ? null
                : throw new Refusal($"{features.Name} is missing; {components.Name} are of features");
        var count = given.Whole(components) ?? 3;
        if (count < 1)
            throw Refusal.Of(components.Name, Texts.Show(count), "a whole number from 1");
        return new FrameComponents(FeatureMatrix.Read([path], warn), count);
    }
}

/// <summary>The first principal components of features, frame by frame.</summary>
internal sealed class FrameComponents
{
    private readonly string source;
    private readonly bool ofParticles;
    private readonly Matrix scores;
    private readonly string[] names;
    private readonly Dictionary<int, List<(int Particle, int Row)>> rows = [];
    private readonly HashSet<int> used = [];

    internal FrameComponents(FeatureMatrix features, int count)
    {
        source = features.Source;
        ofParticles = features.IsOfParticles;
        if (features.Rows[0].Frame < 0)
            throw new Refusal(
                $"{source}: its rows name no frames; expected: features of frames, with a column frame or system"
            );
        var model = Pca.fit(Math.Min(count, Directions(features.X)), features.X).OrThrow();
        scores = Pca.transform(model, features.X).OrThrow();
        names = [.. Enumerable.Range(1, scores.Columns).Select(k => $"PC_{k}")];
        for (var row = 0; row < features.Rows.Count; row++)
        {
            var origin = features.Rows[row];
            if (!rows.TryGetValue(origin.Frame, out var here))
                rows.Add(origin.Frame, here = []);
            here.Add((origin.Particle, row));
        }
    }

    /// <summary>Rows minus one, or columns: no rows vary in more directions.</summary>
    private static int Directions(Matrix x) => Math.Max(1, Math.Min(x.Rows - 1, x.Columns));

    /// <summary>The frame with its components: a number for each particle, or for the frame.</summary>
    internal Snapshot AddTo(int number, Snapshot snapshot)
    {
        if (!rows.TryGetValue(number, out var here))
            throw new Refusal(
                $"{source}: has no row for frame {number}; expected: a row for every frame, as by the same --frames"
            );
        used.Add(number);
        var columns = snapshot.Columns.Where(column => !names.Contains(column.Name));
        var info = snapshot.Info.Where(entry => !names.Contains(entry.Item1));
        if (ofParticles)
        {
            var places = Places(number, here, snapshot.Frame.Particles.Length);
            columns = columns.Concat(
                names.Select(
                    (name, component) =>
                        ParticleColumnModule
                            .create(name, 1, ColumnValues.NewReals([.. places.Select(row => scores[row, component])]))
                            .OrThrow()
                )
            );
        }
        else if (here is [(_, var row)])
            info = info.Concat(
                names.Select((name, component) => Tuple.Create(name, InfoValue.NewReal(scores[row, component])))
            );
        else
            throw new Refusal(
                $"{source}: has {here.Count} rows for frame {number}; expected: one, or one for each particle"
            );
        return SnapshotModule
            .create(
                snapshot.Frame,
                snapshot.SpeciesNames,
                snapshot.Step,
                ListModule.OfSeq(info),
                ListModule.OfSeq(columns)
            )
            .OrThrow();
    }

    /// <summary>For each particle its row.</summary>
    private int[] Places(int number, List<(int Particle, int Row)> here, int particles)
    {
        var places = new int[particles];
        Array.Fill(places, -1);
        foreach (var (particle, row) in here)
            if (particle < particles)
                places[particle] = row;
        return here.Count == particles && !places.Contains(-1)
            ? places
            : throw new Refusal(
                $"{source}: has {here.Count} rows for frame {number}, which has {particles} particles; expected: a row for each"
            );
    }

    /// <summary>What is left over, in one sentence.</summary>
    internal string? Leftover =>
        rows.Count == used.Count ? null : $"{source}: has rows of {rows.Count - used.Count} frames that were not read";
}
