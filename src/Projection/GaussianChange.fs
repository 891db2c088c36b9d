namespace AniSoap

/// The first-order change of a pair's Gaussian integral, per unit of what changes it.
[<Struct>]
type internal GaussianChange = {
    /// δc
    Mean: Vector3
    /// δV
    Covariance: SymmetricMatrix3
    /// δ ln w
    LogWeight: float
}

/// How a pair's Gaussian (`Projection.pairGaussian`) changes when its neighbour moves, turns or swells. With T = σ²B, c = T r and
/// ln w = ½ ln det T − r·T r/2σ² + ln W(|r|) (monomials: T = 1, no exponent):
///
///     moving by e:          δc = T e            δV = 0                  δ ln w = −c·e/σ² + (ln W)′ r̂·e
///     turning about e:      δc = δT r           δV = [e]V − V[e]        δ ln w = −r·δT r/2σ²           δT = [e]T − T[e]
///     semi-axis a along u:  δc = −2a s²/σ² (u·r) u    δV = 2a s² u uᵀ   δ ln w = −a s/σ² + a s²/σ⁴ (u·r)²     s = σ²/(a² + σ²)
///
/// [e] is the matrix of e ×. (Monomials: δV = 2a u uᵀ alone in the last line.) From J. Chem. Phys. 161, 074112, eqs. of the Gaussian's B, by the product rule.
module internal GaussianChange =
    let private axes = [| Vector3.create 1.0 0.0 0.0; Vector3.create 0.0 1.0 0.0; Vector3.create 0.0 0.0 1.0 |]

    let private zero = SymmetricMatrix3.ofRotatedDiagonal Matrix3.identity Vector3.zero

    /// [e]M − M[e]: how a symmetric matrix changes when it is turned about e.
    let private turned (e: Vector3) (m: SymmetricMatrix3) : SymmetricMatrix3 =
        // Columns of [e]M are e × (columns of M); −M[e] is its transpose.
        let x = Vector3.cross e (Vector3.create m.XX m.XY m.XZ)
        let y = Vector3.cross e (Vector3.create m.XY m.YY m.YZ)
        let z = Vector3.cross e (Vector3.create m.XZ m.YZ m.ZZ)

        {
            XX = 2.0 * x.X
            XY = x.Y + y.X
            XZ = x.Z + z.X
            YY = 2.0 * y.Y
            YZ = y.Z + z.Y
            ZZ = 2.0 * z.Z
        }

    /// The gradient of ln w with respect to r.
    let internal logWeightSlope (hypers: Hypers) (mean: Vector3) (r: Vector3) =
        let distance = Vector3.norm r
        let pull = -(PairGaussian.exponentScale hypers) * mean

        if distance = 0.0 then
            pull
        else
            pull + PairGaussian.neighborWeightSlope hypers distance / distance * r

    /// Moving the neighbour along x, y, z of the lab.
    let internal displacementOf (hypers: Hypers) (neighbor: Ellipsoid) (r: Vector3) : GaussianChange[] =
        let struct (toMean, _, _) = PairGaussian.particleGaussian hypers neighbor
        let slope = logWeightSlope hypers (SymmetricMatrix3.times toMean r) r

        axes
        |> Array.map (fun e -> {
            Mean = SymmetricMatrix3.times toMean e
            Covariance = zero
            LogWeight = Vector3.dot slope e
        })

    /// Turning the neighbour about x, y, z of the lab through its own centre.
    let internal rotationOf (hypers: Hypers) (neighbor: Ellipsoid) (r: Vector3) : GaussianChange[] =
        let struct (toMean, covariance, _) = PairGaussian.particleGaussian hypers neighbor

        axes
        |> Array.map (fun e ->
            let mean = SymmetricMatrix3.times (turned e toMean) r

            {
                Mean = mean
                Covariance = turned e covariance
                LogWeight = -0.5 * PairGaussian.exponentScale hypers * Vector3.dot r mean
            })

    /// Lengthening the neighbour's semi-axes, one after another.
    let internal semiAxesOf (hypers: Hypers) (neighbor: Ellipsoid) (r: Vector3) : GaussianChange[] =
        let body = Matrix3.transpose (Quaternion.toMatrix neighbor.Orientation)
        let scale = PairGaussian.exponentScale hypers
        let a = neighbor.SemiAxes

        [| struct (body.Row1, a.X); struct (body.Row2, a.Y); struct (body.Row3, a.Z) |]
        |> Array.map (fun struct (u, a) ->
            let s = PairGaussian.shrink hypers a
            let along = Vector3.dot u r

            {
                Mean = -2.0 * a * s * s * scale * along * u
                Covariance = SymmetricMatrix3.scaledSquare (2.0 * a * s * s) u
                LogWeight = scale * a * s * (scale * s * along * along - 1.0)
            })

    /// Moving the neighbour along x, y, z of the lab.
    let displacement (projection: Projection) (neighbor: Ellipsoid) (r: Vector3) : GaussianChange[] =
        displacementOf projection.Hypers neighbor r

    /// Turning the neighbour about x, y, z of the lab through its own centre.
    let rotation (projection: Projection) (neighbor: Ellipsoid) (r: Vector3) : GaussianChange[] =
        rotationOf projection.Hypers neighbor r

    /// Lengthening the neighbour's semi-axes, one after another.
    let semiAxes (projection: Projection) (neighbor: Ellipsoid) (r: Vector3) : GaussianChange[] =
        semiAxesOf projection.Hypers neighbor r
