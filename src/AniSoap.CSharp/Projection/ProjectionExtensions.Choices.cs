namespace AniSoap.CSharp;

// Chosen columns and centres, of which no others are computed, and equivariant features.
public static partial class ProjectionExtensions
{
    extension(Projection projection)
    {
        /// <inheritdoc cref="SpectrumColumnsModule.choose"/>
        /// <param name="labels">
        /// The columns in their order: dimensions <c>l</c>, <c>n_1</c>, <c>neighbor_1_type</c>, <c>n_2</c>, <c>neighbor_2_type</c>, as blocks have them;
        /// for tables of means also with <c>center_type</c> before these.
        /// </param>
        /// <param name="unorderedPairs">Whether they are columns of <see cref="SpectrumColumns.UnorderedPairs"/>.</param>
        /// <exception cref="InvalidValueException">The labels have other dimensions, or name a column that spectra have not got.</exception>
        public SpectrumColumns ChooseColumns(Labels labels, bool unorderedPairs = false) =>
            SpectrumColumnsModule
                .choose(
                    unorderedPairs ? SpectrumColumns.UnorderedPairs : SpectrumColumns.OrderedPairs,
                    projection,
                    labels
                )
                .OrThrow();

        /// <summary>The power spectra of chosen particles alone, each given by the number of its frame and its own: no others are computed.</summary>
        /// <returns>As <c>PowerSpectrum</c> has them a particle: samples <c>system</c>, <c>atom</c>, ascending.</returns>
        /// <exception cref="InvalidValueException">A frame has no such particle.</exception>
        public TensorMap PowerSpectrumOf(
            IEnumerable<Frame> frames,
            IEnumerable<(int Frame, int Particle)> centers,
            SpectrumColumns? columns = null,
            RunOptions? options = null
        ) =>
            AniSoap
                .PowerSpectrum.ofCenters(
                    options ?? RunOptionsModule.defaults,
                    columns ?? SpectrumColumns.OrderedPairs,
                    CenterSelectionModule.create(centers).OrThrow(),
                    projection,
                    frames
                )
                .OrThrow();

        /// <summary>The expansion coefficients of chosen particles alone, as <c>Transform</c> has them: no others are computed.</summary>
        /// <exception cref="InvalidValueException">A frame has no such particle.</exception>
        public TensorMap TransformOf(
            IEnumerable<Frame> frames,
            IEnumerable<(int Frame, int Particle)> centers,
            bool normalize = true,
            RunOptions? options = null
        ) =>
            Expansion
                .ofCenters(
                    options ?? RunOptionsModule.defaults,
                    normalize ? RadialForm.Orthonormal : RadialForm.Raw,
                    CenterSelectionModule.create(centers).OrThrow(),
                    projection,
                    frames
                )
                .OrThrow();

        /// <summary>λ-SOAP: equivariant features of every particle, the product of the expansion with itself, up to the largest λ given.</summary>
        /// <returns>
        /// A block for every <c>o3_lambda</c>, <c>o3_sigma</c> (1: proper tensors, −1: pseudotensors) and <c>center_type</c>: samples <c>system</c>, <c>atom</c>;
        /// one component <c>o3_mu</c>; properties <c>l_1</c>, <c>n_1</c>, <c>neighbor_1_type</c>, <c>l_2</c>, <c>n_2</c>, <c>neighbor_2_type</c>.
        /// </returns>
        /// <exception cref="InvalidValueException"><paramref name="lambda"/> is negative, or a frame has a species that the projection was not made for.</exception>
        public TensorMap LambdaSoap(
            IEnumerable<Frame> frames,
            int lambda,
            IEnumerable<GradientParameter>? gradients = null,
            RunOptions? options = null
        ) =>
            Product
                .lambdaSoapWith(
                    options ?? RunOptionsModule.defaults,
                    ClebschGordanModule.create(Math.Max(lambda, projection.Hypers.MaxAngular)).OrThrow(),
                    lambda,
                    projection.Transform(frames, gradients: gradients, options: options)
                )
                .OrThrow();
    }
}
