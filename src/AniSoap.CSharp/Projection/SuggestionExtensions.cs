namespace AniSoap.CSharp;

/// <summary>Hyperparameters to begin with: <c>Suggestion.For(frames).Hypers</c>.</summary>
public static class SuggestionExtensions
{
    extension(Suggestion)
    {
        /// <summary>
        /// Hyperparameters for frames, from what is in them, with reasons and the cost of the run. The frames are read once, one after another.
        /// </summary>
        /// <param name="frames">All frames that features are to be computed of.</param>
        /// <param name="mostColumns">Most numbers of one particle's spectrum.</param>
        /// <param name="perParticle">Whether the run has a row for each particle, and not one for each frame.</param>
        /// <param name="threads">Threads of the run, for its time; 0: as many as there are processors.</param>
        /// <exception cref="InvalidValueException">No frame has a particle, or a number is not above zero.</exception>
        public static Suggestion For(
            IEnumerable<Frame> frames,
            int mostColumns = 2000,
            bool perParticle = false,
            int threads = 0
        ) => SuggestionModule.ofFrames(new(mostColumns, perParticle, threads), frames).OrThrow();
    }
}
