namespace AniSoap.Numerics

open System.Collections.Generic
open AniSoap

/// A sparse matrix of numbers, row after row: entries Starts[row] … Starts[row + 1] − 1 are Factors times what stands at Sources.
type internal SparseRows = { Starts: int[]; Sources: int[]; Factors: float[] }

/// A sparse matrix of numbers for the way back, term after term: those of an axis are Starts[axis] … Starts[axis + 1] − 1, whole fours of them, the last ones times 0.
type internal GradientTerms = { Starts: int[]; Rows: int[]; Sources: int[]; Factors: float[] }

/// Derivatives of r^{2n} R_lm, R_lm = r^l Y_lm, as sums of functions of the same kind. With
///
///     ∂_k R_lm = Σ a^k_{lm,m'} R_{l−1,m'}        x_k R_lm = Σ b^k_{lm,m'} R_{l+1,m'} + r²/(2l+1) ∂_k R_lm
///
/// it is ∂_k (r^{2n} R_lm) = (1 + 2n/(2l+1)) r^{2n} Σ a R_{l−1,m'} + 2n r^{2n−2} Σ b R_{l+1,m'}. The numbers a come from the product p(∂) q of polynomials, in
/// which the R_lm of one l are orthogonal and of one length N_l, and in which x_k is adjoint to ∂_k: b^k_{lm,m'} = a^k_{l+1 m',m} N_l/N_{l+1}.
module internal HarmonicDerivatives =
    let private factorials = Array.scan (fun value i -> value * float i) 1.0 [| 1..48 |]

    let private product (first: Dictionary<struct (int * int * int), float>) (second: Monomial seq) =
        let mutable sum = 0.0

        for term in second do
            match first.TryGetValue(struct (term.A, term.B, term.C)) with
            | true, factor ->
                sum <-
                    sum
                    + factor
                      * term.Coefficient
                      * factorials[term.A]
                      * factorials[term.B]
                      * factorials[term.C]
            | _ -> ()

        sum

    let private polynomial (terms: Monomial seq) =
        let all = Dictionary()

        for term in terms do
            all[struct (term.A, term.B, term.C)] <- term.Coefficient

        all

    let private derivative axis (terms: Monomial seq) =
        terms
        |> Seq.choose (fun term ->
            match axis with
            | 0 when term.A > 0 -> Some { term with A = term.A - 1; Coefficient = float term.A * term.Coefficient }
            | 1 when term.B > 0 -> Some { term with B = term.B - 1; Coefficient = float term.B * term.Coefficient }
            | 2 when term.C > 0 -> Some { term with C = term.C - 1; Coefficient = float term.C * term.Coefficient }
            | _ -> None)

    let private squaredNorm l =
        let own = SolidHarmonics.polynomial l 0
        product (polynomial own) own

    /// Rounding of a number that is nothing.
    [<Literal>]
    let private Nothing = 1e-13

    /// a^k_{lm,m'} by [m + l, m' + l − 1].
    let lowering l axis =
        let norm = if l = 0 then 1.0 else squaredNorm (l - 1)

        let changed =
            Array.init (2 * l + 1) (fun m -> polynomial (derivative axis (SolidHarmonics.polynomial l (m - l))))

        Array2D.init (2 * l + 1) (max 0 (2 * l - 1)) (fun m other ->
            // Other orders than |m| and its neighbours do not occur.
            if abs (abs (m - l) - abs (other - l + 1)) > 1 then
                0.0
            else
                let value = product changed[m] (SolidHarmonics.polynomial (l - 1) (other - l + 1)) / norm
                if abs value < Nothing * float (l + 1) then 0.0 else value)

    /// b^k_{lm,m'} by [m + l, m' + l + 1].
    let raising l axis =
        let ratio = squaredNorm l / squaredNorm (l + 1)
        let a = lowering (l + 1) axis
        Array2D.init (2 * l + 1) (2 * l + 3) (fun m other -> ratio * a[other, m])

    /// The gradients of r^{2n} R_lm for l up to `maxAngular`, n < counts[l]: rows by axis, then by the place of the function (l slowest, then m, then n: at
    /// offsets[l] + (m + l) counts[l] + n), as sums over functions at such places, l = maxAngular + 1 among them.
    let gradients (maxAngular: int) (counts: int[]) (offsets: int[]) : SparseRows =
        let starts = ResizeArray [ 0 ]
        let sources = ResizeArray()
        let factors = ResizeArray()

        for axis in 0..2 do
            for l in 0..maxAngular do
                let a = lowering l axis
                let b = raising l axis

                for m in 0 .. 2 * l do
                    for n in 0 .. counts[l] - 1 do
                        for other in 0 .. 2 * l - 2 do
                            if a[m, other] <> 0.0 then
                                sources.Add(offsets[l - 1] + other * counts[l - 1] + n)
                                factors.Add((1.0 + 2.0 * float n / float (2 * l + 1)) * a[m, other])

                        if n > 0 then
                            for other in 0 .. 2 * l + 2 do
                                if b[m, other] <> 0.0 then
                                    sources.Add(offsets[l + 1] + other * counts[l + 1] + n - 1)
                                    factors.Add(2.0 * float n * b[m, other])

                        starts.Add sources.Count

        { Starts = starts.ToArray(); Sources = sources.ToArray(); Factors = factors.ToArray() }

    /// Such gradients as terms by axis, for rows that are weighed and summed.
    let terms (gradients: SparseRows) : GradientTerms =
        let size = (gradients.Starts.Length - 1) / 3

        let byAxis =
            Array.init 3 (fun axis -> [|
                for row in axis * size .. (axis + 1) * size - 1 do
                    for term in gradients.Starts[row] .. gradients.Starts[row + 1] - 1 do
                        struct (row - axis * size, gradients.Sources[term], gradients.Factors[term])
            |])
            |> Array.map (fun all ->
                let missing = (4 - all.Length % 4) % 4
                Array.append all (Array.create (if all.Length = 0 then 4 else missing) (struct (0, 0, 0.0))))

        let all = Array.concat byAxis

        {
            Starts = byAxis |> Array.map Array.length |> Array.scan (+) 0
            Rows = all |> Array.map (fun (struct (row, _, _)) -> row)
            Sources = all |> Array.map (fun (struct (_, source, _)) -> source)
            Factors = all |> Array.map (fun (struct (_, _, factor)) -> factor)
        }

    /// What coefficients of one l change by when the density turns about an axis: δc_m = Σ G_{mm'} c_{m'}, from (e × r)·∇ R_lm.
    let rotation (l: int) (axis: int) : float[,] =
        let size = 2 * l + 1

        if l = 0 then
            Array2D.zeroCreate 1 1
        else
            let second, third = (axis + 1) % 3, (axis + 2) % 3

            // x_second ∂_third − x_third ∂_second
            let product along by =
                let a = lowering l by
                let b = raising (l - 1) along
                Array2D.init size size (fun m other -> Seq.sum (Seq.init (size - 2) (fun k -> a[m, k] * b[k, other])))

            let plus, minus = product second third, product third second
            Array2D.init size size (fun m other -> plus[m, other] - minus[m, other])
