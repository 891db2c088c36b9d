/// Pair coefficients by tensor Gauss–Hermite quadrature, exact for the polynomial under the Gaussian.
///
/// In the body frame, where the density's covariance is diag(a²), Gaussian times Gaussian is Gaussian axis by axis:
///
///     exp(-(x-r)²/2a²) exp(-x²/2σ²) = exp(-r²/2(a²+σ²)) exp(-(x-c)²/2v),   c = σ² r/(a²+σ²),   v = σ² a²/(a²+σ²)
///
/// and normalised, the factor in front of Normal(c, v) is σ/√(a²+σ²) exp(-r²/2(a²+σ²)).
module AniSoap.Reference.PairCoefficients

open AniSoap
open AniSoap.Reference

/// Along one body axis: weight, centre and variance of the Gaussian that multiplies the polynomial.
let private axis radial (a: float) (r: float) =
    match radial with
    | Gto width ->
        let sum = a * a + width * width
        let weight = width / sqrt sum * exp (-r * r / (2.0 * sum))
        weight, width * width * r / sum, width * width * a * a / sum
    | Monomial _ -> 1.0, r, a * a

/// ∫ ρ(x) |x|^{l+2n} g(x) Y_lm(x̂) d³x, g the Gaussian of the GTO basis or 1, for a particle at `displacement`
/// from the centre (its own position plays no part). N = 1.
let bare radial (counts: int[]) (particle: Ellipsoid) (displacement: Vector3) : Coefficients =
    let turn = Quaternion.toMatrix particle.Orientation
    let r = Matrix3.transpose turn * displacement
    let a = particle.SemiAxes
    let axes = [| axis radial a.X r.X; axis radial a.Y r.Y; axis radial a.Z r.Z |]
    let degree = counts |> Array.mapi (fun l count -> l + 2 * (count - 1)) |> Array.max
    let rule = Quadrature.standardNormal (degree / 2 + 1)
    let last = rule.Nodes.Length - 1

    let weights =
        axes
        |> Array.map (fun (weight, _, _) -> rule.Weights |> Array.map (fun w -> weight * w))

    let nodes =
        axes
        |> Array.map (fun (_, centre, variance) -> rule.Nodes |> Array.map (fun x -> centre + sqrt variance * x))

    let norms = RealHarmonics.normalisations (counts.Length - 1)
    let result = Coefficients.zero counts

    for i in 0..last do
        for j in 0..last do
            for k in 0..last do
                let x = turn * Vector3.create nodes[0].[i] nodes[1].[j] nodes[2].[k]
                let weight = weights[0].[i] * weights[1].[j] * weights[2].[k]
                let square = Vector3.squaredNorm x
                let solid = RealHarmonics.solidWith norms x

                for l in 0 .. counts.Length - 1 do
                    for m in 0 .. 2 * l do
                        for n in 0 .. counts[l] - 1 do
                            result[l].[m].[n] <- result[l].[m].[n] + weight * pown square n * solid[l].[m]

    result

/// The coefficients for bare, normalised or orthonormal functions.
let primitive radial counts functions particle displacement : Coefficients =
    bare radial counts particle displacement
    |> Coefficients.combine (Coefficients.matrices radial counts functions)
