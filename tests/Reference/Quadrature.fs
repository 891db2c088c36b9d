/// Gaussian quadrature. A rule is its nodes and weights.
module AniSoap.Reference.Quadrature

open System
open MathNet.Numerics.LinearAlgebra

type Rule = { Nodes: float[]; Weights: float[] }

/// ∫ f(x) e^{-x²/2} dx / √2π by `count` nodes, exact for polynomials up to degree 2 count - 1.
/// Golub and Welsch (Math. Comp. 23, 221 (1969)): the nodes are the eigenvalues of the Jacobi matrix of the
/// orthonormal Hermite polynomials, x h_k = √(k+1) h_{k+1} + √k h_{k-1}; Newton's method polishes them, and
/// 1/Σ h_k² gives weights to full relative accuracy.
let standardNormal count : Rule =
    let jacobi =
        Matrix<float>.Build.Dense(count, count, (fun i j -> if abs (i - j) = 1 then sqrt (float (max i j)) else 0.0))

    let hermite x =
        let h = Array.zeroCreate (count + 1)
        h[0] <- 1.0

        for k in 0 .. count - 1 do
            let before = if k = 0 then 0.0 else sqrt (float k) * h[k - 1]
            h[k + 1] <- (x * h[k] - before) / sqrt (float (k + 1))

        h

    let polish x =
        let h = hermite x
        x - h[count] / (sqrt (float count) * h[count - 1])

    let nodes =
        jacobi.Evd(Symmetricity.Symmetric).EigenValues.ToArray()
        |> Array.map (fun z -> z.Real |> polish |> polish)
        |> Array.sort

    let weight x = 1.0 / (hermite x |> Array.take count |> Array.sumBy (fun h -> h * h))
    { Nodes = nodes; Weights = nodes |> Array.map weight }

/// ∫ f over [-1, 1] by `count` nodes, exact up to degree 2 count - 1: Newton's method on P_count from
/// the usual cosine guess, weights 2 / ((1 - x²) P'²).
let legendre count : Rule =
    let polynomial x =
        let mutable before, p = 0.0, 1.0

        for k in 1..count do
            let next = (float (2 * k - 1) * x * p - float (k - 1) * before) / float k
            before <- p
            p <- next

        p, float count * (before - x * p) / (1.0 - x * x)

    let rec solve steps x =
        let p, slope = polynomial x
        if steps = 0 then x else solve (steps - 1) (x - p / slope)

    let nodes =
        Array.init count (fun i -> solve 8 (cos (Math.PI * (float (count - i) - 0.25) / (float count + 0.5))))

    let weight x =
        let _, slope = polynomial x
        2.0 / ((1.0 - x * x) * slope * slope)

    { Nodes = nodes; Weights = nodes |> Array.map weight }

/// ∫ f over [a, b], cut into `panels` equal pieces of 24 Gauss–Legendre nodes.
let integrate panels (a: float) (b: float) (f: float -> float) =
    let rule = legendre 24
    let half = (b - a) / (2.0 * float panels)

    Seq.sum (
        seq {
            for panel in 0 .. panels - 1 do
                let middle = a + half * float (2 * panel + 1)

                for i in 0 .. rule.Nodes.Length - 1 do
                    half * rule.Weights[i] * f (middle + half * rule.Nodes[i])
        }
    )
