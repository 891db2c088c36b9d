using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using AniSoap.Cli.Library;
using AniSoap.Cli.Options;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Running;

/// <summary>
/// A run that computes something, with everything checked that can be without reading a frame. Making the projection
/// may read the input once, for the species.
/// </summary>
internal sealed class RunSetup
{
    private readonly string verb;
    private readonly HyperChoices choices;
    private readonly InputChoices inputChoices;
    private readonly Projection ready;
    private readonly IEnumerable<FSharpResult<(int, Frame), AniSoapError>>? begun;

    private RunSetup(
        string verb,
        HyperChoices choices,
        InputChoices inputs,
        OutputChoices output,
        RunChoices run,
        PartRun? part = null
    )
    {
        Part = part;
        this.verb = verb;
        this.choices = choices;
        inputChoices = inputs;
        Inputs = new Inputs(inputs);
        Output = output;
        Run = run;
        Warn = WarningLines.To(run.Quiet);
        if (part is not null && run.Threads != 1)
            begun = Begun(warn => Inputs.ReadPart(part.Index, part.Span, warn), Warn);
        // Takes as long as reading that frame, which is under way.
        ready = choices.Complete();
        if (choices.Species is null && inputs.ReadsStream)
            throw new Refusal(
                "--species is missing; a stream is read once, so give the species of the run (--species 1,6,8)"
            );
    }

    /// <summary>The part of the run that this is, if it is cut into parts.</summary>
    internal PartRun? Part { get; }

    internal Inputs Inputs { get; }
    internal OutputChoices Output { get; }
    internal RunChoices Run { get; }
    internal Action<string> Warn { get; }

    /// <summary>How far a particle sees.</summary>
    internal double Cutoff => ready.Hypers.CutoffRadius;

    /// <summary>Seconds that the pass for the species took.</summary>
    internal double PassSeconds { get; private set; }

    /// <summary>The number of frames, where a pass over the input has found it.</summary>
    internal int? KnownFrames { get; private set; }

    internal FSharpMap<string, string> Metadata { get; private set; } = MapModule.Empty<string, string>();

    internal static RunSetup Read(
        ParseResult given,
        string verb,
        InputOptionSet input,
        OutputOptions output,
        HyperOptions hypers,
        RunOptionSet run,
        Interruption interruption,
        PartOptionSet? parts = null
    )
    {
        var runChoices = run.Read(given);
        var hyperChoices = hypers.Read(given);
        var inputChoices = input.Read(given, hyperChoices);
        var part = parts?.Read(given);
        var index = part is null ? null : PartRun.BeginIndex(inputChoices);
        var outputChoices = output.Read(given, inputChoices.FilesRead, interruption, part);
        var partRun =
            part is null || index is null
                ? null
                : new PartRun(part, inputChoices, PartOptionSet.Arguments(given), outputChoices.Whole, index);
        return new RunSetup(verb, hyperChoices, inputChoices, outputChoices, runChoices, partRun);
    }

    /// <summary>The same of what has been read already.</summary>
    internal static RunSetup Of(
        string verb,
        HyperChoices hypers,
        InputChoices inputs,
        OutputChoices output,
        RunChoices run
    ) => new(verb, hypers, inputs, output, run);

    /// <summary>
    /// The projection for the species given, or for those that a first pass over the input finds. Meanwhile the loops of what will be computed are compiled.
    /// </summary>
    internal Projection Projection(WarmUpOf work)
    {
        // The first frame of a part is read meanwhile, and this thread has the run to set up: a third only keeps both waiting.
        if (Part is null)
            WarmUp.Begin(ready, work);
        var projection = ProjectionModule.withLimits(
            Run.Limits,
            Projections.For(ready, choices.Species ?? FindSpecies())
        );
        Metadata = RunMetadataModule.toMap(
            new RunMetadata(
                verb,
                ListModule.OfSeq(inputChoices.Paths),
                ListModule.OfSeq(projection.Species),
                ready.Hypers,
                choices.RotationType is { } type ? FSharpOption<string>.Some(type) : null,
                choices.RotationKey is { } key ? FSharpOption<string>.Some(key) : null
            )
        );
        Suspicions = new SuspicionLines(projection, Warn);
        return projection;
    }

    /// <summary>
    /// Reads the numbers that every frame has under these names, which stand beside the features from then on. After the projection is made.
    /// </summary>
    internal void Keep(IReadOnlyList<string> names, CancellationToken token)
    {
        var started = Stopwatch.GetTimestamp();
        var snapshots = Inputs
            .ReadSnapshots(_ => { })
            .Select(read =>
            {
                token.ThrowIfCancellationRequested();
                return read;
            });
        var targets = FrameTargetsModule.ofSnapshots(ListModule.OfSeq(names), snapshots).OrThrow(Inputs.Locate);
        Metadata = FrameTargetsModule.addTo(Metadata, targets);
        PassSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Likely mistakes, said as they are found. There once the projection is made.</summary>
    internal SuspicionLines? Suspicions { get; private set; }

    /// <summary>The frames to be computed, each looked at on its way.</summary>
    internal IEnumerable<FSharpResult<(int, Frame), AniSoapError>> Frames()
    {
        var frames = Part is { } part ? begun ?? Inputs.ReadPart(part.Index, part.Span, Warn) : Inputs.Read(Warn);
        foreach (var read in frames)
        {
            if (read.IsOk)
                Pass(read.ResultValue.Item1, read.ResultValue.Item2);
            yield return read;
        }
    }

    /// <summary>
    /// What <paramref name="read"/> gives, once: the first of it is read at once on a thread of its own, while the run is still being set up. What a reader tells is told when the frames are asked for.
    /// </summary>
    private static IEnumerable<T> Begun<T>(Func<Action<string>, IEnumerable<T>> read, Action<string> warn)
    {
        var held = new List<string>();
        var isHeld = true;
        var all = read(text =>
            {
                if (isHeld)
                    held.Add(text);
                else
                    warn(text);
            })
            .GetEnumerator();
        var first = Task.Run(all.MoveNext);
        return Rest();

        IEnumerable<T> Rest()
        {
            using (all)
            {
                var isThere = first.GetAwaiter().GetResult();
                isHeld = false;
                held.ForEach(warn);
                for (; isThere; isThere = all.MoveNext())
                    yield return all.Current;
            }
        }
    }

    /// <summary>Looks at a frame that has been read and will be computed.</summary>
    internal void Pass(int number, Frame frame)
    {
        Suspicions?.Pass(Inputs.PlaceOf(number), frame);
        progress?.Add(frame.Particles.Length);
    }

    private ProgressLine? progress;

    /// <summary>The progress bar of this run, which is told of the frames that pass from now on.</summary>
    internal ProgressLine Progress() => progress = new ProgressLine(Run.Quiet, KnownFrames);

    private ImmutableArray<int> FindSpecies()
    {
        if (Part is { } part)
        {
            KnownFrames = part.Span.Stop - part.Span.First;
            return [.. part.Index.Species];
        }
        var started = Stopwatch.GetTimestamp();
        (var species, KnownFrames) = Inputs.Survey();
        PassSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return species;
    }
}
