namespace AniSoap

/// The rotation that lays one set of points onto another best, and how far they stay apart.
module internal RigidFit =
    /// The unit quaternion of the largest eigenvalue of a symmetric 4 × 4 matrix, by Jacobi's rotations.
    let private largestOf (a: float[]) =
        let v = Array.zeroCreate<float> 16

        for i in 0..3 do
            v[5 * i] <- 1.0

        let mutable scale = 0.0

        for x in a do
            scale <- scale + abs x

        let offDiagonal () = abs a[1] + abs a[2] + abs a[3] + abs a[6] + abs a[7] + abs a[11]
        let mutable sweeps = 0

        while offDiagonal () > 1e-18 * scale && sweeps < 50 do
            sweeps <- sweeps + 1

            for p in 0..2 do
                for q in p + 1 .. 3 do
                    let apq = a[4 * p + q]

                    if apq <> 0.0 then
                        let theta = (a[5 * q] - a[5 * p]) / (2.0 * apq)
                        let size = 1.0 / (abs theta + sqrt (theta * theta + 1.0))
                        let t = if theta < 0.0 then -size else size
                        let c = 1.0 / sqrt (t * t + 1.0)
                        let s = t * c

                        for k in 0..3 do
                            let kp, kq = a[4 * k + p], a[4 * k + q]
                            a[4 * k + p] <- c * kp - s * kq
                            a[4 * k + q] <- s * kp + c * kq

                        for k in 0..3 do
                            let pk, qk = a[4 * p + k], a[4 * q + k]
                            a[4 * p + k] <- c * pk - s * qk
                            a[4 * q + k] <- s * pk + c * qk

                        for k in 0..3 do
                            let kp, kq = v[4 * k + p], v[4 * k + q]
                            v[4 * k + p] <- c * kp - s * kq
                            v[4 * k + q] <- s * kp + c * kq

        let mutable best = 0

        for i in 1..3 do
            if a[5 * i] > a[5 * best] then
                best <- i

        let w, x, y, z = v[best], v[4 + best], v[8 + best], v[12 + best]
        let norm = sqrt (w * w + x * x + y * y + z * z)
        let sign = if w < 0.0 then -1.0 else 1.0
        Quaternion.create (sign * w / norm) (sign * x / norm) (sign * y / norm) (sign * z / norm)

    /// A symmetric 4 × 4 matrix without a trace, by its rows from the diagonal on.
    [<Struct; NoEquality; NoComparison>]
    type private Symmetric4 = {
        M00: float
        M01: float
        M02: float
        M03: float
        M11: float
        M12: float
        M13: float
        M22: float
        M23: float
        M33: float
    }

    /// The determinants of two rows, by their columns.
    [<Struct; NoEquality; NoComparison>]
    type private Pairs = { D01: float; D02: float; D03: float; D12: float; D13: float; D23: float }

    let inline private pairs p0 p1 p2 p3 q0 q1 q2 q3 : Pairs = {
        D01 = p0 * q1 - p1 * q0
        D02 = p0 * q2 - p2 * q0
        D03 = p0 * q3 - p3 * q0
        D12 = p1 * q2 - p2 * q1
        D13 = p1 * q3 - p3 * q1
        D23 = p2 * q3 - p3 * q2
    }

    /// A determinant of three rows by its first one.
    let inline private along (a: float) b c bc ac ab = a * bc - b * ac + c * ab

    /// The four minors of a row, of which the others are the first three rows: a first one, and the pairs of the two below it.
    let inline private minors (a0: float) a1 a2 a3 (d: Pairs) : Quaternion = {
        W = along a1 a2 a3 d.D23 d.D13 d.D12
        X = along a0 a2 a3 d.D23 d.D03 d.D02
        Y = along a0 a1 a3 d.D13 d.D03 d.D01
        Z = along a0 a1 a2 d.D12 d.D02 d.D01
    }

    /// The minors of the first row: what is left without it and without each column.
    let inline private minorsOfFirst (m: Symmetric4) =
        minors m.M01 m.M11 m.M12 m.M13 (pairs m.M02 m.M12 m.M22 m.M23 m.M03 m.M13 m.M23 m.M33)

    /// The eigenvector of an eigenvalue that stands alone: a row of cofactors of M − λ, that of the largest on the diagonal. False where none is large enough.
    let private tryVector (m: Symmetric4) lambda (v: byref<Quaternion>) =
        let a, b, c, d = m.M00 - lambda, m.M11 - lambda, m.M22 - lambda, m.M33 - lambda
        // Rows 2 3, 1 3 and 1 2: with row 0 or 1, 0 and 0 they are what is left without the row whose cofactors are looked at.
        let of23 = pairs m.M02 m.M12 c m.M23 m.M03 m.M13 m.M23 d
        let of13 = pairs m.M01 b m.M12 m.M13 m.M03 m.M13 m.M23 d
        let of12 = pairs m.M01 b m.M12 m.M13 m.M02 m.M12 c m.M23
        let size0 = abs (along b m.M12 m.M13 of23.D23 of23.D13 of23.D12)
        let size1 = abs (along a m.M02 m.M03 of23.D23 of23.D03 of23.D02)
        let size2 = abs (along a m.M01 m.M03 of13.D13 of13.D03 of13.D01)
        let size3 = abs (along a m.M01 m.M02 of12.D12 of12.D02 of12.D01)
        let mutable row = 0
        let mutable most = 0.0

        if size0 > most then
            most <- size0

        if size1 > most then
            most <- size1
            row <- 1

        if size2 > most then
            most <- size2
            row <- 2

        if size3 > most then
            most <- size3
            row <- 3

        let own =
            match row with
            | 0 -> minors m.M01 b m.M12 m.M13 of23
            | 1 -> minors a m.M01 m.M02 m.M03 of23
            | 2 -> minors a m.M01 m.M02 m.M03 of13
            | _ -> minors a m.M01 m.M02 m.M03 of12

        // Signs alternate along the row and from row to row.
        let even = if row % 2 = 0 then 1.0 else -1.0
        let w, x, y, z = even * own.W, -even * own.X, even * own.Y, -even * own.Z
        let norm = sqrt (w * w + x * x + y * y + z * z)
        v <- Quaternion.create (w / norm) (x / norm) (y / norm) (z / norm)
        most > 1e-6 * abs lambda * abs lambda * abs lambda

    /// The quotient vᵀ M v of a unit vector.
    let private quotient (m: Symmetric4) (v: Quaternion) =
        let w, x, y, z = v.W, v.X, v.Y, v.Z

        w * m.M00 * w
        + w * m.M01 * x
        + w * m.M02 * y
        + w * m.M03 * z
        + x * m.M01 * w
        + x * m.M11 * x
        + x * m.M12 * y
        + x * m.M13 * z
        + y * m.M02 * w
        + y * m.M12 * x
        + y * m.M22 * y
        + y * m.M23 * z
        + z * m.M03 * w
        + z * m.M13 * x
        + z * m.M23 * y
        + z * m.M33 * z

    /// The largest root of the characteristic polynomial λ⁴ + c₂ λ² + c₁ λ + c₀ by Newton's steps from above
    /// (Theobald, Acta Cryst. A 61 (2005) 478).
    let private largestRoot c2 c1 c0 above =
        let mutable x = above
        let mutable before = infinity
        let mutable steps = 0

        while steps < 50 && abs (x - before) > 1e-12 * abs x do
            before <- x
            let square = x * x
            let b = (square + c2) * x
            let a = b + c1
            x <- x - (a * x + c0) / (2.0 * square * x + b + a)
            steps <- steps + 1

        x

    /// The rotation that turns `from` onto `onto`, both about their centres, weighted (Horn's quaternion).
    let rotation (weights: float[]) (from: Vector3[]) (onto: Vector3[]) : Quaternion =
        let mutable xx, xy, xz, yx, yy, yz, zx, zy, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0

        for i in 0 .. weights.Length - 1 do
            let w, p, q = weights[i], from[i], onto[i]
            xx <- xx + w * p.X * q.X
            xy <- xy + w * p.X * q.Y
            xz <- xz + w * p.X * q.Z
            yx <- yx + w * p.Y * q.X
            yy <- yy + w * p.Y * q.Y
            yz <- yz + w * p.Y * q.Z
            zx <- zx + w * p.Z * q.X
            zy <- zy + w * p.Z * q.Y
            zz <- zz + w * p.Z * q.Z

        // One by one: of sums that change a tuple is an object.
        let a = yz - zy
        let b = zx - xz
        let c = xy - yx
        let d = xy + yx
        let e = zx + xz
        let f = yz + zy

        let p = xx + yy + zz
        let q = xx - yy - zz
        let r = yy - xx - zz
        let s = zz - xx - yy

        let m = {
            M00 = p
            M01 = a
            M02 = b
            M03 = c
            M11 = q
            M12 = d
            M13 = e
            M22 = r
            M23 = f
            M33 = s
        }

        let squares =
            xx * xx
            + xy * xy
            + xz * xz
            + yx * yx
            + yy * yy
            + yz * yz
            + zx * zx
            + zy * zy
            + zz * zz

        let determinant = xx * (yy * zz - yz * zy) - xy * (yx * zz - yz * zx) + xz * (yx * zy - yy * zx)

        let first = minorsOfFirst m
        let c0 = p * first.W - a * first.X + b * first.Y - c * first.Z
        // No sum of three singular values is larger than √3 times the root of the sum of their squares.
        let start = largestRoot (-2.0 * squares) (-8.0 * determinant) c0 (sqrt (3.0 * squares))
        let mutable v = Quaternion.identity

        // The quotient's error is the square of the vector's: a second vector has all digits.
        if tryVector m start &v && tryVector m (quotient m v) &v then
            let sign = if v.W < 0.0 then -1.0 else 1.0
            Quaternion.create (sign * v.W) (sign * v.X) (sign * v.Y) (sign * v.Z)
        else
            largestOf [| p; a; b; c; a; q; d; e; b; d; r; f; c; e; f; s |]

    /// Σ |R p − q|² of all points, each counted alike, and Σ w |R p − q|².
    let deviations (weights: float[]) (rotation: Matrix3) (from: Vector3[]) (onto: Vector3[]) =
        let mutable each, weighted = 0.0, 0.0

        for i in 0 .. from.Length - 1 do
            let squared = Vector3.squaredNorm (rotation * from[i] - onto[i])
            each <- each + squared
            weighted <- weighted + weights[i] * squared

        struct (each, weighted)
