namespace AniSoap

/// The coefficients c_nlm of one density about one centre.
[<Sealed>]
type Coefficients internal (values: float[,][]) =
    /// The largest l.
    member _.MaxAngular = values.Length - 1

    /// Number of radial functions of angular momentum l.
    member _.RadialCount l = values[l].GetLength 1

    /// c_nlm: l from 0, m from −l to l, n from 0.
    member _.Item
        with get (l: int, m: int, n: int) = values[l][m + l, n]

/// The composed path from one pair to its coefficients: clear stages for one pair. `Expansion` does the same for whole frames, fused.
module Coefficients =
    let private factorial n = Seq.fold (fun value i -> value * float i) 1.0 (seq { 1..n })

    /// w E[r^{2n} x^a y^b z^c] by r^{2n} = Σ n!/(i! j! k!) x^{2i} y^{2j} z^{2k}.
    let private traced n (moments: Moments) a b c =
        Seq.sum (
            seq {
                for i in 0..n do
                    for j in 0 .. n - i do
                        let k = n - i - j
                        let count = factorial n / (factorial i * factorial j * factorial k)
                        count * moments[a + 2 * i, b + 2 * j, c + 2 * k]
            }
        )

    /// Radial projection: moments to the coefficients w E[r^{2n} · r^l Y_lm] of bare primitives.
    let internal ofMoments (projection: Projection) (moments: Moments) : Coefficients =
        let maxAngular = projection.Hypers.MaxAngular

        Coefficients(
            Array.init (maxAngular + 1) (fun l ->
                let values = Array2D.zeroCreate (2 * l + 1) (projection.RadialCount l)

                for n in 0 .. projection.RadialCount l - 1 do
                    // Each monomial's trace once, for all m.
                    let shell =
                        Array2D.init (l + 1) (l + 1) (fun a b ->
                            if a + b <= l then traced n moments a b (l - a - b) else 0.0)

                    for m in -l .. l do
                        for term in SolidHarmonics.polynomial l m do
                            values[m + l, n] <- values[m + l, n] + term.Coefficient * shell[term.A, term.B]

                values)
        )

    /// Σ_k c_klm s_lk (S_l^{−1/2})_{kn} t, with factors s of the primitives and t of all.
    let private mixed (projection: Projection) (scale: int -> int -> float) (all: float) (coefficients: Coefficients) =
        let radial = projection.RadialFunctions

        Coefficients(
            Array.init (coefficients.MaxAngular + 1) (fun l ->
                let count = coefficients.RadialCount l

                Array2D.init (2 * l + 1) count (fun row n ->
                    Seq.sum (
                        seq {
                            for k in 0 .. count - 1 do
                                coefficients[l, row - l, k] * scale l k * radial.InverseRoot(l, k, n) * all
                        }
                    )))
        )

    /// From bare primitives to orthonormal radial functions: c_nlm ← Σ_k N_{l+2k} c_klm (S_l^{−1/2})_{kn}.
    let orthonormalize (projection: Projection) (coefficients: Coefficients) : Coefficients =
        mixed projection (fun l k -> projection.RadialFunctions.Normalization(l, k)) 1.0 coefficients

    let private mapped (change: int -> int -> float -> float) (coefficients: Coefficients) =
        Coefficients(
            Array.init (coefficients.MaxAngular + 1) (fun l ->
                Array2D.init (2 * l + 1) (coefficients.RadialCount l) (fun row n ->
                    change l n coefficients[l, row - l, n]))
        )

    /// From bare primitives in the unit that kernels compute in to what is asked for, in the unit of the input.
    let private toUser form (projection: Projection) (coefficients: Coefficients) =
        match form with
        | RadialForm.Raw -> mapped (fun l n value -> projection.RawScale(l, n) * value) coefficients
        | RadialForm.Orthonormal ->
            let scale l k = projection.RadialFunctions.UnitNormalization(l, k)
            mixed projection scale (projection.Unit.Power -3) coefficients

    let private momentsInUnit (projection: Projection) (neighbor: Ellipsoid) (displacement: Vector3) =
        PairGaussian.ofNeighbor projection.InUnit neighbor displacement
        |> Moments.ofGaussian projection.Degree

    let private inUnit (projection: Projection) (neighbor: Ellipsoid) (displacement: Vector3) =
        let scale = projection.Unit.FromUser
        struct (projection.InUnitOf neighbor, scale * displacement)

    /// Orthonormal or bare primitives' coefficients of a neighbour at `displacement` from the centre.
    let internal ofForm form (projection: Projection) (neighbor: Ellipsoid) (displacement: Vector3) : Coefficients =
        let struct (neighbor, r) = inUnit projection neighbor displacement

        momentsInUnit projection neighbor r
        |> ofMoments projection
        |> toUser form projection

    /// Bare primitives' coefficients of a neighbour at `displacement` from the centre, in the length unit of the input to the power l + 2n.
    let raw (projection: Projection) (neighbor: Ellipsoid) (displacement: Vector3) : Coefficients =
        ofForm RadialForm.Raw projection neighbor displacement

    /// Orthonormal coefficients of a neighbour at `displacement` from the centre.
    let compute projection neighbor displacement : Coefficients =
        ofForm RadialForm.Orthonormal projection neighbor displacement

    /// The changes of the pair's orthonormal (or bare) coefficients, one for each change of its Gaussian.
    let private changes form (projection: Projection) neighbor displacement scale changesOf =
        let struct (neighbor, r) = inUnit projection neighbor displacement
        let moments = momentsInUnit projection neighbor r

        changesOf projection.InUnit neighbor r
        |> Array.map (fun change ->
            Moments.change change moments
            |> ofMoments projection
            |> mapped (fun _ _ value -> scale * value)
            |> toUser form projection)

    /// ∂c_nlm/∂r: along x, y, z of the lab, the neighbour moving away from the centre.
    let displacementGradient form (projection: Projection) neighbor displacement : Coefficients[] =
        changes form projection neighbor displacement projection.Unit.FromUser GaussianChange.displacementOf

    /// ∂c_nlm/∂ω: the neighbour turning about x, y, z of the lab, through its own centre, in radians.
    let rotationGradient form projection neighbor displacement : Coefficients[] =
        changes form projection neighbor displacement 1.0 GaussianChange.rotationOf

    /// ∂c_nlm/∂a_k of the neighbour's semi-axes.
    let semiAxesGradient form (projection: Projection) neighbor displacement : Coefficients[] =
        changes form projection neighbor displacement projection.PerSemiAxis GaussianChange.semiAxesOf
