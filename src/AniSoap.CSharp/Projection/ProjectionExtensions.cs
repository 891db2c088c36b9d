namespace AniSoap.CSharp;

/// <summary>
/// Features of frames: <c>Projection.Create(hypers, frames).PowerSpectrum(frames)</c>. Results do not depend on the number of threads, bit for bit. What cannot be
/// done is an <see cref="AniSoapException"/>, most often an <see cref="InvalidValueException"/>: a frame of a species that the projection was not made for, more
/// than its limits, an option that cannot work. Who cancels gets an <see cref="OperationCanceledException"/>.
/// </summary>
public static partial class ProjectionExtensions
{
    extension(Projection projection)
    {
        /// <inheritdoc cref="ProjectionModule.create"/>
        /// <param name="hypers">What the features are to mean.</param>
        /// <param name="species">The species of the whole data set, which decide the columns.</param>
        /// <exception cref="InvalidValueException">A hyperparameter cannot work; the exception names it and what is accepted.</exception>
        public static Projection Create(Hypers hypers, IEnumerable<int> species) =>
            ProjectionModule.create(hypers, species).OrThrow();

        /// <inheritdoc cref="ProjectionModule.ofFrames"/>
        /// <param name="hypers">What the features are to mean.</param>
        /// <param name="frames">The frames, which are gone through once for their species: these decide the columns.</param>
        /// <exception cref="InvalidValueException">A hyperparameter cannot work, or there is no particle.</exception>
        public static Projection Create(Hypers hypers, IEnumerable<Frame> frames) =>
            ProjectionModule.ofFrames(hypers, frames).OrThrow();

        /// <inheritdoc cref="ProjectionModule.withSpecies"/>
        public Projection With(IEnumerable<int> species) => ProjectionModule.withSpecies(species, projection).OrThrow();

        /// <inheritdoc cref="ProjectionModule.withLimits"/>
        public Projection With(Limits limits) => ProjectionModule.withLimits(limits, projection);

        /// <summary>
        /// The expansion coefficients c_nlm of every particle, of orthonormal radial functions or (not normalised) of bare primitives; the other arguments are those
        /// of <see cref="PowerSpectrum"/>.
        /// </summary>
        /// <returns>
        /// A block for every angular momentum <c>o3_lambda</c> and every species of the centre <c>center_type</c>: samples <c>system</c>, <c>atom</c>; one
        /// component <c>o3_mu</c> = −l … l; properties <c>n</c>, <c>neighbor_type</c>.
        /// </returns>
        public TensorMap Transform(
            IEnumerable<Frame> frames,
            bool normalize = true,
            IEnumerable<GradientParameter>? gradients = null,
            RunOptions? options = null
        ) =>
            Features
                .withGradients(
                    options ?? RunOptionsModule.defaults,
                    FeatureKind.NewExpansionCoefficients(normalize ? RadialForm.Orthonormal : RadialForm.Raw),
                    gradients ?? [],
                    projection,
                    frames
                )
                .OrThrow();

        /// <summary>The power spectrum: rotation-invariant features of every frame or of every particle.</summary>
        /// <param name="frames">The frames; in the result they are numbered from 0.</param>
        /// <param name="meanOverSamples">A row a frame, the mean over its particles, or else a row a particle.</param>
        /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
        /// <param name="gradients">
        /// What the features are derived by, if by anything; the derivatives stand in the <see cref="TensorBlock.Gradients"/> of each block by the names
        /// <c>positions</c>, <c>orientations</c>, <c>semiaxes</c>, <c>strain</c>. Their samples are <c>sample</c>, the row that is differentiated, and <c>system</c>,
        /// <c>atom</c>, what moves, turns or grows (strain: <c>sample</c> alone); their components are the axes x, y, z (strain: two of them). For the forces of
        /// a model <c>Pullback</c> needs neither this memory nor this time.
        /// </param>
        /// <param name="options">Threads, progress and cancellation.</param>
        /// <returns>
        /// A block for every species of the centre <c>center_type</c>: samples <c>system</c> (and <c>atom</c>); properties <c>l</c>, <c>n_1</c>,
        /// <c>neighbor_1_type</c>, <c>n_2</c>, <c>neighbor_2_type</c>.
        /// </returns>
        public TensorMap PowerSpectrum(
            IEnumerable<Frame> frames,
            bool meanOverSamples = true,
            SpectrumColumns? columns = null,
            IEnumerable<GradientParameter>? gradients = null,
            RunOptions? options = null
        ) =>
            Features
                .withGradients(
                    options ?? RunOptionsModule.defaults,
                    FeatureStream.KindOf(meanOverSamples, columns),
                    gradients ?? [],
                    projection,
                    frames
                )
                .OrThrow();

