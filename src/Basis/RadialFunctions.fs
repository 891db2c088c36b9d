namespace AniSoap

open System

/// Whether radial functions are made orthonormal, or left as bare primitives r^{l+2n} (times the Gaussian), without even their
/// normalisation, as AniSOAP's "raw" coefficients are.
[<RequireQualifiedAccess>]
type RadialForm =
    /// Orthonormal functions: primitives times S^{−1/2}.
    | Orthonormal
    /// Bare primitives.
    | Raw

/// What orthonormalising the radial functions of one l amounts to.
type internal Orthonormalization = {
    /// Eigenvalues of the overlap of the normalised primitives, ascending.
    Eigenvalues: float list
    /// How many of them are kept.
    Rank: int
}

/// The radial functions of a basis, per l: normalisations, overlaps, and what turns primitives into orthonormal functions.
[<NoComparison; ReferenceEquality>]
type RadialFunctions = private {
    unit: LengthUnit
    counts: int[]
    // In the unit that kernels compute in.
    normalizations: float[][]
    overlaps: float[,][]
    inverseRoots: float[,][]
    spectra: Orthonormalization[]
} with

    /// Number of radial functions of angular momentum l: n = 0 … Count l − 1.
    member radial.Count l = radial.counts[l]

    /// The largest l.
    member radial.MaxAngular = radial.counts.Length - 1

    /// N_{l+2n}: normalises the primitive r^{l+2n} (times the Gaussian of the GTO basis) under ∫ r² dr.
    /// In the length unit of the input to the power −(l + 2n + 3/2): infinite or zero where doubles cannot hold that.
    member radial.Normalization(l, n) = radial.normalizations[l][n] * radial.unit.Power(-(2 * (l + 2 * n) + 3))

    /// The same for lengths in the unit that kernels compute in.
    member internal radial.UnitNormalization(l, n) = radial.normalizations[l][n]

    /// The unit that kernels compute in.
    member internal radial.Unit = radial.unit

    /// Overlap ∫ R_n R_k r² dr of the normalised primitives.
    member radial.Overlap(l, n, k) = radial.overlaps[l][n, k]

    /// (S_l^{−1/2})_{kn}, the weight of normalised primitive k in orthonormal function n.
    member radial.InverseRoot(l, k, n) = radial.inverseRoots[l][k, n]

    /// Eigenvalues of the overlap of the normalised primitives of one l, ascending.
    member radial.Eigenvalues(l: int) : float list = radial.spectra[l].Eigenvalues

    /// How many of them are above basis_rcond: the number of independent functions of l.
    member radial.Rank(l: int) : int = radial.spectra[l].Rank

