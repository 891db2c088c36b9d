namespace AniSoap.Numerics

/// What gradients need of a projection beside its tables: made when they are first asked for, shared by threads.
[<Sealed>]
type internal GradientTables(table: ContractionTable, mixing: AlignedBuffer, mixingOffsets: int[]) =
    /// The mixing of radial functions transposed: from the derivatives by orthonormal functions to those by bare primitives.
    let transposed =
        let source = mixing.Span
        let buffer = AlignedBuffer mixing.Length
        let target = buffer.Span

        for l in 0 .. table.MaxAngular do
            let padded, offset = table.PaddedColumns[l], mixingOffsets[l]

            for row in 0 .. table.Columns[l] - 1 do
                for column in 0 .. table.Columns[l] - 1 do
                    target[offset + column * padded + row] <- source[offset + row * padded + column]

        buffer

    let derivatives = lazy DerivativeTable table

    member val Shifts = ShiftTable table
    /// For derivatives forwards: made when they are first asked for.
    member _.Derivatives = derivatives.Value
    member val ShellStarts = ContractionAdjoint.shellStarts table.Degree
    member val ShellPlaces = ContractionAdjoint.shellPlaces table.Degree
    member val DeepestTraces = ContractionAdjoint.deepestTraces table
    member _.MixingTransposed = transposed
