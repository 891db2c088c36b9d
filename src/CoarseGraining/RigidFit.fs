namespace AniSoap

#nowarn "9" // Small matrices stand on the stack.

open Microsoft.FSharp.NativeInterop

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

    let inline private at (m: nativeptr<float>) row column = NativePtr.get m (4 * row + column)

    /// The determinant of the rows and columns of a 4 × 4 matrix that are left without row i and column j.
    let private minor (m: nativeptr<float>) i j =
        let r0 = if i = 0 then 1 else 0
        let r1 = if i <= 1 then 2 else 1
        let r2 = if i <= 2 then 3 else 2
        let c0 = if j = 0 then 1 else 0
        let c1 = if j <= 1 then 2 else 1
        let c2 = if j <= 2 then 3 else 2

        at m r0 c0 * (at m r1 c1 * at m r2 c2 - at m r1 c2 * at m r2 c1)
        - at m r0 c1 * (at m r1 c0 * at m r2 c2 - at m r1 c2 * at m r2 c0)
        + at m r0 c2 * (at m r1 c0 * at m r2 c1 - at m r1 c1 * at m r2 c0)

    /// The eigenvector of an eigenvalue that stands alone: a row of cofactors of M − λ. False where none is large enough.
    let private tryVector (m: nativeptr<float>) (shifted: nativeptr<float>) lambda (v: nativeptr<float>) =
        for i in 0..15 do
            NativePtr.set shifted i (NativePtr.get m i)

        for i in 0..3 do
            NativePtr.set shifted (5 * i) (NativePtr.get m (5 * i) - lambda)

        let mutable row = 0
        let mutable most = 0.0

        for i in 0..3 do
            let size = abs (minor shifted i i)

            if size > most then
                most <- size
                row <- i

        let mutable norm = 0.0

        for j in 0..3 do
            let sign = if (row + j) % 2 = 0 then 1.0 else -1.0
            let value = sign * minor shifted row j
            NativePtr.set v j value
            norm <- norm + value * value

        norm <- sqrt norm

        for j in 0..3 do
            NativePtr.set v j (NativePtr.get v j / norm)

        most > 1e-6 * abs lambda * abs lambda * abs lambda

    /// The quotient vᵀ M v of a unit vector.
    let private quotient (m: nativeptr<float>) (v: nativeptr<float>) =
        let mutable sum = 0.0

        for i in 0..3 do
            for j in 0..3 do
                sum <- sum + NativePtr.get v i * at m i j * NativePtr.get v j

        sum

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

        let a, b, c = yz - zy, zx - xz, xy - yx
        let d, e, f = xy + yx, zx + xz, yz + zy

        let m = NativePtr.stackalloc<float> 16
        let p, q, r, s = xx + yy + zz, xx - yy - zz, yy - xx - zz, zz - xx - yy

        let inline row index w x y z =
            NativePtr.set m (4 * index) w
            NativePtr.set m (4 * index + 1) x
            NativePtr.set m (4 * index + 2) y
            NativePtr.set m (4 * index + 3) z

        row 0 p a b c
        row 1 a q d e
        row 2 b d r f
        row 3 c e f s

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

        let c0 = p * minor m 0 0 - a * minor m 0 1 + b * minor m 0 2 - c * minor m 0 3
        // No sum of three singular values is larger than √3 times the root of the sum of their squares.
        let start = largestRoot (-2.0 * squares) (-8.0 * determinant) c0 (sqrt (3.0 * squares))
        let shifted = NativePtr.stackalloc<float> 16
        let v = NativePtr.stackalloc<float> 4

        // The quotient's error is the square of the vector's: a second vector has all digits.
        if tryVector m shifted start v && tryVector m shifted (quotient m v) v then
            let sign = if NativePtr.get v 0 < 0.0 then -1.0 else 1.0
            let component' index = sign * NativePtr.get v index
            Quaternion.create (component' 0) (component' 1) (component' 2) (component' 3)
        else
            largestOf (Array.init 16 (fun index -> NativePtr.get m index))

    /// Σ |R p − q|² of all points, each counted alike, and Σ w |R p − q|².
    let deviations (weights: float[]) (rotation: Matrix3) (from: Vector3[]) (onto: Vector3[]) =
        let mutable each, weighted = 0.0, 0.0

        for i in 0 .. from.Length - 1 do
            let squared = Vector3.squaredNorm (rotation * from[i] - onto[i])
            each <- each + squared
            weighted <- weighted + weights[i] * squared

        struct (each, weighted)
