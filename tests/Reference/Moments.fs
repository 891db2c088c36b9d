/// Scaled moments of a weighted normal distribution,
///
///     m_abc = w E[x^a y^b z^c] / (a! b! c!),   x ~ Normal(c, V),
///
/// in two ways that share nothing with a recursion.
module AniSoap.Reference.Moments

open AniSoap
open AniSoap.Reference
open AniSoap.Reference.Combinatorics
open MathNet.Numerics.LinearAlgebra

let private inverseFactorial n = quotient System.Numerics.BigInteger.One (factorial n)

/// R diag(d) Rᵀ: a covariance by its principal axes.
let turned (r: Matrix3) (d: Vector3) : Matrix3 =
    let scaled (row: Vector3) = Vector3.create (row.X * d.X) (row.Y * d.Y) (row.Z * d.Z)
    let row (a: Vector3) = Vector3.create (Vector3.dot a r.Row1) (Vector3.dot a r.Row2) (Vector3.dot a r.Row3)
    Matrix3.ofRows (row (scaled r.Row1)) (row (scaled r.Row2)) (row (scaled r.Row3))

/// V as MathNet has it.
let private dense (v: Matrix3) =
    let row (r: Vector3) = [| r.X; r.Y; r.Z |]
    Matrix<float>.Build.DenseOfRowArrays(row v.Row1, row v.Row2, row v.Row3)

/// By tensor Gauss–Hermite quadrature along V's principal axes.
let byQuadrature (weight: float) (centre: Vector3) (covariance: Matrix3) a b c =
    let rule = Quadrature.standardNormal ((a + b + c) / 2 + 1)
    let eigen = (dense covariance).Evd(Symmetricity.Symmetric)
    // A singular V may come out a rounding below zero.
    let widths = eigen.EigenValues.ToArray() |> Array.map (fun z -> sqrt (max z.Real 0.0))
    let axes = eigen.EigenVectors.ToArray()
    let indices = [ 0 .. rule.Nodes.Length - 1 ]

    let sum =
        List.sum [
            for i in indices do
                for j in indices do
                    for k in indices do
                        let steps = [|
                            widths[0] * rule.Nodes[i]
                            widths[1] * rule.Nodes[j]
                            widths[2] * rule.Nodes[k]
                        |]

                        let along row = axes[row, 0] * steps[0] + axes[row, 1] * steps[1] + axes[row, 2] * steps[2]

                        rule.Weights[i]
                        * rule.Weights[j]
                        * rule.Weights[k]
                        * pown (centre.X + along 0) a
                        * pown (centre.Y + along 1) b
                        * pown (centre.Z + along 2) c
        ]

    weight * sum * inverseFactorial a * inverseFactorial b * inverseFactorial c

/// By Isserlis' theorem: the coefficient of s^a t^b u^c in exp(c·(s,t,u) + ½ (s,t,u) V (s,t,u)ᵀ), summed over the
/// numbers of factors x, y, z that are paired with each other.
let byIsserlis (weight: float) (centre: Vector3) (covariance: Matrix3) a b c =
    let term (x: float) n = pown x n * inverseFactorial n

    weight
    * List.sum [
        for xy in 0 .. min a b do
            for xz in 0 .. min (a - xy) c do
                for yz in 0 .. min (b - xy) (c - xz) do
                    for xx in 0 .. (a - xy - xz) / 2 do
                        for yy in 0 .. (b - xy - yz) / 2 do
                            for zz in 0 .. (c - xz - yz) / 2 do
                                term covariance.Row1.Y xy
                                * term covariance.Row1.Z xz
                                * term covariance.Row2.Z yz
                                * term (0.5 * covariance.Row1.X) xx
                                * term (0.5 * covariance.Row2.Y) yy
                                * term (0.5 * covariance.Row3.Z) zz
                                * term centre.X (a - xy - xz - 2 * xx)
                                * term centre.Y (b - xy - yz - 2 * yy)
                                * term centre.Z (c - xz - yz - 2 * zz)
    ]
