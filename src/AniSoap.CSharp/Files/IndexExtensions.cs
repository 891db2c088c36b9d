namespace AniSoap.CSharp;

/// <summary>Indices of trajectories and runs in parts, with mistakes thrown by the call.</summary>
public static class IndexExtensions
{
    extension(IndexFile)
    {
        /// <summary>Reads a trajectory once for its index.</summary>
        /// <param name="path">The trajectory: extended XYZ or a LAMMPS dump, packed or not.</param>
        /// <param name="options">How it is to be understood; pairs within its cutoff radius are counted, where it has one.</param>
        /// <exception cref="AniSoapException">The file cannot be read, or none of its frames can be begun at.</exception>
        public static IndexedFile Make(string path, InputOptions? options = null) =>
            IndexFile
                .make(options ?? InputOptionsModule.defaults, FuncConvert.FromAction<int>(_ => { }), path)
                .OrThrow();

        /// <inheritdoc cref="IndexFile.save"/>
        /// <param name="file">What was found of the trajectory.</param>
        /// <exception cref="AniSoapException">The file cannot be written.</exception>
        public static void Save(IndexedFile file) => IndexFile.save(file).OrThrow();

        /// <summary>The indices that stand beside trajectories, which are read one after the other.</summary>
        /// <param name="paths">The trajectories.</param>
        /// <exception cref="AniSoapException">There is none, or it is of a file of another size.</exception>
        public static FrameIndex Load(params IEnumerable<string> paths)
        {
            ArgumentNullException.ThrowIfNull(paths);
            return IndexFile.loadAll(paths).OrThrow();
        }
    }

    extension(FrameIndex index)
    {
        /// <summary>Frames in so many parts of nearly equal work, none without frames.</summary>
        /// <param name="count">The number of parts.</param>
        /// <exception cref="AniSoapException">There are fewer frames.</exception>
        public IReadOnlyList<FrameSpan> Parts(int count) => [.. FrameIndexModule.parts(count, index).OrThrow()];

        /// <summary>The frames of a part; what stands before them is not read, where the files are not packed.</summary>
        /// <param name="span">Which frames.</param>
        /// <param name="options">How the files are to be understood.</param>
        /// <exception cref="AniSoapException">A frame cannot be read, or the file has other bytes than when its index was made.</exception>
        public IEnumerable<Frame> Read(FrameSpan span, InputOptions? options = null) =>
            IndexedFrames
                .read(options ?? InputOptionsModule.defaults, index, span)
                .Select(read => read.OrThrow().Value);

        /// <inheritdoc cref="extension(FrameIndex).Read"/>
        /// <summary>The same with all that the files say of the frames.</summary>
        public IEnumerable<Snapshot> ReadSnapshots(FrameSpan span, InputOptions? options = null) =>
            IndexedFrames
                .snapshots(options ?? InputOptionsModule.defaults, index, span)
                .Select(read => read.OrThrow().Value);
    }

    extension(Manifest manifest)
    {
        /// <summary>Reads the manifest of a run in parts.</summary>
        /// <param name="path">Its file.</param>
        /// <exception cref="AniSoapException">It is none, or cannot be read.</exception>
        public static Manifest Load(string path) => ManifestModule.load(path).OrThrow();

        /// <summary>Writes the manifest, or sees that the one that stands there is of the same run.</summary>
        /// <returns>The one that stands there.</returns>
        /// <param name="path">Its file.</param>
        /// <exception cref="AniSoapException">Another run's stands there, or it cannot be written.</exception>
        public Manifest Settle(string path) => ManifestModule.settle(path, manifest).OrThrow();

        /// <summary>What became of each part, in their order.</summary>
        /// <param name="path">The manifest's file, beside which the parts stand.</param>
        public IReadOnlyList<(ManifestPart Part, PartState State)> States(string path) =>
            [.. PartedRun.states(path, manifest).Select(item => (item.Item1, item.Item2))];

        /// <summary>Says of a part's file, which is complete, what it is.</summary>
        /// <param name="part">The part.</param>
        /// <param name="file">Its file.</param>
        /// <param name="seconds">How long it took.</param>
        /// <exception cref="AniSoapException">The file cannot be read, or its record cannot be written.</exception>
        public void Record(ManifestPart part, string file, double seconds) =>
            PartRecordModule.write(manifest, part, file, seconds).OrThrow();

        /// <summary>Refuses parts that are missing, of another run or damaged, all by name.</summary>
        /// <param name="path">The manifest's file, beside which the parts stand.</param>
        /// <exception cref="AniSoapException">Not all parts are there and whole.</exception>
        public void CheckAll(string path) => PartedRun.checkAll(path, manifest).OrThrow();
    }

    extension(PartedRun)
    {
        /// <summary>All parts as one file of features, bit for bit that of one run over all frames.</summary>
        /// <param name="manifestPath">The manifest's file, beside which the parts stand.</param>
        /// <param name="output">The file.</param>
        /// <param name="overwrite">Whether a file that exists is replaced.</param>
        /// <exception cref="AniSoapException">Not all parts are there and whole, or the file cannot be written; nothing is left then.</exception>
        public static Manifest Merge(string manifestPath, string output, bool overwrite = false) =>
            PartedRun.merge(overwrite ? Existing.Replace : Existing.Keep, manifestPath, output).OrThrow();
    }
}
