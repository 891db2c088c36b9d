namespace AniSoap.Analysis

open System
open AniSoap

/// How near two ellipsoids are to touching, by their squared shapes.
module internal ContactFunction =
    // Golden sections: (0.618)^16 is 5e-4, and the value at a maximum is off by the square of that.
    [<Literal>]
    let private Steps = 16

    let private golden = (sqrt 5.0 - 1.0) / 2.0

    /// λ(1−λ) r·[(1−λ)A + λB]⁻¹ r, by the adjugate.
    let private value (a: SymmetricMatrix3) (b: SymmetricMatrix3) (r: Vector3) weight =
        let inline mix (ofA: float) (ofB: float) = (1.0 - weight) * ofA + weight * ofB
        let xx, yy, zz = mix a.XX b.XX, mix a.YY b.YY, mix a.ZZ b.ZZ
        let xy, xz, yz = mix a.XY b.XY, mix a.XZ b.XZ, mix a.YZ b.YZ
        let cxx, cyy, czz = yy * zz - yz * yz, xx * zz - xz * xz, xx * yy - xy * xy
        let cxy, cxz, cyz = xz * yz - xy * zz, xy * yz - xz * yy, xy * xz - xx * yz
        let determinant = xx * cxx + xy * cxy + xz * cxz

        let quadratic =
            r.X * r.X * cxx
            + r.Y * r.Y * cyy
            + r.Z * r.Z * czz
            + 2.0 * (r.X * r.Y * cxy + r.X * r.Z * cxz + r.Y * r.Z * cyz)

        weight * (1.0 - weight) * quadratic / determinant

    /// Whether both must grow at least by the factor to touch, where one look is enough to say so: the largest value over λ
    /// is no less than that in the middle.
    let isBeyond (a: SymmetricMatrix3) (b: SymmetricMatrix3) (r: Vector3) (factor: float) : bool =
        value a b r 0.5 >= factor * factor

    /// The factor of squared shapes R diag(a²) Rᵀ, see `Contact.factor`.
    let ofShapes (a: SymmetricMatrix3) (b: SymmetricMatrix3) (r: Vector3) =
        let mutable low = 0.0
        let mutable high = 1.0
        let mutable left = high - golden * (high - low)
        let mutable right = low + golden * (high - low)
        let mutable atLeft = value a b r left
        let mutable atRight = value a b r right

        for _ in 1..Steps do
            if atLeft < atRight then
                low <- left
                left <- right
                atLeft <- atRight
                right <- low + golden * (high - low)
                atRight <- value a b r right
            else
                high <- right
                right <- left
                atRight <- atLeft
                left <- high - golden * (high - low)
                atLeft <- value a b r left

        sqrt (max atLeft atRight)

    /// The squared shape R diag(a²) Rᵀ of semi-axes a turned by a unit quaternion.
    let shape (orientation: Quaternion) (a: Vector3) =
        SymmetricMatrix3.ofRotatedDiagonal
            (Quaternion.toMatrix orientation)
            (Vector3.create (a.X * a.X) (a.Y * a.Y) (a.Z * a.Z))

/// The particles of a frame made ready to ask many times how near two of them are to touching.
[<Sealed>]
type Contact(frame: Frame) =
    let shapes = [|
        for particle in frame.Particles -> ContactFunction.shape particle.Orientation particle.SemiAxes
    |]

    /// `Contact.factor` of two particles of the frame, the second (or an image of it) at `displacement` from the first.
    member _.Factor(first: int, second: int, displacement: Vector3) : float =
        ContactFunction.ofShapes shapes[first] shapes[second] displacement

    /// Whether both must grow at least by `factor` to touch, where one look is enough to say so. Costs a small part of finding it.
    member _.IsBeyond(factor: float, first: int, second: int, displacement: Vector3) : bool =
        ContactFunction.isBeyond shapes[first] shapes[second] displacement factor

/// How near two ellipsoids are to touching.
module Contact =
    /// The factor by which both ellipsoids must grow, each about its centre, to touch, when the second stands at `displacement` from the first: 1 for
    /// ellipsoids in contact, less for overlapping ones. Its square is the largest λ(1−λ) r·[(1−λ)A + λB]⁻¹ r over 0 ≤ λ ≤ 1 with A, B
    /// the squared shapes (J. W. Perram and M. S. Wertheim, J. Comput. Phys. 58 (1985) 409), a concave function of λ. Six digits.
    let factor (first: Ellipsoid) (second: Ellipsoid) (displacement: Vector3) : float =
        ContactFunction.ofShapes
            (ContactFunction.shape first.Orientation first.SemiAxes)
            (ContactFunction.shape second.Orientation second.SemiAxes)
            displacement
