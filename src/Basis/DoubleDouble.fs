namespace AniSoap

open System

/// A number of about 32 digits: the unevaluated sum of two doubles that do not overlap (T. J. Dekker, Numer. Math. 18, 224 (1971)).
[<Struct>]
type internal DoubleDouble = { High: float; Low: float }

module internal DoubleDouble =
    let ofFloat x : DoubleDouble = { High = x; Low = 0.0 }
    let zero = ofFloat 0.0
    let one = ofFloat 1.0

    /// a + b where a is the larger in size.
    let private ordered (a: float) (b: float) : DoubleDouble =
        let high = a + b
        { High = high; Low = b - (high - a) }

    /// a + b without any error (D. E. Knuth, TAOCP 2, 4.2.2).
    let private exact (a: float) (b: float) : DoubleDouble =
        let high = a + b
        let part = high - a
        { High = high; Low = (a - (high - part)) + (b - part) }

    let negate (x: DoubleDouble) : DoubleDouble = { High = -x.High; Low = -x.Low }

    let add (x: DoubleDouble) (y: DoubleDouble) =
        let high = exact x.High y.High
        let low = exact x.Low y.Low
        let sum = ordered high.High (high.Low + low.High)
        ordered sum.High (sum.Low + low.Low)

    let subtract x y = add x (negate y)

    let multiply (x: DoubleDouble) (y: DoubleDouble) =
        let high = x.High * y.High
        let error = Math.FusedMultiplyAdd(x.High, y.High, -high)
        ordered high (error + (x.High * y.Low + x.Low * y.High))

    let divide (x: DoubleDouble) (y: DoubleDouble) =
        let first = x.High / y.High
        let rest = subtract x (multiply (ofFloat first) y)
        let second = rest.High / y.High
        let rest = subtract rest (multiply (ofFloat second) y)
        add (ordered first second) (ofFloat (rest.High / y.High))

    /// √x of a number above zero: one step of Newton's method doubles the digits of the double next to it.
    let sqrt (x: DoubleDouble) =
        let near = Math.Sqrt x.High
        let rest = subtract x (multiply (ofFloat near) (ofFloat near))
        ordered near (rest.High / (2.0 * near))

    /// Cosine and sine of the rotation that makes a_pq vanish; of the two the one by the smaller angle.
    let private rotation app apq aqq =
        let theta = divide (subtract aqq app) (add apq apq)
        let size = if theta.High < 0.0 then negate theta else theta
        let tangent = divide one (add size (sqrt (add (multiply theta theta) one)))
        let tangent = if theta.High < 0.0 then negate tangent else tangent
        let cosine = divide one (sqrt (add (multiply tangent tangent) one))
        struct (cosine, multiply tangent cosine)

    /// Eigenvalues and eigenvectors (columns) of a symmetric matrix by Jacobi's cyclic rotations, to 30 digits of the largest element.
    let eigen (matrix: DoubleDouble[,]) : DoubleDouble[] * DoubleDouble[,] =
        let size = Array2D.length1 matrix
        let a = Array2D.copy matrix
        let v = Array2D.init size size (fun i j -> if i = j then one else zero)

        let negligible =
            1e-31
            * Seq.fold (fun largest x -> max largest (abs x.High)) 0.0 (Seq.cast<DoubleDouble> matrix)

        let rotate p q =
            let struct (c, s) = rotation a[p, p] a[p, q] a[q, q]
            let first x y = subtract (multiply c x) (multiply s y)
            let second x y = add (multiply s x) (multiply c y)

            for k in 0 .. size - 1 do
                let x, y = a[k, p], a[k, q]
                a[k, p] <- first x y
                a[k, q] <- second x y

            for k in 0 .. size - 1 do
                let x, y = a[p, k], a[q, k]
                a[p, k] <- first x y
                a[q, k] <- second x y

            for k in 0 .. size - 1 do
                let x, y = v[k, p], v[k, q]
                v[k, p] <- first x y
                v[k, q] <- second x y

        // Quadratic convergence: about ten sweeps; the limit only guards against rounding that never settles.
        let mutable sweeps = 0
        let mutable isSettled = false

        while not isSettled && sweeps < 40 do
            isSettled <- true
            sweeps <- sweeps + 1

            for p in 0 .. size - 2 do
                for q in p + 1 .. size - 1 do
                    if abs a[p, q].High > negligible then
                        isSettled <- false
                        rotate p q

        Array.init size (fun i -> a[i, i]), v
