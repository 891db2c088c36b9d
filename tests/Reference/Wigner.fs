/// Real Wigner matrices: Y_lm(R x) = Σ_m' D^l_mm'(R) Y_lm'(x). Row m, column m', both counted from -l.
/// D(R S) = D(R) D(S); D(Rᵀ) = D(R)ᵀ. A density turned by R (each point x of it moved to R x) has the
/// coefficients D(R) c.
module AniSoap.Reference.Wigner

open System
open AniSoap
open AniSoap.Reference

/// Points on the unit sphere with weights, exact for products of two harmonics of degree up to l:
/// Gauss–Legendre in cos θ times equal steps in φ.
let private sphere l : (Vector3 * float)[] =
    let rule = Quadrature.legendre (l + 1)
    let steps = 2 * l + 1

    [|
        for i in 0 .. rule.Nodes.Length - 1 do
            for j in 0 .. steps - 1 do
                let phi = 2.0 * Math.PI * float j / float steps
                let sine = sqrt (1.0 - rule.Nodes[i] * rule.Nodes[i])
                let point = Vector3.create (sine * cos phi) (sine * sin phi) rule.Nodes[i]
                point, rule.Weights[i] * 2.0 * Math.PI / float steps
    |]

/// D^l for l = 0 .. lmax by D_mm' = ∫ Y_lm(R x) Y_lm'(x) over the sphere.
let matrices lmax (rotation: Matrix3) : float[,][] =
    let result = Array.init (lmax + 1) (fun l -> Array2D.zeroCreate (2 * l + 1) (2 * l + 1))
    let norms = RealHarmonics.normalisations lmax

    for point, weight in sphere lmax do
        let turned = RealHarmonics.solidWith norms (rotation * point)
        let here = RealHarmonics.solidWith norms point

        for l in 0..lmax do
            for m in 0 .. 2 * l do
                for k in 0 .. 2 * l do
                    result[l].[m, k] <- result[l].[m, k] + weight * turned[l].[m] * here[l].[k]

    result

/// The coefficients of the density turned by the rotation whose matrices these are.
let rotate (matrices: float[,][]) (c: Coefficients) : Coefficients =
    c
    |> Array.mapi (fun l block ->
        Array.init (2 * l + 1) (fun m ->
            Array.init block[0].Length (fun n ->
                Seq.sum (seq { for k in 0 .. 2 * l -> matrices[l].[m, k] * block[k].[n] }))))
