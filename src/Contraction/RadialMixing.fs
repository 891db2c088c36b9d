/// From coefficients of bare primitives to those of orthonormal radial functions, or back: for each l one matrix over the columns (n, t), the same for all m.
module internal AniSoap.Numerics.RadialMixing

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

/// rows · matrix for a vector of its columns.
let inline private mixColumns
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] broadcast: float -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    (rows: int)
    (columns: int)
    (padded: int)
    (source: nativeptr<float>)
    (matrix: nativeptr<float>)
    (target: nativeptr<float>)
    =
    let inline scaled row k = broadcast (NativePtr.get source (row * padded + k))
    let inline put row sum = store (NativePtr.add target (row * padded)) sum
    let mutable m = 0

    // Four rows at a time: none of their sums waits for another's.
    while m + 4 <= rows do
        let mutable sum0 = zero
        let mutable sum1 = zero
        let mutable sum2 = zero
        let mutable sum3 = zero

        for k in 0 .. columns - 1 do
            let factor = load (NativePtr.add matrix (k * padded))
            sum0 <- multiplyAdd (scaled m k) factor sum0
            sum1 <- multiplyAdd (scaled (m + 1) k) factor sum1
            sum2 <- multiplyAdd (scaled (m + 2) k) factor sum2
            sum3 <- multiplyAdd (scaled (m + 3) k) factor sum3

        put m sum0
        put (m + 1) sum1
        put (m + 2) sum2
        put (m + 3) sum3
        m <- m + 4

    while m < rows do
        let mutable sum = zero

        for k in 0 .. columns - 1 do
            sum <- multiplyAdd (scaled m k) (load (NativePtr.add matrix (k * padded))) sum

        put m sum
        m <- m + 1

/// Mixes the radial functions: row · matrix for every m, with one (padded) square matrix of the columns for each l.
let mix
    (table: ContractionTable)
    (matrices: nativeptr<float>)
    (matrixOffsets: int[])
    (coefficients: nativeptr<float>)
    (mixed: nativeptr<float>)
    =
    FullOptimization.ask ()

    for l in 0 .. table.MaxAngular do
        let padded = table.PaddedColumns[l]
        let columns = table.Columns[l]
        let matrix = NativePtr.add matrices matrixOffsets[l]
        let source = NativePtr.add coefficients table.CoefficientOffsets[l]
        let target = NativePtr.add mixed table.CoefficientOffsets[l]
        let mutable q = 0

        if Vector512.IsHardwareAccelerated then
            while q + 8 <= padded do
                mixColumns
                    Vector512<float>.Zero
                    (fun p -> Vector512.Load p)
                    (fun p v -> Vector512.Store(v, p))
                    (fun x -> Vector512.Create(x: float))
                    (fun x y z -> Vector512.MultiplyAddEstimate(x, y, z))
                    (2 * l + 1)
                    columns
                    padded
                    source
                    (NativePtr.add matrix q)
                    (NativePtr.add target q)

                q <- q + 8

        while q < padded do
            mixColumns
                Vector256<float>.Zero
                (fun p -> Vector256.Load p)
                (fun p v -> Vector256.Store(v, p))
                (fun x -> Vector256.Create(x: float))
                (fun x y z -> Vector256.MultiplyAddEstimate(x, y, z))
                (2 * l + 1)
                columns
                padded
                source
                (NativePtr.add matrix q)
                (NativePtr.add target q)

            q <- q + 4
