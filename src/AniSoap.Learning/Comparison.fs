namespace AniSoap.Learning

open System
open AniSoap

/// How far apart, or how alike, rows of features are: every row of one matrix with every row of another.
///
/// A kernel k is a scalar product of rows in a space of its own. There a row x has the length √k(x, x), and two rows are
///
///     d(x, y) = √(k(x, x) + k(y, y) − 2 k(x, y)),   s(x, y) = k(x, y) / √(k(x, x) k(y, y))
///
/// apart and alike. For the linear kernel these are |x − y| and the cosine of the angle between x and y. The Gaussian kernel has k(x, x) = 1.
module Comparison =
    let private checkRows kernel (x: Matrix) (y: Matrix) : Result<unit, AniSoapError> =
        attempt {
            do! Kernel.check kernel
            do! Checks.matrix "y" y
            do! Checks.newRows "x" y.Columns x
            do! Checks.size "numbers of the comparison" x.Rows y.Rows
        }

    /// k(x, x) of every row.
    let private own kernel (x: Matrix) : float[] =
        match kernel with
        | Kernel.Gaussian _ -> Array.create x.Rows 1.0
        | _ ->
            Array.init x.Rows (fun i ->
                (Kernel.between kernel (Matrix.rowsAt [| i |] x) (Matrix.rowsAt [| i |] x))[0, 0])

    /// 1 − exp(−t), of which a difference would leave no digits for small t: 2 exp(−t/2) sinh(t/2).
    let private oneMinusExp (t: float) =
        if t > 1.0 then
            1.0 - exp -t
        else
            2.0 * exp (-0.5 * t) * sinh (0.5 * t)

    /// The distance of every row of x (rows) from every row of y (columns), in the space of the kernel; 0 for rows that are the same. In the unit of the features for
    /// the linear kernel, up to √2 for the Gaussian one. Differences of rows are taken first where the kernel allows it (linear, Gaussian), so that
    /// rows that are nearly the same keep their digits. Refuses what `Kernel.matrix` refuses.
    let distances (kernel: Kernel) (x: Matrix) (y: Matrix) : Result<Matrix, AniSoapError> =
        attempt {
            do! checkRows kernel x y

            return!
                match kernel with
                | Kernel.Linear ->
                    Ok(Products.ofRows x y (fun i j -> sqrt (Vectors.squaredDistance (x.Row i) (y.Row j))))
                | Kernel.Gaussian gamma ->
                    let distance i j = sqrt (2.0 * oneMinusExp (gamma * Vectors.squaredDistance (x.Row i) (y.Row j)))

                    Ok(Products.ofRows x y distance)
                | Kernel.Polynomial _ ->
                    Kernel.matrix kernel x y
                    |> Result.map (fun found ->
                        let ofX, ofY = own kernel x, own kernel y

                        Matrix.init x.Rows y.Rows (fun i j ->
                            // Rounding may leave less than nothing of rows that are the same.
                            sqrt (max 0.0 (ofX[i] + ofY[j] - 2.0 * found[i, j]))))
        }

    /// How alike every row of x (rows) is to every row of y (columns): the kernel divided by the lengths of both rows, 1 for rows that are the same. Refuses what
    /// `Kernel.matrix` refuses, and rows without a length (all zeros under the linear kernel).
    let similarities (kernel: Kernel) (x: Matrix) (y: Matrix) : Result<Matrix, AniSoapError> =
        attempt {
            let! found = Kernel.matrix kernel x y
            let ofX, ofY = own kernel x, own kernel y

            let check name (lengths: float[]) =
                match
                    lengths
                    |> Array.tryFindIndex (fun length -> not (length > 0.0 && Double.IsFinite length))
                with
                | None -> Ok()
                | Some row ->
                    Refuse.number
                        (String.Concat("length of row ", row, " of ") + name)
                        lengths[row]
                        "a row that is not all zeros"

            do! check "x" ofX
            do! check "y" ofY
            return Matrix.init x.Rows y.Rows (fun i j -> found[i, j] / (sqrt ofX[i] * sqrt ofY[j]))
        }

    /// Every row divided by its length √(x · x): what is left is the shape of the spectrum and not its size, which is mostly the density. Refuses
    /// rows of zeros, which have no direction.
    let normalize (x: Matrix) : Result<Matrix, AniSoapError> =
        attempt {
            do! Checks.newRows "x" x.Columns x
            let lengths = Array.init x.Rows (fun i -> sqrt (Vectors.dot (x.Row i) (x.Row i)))

            do!
                match lengths |> Array.tryFindIndex (fun length -> not (length > 0.0)) with
                | None -> Ok()
                | Some row ->
                    Refuse.number (String.Concat("length of row ", row)) lengths[row] "a row that is not all zeros"

            return Matrix.init x.Rows x.Columns (fun i j -> x[i, j] / lengths[i])
        }
