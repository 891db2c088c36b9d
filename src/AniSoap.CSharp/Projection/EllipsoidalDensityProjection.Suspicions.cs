namespace AniSoap.CSharp;

public sealed partial class EllipsoidalDensityProjection
{
    /// <summary>
    /// Likely mistakes in features of these frames: shapes of twice or half their size, quaternions in another order, a cutoff within which there is
    /// nobody, and whatever else the program <c>anisoap</c> warns of. Some of the particles are looked at; it costs little beside the features.
    /// </summary>
    /// <param name="frames">The frames; in the result they are numbered from 0.</param>
    /// <returns>Each kind of mistake once.</returns>
    /// <exception cref="InvalidValueException">There is no frame.</exception>
    public IReadOnlyList<Suspicion> FindSuspicions(IEnumerable<Frame> frames)
    {
        var numbered = Number(frames, CancellationToken.None);
        return [.. Core.Suspicions.ofFrames(For(numbered), numbered).Select(Suspicion.Of)];
    }
}
