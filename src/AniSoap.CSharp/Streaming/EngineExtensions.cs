namespace AniSoap.CSharp;

/// <summary>
/// An engine's methods with their mistakes as exceptions: results go into memory of yours, nothing is allocated a call. (Without columns and forms: all ordered pairs,
/// and the orthonormal radial functions.)
/// </summary>
public static class EngineExtensions
{
    extension(Engine engine)
    {
        /// <summary>The mean power spectrum of a frame: every species as centre, one after another.</summary>
        /// <param name="frame">The frame.</param>
        /// <param name="values">To be filled: <c>SpectrumLength</c> numbers for each species of the projection.</param>
        /// <param name="neighbors">A list of neighbours from elsewhere, and which centres are wanted.</param>
        /// <param name="cancellationToken">Stops it.</param>
        /// <exception cref="InvalidValueException">The frame has another species, or there is another number of values.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled.</exception>
        public void MeanSpectrum(
            Frame frame,
            Memory<double> values,
            INeighbors? neighbors = null,
            CancellationToken cancellationToken = default
        ) => engine.MeanSpectrum(frame, SpectrumColumns.OrderedPairs, values, neighbors, cancellationToken).OrThrow();

        /// <summary>The power spectrum of every centre, a row of <c>SpectrumLength</c> numbers each.</summary>
        /// <inheritdoc cref="EngineExtensions.MeanSpectrum"/>
        public void ParticleSpectra(
            Frame frame,
            Memory<double> values,
            INeighbors? neighbors = null,
            CancellationToken cancellationToken = default
        ) =>
            engine.ParticleSpectra(frame, SpectrumColumns.OrderedPairs, values, neighbors, cancellationToken).OrThrow();
    }
}
