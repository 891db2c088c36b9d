namespace AniSoap

/// Second moments of a molecule's atoms, and the axes and lengths that they give.
module internal BodyAxes =
    /// Σ w r rᵀ / Σ w of positions from the centre.
    let gyration (weights: float[]) (positions: Vector3[]) : SymmetricMatrix3 =
        let mutable xx, xy, xz, yy, yz, zz, total = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0

        for i in 0 .. weights.Length - 1 do
            let w, r = weights[i], positions[i]
            total <- total + w
            xx <- xx + w * r.X * r.X
            xy <- xy + w * r.X * r.Y
            xz <- xz + w * r.X * r.Z
            yy <- yy + w * r.Y * r.Y
            yz <- yz + w * r.Y * r.Z
            zz <- zz + w * r.Z * r.Z

        let s = 1.0 / total
        { XX = s * xx; XY = s * xy; XZ = s * xz; YY = s * yy; YZ = s * yz; ZZ = s * zz }

    /// The tensor of inertia M (tr G − G) of the gyration tensor by masses.
    let inertia mass (g: SymmetricMatrix3) : SymmetricMatrix3 = {
        XX = mass * (g.YY + g.ZZ)
        XY = -mass * g.XY
        XZ = -mass * g.XZ
        YY = mass * (g.XX + g.ZZ)
        YZ = -mass * g.YZ
        ZZ = mass * (g.XX + g.YY)
    }

    /// What rounding leaves of a zero, as a part of the largest eigenvalue.
    [<Literal>]
    let private Nothing = 1e-14

    /// Tangent, cosine and sine of the turn of at most 45 degrees that makes a_pq zero (Jacobi).
    let inline private turn (app: float) (aqq: float) (apq: float) : struct (float * float * float) =
        let theta = (aqq - app) / (2.0 * apq)
        let size = 1.0 / (abs theta + sqrt (theta * theta + 1.0))
        let t = if theta < 0.0 then -size else size
        let c = 1.0 / sqrt (t * t + 1.0)
        struct (t, c, t * c)

    /// The vector or its opposite: the component that is largest in size is positive (the first of equal ones).
    let private oriented (v: Vector3) =
        let leading =
            if abs v.Y > abs v.X * (1.0 + 1e-9) then
                if abs v.Z > abs v.Y * (1.0 + 1e-9) then v.Z else v.Y
            elif abs v.Z > abs v.X * (1.0 + 1e-9) then
                v.Z
            else
                v.X

        if leading < 0.0 then -v else v

    /// The eigenvalues, descending and none below zero, and the axes as the columns of a rotation.
    let principal (g: SymmetricMatrix3) : struct (Vector3 * Matrix3) =
        let mutable xx, yy, zz, xy, xz, yz = g.XX, g.YY, g.ZZ, g.XY, g.XZ, g.YZ
        let mutable u = Vector3.create 1.0 0.0 0.0
        let mutable v = Vector3.create 0.0 1.0 0.0
        let mutable w = Vector3.create 0.0 0.0 1.0
        let scale = abs xx + abs yy + abs zz + abs xy + abs xz + abs yz
        let mutable sweeps = 0

        while abs xy + abs xz + abs yz > 1e-18 * scale && sweeps < 50 do
            // No function of references: numbers whose places are asked for stand in memory instead of registers.
            if xy <> 0.0 then
                let struct (t, c, s) = turn xx yy xy
                let other = xz
                let first = u
                xx <- xx - t * xy
                yy <- yy + t * xy
                xy <- 0.0
                xz <- c * other - s * yz
                yz <- s * other + c * yz
                u <- c * first - s * v
                v <- s * first + c * v

            if xz <> 0.0 then
                let struct (t, c, s) = turn xx zz xz
                let other = xy
                let first = u
                xx <- xx - t * xz
                zz <- zz + t * xz
                xz <- 0.0
                xy <- c * other - s * yz
                yz <- s * other + c * yz
                u <- c * first - s * w
                w <- s * first + c * w

            if yz <> 0.0 then
                let struct (t, c, s) = turn yy zz yz
                let other = xy
                let first = v
                yy <- yy - t * yz
                zz <- zz + t * yz
                yz <- 0.0
                xy <- c * other - s * xz
                xz <- s * other + c * xz
                v <- c * first - s * w
                w <- s * first + c * w

            sweeps <- sweeps + 1

        // Three numbers are put in order by three exchanges.
        if xx < yy then
            let value = xx
            let vector = u
            xx <- yy
            u <- v
            yy <- value
            v <- vector

        if xx < zz then
            let value = xx
            let vector = u
            xx <- zz
            u <- w
            zz <- value
            w <- vector

        if yy < zz then
            let value = yy
            let vector = v
            yy <- zz
            v <- w
            zz <- value
            w <- vector

        let first, second = oriented u, oriented v
        let kept l = if l <= Nothing * xx then 0.0 else l
        let axes = Matrix3.transpose (Matrix3.ofRows first second (Vector3.cross first second))
        struct (Vector3.create (kept xx) (kept yy) (kept zz), axes)

    let private columns (m: Matrix3) =
        let t = Matrix3.transpose m
        struct (t.Row1, t.Row2, t.Row3)

    /// The diagonal of Rᵀ G R: the moments along given axes.
    let along (axes: Matrix3) (g: SymmetricMatrix3) =
        let struct (a, b, c) = columns axes
        let along axis = Vector3.dot axis (SymmetricMatrix3.times g axis)
        Vector3.create (along a) (along b) (along c)

    /// Moments without what rounding leaves of a zero: a rod has none about its line.
    let cleaned (moments: Vector3) =
        let largest = max moments.X (max moments.Y moments.Z)
        let kept x = if x <= Nothing * largest then 0.0 else x
        Vector3.create (kept moments.X) (kept moments.Y) (kept moments.Z)

    /// The same axes with the signs that lie nearest to those of `like`: of the four right-handed choices.
    let signed (like: Matrix3) (axes: Matrix3) =
        let struct (a, b, c) = columns axes
        let struct (p, q, r) = columns like
        let x, y, z = Vector3.dot a p, Vector3.dot b q, Vector3.dot c r
        let mutable most, sa, sb = x + y + z, 1.0, 1.0

        if x - y - z > most then
            most <- x - y - z
            sb <- -1.0

        if -x + y - z > most then
            most <- -x + y - z
            sa <- -1.0
            sb <- 1.0

        if -x - y + z > most then
            sa <- -1.0
            sb <- -1.0

        let a, b = sa * a, sb * b
        Matrix3.transpose (Matrix3.ofRows a b (Vector3.cross a b))

    /// The unit vector of `v` without its part along the unit vector `n`; `fallback` where nothing is left.
    let private across (n: Vector3) (fallback: Vector3) (v: Vector3) =
        let rest = v - Vector3.dot v n * n
        let length = Vector3.norm rest
        if length < 1e-6 then fallback else 1.0 / length * rest

    /// Axes of a body of revolution, whose single axis is the first (`isLong`) or the last: the two others, which mean
    /// nothing, as near to those of `like` as they can be.
    let revolved isLong (like: Matrix3) (axes: Matrix3) =
        let struct (a, b, c) = columns axes
        let struct (p, _, r) = columns like

        if isLong then
            let a = if Vector3.dot a p < 0.0 then -a else a
            let third = across a c r
            Matrix3.transpose (Matrix3.ofRows a (Vector3.cross third a) third)
        else
            let c = if Vector3.dot c r < 0.0 then -c else c
            let first = across c a p
            ignore b
            Matrix3.transpose (Matrix3.ofRows first (Vector3.cross c first) c)

    /// Descending lengths with the two nearest ones made equal (the root of their mean square), and whether the single
    /// one is the long one.
    let uniaxial (axes: Vector3) : struct (Vector3 * bool) =
        let mean a b = sqrt (0.5 * (a * a + b * b))

        if axes.X - axes.Y < axes.Y - axes.Z then
            let wide = mean axes.X axes.Y
            struct (Vector3.create wide wide axes.Z, false)
        else
            let thin = mean axes.Y axes.Z
            struct (Vector3.create axes.X thin thin, true)

    /// Half the molecule's length along each axis, its atoms taken as balls.
    let halfExtents (axes: Matrix3) (positions: Vector3[]) (radii: float[]) =
        let t = Matrix3.transpose axes
        let mutable low = Vector3.create infinity infinity infinity
        let mutable high = Vector3.create -infinity -infinity -infinity

        for i in 0 .. positions.Length - 1 do
            let p, r = t * positions[i], radii[i]
            low <- Vector3.create (min low.X (p.X - r)) (min low.Y (p.Y - r)) (min low.Z (p.Z - r))
            high <- Vector3.create (max high.X (p.X + r)) (max high.Y (p.Y + r)) (max high.Z (p.Z + r))

        0.5 * (high - low)

    /// The angular velocity of L = I ω, without a part along axes of no inertia.
    let angularVelocity (inertia: SymmetricMatrix3) (momentum: Vector3) =
        let found = SymmetricEigen.decompose inertia
        let struct (largest, _) = found[0]

        found
        |> Array.fold
            (fun sum (struct (value, axis)) ->
                if value <= 1e-12 * largest then
                    sum
                else
                    sum + Vector3.dot axis momentum / value * axis)
            Vector3.zero

    /// The rotation of axes that are orthonormal within rounding, by the largest of the four squared components.
    let quaternion (m: Matrix3) =
        let xx, yy, zz = m.Row1.X, m.Row2.Y, m.Row3.Z
        let trace = xx + yy + zz

        let q =
            if trace >= max xx (max yy zz) then
                Quaternion.create (1.0 + trace) (m.Row3.Y - m.Row2.Z) (m.Row1.Z - m.Row3.X) (m.Row2.X - m.Row1.Y)
            elif xx >= yy && xx >= zz then
                Quaternion.create (m.Row3.Y - m.Row2.Z) (1.0 + xx - yy - zz) (m.Row1.Y + m.Row2.X) (m.Row1.Z + m.Row3.X)
            elif yy >= zz then
                Quaternion.create (m.Row1.Z - m.Row3.X) (m.Row1.Y + m.Row2.X) (1.0 - xx + yy - zz) (m.Row2.Z + m.Row3.Y)
            else
                Quaternion.create (m.Row2.X - m.Row1.Y) (m.Row1.Z + m.Row3.X) (m.Row2.Z + m.Row3.Y) (1.0 - xx - yy + zz)

        let norm = sqrt (q.W * q.W + q.X * q.X + q.Y * q.Y + q.Z * q.Z)
        let s = (if q.W < 0.0 then -1.0 else 1.0) / norm
        Quaternion.create (s * q.W) (s * q.X) (s * q.Y) (s * q.Z)
