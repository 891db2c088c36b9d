namespace AniSoap.CSharp;

/// <summary>Features of files: <c>Features.FromFiles(["a.gsd", "b.gsd"], hypers)</c>.</summary>
public static class FeaturesExtensions
{
    extension(Features)
    {
        /// <summary>
        /// Power spectra of the frames of files, one file after the other, computed as they are asked for. Without species the files are gone through once, at the call,
        /// for theirs; <paramref name="input"/> says how files are to be understood; the other arguments are those of <see cref="ProjectionExtensions"/>.
        /// </summary>
        /// <exception cref="AniSoapException">
        /// At the call: a file is not there, a hyperparameter or an option cannot work. When its row is asked for: what is wrong with a frame.
        /// </exception>
        public static FeatureStream FromFiles(
            IEnumerable<string> paths,
            Hypers hypers,
            IEnumerable<int>? species = null,
            bool meanOverSamples = true,
            SpectrumColumns? columns = null,
            InputOptions? input = null,
            RunOptions? options = null
        )
        {
            ArgumentNullException.ThrowIfNull(paths);
            ArgumentNullException.ThrowIfNull(hypers);
            string[] files = [.. paths];
            var given = InputOptionsModule.forCutoff(hypers.CutoffRadius, input ?? InputOptionsModule.defaults);
            // Mistakes in parameters show before the files are gone through.
            var frames = FrameFile.ReadMany(files, given);
            var projection = Projection.Create(hypers, species ?? [0]);
            if (species is null)
                projection = projection.With(FrameFileModule.species(given, files).OrThrow());
            return new(projection, _ => frames, meanOverSamples, columns, options, (files, given));
        }
    }
}
