namespace AniSoap.CSharp;

/// <summary>Features of files: <c>Features.FromFiles(["a.gsd", "b.gsd"], hyperparameters)</c>.</summary>
public static class FeaturesExtensions
{
    extension(Features)
    {
        /// <summary>Power spectra of the frames of files, one file after the other, computed as they are asked for.</summary>
        /// <param name="paths">The files, possibly compressed (<c>.gz</c>).</param>
        /// <param name="hyperparameters">What the features are to mean.</param>
        /// <param name="species">The species of the whole data set; without them the files are gone through once, at the call, for theirs.</param>
        /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
        /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
        /// <param name="input">How the files are to be understood, and which frames are taken.</param>
        /// <param name="options">Threads, progress and cancellation.</param>
        /// <exception cref="AniSoapException">
        /// A file is not there or cannot be read, or a hyperparameter or an option cannot work. All of it is thrown at the call; what is wrong with a frame,
        /// when its row is asked for.
        /// </exception>
        public static FeatureStream FromFiles(
            IEnumerable<string> paths,
            Hyperparameters hyperparameters,
            IEnumerable<int>? species = null,
            bool meanOverSamples = true,
            SpectrumColumns? columns = null,
            FrameReadOptions? input = null,
            ComputeOptions? options = null
        )
        {
            string[] files = [.. paths ?? throw new ArgumentNullException(nameof(paths))];
            var given = (input ?? new()) with { CutoffRadius = input?.CutoffRadius ?? hyperparameters?.CutoffRadius };
            // Mistakes in parameters show before the files are gone through.
            var frames = FrameFile.ReadMany(files, given);
            var projection = new EllipsoidalDensityProjection(hyperparameters!);
            var understood = given.ToInputOptions();
            var found = species ?? FrameFileModule.species(understood, files).OrThrow();
            return new(projection.For(found), _ => frames, meanOverSamples, columns, options, (files, understood));
        }
    }
}
