namespace AniSoap.CSharp;

/// <summary>Calls that give nothing but whether they went well, with mistakes thrown by the call: a result that nobody looks at would hide them.</summary>
public static class ThrowingExtensions
{
    extension(NeighborTable table)
    {
        /// <inheritdoc cref="NeighborTable.Fill"/>
        /// <exception cref="InvalidValueException">The beginnings do not fit the centres and the neighbours.</exception>
        public void Take(
            ReadOnlyMemory<int> centers,
            ReadOnlyMemory<int> firstNeighbors,
            ReadOnlyMemory<int> neighbors
        ) => table.Fill(centers, firstNeighbors, neighbors).OrThrow();
    }

    extension(PairSpectrumRows rows)
    {
        /// <inheritdoc cref="PairSpectrumRows.Compute"/>
        /// <exception cref="InvalidValueException">The frame has a species that the basis was not made for, or neighbours that are no particles.</exception>
        public void Take(Frame frame, INeighbors? neighbors = null) => rows.Compute(frame, neighbors).OrThrow();
    }

    extension(PairSpectrumShapes shapes)
    {
        /// <inheritdoc cref="PairSpectrumShapes.Compute"/>
        /// <exception cref="InvalidValueException">The frame has a species that the basis was not made for.</exception>
        public void Take(Frame frame) => shapes.Compute(frame).OrThrow();
    }

    extension(PairSpectrumValues values)
    {
        /// <inheritdoc cref="PairSpectrumValues.Compute"/>
        /// <exception cref="InvalidValueException">The frame has a species that the basis was not made for.</exception>
        public void Take(Frame frame) => values.Compute(frame).OrThrow();
    }

    extension(LambdaSoap soap)
    {
        /// <inheritdoc cref="LambdaSoap.Couple"/>
        /// <exception cref="InvalidValueException">The coefficients are not whole rows, or the values have another length than their rows; or another call is under way.</exception>
        public void Take(
            ReadOnlyMemory<double> coefficients,
            Memory<double> values,
            CancellationToken cancellation = default
        ) => soap.Couple(coefficients, values, cancellation).OrThrow();

        /// <inheritdoc cref="LambdaSoap.ForEach"/>
        /// <exception cref="InvalidValueException">The coefficients are not whole rows, or another call is under way.</exception>
        public void TakeEach(
            ReadOnlyMemory<double> coefficients,
            LambdaRowHandler take,
            CancellationToken cancellation = default
        ) => soap.ForEach(coefficients, take, cancellation).OrThrow();
    }

    extension(FeatureFile)
    {
        /// <inheritdoc cref="FeatureFile.merge"/>
        /// <exception cref="AniSoapException">A file cannot be read or written, or columns or hyperparameters differ.</exception>
        public static void Merge(string output, IEnumerable<string> paths, bool overwrite = false) =>
            FeatureFile.merge(overwrite ? Existing.Replace : Existing.Keep, output, paths).OrThrow();

        /// <inheritdoc cref="FeatureFile.append"/>
        /// <exception cref="AniSoapException">A file cannot be read or written, or columns or hyperparameters differ.</exception>
        public static void Append(string path, params IEnumerable<string> more) =>
            FeatureFile.append(path, more).OrThrow();
    }
}
