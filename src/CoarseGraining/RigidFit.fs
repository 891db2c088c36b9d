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

        let a, b, c = yz - zy, zx - xz, xy - yx
        let d, e, f = xy + yx, zx + xz, yz + zy

        largestOf [| xx + yy + zz; a; b; c; a; xx - yy - zz; d; e; b; d; yy - xx - zz; f; c; e; f; zz - xx - yy |]

    /// Σ |R p − q|² of all points, each counted alike.
    let deviation (rotation: Matrix3) (from: Vector3[]) (onto: Vector3[]) =
        let mutable sum = 0.0

        for i in 0 .. from.Length - 1 do
            sum <- sum + Vector3.squaredNorm (rotation * from[i] - onto[i])

        sum
