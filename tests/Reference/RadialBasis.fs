/// Radial functions |x|^p (p = l + 2n), with or without a Gaussian, their norms, overlaps and Löwdin
/// orthonormalisation, computed with BigFloat: S is so ill-conditioned that doubles lose half their digits in it.
namespace AniSoap.Reference

open System.Numerics

type Radial =
    /// |x|^p e^{-x²/2σ²}, σ the width.
    | Gto of width: float
    /// |x|^p, normalised on [0, cutoff].
    | Monomial of cutoff: float

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix by Jacobi's cyclic rotations.
module Jacobi =
    let private rotate (a: BigFloat[,]) (v: BigFloat[,]) p q =
        let one = BigFloat.One
        // t = tan of the angle that makes a_pq vanish, the smaller of the two.
        let theta = (a[q, q] - a[p, p]) / (BigFloat.Of 2 * a[p, q])
        let size = one / (BigFloat.abs theta + BigFloat.sqrt (theta * theta + one))
        let t = if theta.Mantissa.Sign < 0 then -size else size
        let c = one / BigFloat.sqrt (t * t + one)
        let s = t * c
        let last = Array2D.length1 a - 1

        for k in 0..last do
            let x, y = a[k, p], a[k, q]
            a[k, p] <- c * x - s * y
            a[k, q] <- s * x + c * y

        for k in 0..last do
            let x, y = a[p, k], a[q, k]
            a[p, k] <- c * x - s * y
            a[q, k] <- s * x + c * y

        for k in 0..last do
            let x, y = v[k, p], v[k, q]
            v[k, p] <- c * x - s * y
            v[k, q] <- s * x + c * y

    let eigen (matrix: BigFloat[,]) : BigFloat[] * BigFloat[,] =
        let size = Array2D.length1 matrix
        let a = Array2D.copy matrix
        let v = Array2D.init size size (fun i j -> if i = j then BigFloat.One else BigFloat.Zero)
        let negligible = BigFloat.power BigFloat.half 340

        let large () = [
            for p in 0 .. size - 2 do
                for q in p + 1 .. size - 1 do
                    if BigFloat.abs a[p, q] > negligible then
                        p, q
        ]

        let rec sweep count =
            match large () with
            | [] -> ()
            | _ when count = 0 -> failwith "Jacobi's rotations did not converge"
            | _ ->
                for p in 0 .. size - 2 do
                    for q in p + 1 .. size - 1 do
                        if BigFloat.abs a[p, q] > negligible then
                            rotate a v p q

                sweep (count - 1)

        sweep 40
        Array.init size (fun i -> a[i, i]), v

module RadialBasis =
    /// N_p exactly: 1/√(½ σ^{2p+3} Γ(p + 3/2)), or √((2p+3)/r_c^{2p+3}).
    let bigNormalisation radial p =
        match radial with
        | Gto width ->
            BigFloat.One
            / BigFloat.sqrt (
                BigFloat.half
                * BigFloat.power (BigFloat.Of width) (2 * p + 3)
                * BigFloat.gammaHalf (p + 1)
            )
        | Monomial cutoff -> BigFloat.sqrt (BigFloat.Of(2 * p + 3) / BigFloat.power (BigFloat.Of cutoff) (2 * p + 3))

    let normalisation radial p = (bigNormalisation radial p).ToFloat()

    /// S_l of the first `count` normalised primitives, exactly; neither the width nor the cutoff matters.
    let bigOverlap radial l count : BigFloat[,] =
        let element n k =
            let p, q = l + 2 * n, l + 2 * k

            match radial with
            | Gto _ ->
                BigFloat.gammaHalf (l + n + k + 1)
                / BigFloat.sqrt (BigFloat.gammaHalf (p + 1) * BigFloat.gammaHalf (q + 1))
            | Monomial _ -> BigFloat.sqrt (BigFloat.Of((2 * p + 3) * (2 * q + 3))) / BigFloat.Of(p + q + 3)

        Array2D.init count count element

    let overlap radial l count = bigOverlap radial l count |> Array2D.map _.ToFloat()

    /// The radial primitive with its norm.
    let private value radial p r =
        match radial with
        | Gto width -> normalisation radial p * pown r p * exp (-r * r / (2.0 * width * width))
        | Monomial _ -> normalisation radial p * pown r p

    /// S_l by ∫ r² dr of products of the radial functions.
    let overlapByQuadrature radial l count : float[,] =
        let last =
            match radial with
            | Gto width -> width * (sqrt (float (l + 2 * count)) + 9.0)
            | Monomial cutoff -> cutoff

        Array2D.init count count (fun n k ->
            Quadrature.integrate 8 0.0 last (fun r -> r * r * value radial (l + 2 * n) r * value radial (l + 2 * k) r))

    /// The eigenvalues of S_l, ascending.
    let eigenvalues radial l count =
        bigOverlap radial l count
        |> Jacobi.eigen
        |> fst
        |> Array.map _.ToFloat()
        |> Array.sort

    /// S^{-1/2} = Σ v vᵀ / √λ over the eigenvalues above rcond (an absolute bound; S has ones on its diagonal).
    let bigInverseRoot (rcond: float) (s: BigFloat[,]) : BigFloat[,] =
        let values, vectors = Jacobi.eigen s
        let size = values.Length
        let kept = [ 0 .. size - 1 ] |> List.filter (fun i -> values[i] > BigFloat.Of rcond)
        let weights = kept |> List.map (fun i -> i, BigFloat.One / BigFloat.sqrt values[i])

        Array2D.init size size (fun n k ->
            weights
            |> List.fold (fun sum (i, weight) -> sum + weight * vectors[n, i] * vectors[k, i]) BigFloat.Zero)

    /// S_l^{-1/2} as doubles.
    let inverseRoot radial rcond l count = bigOverlap radial l count |> bigInverseRoot rcond |> Array2D.map _.ToFloat()

    /// diag(N) S_l^{-1/2}: what takes bare primitives to orthonormal functions.
    let bigOrthonormal radial rcond l count : BigFloat[,] =
        bigOverlap radial l count
        |> bigInverseRoot rcond
        |> Array2D.mapi (fun n _ x -> bigNormalisation radial (l + 2 * n) * x)
