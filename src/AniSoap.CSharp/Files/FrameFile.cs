namespace AniSoap.CSharp;

/// <summary>Frames out of files and into them, one at a time: memory depends on the largest frame, not on the file.</summary>
public static class FrameFile
{
    /// <summary>The frames of a file, read as they are asked for.</summary>
    /// <param name="path">The file, possibly compressed (<c>.gz</c>).</param>
    /// <param name="options">How it is to be understood, and which frames are taken.</param>
    /// <exception cref="InaccessibleFileException">The file cannot be opened (at the call) or read.</exception>
    /// <exception cref="MalformedDataException">It does not follow its format; the exception says where.</exception>
    /// <exception cref="MissingDataException">Positions, shapes or orientations are not in it.</exception>
    /// <exception cref="InvalidValueException">An option (at the call), or a value in the file, cannot work.</exception>
    public static IEnumerable<Frame> Read(string path, FrameReadOptions? options = null) => ReadMany([path], options);

    /// <summary>The frames of several files, one file after the other, numbered on and on.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="paths">The files.</param>
    /// <param name="options">How they are to be understood, and which frames are taken.</param>
    public static IEnumerable<Frame> ReadMany(IEnumerable<string> paths, FrameReadOptions? options = null)
    {
        var (files, given) = (Existing(paths), options ?? new());
        var input = given.ToInputOptions();
        foreach (var path in files)
            FrameFileModule.inputFormat(input, path).OrThrow();
        return FrameFileModule.readMany(input, files).Select(read => read.OrThrow());
    }

    /// <summary>The frames of a file, read ahead on another thread while the last ones are worked on.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="path">The file, possibly compressed (<c>.gz</c>).</param>
    /// <param name="options">How it is to be understood, and which frames are taken.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IAsyncEnumerable<Frame> ReadAsync(
        string path,
        FrameReadOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var frames = Read(path, options);
        return Ahead.Of<Frame>(
            FramesAhead,
            (give, stop) =>
            {
                foreach (var frame in frames)
                {
                    stop.ThrowIfCancellationRequested();
                    give(frame);
                }
            },
            cancellationToken
        );
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
        var (warnings, count) = (ImmutableArray.CreateBuilder<string>(), 0);
        void Warn(string warning)
        {
            warnings.Add(warning);
            onWarning?.Invoke(warning);
        }
        var options = new FrameOutputOptions(
            format: null,
            columns: ShapeColumns.Escaped,
            replace: overwrite,
            warn: FuncConvert.FromAction<string>(Warn)
        );
        using var file = FrameFileModule.create(options, path).OrThrow();
        foreach (var frame in frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Write(SnapshotModule.ofFrame(frame)).OrThrow();
            count++;
        }
        file.Complete().OrThrow();
        return new(count, warnings.ToImmutable());
    }

    /// <summary>Writes frames as they come, on another thread. The file appears whole or not at all.</summary>
    /// <inheritdoc cref="Write"/>
    public static Task<WrittenFrames> WriteAsync(
        string path,
        IAsyncEnumerable<Frame> frames,
        bool overwrite = false,
        Action<string>? onWarning = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(frames);
        return Task.Run(
            () => Write(path, frames.ToBlockingEnumerable(cancellationToken), overwrite, onWarning, cancellationToken),
            CancellationToken.None
        );
    }

    private const int FramesAhead = 4;

    /// <summary>The files, all of which are there (<c>-</c> is standard input).</summary>
    internal static string[] Existing(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] files = [.. paths];
        foreach (var path in files)
            if (path != "-" && !File.Exists(path))
                throw AniSoapException.Of(
                    AniSoapError.NewInaccessible(
                        path,
                        Directory.Exists(path) ? "is a folder; the input must be a file" : "does not exist"
                    )
                );
        return files;
    }
}
