namespace AniSoap.CSharp;

/// <summary>Hyperparameters: <c>Hypers.Gto(maxAngular: 6, maxRadial: 4, width: 1.5, cutoffRadius: 4.0).With(smoothing: …)</c>.</summary>
public static class HypersExtensions
{
    extension(Hypers hypers)
    {
        /// <inheritdoc cref="HypersModule.gto"/>
        /// <param name="maxAngular">The largest angular momentum l, 0 to 18: how fine directions are resolved.</param>
        /// <param name="maxRadial">The largest n: a number, an array with one for each l, or <see cref="RadialCount.Coupled"/> to l.</param>
        /// <param name="width">σ of the radial functions: about the size of a particle.</param>
        /// <param name="cutoffRadius">Neighbours are the particles and images nearer than this.</param>
        public static Hypers Gto(int maxAngular, RadialCount maxRadial, double width, double cutoffRadius) =>
            HypersModule.create(maxAngular, RadialBasis.NewGto(width), cutoffRadius).With(maxRadial: maxRadial);

        /// <inheritdoc cref="HypersModule.monomial"/>
        public static Hypers Monomial(int maxAngular, RadialCount maxRadial, double cutoffRadius) =>
            HypersModule.create(maxAngular, RadialBasis.Monomial, cutoffRadius).With(maxRadial: maxRadial);

        /// <inheritdoc cref="HypersModule.load"/>
        /// <exception cref="AniSoapException">The file cannot be read, or says none; the exception says on which line.</exception>
        public static Hypers Load(string path) => HypersModule.load(path).OrThrow();

        /// <inheritdoc cref="HypersModule.ofJson"/>
        /// <exception cref="AniSoapException">It says none; the exception says on which line.</exception>
        public static Hypers FromJson(string json) => HypersModule.ofJson(json).OrThrow();

        /// <inheritdoc cref="HypersModule.toJson"/>
        public string ToJson() => HypersModule.toJson(hypers);

        /// <inheritdoc cref="HypersModule.saveWith"/>
        /// <exception cref="InaccessibleFileException">The file cannot be written, or exists and may not be replaced.</exception>
        public void Save(string path, bool overwrite = false) =>
            HypersModule.saveWith(overwrite ? Existing.Replace : Existing.Keep, path, hypers).OrThrow();

        /// <summary>An engine that computes these features of frames of these species, without allocating a call. Dispose of it in the end.</summary>
        /// <exception cref="InvalidValueException">A hyperparameter cannot work, or the number of threads is below 0.</exception>
        public Engine CreateEngine(IEnumerable<int> species, int threads = 1) =>
            Projection.Create(hypers, species).CreateEngine(threads);
    }
}
