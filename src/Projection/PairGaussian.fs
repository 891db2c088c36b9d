namespace AniSoap

open System
open AniSoap.Numerics

/// The Gaussian integral of a pair made ready: c_nlm = weight · E[polynomial(X)], X ~ Normal(mean, covariance).
[<Struct>]
type internal PairGaussian = {
    /// c, in the length unit of the input, seen from the centre.
    Mean: Vector3
    /// V, in the length unit squared.
    Covariance: SymmetricMatrix3
    /// w, without unit.
    Weight: float
}

/// From hyperparameters, an ellipsoid and where it is to its Gaussian under the integral.
module internal PairGaussian =
    /// Whether neighbours count differently by their distance.
    let hasNeighborWeights (hypers: Hypers) = hypers.Smoothing <> Smoothing.Step || hypers.RadialScaling.IsSome

    /// How much a neighbour at this distance counts: smoothing times radial scaling, 1 without either.
    let neighborWeight (hypers: Hypers) (distance: float) =
        let smooth =
            match hypers.Smoothing with
            | Smoothing.ShiftedCosine width when distance > hypers.CutoffRadius - width ->
                let s = sin (Math.PI * (hypers.CutoffRadius - distance) / (2.0 * width))
                if distance >= hypers.CutoffRadius then 0.0 else s * s
            | _ -> 1.0

        match hypers.RadialScaling with
        | None -> smooth
        | Some scaling ->
            smooth * scaling.Rate
            / (scaling.Rate + Math.Pow(distance / scaling.Scale, scaling.Exponent))

    /// d ln W/dr of the neighbour's weight W: by logarithms, so that nothing is divided by a weight that vanishes at the cutoff. W itself vanishes there
    /// like (r_c − r)², so W · d ln W/dr tends to zero as it must; beyond, and at r = 0, where W is even in r, it is 0.
    let neighborWeightSlope (hypers: Hypers) (distance: float) =
        let smooth =
            match hypers.Smoothing with
            | Smoothing.ShiftedCosine width when
                distance > hypers.CutoffRadius - width && distance < hypers.CutoffRadius
                ->
                // ln sin²x with x = π (r_c − r)/2s
                -Math.PI
                / width
                / tan (Math.PI * (hypers.CutoffRadius - distance) / (2.0 * width))
            | _ -> 0.0

        match hypers.RadialScaling with
        | Some scaling when distance > 0.0 ->
            // −(exponent/r) q/(rate + q), q = (r/scale)^exponent
            let q = Math.Pow(distance / scaling.Scale, scaling.Exponent)
            smooth - scaling.Exponent / distance / (scaling.Rate / q + 1.0)
        | _ -> smooth

    /// σ²/(a² + σ²), by ratios so that neither tiny nor huge semi-axes lose digits; 1 for monomials.
    let shrink (hypers: Hypers) (axis: float) =
        match hypers.RadialBasis with
        | Monomial -> 1.0
        | Gto width -> 1.0 / (1.0 + (axis / width) * (axis / width))

    /// Of σ² a²/(a² + σ²) the form that loses no digits, s as `shrink` gives it.
    let private spread width axis shrunk =
        if axis > width then
            width * width * (1.0 - shrunk)
        else
            axis * axis * shrunk

    /// What one particle brings to all of its pairs ("one matrix per particle"): the matrix that takes r to the mean, the
    /// covariance, and the weight at r = 0. With B = (C + σ²I)^{−1}: mean σ²B r, covariance σ²I − σ⁴B, weight σ³√det B · exp(−½ r·B r);
    /// in the body's frame all are diagonal, and no small difference is taken.
    let bodyGaussian (hypers: Hypers) (isSphere: bool) (orientation: Quaternion) (a: Vector3) =
        let rotation =
            if isSphere then
                Matrix3.identity
            else
                Quaternion.toMatrix orientation

        match hypers.RadialBasis with
        | Monomial ->
            let one = SymmetricMatrix3.ofRotatedDiagonal Matrix3.identity (Vector3.create 1.0 1.0 1.0)
            let c = SymmetricMatrix3.ofRotatedDiagonal rotation (Vector3.create (a.X * a.X) (a.Y * a.Y) (a.Z * a.Z))
            struct (one, c, 1.0)
        | Gto width ->
            let s = Vector3.create (shrink hypers a.X) (shrink hypers a.Y) (shrink hypers a.Z)
            let v = Vector3.create (spread width a.X s.X) (spread width a.Y s.Y) (spread width a.Z s.Z)

            struct (SymmetricMatrix3.ofRotatedDiagonal rotation s,
                    SymmetricMatrix3.ofRotatedDiagonal rotation v,
                    sqrt (s.X * s.Y * s.Z))

    /// The same of a particle.
    let particleGaussian (hypers: Hypers) (particle: Ellipsoid) =
        bodyGaussian hypers particle.IsSphere particle.Orientation particle.SemiAxes

    /// The factor of −½ r·c in the exponent of the weight: 1/σ² (r·B r = r·c/σ²), nothing for monomials.
    let exponentScale (hypers: Hypers) =
        match hypers.RadialBasis with
        | Gto width -> 1.0 / (width * width)
        | Monomial -> 0.0

    /// The Gaussian integral of a neighbour at `displacement` from the centre, in the unit of the hyperparameters.
    let ofNeighbor (hypers: Hypers) (neighbor: Ellipsoid) (displacement: Vector3) : PairGaussian =
        let struct (toMean, covariance, weight) = particleGaussian hypers neighbor
        let mean = SymmetricMatrix3.times toMean displacement

        {
            Mean = mean
            Covariance = covariance
            Weight =
                weight
                * exp (-0.5 * exponentScale hypers * Vector3.dot displacement mean)
                * neighborWeight hypers (Vector3.norm displacement)
        }
