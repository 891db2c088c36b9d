namespace AniSoap

/// The moments w E[x^a y^b z^c] of a Gaussian up to a degree.
[<Sealed>]
type internal Moments internal (degree: int, scaled: float[]) =
    static let factorial n = Seq.fold (fun value i -> value * float i) 1.0 (seq { 1..n })

    // Shell after shell of equal degree, a outermost, then b.
    static member internal Index(a: int, b: int, c: int) =
        let d = a + b + c
        d * (d + 1) * (d + 2) / 6 + a * (d + 1) - a * (a - 1) / 2 + b

    /// The largest a + b + c.
    member _.Degree = degree

    /// w E[x^a y^b z^c] for a + b + c up to the degree.
    member moments.Item
        with get (a: int, b: int, c: int) = moments.Scaled(a, b, c) * factorial a * factorial b * factorial c

    /// w E[x^a y^b z^c] / (a! b! c!), as the recursion computes it.
    member _.Scaled(a: int, b: int, c: int) = scaled[Moments.Index(a, b, c)]

/// Moments of Gaussians.
module internal Moments =
    /// The moments of w · Normal(c, V) by the recursion of scaled moments m_{abc} = w E[x^a y^b z^c]/(a! b! c!),
    ///
    ///     (a+1) m_{a+1,b,c} = c_x m_{abc} + V_xx m_{a−1,b,c} + V_xy m_{a,b−1,c} + V_xz m_{a,b,c−1}
    ///
    /// and the same along y where a = 0, along z where a = b = 0 (J. Chem. Phys. 161, 074112).
    let ofGaussian (degree: int) (gaussian: PairGaussian) : Moments =
        let scaled = Array.zeroCreate<float>((degree + 1) * (degree + 2) * (degree + 3) / 6)
        let v = gaussian.Covariance
        let mean = gaussian.Mean
        scaled[0] <- gaussian.Weight

        let at a b c =
            if a < 0 || b < 0 || c < 0 then
                0.0
            else
                scaled[Moments.Index(a, b, c)]

        for d in 1..degree do
            for a in 0..d do
                for b in 0 .. d - a do
                    let c = d - a - b

                    scaled[Moments.Index(a, b, c)] <-
                        if a > 0 then
                            (mean.X * at (a - 1) b c
                             + v.XX * at (a - 2) b c
                             + v.XY * at (a - 1) (b - 1) c
                             + v.XZ * at (a - 1) b (c - 1))
                            / float a
                        elif b > 0 then
                            (mean.Y * at a (b - 1) c + v.YY * at a (b - 2) c + v.YZ * at a (b - 1) (c - 1))
                            / float b
                        else
                            (mean.Z * at a b (c - 1) + v.ZZ * at a b (c - 2)) / float c

        Moments(degree, scaled)

    /// The first-order change of the moments when the Gaussian changes by `change`:
    ///
    ///     δm_{abc} = δ(ln w) m_{abc} + Σ_k δc_k m_{abc − e_k} + ½ Σ_kl δV_kl m_{abc − e_k − e_l}
    ///
    /// since ∂E[f]/∂c_k = E[∂_k f], ∂E[f]/∂V_kl = ½ E[∂_k ∂_l f], and the derivative of a scaled power is the next lower one.
    let change (change: GaussianChange) (moments: Moments) : Moments =
        let degree = moments.Degree
        let changed = Array.zeroCreate<float>((degree + 1) * (degree + 2) * (degree + 3) / 6)
        let c, v = change.Mean, change.Covariance

        let at a b c =
            if a < 0 || b < 0 || c < 0 then
                0.0
            else
                moments.Scaled(a, b, c)

        for x in 0..degree do
            for y in 0 .. degree - x do
                for z in 0 .. degree - x - y do
                    changed[Moments.Index(x, y, z)] <-
                        change.LogWeight * at x y z
                        + c.X * at (x - 1) y z
                        + c.Y * at x (y - 1) z
                        + c.Z * at x y (z - 1)
                        + 0.5 * (v.XX * at (x - 2) y z + v.YY * at x (y - 2) z + v.ZZ * at x y (z - 2))
                        + v.XY * at (x - 1) (y - 1) z
                        + v.XZ * at (x - 1) y (z - 1)
                        + v.YZ * at x (y - 1) (z - 1)

        Moments(degree, changed)
