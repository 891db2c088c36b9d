namespace AniSoap.Learning

open System

/// A matrix A (rows ≥ columns) as A P = Q R with the largest remaining column first: P. Businger, G. H. Golub, Numer. Math. 7 (1965) 269.
/// Q is the product of H_k = 1 − 2 v_k v_kᵀ with unit vectors v_k, which lie in `Reflectors` from element k on.
type internal OrthogonalFactors = {
    Reflectors: float[][]
    /// Row k of R, from element k on; what stands before it is zero.
    Triangle: float[][]
    /// Which column of A the k-th column of R is.
    Order: int[]
}

module internal Householder =
    let private tail (column: float[]) first = ReadOnlySpan(column, first, column.Length - first)

    /// column ← H_k column
    let private reflect (v: float[]) k (column: float[]) =
        let factor = -2.0 * Vectors.dot (tail v k) (tail column k)
        Vectors.add factor (tail v k) (Span(column, k, column.Length - k))

    /// Works in the given columns.
    let decompose (columns: float[][]) : OrthogonalFactors =
        let count = columns.Length
        let rows = if count = 0 then 0 else columns[0].Length
        let columns = Array.copy columns
        let order = Array.init count id
        let reflectors = Array.zeroCreate count
        let triangle = Array.init count (fun _ -> Array.zeroCreate count)
        let square (column: float[]) first = Vectors.dot (tail column first) (tail column first)
        // Of what is left of every column: summed anew after every step, since differences would lose them.
        let squares = columns |> Array.map (fun column -> square column 0)

        for k in 0 .. count - 1 do
            let operations = float (rows - k) * float (count - k)

            // Of equal ones the first.
            let mutable largest = k

            for j in k + 1 .. count - 1 do
                if squares[j] > squares[largest] then
                    largest <- j

            let swap (items: 'a[]) =
                let item = items[k]
                items[k] <- items[largest]
                items[largest] <- item

            swap columns
            swap order
            swap squares

            for i in 0 .. k - 1 do
                swap triangle[i]

            // v = x + sign(x_k) |x| e_k, made a unit vector; a column of zeros needs no reflection.
            let v = Array.zeroCreate rows
            let norm = sqrt squares[k]
            let column = columns[k]

            if norm > 0.0 then
                Array.blit column k v k (rows - k)
                let head = if column[k] < 0.0 then -norm else norm
                v[k] <- v[k] + head
                let length = sqrt (square v k)

                for i in k .. rows - 1 do
                    v[i] <- v[i] / length

                triangle[k][k] <- -head

                Products.forEach (count - k - 1) operations (fun j ->
                    let other = columns[k + 1 + j]
                    reflect v k other
                    squares[k + 1 + j] <- square other (k + 1))

            reflectors[k] <- v

            for j in k + 1 .. count - 1 do
                triangle[k][j] <- columns[j][k]

        { Reflectors = reflectors; Triangle = triangle; Order = order }

    /// Q times a vector whose elements beyond the number of columns are zero.
    let applyQ (factors: OrthogonalFactors) (rows: int) (short: float[]) : float[] =
        let column = Array.zeroCreate rows
        Array.blit short 0 column 0 short.Length

        for k in factors.Reflectors.Length - 1 .. -1 .. 0 do
            reflect factors.Reflectors[k] k column

        column
