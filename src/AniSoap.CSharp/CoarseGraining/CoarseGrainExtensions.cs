namespace AniSoap.CSharp;

/// <summary>Atoms into ellipsoids: <c>new CoarseGrainRun(CoarseGrainOptions.Of(minAxis: 0.4), new(false, false)).AddAll(atoms)</c>.</summary>
public static class CoarseGrainExtensions
{
    extension(CoarseGrainRun run)
    {
        /// <summary>
        /// The molecules of frames of atoms and what is written of them, one frame after another as they are asked for. Where the shape is that of the
        /// average molecule, the frames are gone through twice.
        /// </summary>
        /// <param name="atoms">The frames, as <see cref="FrameFile.ReadSnapshots"/> gives them.</param>
        /// <param name="cancellationToken">Stops it, by an <see cref="OperationCanceledException"/>.</param>
        /// <exception cref="AniSoapException">An option (at the call) or a frame cannot be used; the exception names the frame.</exception>
        public IEnumerable<(CoarseFrame Molecules, Snapshot Ellipsoids)> AddAll(
            IEnumerable<Snapshot> atoms,
            CancellationToken cancellationToken = default
        )
        {
            ArgumentNullException.ThrowIfNull(atoms);
            CoarseGrainOptionsModule.check(run.Options).OrThrow();
            Snapshot Watched(Snapshot frame)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return frame;
            }
            return run.AddEach(atoms.Select(Watched)).Select(frame => frame.OrThrow());
        }
    }
}
