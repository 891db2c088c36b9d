namespace AniSoap.CSharp;

/// <summary>Frames out of files and into them, one at a time: memory depends on the largest frame, not on the file.</summary>
public static class FrameFile
{
    private const int FramesAhead = 4;

    /// <summary>The frames of a file, read as they are asked for.</summary>
    /// <param name="path">The file, possibly compressed (<c>.gz</c>).</param>
    /// <param name="options">How it is to be understood, and which frames are taken.</param>
    /// <exception cref="AniSoapException">
    /// The file is not there (at the call); when a frame of it is asked for: it does not follow its format, lacks shapes or orientations, or has a value that
    /// cannot work. The exception says where.
    /// </exception>
    public static IEnumerable<Frame> Read(string path, InputOptions? options = null) => ReadMany([path], options);

    /// <summary>The frames of several files, one file after the other, numbered on and on.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="paths">The files.</param>
    /// <param name="options">How they are to be understood, and which frames are taken.</param>
    public static IEnumerable<Frame> ReadMany(IEnumerable<string> paths, InputOptions? options = null) =>
        Checked(paths, options, FrameFileModule.readMany);

    /// <summary>The frames of a file with all that it says of them: names, columns of particles, the step.</summary>
    /// <inheritdoc cref="Read"/>
    public static IEnumerable<Snapshot> ReadSnapshots(string path, InputOptions? options = null) =>
        Checked([path], options, (input, files) => FrameFileModule.snapshotsWith(input, files[0]));

    /// <summary>The frames of a file, read ahead on another thread while the last ones are worked on.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="path">The file, possibly compressed (<c>.gz</c>).</param>
    /// <param name="options">How it is to be understood, and which frames are taken.</param>
    /// <param name="cancellationToken">Stops it, by an <see cref="OperationCanceledException"/>.</param>
    public static IAsyncEnumerable<Frame> ReadAsync(
        string path,
        InputOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var frames = Read(path, options);
        void GiveAll(Action<Frame> give, CancellationToken _)
        {
            foreach (var frame in frames)
                give(frame);
        }
        return Ahead.Of<Frame>(FramesAhead, GiveAll, CancellationToken.None, cancellationToken);
    }

    /// <summary>Writes frames in the format of the file's ending (<c>.xyz</c>, <c>.extxyz</c>, …). The file appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="frames">The frames.</param>
    /// <param name="overwrite">Whether a file that exists is replaced.</param>
    /// <param name="onWarning">Told what the format cannot hold as it is, each thing once, when it comes up: a cell that has to be turned, say.</param>
    /// <param name="cancellationToken">Stops it, by an <see cref="OperationCanceledException"/>; nothing is left then.</param>
    /// <returns>How many frames were written, and all that <paramref name="onWarning"/> is told.</returns>
    /// <exception cref="InaccessibleFileException">The file cannot be written, or exists and may not be replaced.</exception>
    public static (int Count, ImmutableArray<string> Warnings) Write(
        string path,
        IEnumerable<Frame> frames,
        bool overwrite = false,
        Action<string>? onWarning = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        return Write(path, frames.Select(SnapshotModule.ofFrame), overwrite, onWarning, cancellationToken);
    }

    /// <inheritdoc cref="Write(string, IEnumerable{Frame}, bool, Action{string}, CancellationToken)"/>
    public static (int Count, ImmutableArray<string> Warnings) Write(
        string path,
        IEnumerable<Snapshot> frames,
        bool overwrite = false,
        Action<string>? onWarning = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        var warnings = ImmutableArray.CreateBuilder<string>();
        Action<string> warn = warnings.Add;
        FSharpResult<Snapshot, AniSoapError> Next(Snapshot frame)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return FSharpResult<Snapshot, AniSoapError>.NewOk(frame);
        }
        var options = new FrameOutputOptions(
            format: null,
            columns: ShapeColumns.Escaped,
            existing: overwrite ? AniSoap.Existing.Replace : AniSoap.Existing.Keep,
            warn: FuncConvert.FromAction(warn + onWarning)
        );
        var count = FrameFileModule.writeSnapshots(options, path, frames.Select(Next)).OrThrow();
        return (count, warnings.ToImmutable());
    }

    /// <summary>Writes frames as they come, on another thread. The file appears whole or not at all.</summary>
    /// <inheritdoc cref="Write(string, IEnumerable{Frame}, bool, Action{string}, CancellationToken)"/>
    public static Task<(int Count, ImmutableArray<string> Warnings)> WriteAsync(
        string path,
        IAsyncEnumerable<Frame> frames,
        bool overwrite = false,
        Action<string>? onWarning = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        var blocking = frames.ToBlockingEnumerable(cancellationToken);
        return Task.Run(() => Write(path, blocking, overwrite, onWarning, cancellationToken), CancellationToken.None);
    }

    /// <summary>What is wrong with options and paths is thrown here, what is wrong with a frame when it is asked for.</summary>
    private static IEnumerable<T> Checked<T>(
        IEnumerable<string> paths,
        InputOptions? options,
        Func<InputOptions, string[], IEnumerable<FSharpResult<T, AniSoapError>>> read
    )
    {
        ArgumentNullException.ThrowIfNull(paths);
        var (input, files) = (options ?? InputOptionsModule.defaults, paths.ToArray());
        FrameFileModule.check(input, files).OrThrow();
        return read(input, files).Select(frame => frame.OrThrow());
    }
}
