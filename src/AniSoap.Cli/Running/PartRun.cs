using AniSoap.Cli.Options;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Running;

/// <summary>A part of a run: which frames it has, where its file stands, and whether that is there already.</summary>
internal sealed class PartRun
{
    private readonly PartChoices choices;
    private readonly string[] arguments;
    private readonly string output;
    private readonly FSharpList<FrameSpan> spans;
    private (Manifest Manifest, ManifestPart Part)? settled;

    /// <summary>Refuses what parts cannot have; they begin at multiples of <paramref name="grain"/> frames, where little hangs on it.</summary>
    internal PartRun(
        PartChoices choices,
        InputChoices inputs,
        IEnumerable<string> arguments,
        string output,
        Task<FSharpResult<FrameIndex, AniSoapError>> index,
        int grain = 1
    )
    {
        if (inputs.Frames.Count > 0)
            throw Refusal.Of("--frames", string.Join(" ", inputs.Frames), "none beside --part, which takes all frames");
        if (inputs.ShapesFrom is { } data)
            throw Refusal.Of("--shapes-from", data, "none beside --part");
        this.choices = choices;
        this.arguments = [.. arguments];
        this.output = output;
        Index = index.GetAwaiter().GetResult().OrThrow();
        spans = FrameIndexModule.partsAlong(grain, choices.Count, Index).OrThrow();
    }

    /// <summary>Reads the index on a thread of its own, while the rest of the command line is understood.</summary>
    internal static Task<FSharpResult<FrameIndex, AniSoapError>> BeginIndex(InputChoices inputs) =>
        Task.Run(() => IndexFile.loadAll(inputs.Paths));

    internal FrameIndex Index { get; }
    internal FrameSpan Span => spans[choices.Part - 1];

    /// <summary>What is said of a part that is there already.</summary>
    internal static string Stands(string path) => $"{path}: stands already and fits the manifest; nothing is computed";

    /// <summary>The part's file stands beside the manifest.</summary>
    internal static string FileOf(PartChoices choices, string output) =>
        Path.Combine(
            Path.GetDirectoryName(choices.Manifest) ?? "",
            Path.GetFileName(ManifestModule.partFile(output, choices.Part, choices.Count))
        );

    /// <summary>
    /// Writes the manifest, or sees that the one that stands is of this run. Whether the part is computed already, and fits.
    /// </summary>
    internal bool Settle(FSharpMap<string, string> metadata)
    {
        var manifest = ManifestModule.create(
            ProgramVersion.Text,
            ListModule.OfSeq(arguments),
            metadata,
            Path.GetFileName(output),
            Index,
            spans
        );
        var standing = ManifestModule.settle(choices.Manifest, manifest);
        // What the system refuses is not what the command line says.
        if (standing is { IsError: true, ErrorValue: AniSoapError.Inaccessible })
            standing.OrFail();
        manifest = standing.OrThrow();
        var part = manifest.Parts[choices.Part - 1];
        settled = (manifest, part);
        return PartRecordModule.check(manifest, part, ManifestModule.pathOf(choices.Manifest, part)).IsDone;
    }

    /// <summary>Says of the part's file, which is complete, what it is.</summary>
    internal void Record(double seconds)
    {
        var (manifest, part) = settled!.Value;
        PartRecordModule.write(manifest, part, ManifestModule.pathOf(choices.Manifest, part), seconds).OrFail();
    }

    /// <summary>Shows others that the part is being computed, until it is disposed of.</summary>
    internal PartMarker Mark() => new(ManifestModule.pathOf(choices.Manifest, settled!.Value.Part));
}

/// <summary>
/// A file beside a part's that is touched every few seconds while the part is computed: whoever asks for the state of a run sees by
/// its age whether somebody is at work.
/// </summary>
internal sealed class PartMarker : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>A marker that is older than this is of a run that ended without a word.</summary>
    internal static readonly TimeSpan Oldest = TimeSpan.FromSeconds(60);

    private readonly string path;
    private readonly Timer timer;

    internal PartMarker(string partFile)
    {
        path = PathOf(partFile);
        Touch();
        timer = new Timer(_ => Touch(), null, Beat, Beat);
    }

    internal static string PathOf(string partFile) => partFile + ".running";

    private void Touch()
    {
        try
        {
            File.WriteAllText(path, $"{Environment.MachineName} {Environment.ProcessId}\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing but the state of the run hangs on it.
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) { }
    }
}