/// Normalisation and overlap of the radial primitives.
module internal RadialOrthonormalization =
    /// Γ(p + 3/2) = √π/2 · 3/2 · 5/2 ⋯ (p + 1/2).
    let private gammaHalf p =
        let mutable value = 0.5 * sqrt Math.PI

        for i in 1..p do
            value <- value * (float i + 0.5)

        value

    /// N_p of r^p exp(−r²/2σ²) or of r^p on [0, cutoff], under ∫ r² dr.
    let normalization basis cutoff p =
        match basis with
        // N_p = 1/√(½ σ^{2p+3} Γ(p + 3/2))
        | Gto width -> 1.0 / sqrt (0.5 * gammaHalf p) * Math.Pow(width, -(float p + 1.5))
        // N_p = √((2p+3) / r_c^{2p+3})
        | Monomial -> sqrt (2.0 * float p + 3.0) * Math.Pow(cutoff, -(float p + 1.5))

    /// Overlap of the normalised primitives of powers p and q (p − q even). Neither the width nor the cutoff matters:
    /// for the GTO basis Γ((p+q+3)/2) / √(Γ(p+3/2) Γ(q+3/2)), for monomials √((2p+3)(2q+3)) / (p+q+3).
    let private exactOverlap basis p q : DoubleDouble =
        let number (x: float) = DoubleDouble.ofFloat x

        match basis with
        | Gto _ ->
            // With p ≤ q and h = (q − p)/2: √( Π_{i<h} (p+3/2+i) / (p+3/2+h+i) ), where no factor is far from 1.
            let low, high = min p q, max p q
            let half = (high - low) / 2
            let mutable product = DoubleDouble.one

            for i in 0 .. half - 1 do
                let start = float low + 1.5 + float i

                product <-
                    DoubleDouble.multiply product (DoubleDouble.divide (number start) (number (start + float half)))

            DoubleDouble.sqrt product
        | Monomial ->
            let root = DoubleDouble.sqrt (number (float ((2 * p + 3) * (2 * q + 3))))
            DoubleDouble.divide root (number (float (p + q + 3)))

    /// Overlap of the normalised primitives of powers p and q (p − q even), the same for any width and cutoff.
    let overlap basis p q = (exactOverlap basis p q).High

    /// Smallest ratio of two eigenvalues with which coefficients keep 1e-10 of their norm: dividing by √eigenvalue amplifies rounding.
    [<Literal>]
    let private Resolution = 1e-11

    /// S^{−1/2} on the eigenvalues above rcond (Löwdin's symmetric orthonormalisation), or the size of what it fails to reproduce:
    /// ‖S − (X X)⁺‖ with X = S^{−1/2} and the pseudo-inverse as far as coefficients resolve it.
    ///
    /// The elements of S are close to 1 and its small eigenvalues are the differences: in doubles an eigenvalue of 1e-8 has eight digits,
    /// and so would every coefficient. So S and its eigenvalues are computed with 32 digits, and rounded at the end.
    let private lowdin rcond tolerance (overlap: DoubleDouble[,]) =
        let eigenvalues, vectors = DoubleDouble.eigen overlap
        let sizes = eigenvalues |> Array.map _.High
        let kept = sizes |> Array.map (fun value -> value > rcond && value > 0.0)

        let smallest =
            Array.zip sizes kept
            |> Array.filter snd
            |> Array.map fst
            |> Array.fold min infinity

        let lost =
            Array.zip sizes kept
            |> Array.sumBy (fun (value, keep) ->
                if keep && smallest / value > Resolution then
                    0.0
                else
                    value * value)
            |> sqrt

        let spectrum = {
            Eigenvalues = sizes |> Array.sort |> Array.toList
            Rank = kept |> Array.filter id |> Array.length
        }

        if not (lost <= tolerance) then
            Error(spectrum, lost)
        else
            let size = sizes.Length

            let roots =
                eigenvalues
                |> Array.mapi (fun e value -> if kept[e] then DoubleDouble.sqrt value else value)

            let element row column =
                let mutable value = DoubleDouble.zero

                for e in 0 .. size - 1 do
                    if kept[e] then
                        let product = DoubleDouble.multiply vectors[row, e] vectors[column, e]
                        value <- DoubleDouble.add value (DoubleDouble.divide product roots[e])

                value.High

            Ok(spectrum, Array2D.init size size element)

    /// The radial functions of validated hyperparameters. Refuses a basis whose orthonormalisation loses more than the tolerance.
    let internal create (hypers: Hypers) : Result<RadialFunctions, AniSoapError> =
        let maxRadial = HyperRules.maxRadialPerAngular hypers
        let basis = hypers.RadialBasis

        let overlaps =
            maxRadial
            |> Array.mapi (fun l n ->
                Array2D.init (n + 1) (n + 1) (fun i j -> exactOverlap basis (l + 2 * i) (l + 2 * j)))

        let results = overlaps |> Array.map (lowdin hypers.BasisRcond hypers.BasisTolerance)

        let failure =
            results
            |> Array.indexed
            |> Array.tryPick (fun (l, result) ->
                match result with
                | Error(spectrum, lost) -> Some(l, spectrum, lost)
                | Ok _ -> None)

        match failure with
        | Some(l, spectrum, lost) ->
            let kept = spectrum.Eigenvalues.Length - spectrum.Rank

            AniSoapError.invalid
                "basis_rcond"
                hypers.BasisRcond
                (FormattableString.Invariant
                    $"a value that lets the {maxRadial[l] + 1} radial functions of l = {l} be orthonormalised within basis_tol = {hypers.BasisTolerance} (the error is {lost:g3}, {kept} eigenvalues are dropped); try 1e-8, or fewer radial functions")
            |> Error
        | None ->
            let oks =
                results
                |> Array.choose (function
                    | Ok pair -> Some pair
                    | Error _ -> None)

            let unit = LengthUnit.ofHypers hypers
            let inUnit = LengthUnit.hypers unit hypers

            Ok {
                unit = unit
                counts = maxRadial |> Array.map (fun n -> n + 1)
                normalizations =
                    maxRadial
                    |> Array.mapi (fun l n ->
                        Array.init (n + 1) (fun i -> normalization inUnit.RadialBasis inUnit.CutoffRadius (l + 2 * i)))
                overlaps = overlaps |> Array.map (Array2D.map _.High)
                inverseRoots = oks |> Array.map snd
                spectra = oks |> Array.map fst
            }
