namespace AniSoap.CSharp;

/// <summary>What engines are given and what stands beside them, with mistakes thrown by the call: a result that nobody looks at would hide them.</summary>
public static class EngineExtensions
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
}
