using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AniSoap.CSharp;

/// <summary>Frames out of files and into them, one at a time: memory depends on the largest frame, not on the file.</summary>
public static class FrameFile
{
    /// <summary>The frames of a file, read as they are asked for.</summary>
    /// <param name="path">The file, possibly compressed (<c>.gz</c>).</param>
    /// <param name="options">How it is to be understood, and which frames are taken.</param>
    /// <exception cref="InaccessibleFileException">The file cannot be opened or read.</exception>
    /// <exception cref="MalformedDataException">It does not follow its format; the exception says where.</exception>
    /// <exception cref="MissingDataException">Positions, shapes or orientations are not in it.</exception>
    /// <exception cref="InvalidValueException">A value in it, or an option, cannot work.</exception>
    public static IEnumerable<Frame> Read(string path, FrameReadOptions? options = null) => ReadMany([path], options);

    /// <summary>The frames of several files, one file after the other, numbered on and on.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="paths">The files.</param>
    /// <param name="options">How they are to be understood, and which frames are taken.</param>
    public static IEnumerable<Frame> ReadMany(IEnumerable<string> paths, FrameReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var given = options ?? new();
        // Mistakes in the options show at the call, not when the first frame is asked for.
        var (core, selection, warn) = (given.ToCore(), given.ToSelection(), given.ToWarn());
        return FrameSource.readMany(core, warn, selection, paths).Select(read => new Frame(read.OrThrow()));
    }

    /// <summary>The frames of a file, read ahead on another thread while the last ones are worked on.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="path">The file, possibly compressed (<c>.gz</c>).</param>
    /// <param name="options">How it is to be understood, and which frames are taken.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async IAsyncEnumerable<Frame> ReadAsync(
        string path,
        FrameReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var frames = Read(path, options);
        var ahead = Channel.CreateBounded<Frame>(FramesAhead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => Fill(ahead.Writer, frames, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var frame in ahead.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                // The channel would first hand out what it has.
                cancellationToken.ThrowIfCancellationRequested();
                yield return frame;
            }
        }
        finally
        {
            // Whoever stops asking early gets the file closed.
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    /// <summary>Writes frames in the format of the file's ending (<c>.xyz</c>, <c>.extxyz</c>, …). The file appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="frames">The frames.</param>
    /// <param name="overwrite">Whether a file that exists is replaced.</param>
    /// <param name="onWarning">Told what the format cannot hold as it is, each thing once, when it comes up: a cell that has to be turned, say.</param>
    /// <param name="cancellationToken">Stops it; nothing is left then.</param>
    /// <returns>The number of frames written, and what the format could not hold of them.</returns>
    /// <exception cref="InaccessibleFileException">The file cannot be written, or exists and may not be replaced.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static WrittenFrames Write(
        string path,
        IEnumerable<Frame> frames,
        bool overwrite = false,
        Action<string>? onWarning = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        var warnings = ImmutableArray.CreateBuilder<string>();
        using var sink = Open(path, overwrite, Collect(warnings, onWarning));
        var count = 0;
        foreach (var frame in frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sink.Write(Core.SnapshotModule.ofFrame(frame.Inner)).OrThrow();
            count++;
        }
        sink.Complete().OrThrow();
        return new(count, warnings.ToImmutable());
    }

    /// <summary>Writes frames as they come. The file appears whole or not at all.</summary>
    /// <inheritdoc cref="Write"/>
    public static async Task<WrittenFrames> WriteAsync(
        string path,
        IAsyncEnumerable<Frame> frames,
        bool overwrite = false,
        Action<string>? onWarning = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        var warnings = ImmutableArray.CreateBuilder<string>();
        using var sink = Open(path, overwrite, Collect(warnings, onWarning));
        var count = 0;
        await foreach (var frame in frames.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            sink.Write(Core.SnapshotModule.ofFrame(frame.Inner)).OrThrow();
            count++;
        }
        sink.Complete().OrThrow();
        return new(count, warnings.ToImmutable());
    }

    private const int FramesAhead = 4;

    private static async Task Fill(ChannelWriter<Frame> target, IEnumerable<Frame> frames, CancellationToken token)
    {
        try
        {
            foreach (var frame in frames)
                await target.WriteAsync(frame, token).ConfigureAwait(false);
            target.Complete();
        }
        catch (Exception problem)
        {
            target.Complete(problem);
        }
    }

    private static Action<string> Collect(ImmutableArray<string>.Builder warnings, Action<string>? onWarning) =>
        warning =>
        {
            warnings.Add(warning);
            onWarning?.Invoke(warning);
        };

    private static FrameSink Open(string path, bool overwrite, Action<string> warn) =>
        FrameSinkModule
            .create(FrameOutputOptionsModule.defaults, FuncConvert.FromAction(warn), overwrite, path)
            .OrThrow();
}
