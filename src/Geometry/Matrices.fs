namespace AniSoap

/// A 3 × 3 matrix of doubles given by its rows.
[<Struct>]
type Matrix3 = {
    /// The first row.
    Row1: Vector3
    /// The second row.
    Row2: Vector3
    /// The third row.
    Row3: Vector3
} with

    /// The matrix times a column vector.
    static member inline (*)(m: Matrix3, v: Vector3) =
        Vector3.create (Vector3.dot m.Row1 v) (Vector3.dot m.Row2 v) (Vector3.dot m.Row3 v)

    /// s times a matrix.
    static member inline (*)(s: float, m: Matrix3) : Matrix3 = {
        Row1 = s * m.Row1
        Row2 = s * m.Row2
        Row3 = s * m.Row3
    }

    /// The three rows, in the same form whatever the reader's culture.
    override m.ToString() =
        System.String.Concat(
            System.String.Concat("(", m.Row1.ToString(), ", "),
            System.String.Concat(m.Row2.ToString(), ", "),
            System.String.Concat(m.Row3.ToString(), ")")
        )

/// 3 × 3 matrices.
module Matrix3 =
    /// A matrix by its rows.
    let ofRows a b c : Matrix3 = { Row1 = a; Row2 = b; Row3 = c }

    /// Ones on the diagonal.
    let identity =
        ofRows (Vector3.create 1.0 0.0 0.0) (Vector3.create 0.0 1.0 0.0) (Vector3.create 0.0 0.0 1.0)

    /// Rows made columns.
    let transpose (m: Matrix3) =
        ofRows
            (Vector3.create m.Row1.X m.Row2.X m.Row3.X)
            (Vector3.create m.Row1.Y m.Row2.Y m.Row3.Y)
            (Vector3.create m.Row1.Z m.Row2.Z m.Row3.Z)

    /// The product a b.
    let multiply (a: Matrix3) (b: Matrix3) =
        let columns = transpose b
        ofRows (columns * a.Row1) (columns * a.Row2) (columns * a.Row3)

    /// The determinant: the signed volume that the rows span.
    let determinant (m: Matrix3) = Vector3.dot m.Row1 (Vector3.cross m.Row2 m.Row3)

    /// Whether rows are cell vectors in restricted form, that of LAMMPS and HOOMD-blue: a along x, b in the xy plane with y > 0, c with z > 0.
    let isRestricted (m: Matrix3) =
        m.Row1.X > 0.0
        && m.Row1.Y = 0.0
        && m.Row1.Z = 0.0
        && m.Row2.Y > 0.0
        && m.Row2.Z = 0.0
        && m.Row3.Z > 0.0

    /// A power of two near the largest element of a row that is not zero.
    let private sizeOf (row: Vector3) =
        System.Math.ScaleB(1.0, System.Math.ILogB(max (abs row.X) (max (abs row.Y) (abs row.Z))))

    /// The inverse of a matrix whose determinant is not zero. Rows are brought to about one first (exactly, by powers of two), so that products of three
    /// lengths of any size stay within double precision.
    let internal inverse (m: Matrix3) =
        let a, b, c = sizeOf m.Row1, sizeOf m.Row2, sizeOf m.Row3
        let m = ofRows (1.0 / a * m.Row1) (1.0 / b * m.Row2) (1.0 / c * m.Row3)
        let scale = 1.0 / determinant m

        transpose (
            ofRows
                (1.0 / a * (scale * Vector3.cross m.Row2 m.Row3))
                (1.0 / b * (scale * Vector3.cross m.Row3 m.Row1))
                (1.0 / c * (scale * Vector3.cross m.Row1 m.Row2))
        )

/// A symmetric 3 × 3 matrix, as kernels take covariances and their inverses.
[<Struct>]
type internal SymmetricMatrix3 = {
    /// Row x, column x.
    XX: float
    /// Row x, column y, and row y, column x.
    XY: float
    /// Row x, column z, and row z, column x.
    XZ: float
    /// Row y, column y.
    YY: float
    /// Row y, column z, and row z, column y.
    YZ: float
    /// Row z, column z.
    ZZ: float
}

/// Symmetric 3 × 3 matrices.
module internal SymmetricMatrix3 =
    /// The matrix times a column vector.
    let inline times (m: SymmetricMatrix3) (v: Vector3) : Vector3 = {
        X = m.XX * v.X + m.XY * v.Y + m.XZ * v.Z
        Y = m.XY * v.X + m.YY * v.Y + m.YZ * v.Z
        Z = m.XZ * v.X + m.YZ * v.Y + m.ZZ * v.Z
    }

    /// All nine elements.
    let toMatrix (m: SymmetricMatrix3) : Matrix3 =
        Matrix3.ofRows (Vector3.create m.XX m.XY m.XZ) (Vector3.create m.XY m.YY m.YZ) (Vector3.create m.XZ m.YZ m.ZZ)

    /// The six of a matrix that is symmetric.
    let ofMatrix (m: Matrix3) : SymmetricMatrix3 = {
        XX = m.Row1.X
        XY = m.Row1.Y
        XZ = m.Row1.Z
        YY = m.Row2.Y
        YZ = m.Row2.Z
        ZZ = m.Row3.Z
    }

    /// R diag(d) Rᵀ for a rotation matrix R.
    let ofRotatedDiagonal (r: Matrix3) (d: Vector3) : SymmetricMatrix3 =
        let element (a: Vector3) (b: Vector3) = a.X * d.X * b.X + a.Y * d.Y * b.Y + a.Z * d.Z * b.Z

        {
            XX = element r.Row1 r.Row1
            XY = element r.Row1 r.Row2
            XZ = element r.Row1 r.Row3
            YY = element r.Row2 r.Row2
            YZ = element r.Row2 r.Row3
            ZZ = element r.Row3 r.Row3
        }

    /// s u uᵀ.
    let scaledSquare (s: float) (u: Vector3) : SymmetricMatrix3 = {
        XX = s * u.X * u.X
        XY = s * u.X * u.Y
        XZ = s * u.X * u.Z
        YY = s * u.Y * u.Y
        YZ = s * u.Y * u.Z
        ZZ = s * u.Z * u.Z
    }
