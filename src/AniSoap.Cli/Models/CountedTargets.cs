using System.Diagnostics;
using AniSoap.Cli.Options;
using AniSoap.Cli.Running;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Models;

/// <summary>
/// Frames with targets that are gone through several times: progress of each time, and of the first how many there are, of how many particles
/// and pairs. A frame beyond the limits is refused there, before anything is computed of it.
/// </summary>
internal sealed class CountedTargets(
    IEnumerable<FSharpResult<PotentialTargets, AniSoapError>> frames,
    RunChoices run,
    Func<Frame, double> cutoff,
    Action<Frame>? check = null
)
{
    private int? total;

    internal long Frames { get; private set; }
    internal long Particles { get; private set; }
    internal long Pairs { get; private set; }
    internal double ReadSeconds { get; private set; }

    private double? counted;

    /// <summary>The frames, anew each time that they are gone through.</summary>
    internal IEnumerable<FSharpResult<PotentialTargets, AniSoapError>> Again() =>
        Enumerable.Repeat(this, 1).SelectMany(targets => targets.All());

    private IEnumerable<FSharpResult<PotentialTargets, AniSoapError>> All()
    {
        using var line = new ProgressLine(run.Quiet, total);
        using var each = frames.GetEnumerator();
        long done = 0,
            particles = 0;
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            var isThere = each.MoveNext();
            ReadSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (!isThere)
                break;
            var read = each.Current;
            if (read.IsOk && total is null)
            {
                var counted = Count(read.ResultValue.Frame);
                if (counted.IsError)
                {
                    yield return FSharpResult<PotentialTargets, AniSoapError>.NewError(counted.ErrorValue);
                    yield break;
                }
            }
            yield return read;
            done++;
            if (read.IsOk)
                particles += read.ResultValue.Frame.Particles.Length;
            line.Report(done, particles, 0);
        }
        total ??= (int)done;
    }

    private FSharpResult<long, AniSoapError> Count(Frame frame)
    {
        check?.Invoke(frame);
        Frames++;
        Particles += frame.Particles.Length;
        var radius = cutoff(frame);
        // Pairs within several cutoffs are no number of anything.
        counted = Frames == 1 || counted == radius ? radius : null;
        var pairs = PairsOf(frame, radius, run.Limits);
        Pairs += pairs.IsOk ? pairs.ResultValue : 0;
        return pairs;
    }

    /// <summary>Counts pairs within a cutoff that is known now, unless they have been counted by it.</summary>
    internal void CountPairs(double radius)
    {
        if (counted == radius)
            return;
        Pairs = 0;
        foreach (var read in frames)
            if (
                read.IsOk
                && PairsOf(read.ResultValue.Frame, radius, run.Limits) is { IsOk: true, ResultValue: var pairs }
            )
                Pairs += pairs;
    }

    /// <summary>How far from each other particles act: the cutoff radius of pair spectra, or where the outermost sites end to.</summary>
    internal static double Reach(Potential potential)
    {
        var reach = potential.Contact is { Value: var contact } ? contact.Basis.Hypers.CutoffRadius : 0.0;
        return potential.Sites is { Value: var sites }
            ? Math.Max(
                reach,
                sites.Cutoff.Radius
                    + (2.0 * sites.Bodies.SelectMany(body => body.Sites).Max(site => Vector3Module.norm(site.Position)))
            )
            : reach;
    }

    /// <summary>Directed pairs of a frame; more than the limits allow are an error.</summary>
    internal static FSharpResult<long, AniSoapError> PairsOf(Frame frame, double radius, Limits limits)
    {
        long found = 0;
        var done = NeighborList.visit(limits, radius, FuncConvert.FromAction<NeighborPair>(_ => found++), frame);
        return done.IsOk
            ? FSharpResult<long, AniSoapError>.NewOk(found)
            : FSharpResult<long, AniSoapError>.NewError(done.ErrorValue);
    }

    /// <summary>What these frames were, as statistics.</summary>
    internal RunStatistics Statistics(RunClock clock, long features) =>
        new()
        {
            Frames = Frames,
            Particles = Particles,
            Pairs = Pairs,
            Features = features,
            ReadSeconds = ReadSeconds,
            ComputeSeconds = Math.Max(0.0, clock.Seconds - ReadSeconds),
            WriteSeconds = 0.0,
        };
}
