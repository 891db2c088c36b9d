namespace AniSoap.Learning

open System

/// A = U S Vᵀ without the directions that are rounding: as many singular values as A has rank, descending, with columns of U and V.
type internal Singular = { Left: float[][]; Values: float[]; Right: float[][] }

/// Singular values by QR with pivoting and one-sided Jacobi rotations of Rᵀ: Z. Drmač, K. Veselić, SIAM J. Matrix Anal. Appl. 29 (2008) 1322.
/// Nothing is squared, so that small singular values keep their digits: the condition of features of pairs reaches 1e18, where XᵀX holds
/// nothing of them. Rotations follow one fixed order.
module internal SingularValues =
    [<Literal>]
    let private MostSweeps = 60

    [<Literal>]
    let private Epsilon = 2.220446049250313e-16

    /// Turns the columns of `a` until they are orthogonal, and those of `turned` with them.
    let private orthogonalize (a: float[][]) (turned: float[][]) =
        let count = a.Length
        let tolerance = Epsilon * sqrt (float (max count 1))
        let squares = Array.zeroCreate count
        let mutable again = true
        let mutable sweeps = 0

        while again && sweeps < MostSweeps do
            again <- false
            sweeps <- sweeps + 1

            for j in 0 .. count - 1 do
                squares[j] <- Vectors.dot (ReadOnlySpan a[j]) (ReadOnlySpan a[j])

            // Far below every rank's threshold; nothing is gained by turning them.
            let negligible = 1e-40 * Array.fold max 0.0 squares

            for p in 0 .. count - 2 do
                for q in p + 1 .. count - 1 do
                    if squares[p] > negligible && squares[q] > negligible then
                        let product = Vectors.dot (ReadOnlySpan a[p]) (ReadOnlySpan a[q])

                        if abs product > tolerance * sqrt squares[p] * sqrt squares[q] then
                            again <- true
                            let zeta = (squares[q] - squares[p]) / (2.0 * product)
                            let t = 1.0 / (abs zeta + sqrt (zeta * zeta + 1.0))
                            let t = if zeta < 0.0 then -t else t
                            let c = 1.0 / sqrt (t * t + 1.0)
                            Vectors.rotate c (c * t) (Span a[p]) (Span a[q])
                            Vectors.rotate c (c * t) (Span turned[p]) (Span turned[q])
                            squares[p] <- squares[p] - t * product
                            squares[q] <- squares[q] + t * product

    let private identity count = Array.init count (fun j -> Array.init count (fun i -> if i = j then 1.0 else 0.0))

    /// Of a matrix with at least as many rows as columns.
    let private ofTall (rows: int) (columns: float[][]) =
        let count = columns.Length
        let factors = Householder.decompose columns
        // The columns of Rᵀ are the rows of R: Rᵀ J = W S, so A P = Q J S Wᵀ.
        let work = factors.Triangle |> Array.map Array.copy
        let turned = identity count
        orthogonalize work turned

        let norms =
            work
            |> Array.map (fun column -> sqrt (Vectors.dot (ReadOnlySpan column) (ReadOnlySpan column)))

        let cut = Epsilon * float (max rows count) * Array.fold max 0.0 norms

        let kept =
            [| 0 .. count - 1 |]
            |> Array.filter (fun j -> norms[j] > cut)
            |> Array.sortWith (fun i j ->
                match compare norms[j] norms[i] with
                | 0 -> compare i j
                | order -> order)

        let left = Array.zeroCreate kept.Length

        Products.forEach kept.Length (float kept.Length * float rows * float count) (fun i ->
            left[i] <- Householder.applyQ factors rows turned[kept[i]])

        let right =
            kept
            |> Array.map (fun j ->
                let vector = Array.zeroCreate count

                for i in 0 .. count - 1 do
                    vector[factors.Order[i]] <- work[j][i] / norms[j]

                vector)

        { Left = left; Values = kept |> Array.map (fun j -> norms[j]); Right = right }

    let private transposed rows (columns: float[][]) =
        Array.init rows (fun row -> Array.init columns.Length (fun column -> columns[column][row]))

    /// Of a matrix of so many rows, given by its columns; they are left as they are.
    let decompose (rows: int) (columns: float[][]) : Singular =
        let mutable largest = 0.0

        for column in columns do
            for value in column do
                largest <- max largest (abs value)

        if largest = 0.0 then
            { Left = [||]; Values = [||]; Right = [||] }
        else
            // In units of a power of two, which changes no digit, so that squares neither overflow nor vanish.
            let unit = Math.ScaleB(1.0, Math.ILogB largest)
            let scaled = columns |> Array.map (Array.map (fun value -> value / unit))

            let found =
                if rows >= columns.Length then
                    ofTall rows scaled
                else
                    let found = ofTall columns.Length (transposed rows scaled)
                    { found with Left = found.Right; Right = found.Left }

            { found with Values = found.Values |> Array.map (fun value -> value * unit) }
