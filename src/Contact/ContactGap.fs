namespace AniSoap

open AniSoap.Numerics

/// How far the surfaces of two ellipsoids are apart, in closed form, and what that distance changes by.
[<Struct; NoComparison>]
type ContactGap = {
    /// h, in the length unit of the input: below zero where they overlap.
    Gap: float
    /// ∂h/∂r: the second moves away along x, y, z of the lab.
    ByPosition: Vector3
    /// ∂h/∂ω of the first: it turns about x, y, z of the lab through its own centre, in radians.
    ByFirstRotation: Vector3
    /// ∂h/∂ω of the second.
    BySecondRotation: Vector3
    /// ∂h/∂a of the first's semi-axes, along its body's x, y, z.
    ByFirstSemiAxes: Vector3
    /// ∂h/∂a of the second's.
    BySecondSemiAxes: Vector3
}

/// The contact gap of Gay and Berne of two squared shapes A, B = R diag(a²) Rᵀ, the second at r from the first:
///
///     u = r·(A + B)⁻¹ r,   h = |r| (1 − s) with s = √(2/u)
///     ∂h/∂r = (1 − s) r/|r| + (|r| s/u) x,   x = (A + B)⁻¹ r
///     ∂h/∂ω_B = −(|r| s/u) (B x) × x,        ∂h/∂ω_A = −∂h/∂ω_B − r × ∂h/∂r
///     ∂h/∂a = −(|r| s/u) a (x·e)² of a semi-axis a along e of either
///
/// (J. G. Gay, B. J. Berne, J. Chem. Phys. 74 (1981) 3316: |r| s is their σ. The last line holds since turning everything changes nothing.) 1/s² is the Perram–Wertheim
/// function at λ = ½ and not at its maximum (see `Contact.factor`), so that h is never more than the gap along r at which the ellipsoids touch, and is it for
/// equal spheres.
module internal ContactGapKernel =
    let ofShapes (a: SymmetricMatrix3) (b: SymmetricMatrix3) (r: Vector3) : ContactGap =
        FullOptimization.ask ()
        let xx, yy, zz = a.XX + b.XX, a.YY + b.YY, a.ZZ + b.ZZ
        let xy, xz, yz = a.XY + b.XY, a.XZ + b.XZ, a.YZ + b.YZ
        let cxx, cyy, czz = yy * zz - yz * yz, xx * zz - xz * xz, xx * yy - xy * xy
        let cxy, cxz, cyz = xz * yz - xy * zz, xy * yz - xz * yy, xy * xz - xx * yz
        let scale = 1.0 / (xx * cxx + xy * cxy + xz * cxz)
        let distance = Vector3.norm r

        if distance * distance <= 1e-18 * (xx + yy + zz) then
            // No direction but that of rounding: the mean of u over all.
            {
                Gap = -sqrt(6.0 / (scale * (cxx + cyy + czz)))
                ByPosition = Vector3.zero
                ByFirstRotation = Vector3.zero
                BySecondRotation = Vector3.zero
                ByFirstSemiAxes = Vector3.zero
                BySecondSemiAxes = Vector3.zero
            }
        else
            let x =
                scale
                * Vector3.create
                    (cxx * r.X + cxy * r.Y + cxz * r.Z)
                    (cxy * r.X + cyy * r.Y + cyz * r.Z)
                    (cxz * r.X + cyz * r.Y + czz * r.Z)

            let u = Vector3.dot r x
            let s = sqrt (2.0 / u)
            let slope = distance * s / u
            let byPosition = (1.0 - s) / distance * r + slope * x
            let bySecond = -slope * Vector3.cross (SymmetricMatrix3.times b x) x

            {
                Gap = distance * (1.0 - s)
                ByPosition = byPosition
                ByFirstRotation = -bySecond - Vector3.cross r byPosition
                BySecondRotation = bySecond
                ByFirstSemiAxes = Vector3.zero
                BySecondSemiAxes = Vector3.zero
            }

    /// ∂h/∂(A + B) of the sum of both shapes, as the symmetric matrix Z of ∂h = Σ Z_ij ∂(A + B)_ij: −(|r| s/2u) x xᵀ; without a direction, where h = −√(6/tr M) with
    /// M = (A + B)⁻¹, −√(3/2) (tr M)^(−3/2) M².
    let byShape (a: SymmetricMatrix3) (b: SymmetricMatrix3) (r: Vector3) : Vector3 -> float =
        let sum =
            Matrix3.ofRows
                (Vector3.create (a.XX + b.XX) (a.XY + b.XY) (a.XZ + b.XZ))
                (Vector3.create (a.XY + b.XY) (a.YY + b.YY) (a.YZ + b.YZ))
                (Vector3.create (a.XZ + b.XZ) (a.YZ + b.YZ) (a.ZZ + b.ZZ))

        let m = Matrix3.inverse sum
        let distance = Vector3.norm r

        if distance * distance <= 1e-18 * (sum.Row1.X + sum.Row2.Y + sum.Row3.Z) then
            let trace = m.Row1.X + m.Row2.Y + m.Row3.Z
            let scale = sqrt 1.5 / (trace * sqrt trace)
            fun e -> (let along = m * e in -scale * Vector3.dot along along)
        else
            let x = m * r
            let u = Vector3.dot r x
            let scale = distance * sqrt (2.0 / u) / (2.0 * u)
            fun e -> (let along = Vector3.dot x e in -scale * along * along)

/// The contact gap of ellipsoids.
module ContactGap =
    let private squaredShape (particle: Ellipsoid) =
        let a = particle.SemiAxes

        SymmetricMatrix3.ofRotatedDiagonal
            (Quaternion.toMatrix particle.Orientation)
            (Vector3.create (a.X * a.X) (a.Y * a.Y) (a.Z * a.Z))

    /// The contact gap of Gay and Berne, h = |r| − |r| √(2/u) with u = r·(A + B)⁻¹ r and A, B the squared shapes R diag(a²) Rᵀ, when the second stands at
    /// `displacement` from the first: |r| less the sum of the radii for equal spheres, close to the distance of the surfaces along r else. Positions of the
    /// particles do not matter. At no displacement
    /// at all it is that of the mean u over all directions, and derivatives by positions and orientations are zero.
    let ofPair (first: Ellipsoid) (second: Ellipsoid) (displacement: Vector3) : ContactGap =
        let a, b = squaredShape first, squaredShape second
        let byShape = ContactGapKernel.byShape a b displacement

        // A squared shape grows by 2a e eᵀ.
        let bySemiAxes (particle: Ellipsoid) =
            let body = Matrix3.transpose (Quaternion.toMatrix particle.Orientation)
            let axes = particle.SemiAxes

            2.0
            * Vector3.create (axes.X * byShape body.Row1) (axes.Y * byShape body.Row2) (axes.Z * byShape body.Row3)

        {
            ContactGapKernel.ofShapes a b displacement with
                ByFirstSemiAxes = bySemiAxes first
                BySecondSemiAxes = bySemiAxes second
        }
