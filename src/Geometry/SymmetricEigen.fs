namespace AniSoap

/// Eigenvalues and eigenvectors of a symmetric 3 × 3 matrix.
///
/// Cyclic Jacobi rotations: each makes one element off the diagonal zero, and what is off the diagonal falls quadratically. Small
/// eigenvalues and vectors of close ones come out as accurate as the matrix is, which closed formulas with a cubic root do not promise.
module internal SymmetricEigen =
    /// Far more sweeps than are ever needed: four to six are.
    [<Literal>]
    let private MostSweeps = 50

    /// Turns rows and columns p and q of `a`, and columns p and q of `vectors`, so that a_pq becomes zero.
    let private rotate (a: float[,]) (vectors: float[,]) p q =
        if a[p, q] <> 0.0 then
            // The smaller root t of t² + 2θt − 1 = 0, θ = (a_qq − a_pp)/2a_pq: the turn of at most 45 degrees.
            let theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])

            let t =
                let size = 1.0 / (abs theta + sqrt (theta * theta + 1.0))
                if theta < 0.0 then -size else size

            let c = 1.0 / sqrt (t * t + 1.0)
            let s = t * c

            for k in 0..2 do
                let kp, kq = a[k, p], a[k, q]
                a[k, p] <- c * kp - s * kq
                a[k, q] <- s * kp + c * kq

            for k in 0..2 do
                let pk, qk = a[p, k], a[q, k]
                a[p, k] <- c * pk - s * qk
                a[q, k] <- s * pk + c * qk

            for k in 0..2 do
                let kp, kq = vectors[k, p], vectors[k, q]
                vectors[k, p] <- c * kp - s * kq
                vectors[k, q] <- s * kp + c * kq

    /// Eigenvalues, descending, each with its unit eigenvector. The largest component of a vector in size is positive (the first of equal
    /// ones), since the matrix does not choose between v and −v.
    let decompose (m: SymmetricMatrix3) : struct (float * Vector3)[] =
        let a = array2D [ [ m.XX; m.XY; m.XZ ]; [ m.XY; m.YY; m.YZ ]; [ m.XZ; m.YZ; m.ZZ ] ]
        let vectors = array2D [ [ 1.0; 0.0; 0.0 ]; [ 0.0; 1.0; 0.0 ]; [ 0.0; 0.0; 1.0 ] ]
        let offDiagonal () = abs a[0, 1] + abs a[0, 2] + abs a[1, 2]
        let scale = abs a[0, 0] + abs a[1, 1] + abs a[2, 2] + offDiagonal ()
        let mutable sweeps = 0

        while offDiagonal () > 1e-18 * scale && sweeps < MostSweeps do
            rotate a vectors 0 1
            rotate a vectors 0 2
            rotate a vectors 1 2
            sweeps <- sweeps + 1

        let oriented k =
            let v = Vector3.create vectors[0, k] vectors[1, k] vectors[2, k]

            let leading =
                [ v.X; v.Y; v.Z ]
                |> List.reduce (fun best x -> if abs x > abs best * (1.0 + 1e-9) then x else best)

            if leading < 0.0 then -v else v

        [| for k in 0..2 -> struct (a[k, k], oriented k) |]
        |> Array.sortByDescending (fun struct (value, _) -> value)