        /// <summary>
        /// Forces, torques and virial of a number E (an energy, say) that depends on the power spectrum of a frame, given ∂E/∂(spectrum), in one pass: what
        /// a model over these features needs to move particles.
        /// </summary>
        /// <param name="frame">The frame. Give the projection its species, so that the columns are those the model was made for.</param>
        /// <param name="cotangent">∂E/∂(spectrum): <c>NewOfMean</c>, <c>NewOfParticles</c>, or made from each particle's own spectrum, <c>NewOfEachParticle</c>.</param>
        /// <param name="columns">Which pairs of coefficients are kept; ordered pairs unless given.</param>
        /// <param name="semiAxes">Whether derivatives by semi-axes are wanted too; they cost about as much again.</param>
        /// <param name="options">Threads, progress and cancellation.</param>
        public FrameGradient Pullback(
            Frame frame,
            SpectrumCotangent cotangent,
            SpectrumColumns? columns = null,
            bool semiAxes = false,
            RunOptions? options = null
        ) =>
            Features
                .pullback(
                    options ?? RunOptionsModule.defaults,
                    columns ?? SpectrumColumns.OrderedPairs,
                    semiAxes ? [GradientParameter.SemiAxes] : [],
                    projection,
                    frame,
                    cotangent
                )
                .OrThrow();

        /// <inheritdoc cref="SuspicionModule.ofFrames"/>
        public IReadOnlyList<Suspicion> FindSuspicions(IEnumerable<Frame> frames) =>
            SuspicionModule.ofFrames(projection, frames);

        /// <summary>
        /// An engine for any number of frames, one after another, whose calls throw what is wrong with them (<see cref="Engine.Refused"/>). Dispose of it in the end.
        /// </summary>
        /// <param name="threads">Threads that compute; 0 for as many as there are processors.</param>
        public Engine CreateEngine(int threads = 1)
        {
            var engine = Engine.Create(projection, threads).OrThrow();
            engine.Refused = error => throw AniSoapException.Of(error);
            return engine;
        }

        /// <summary>
        /// Power spectra of frames as they come, computed as they are asked for: rows, or a file. The frames are gone through once for each time that the rows are;
        /// the other arguments are those of <see cref="PowerSpectrum"/>.
        /// </summary>
        public FeatureStream Stream(
            IEnumerable<Frame> frames,
            bool meanOverSamples = true,
            SpectrumColumns? columns = null,
            RunOptions? options = null
        )
        {
            ArgumentNullException.ThrowIfNull(frames);
            return new(projection, _ => frames, meanOverSamples, columns, options);
        }

        /// <summary>The same of frames that come from elsewhere one by one.</summary>
        public FeatureStream Stream(
            IAsyncEnumerable<Frame> frames,
            bool meanOverSamples = true,
            SpectrumColumns? columns = null,
            RunOptions? options = null
        )
        {
            ArgumentNullException.ThrowIfNull(frames);
            return new(projection, frames.ToBlockingEnumerable, meanOverSamples, columns, options);
        }
    }
}
