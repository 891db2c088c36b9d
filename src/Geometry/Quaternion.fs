namespace AniSoap

/// A quaternion w + xi + yj + zk. Unit quaternions turn body coordinates into lab coordinates.
[<Struct>]
type Quaternion = {
    /// The scalar part: cos(θ/2) of a turn by θ.
    W: float
    /// The i part: sin(θ/2) times the axis' x.
    X: float
    /// The j part: sin(θ/2) times the axis' y.
    Y: float
    /// The k part: sin(θ/2) times the axis' z.
    Z: float
} with

    /// Hamilton product: (p * q) turns by q first, then by p.
    static member (*)(p: Quaternion, q: Quaternion) : Quaternion = {
        W = p.W * q.W - p.X * q.X - p.Y * q.Y - p.Z * q.Z
        X = p.W * q.X + p.X * q.W + p.Y * q.Z - p.Z * q.Y
        Y = p.W * q.Y - p.X * q.Z + p.Y * q.W + p.Z * q.X
        Z = p.W * q.Z + p.X * q.Y - p.Y * q.X + p.Z * q.W
    }

    /// The four numbers, scalar first, in the same form whatever the reader's culture.
    override q.ToString() =
        System.String.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            "({0}, {1}, {2}, {3})",
            q.W,
            q.X,
            q.Y,
            q.Z
        )

/// Quaternions and the rotations that they stand for.
module Quaternion =
    open System

    /// A quaternion by its components, scalar first; it is not normalised.
    let create w x y z : Quaternion = { W = w; X = x; Y = y; Z = z }
    /// No turn at all.
    let identity = create 1.0 0.0 0.0 0.0

    /// The largest component in size: dividing by it first keeps the norm from over- and underflowing.
    let private largest (q: Quaternion) = max (max (abs q.W) (abs q.X)) (max (abs q.Y) (abs q.Z))

    /// How far the squared norm of a quaternion that was normalised may be from 1: the rounding of its components and of
    /// the squares.
    let private unitTolerance = 2e-15

    /// The unit quaternion of the same rotation; one of norm 1 within rounding stays as it is, to the last bit. Refuses
    /// the zero quaternion and components that are not finite.
    let tryNormalize (q: Quaternion) : Result<Quaternion, AniSoapError> =
        let scale = largest q
        // `max` propagates NaN, so one test covers all four components.
        if not (Double.IsFinite scale) || scale = 0.0 then
            Error(AniSoapError.invalid "quaternion" (q.ToString()) "four finite numbers w, x, y, z, not all zero")
        elif abs (q.W * q.W + q.X * q.X + q.Y * q.Y + q.Z * q.Z - 1.0) <= unitTolerance then
            Ok q
        else
            let w, x, y, z = q.W / scale, q.X / scale, q.Y / scale, q.Z / scale
            let norm = sqrt (w * w + x * x + y * y + z * z)
            Ok(create (w / norm) (x / norm) (y / norm) (z / norm))

    /// The rotation matrix (body to lab) of a unit quaternion.
    let toMatrix (q: Quaternion) =
        let w, x, y, z = q.W, q.X, q.Y, q.Z

        Matrix3.ofRows
            (Vector3.create (1.0 - 2.0 * (y * y + z * z)) (2.0 * (x * y - w * z)) (2.0 * (x * z + w * y)))
            (Vector3.create (2.0 * (x * y + w * z)) (1.0 - 2.0 * (x * x + z * z)) (2.0 * (y * z - w * x)))
            (Vector3.create (2.0 * (x * z - w * y)) (2.0 * (y * z + w * x)) (1.0 - 2.0 * (x * x + y * y)))

    /// How far R Rᵀ may be from the identity, element by element, for R still to be taken for a rotation
    /// written with few digits.
    [<Literal>]
    let RotationTolerance = 1e-4

    /// The unit quaternion of a rotation matrix (body to lab), by the largest of the four squared components
    /// so that no small one is divided by. Refuses what is not a rotation.
    let tryOfMatrix (m: Matrix3) : Result<Quaternion, AniSoapError> =
        let product = Matrix3.multiply m (Matrix3.transpose m)

        let deviation =
            [
                product.Row1 - Matrix3.identity.Row1
                product.Row2 - Matrix3.identity.Row2
                product.Row3 - Matrix3.identity.Row3
            ]
            |> List.map (fun v -> max (abs v.X) (max (abs v.Y) (abs v.Z)))
            |> List.reduce max

        if not (deviation <= RotationTolerance) || Matrix3.determinant m <= 0.0 then
            let text =
                (Vector3.show m.Row1)
                + ", "
                + (Vector3.show m.Row2)
                + ", "
                + (Vector3.show m.Row3)

            Error(
                AniSoapError.invalid
                    "rotation matrix"
                    text
                    "an orthogonal matrix of determinant +1, row by row, body to lab"
            )
        else
            let xx, yy, zz = m.Row1.X, m.Row2.Y, m.Row3.Z
            let trace = xx + yy + zz

            let q =
                if trace >= max xx (max yy zz) then
                    create (1.0 + trace) (m.Row3.Y - m.Row2.Z) (m.Row1.Z - m.Row3.X) (m.Row2.X - m.Row1.Y)
                elif xx >= yy && xx >= zz then
                    create (m.Row3.Y - m.Row2.Z) (1.0 + xx - yy - zz) (m.Row1.Y + m.Row2.X) (m.Row1.Z + m.Row3.X)
                elif yy >= zz then
                    create (m.Row1.Z - m.Row3.X) (m.Row1.Y + m.Row2.X) (1.0 - xx + yy - zz) (m.Row2.Z + m.Row3.Y)
                else
                    create (m.Row2.X - m.Row1.Y) (m.Row1.Z + m.Row3.X) (m.Row2.Z + m.Row3.Y) (1.0 - xx - yy + zz)

            tryNormalize q

    /// The turn by an angle (in radians, right-handed) about an axis of any length but zero.
    let ofAxisAngle (axis: Vector3) (angle: float) : Result<Quaternion, AniSoapError> =
        let s = sin (angle / 2.0) / Vector3.norm axis
        tryNormalize (create (cos (angle / 2.0)) (s * axis.X) (s * axis.Y) (s * axis.Z))

type Quaternion with

    /// No turn: the body's axes are those of the lab.
    static member Identity = Quaternion.identity
