namespace AniSoap

open System
open System.Collections.Immutable

/// One real Clebsch–Gordan coefficient: the weight of (m1, m2) in M.
[<Struct>]
type internal CouplingTerm = {
    /// m of the first factor, −l1 … l1.
    M1: int
    /// m of the second factor, −l2 … l2.
    M2: int
    /// M of the product, −L … L.
    M: int
    /// The coefficient.
    Value: float
}

/// Real Clebsch–Gordan coefficients of all l1, l2, L up to a limit: Σ value · a_{l1 m1} b_{l2 m2} transforms as L, M where a and b
/// transform as real spherical harmonics (conventions: docs/conventions.md). Immutable.
[<Sealed>]
type ClebschGordan internal (maxAngular: int, terms: ImmutableArray<CouplingTerm>[][][]) =
    /// The largest l1, l2 and L.
    member _.MaxAngular = maxAngular

    /// The coefficients of l1, l2 → L that are not zero; none where the triangle inequality does not hold.
    member internal _.TermsOf(l1: int, l2: int, l: int) =
        let isKnown order = order >= 0 && order <= maxAngular

        if isKnown l1 && isKnown l2 && isKnown l && abs (l1 - l2) <= l && l <= l1 + l2 then
            (terms[l1][l2]).[l - abs (l1 - l2)]
        else
            ImmutableArray.Empty

    /// The coefficients of l1, l2 → L that are not zero, each as m1, m2, M and its value; none where the triangle inequality does not hold.
    member table.Terms(l1: int, l2: int, l: int) : ImmutableArray<struct (int * int * int * float)> =
        table.TermsOf(l1, l2, l)
        |> Seq.map (fun term -> struct (term.M1, term.M2, term.M, term.Value))
        |> ImmutableArray.CreateRange

/// Real Clebsch–Gordan coefficients.
module ClebschGordan =
    let private whole (n: int) = DoubleDouble.ofFloat (float n)

    /// What the lowering operator multiplies the state m of l by, √((l + m)(l − m + 1)), as [l][m + l].
    let private lowering maxAngular =
        Array.init (maxAngular + 1) (fun l ->
            Array.init (2 * l + 1) (fun index ->
                let m = index - l

                if m = -l then
                    DoubleDouble.zero
                else
                    DoubleDouble.sqrt (whole ((l + m) * (l - m + 1)))))

    /// Complex coefficients ⟨l1 m1 l2 m2 | L M⟩ (Condon–Shortley) for all M ≥ 0 as c[M][m1 + l1], m2 = M − m1.
    ///
    /// M = L in closed form, c ∝ (−1)^{l1−m1} √((l1+m1)! (l2+m2)! / ((l1−m1)! (l2−m2)!)), then the lowering operator:
    /// √((L+M)(L−M+1)) c_{M−1}(m1) = √((l1−m1)(l1+m1+1)) c_M(m1+1) + √((l2−m2)(l2+m2+1)) c_M(m1)   with m2 = M − 1 − m1.
    ///
    /// Every step down multiplies what a rounding error has of larger L by up to √((2 l1 + 1)² / 2L), eight digits in all at l = 18 and small L: hence
    /// numbers of 32 digits.
    let private complex (lowering: DoubleDouble[][]) l1 l2 l : float[][] =
        let top =
            // Ratios of neighbours instead of factorials: c(m1)/c(m1+1) in absolute value.
            let values = Array.create (2 * l1 + 1) DoubleDouble.zero
            let highest = min l1 (l + l2)
            values[highest + l1] <- DoubleDouble.one
            let mutable m1 = highest - 1

            while m1 >= -l1 && l - m1 <= l2 do
                let m2 = l - m1

                let ratio = DoubleDouble.divide (whole ((l2 + m2) * (l2 - m2 + 1))) (whole ((l1 + m1 + 1) * (l1 - m1)))

                values[m1 + l1] <-
                    DoubleDouble.negate (DoubleDouble.multiply values[m1 + 1 + l1] (DoubleDouble.sqrt ratio))

                m1 <- m1 - 1

            let square =
                values
                |> Array.fold (fun sum v -> DoubleDouble.add sum (DoubleDouble.multiply v v)) DoubleDouble.zero

            let scale = DoubleDouble.divide DoubleDouble.one (DoubleDouble.sqrt square)
            values |> Array.map (DoubleDouble.multiply scale)

        let first, second, both = lowering[l1], lowering[l2], lowering[l]

        let lower (m: int) (above: DoubleDouble[]) =
            let scale = DoubleDouble.divide DoubleDouble.one both[m + 1 + l]
            let values = Array.create (2 * l1 + 1) DoubleDouble.zero

            for m1 in max -l1 (m - l2) .. min l1 (m + l2) do
                let index = m1 + l1
                let m2 = m - m1
                let mutable sum = DoubleDouble.zero

                if m1 < l1 then
                    sum <- DoubleDouble.multiply first[index + 1] above[index + 1]

                if m2 < l2 then
                    sum <- DoubleDouble.add sum (DoubleDouble.multiply second[m2 + 1 + l2] above[index])

                values[index] <- DoubleDouble.multiply scale sum

            values

        let rows = Array.zeroCreate<float[]>(l + 1)
        let mutable row = top

        for m in l .. -1 .. 0 do
            if m < l then
                row <- lower m row

            rows[m] <- row |> Array.map _.High

        rows

    /// The sign in Y_real = U Y_complex of the complex order k = ±m in the real order m; its size is √½, or 1 for m = 0, and sines (m < 0) have a factor i.
    let private sign m k =
        if k <= 0 || m % 2 = 0 then
            if m < 0 && k > 0 then -1.0 else 1.0
        else
            (if m < 0 then 1.0 else -1.0)

    /// U₁* U₂* U₃ C: its real part, or its imaginary part where l1 + l2 + L is odd. Terms by m1, then m2, then M; `rows` are the complex coefficients of
    /// l1 ≤ l2, or of the two exchanged.
    ///
    /// Only complex orders ±m1, ±m2 and ±M meet, so that |M| = |m1| ± |m2|, and M is a sine where one says so by parity: one or two terms for
    /// each m1 and m2. (k1, k2) and (−k1, −k2) contribute the same: one of them is taken, twice.
    let private real (rows: float[][]) isExchanged l1 l2 l =
        let isOdd = (l1 + l2 + l) % 2 <> 0

        let coefficient k1 k2 =
            let k = k1 + k2
            let own, turn = if isExchanged then k2, isOdd else k1, false
            let row = if k >= 0 then rows[k] else rows[-k]
            // ⟨l1 −m1 l2 −m2 | L −M⟩ = ⟨l2 m2 l1 m1 | L M⟩ = (−1)^{l1+l2−L} ⟨l1 m1 l2 m2 | L M⟩
            let value = row[(if k >= 0 then own else -own) + (if isExchanged then l2 else l1)]
            if turn <> (k < 0 && isOdd) then -value else value

        let terms = ImmutableArray.CreateBuilder<CouplingTerm>(2 * (2 * l1 + 1) * (2 * min l l2 + 1))

        let add m1 m2 m k2 =
            if abs m <= l then
                let k1 = abs m1
                // i^(sines of M − sines of m1 and m2), or that without i.
                let isTurned = if isOdd then m1 < 0 || m2 < 0 else m1 < 0 && m2 < 0

                let size =
                    if m1 = 0 && m2 = 0 then 1.0
                    elif m1 <> 0 && m2 <> 0 && m <> 0 then sqrt 0.5
                    else 1.0

                let value =
                    (if isTurned then -size else size)
                    * (sign m1 k1 * sign m2 k2 * sign m (k1 + k2))
                    * coefficient k1 k2

                // What cancels by symmetry does so exactly or to a rounding error.
                if abs value > 1e-14 then
                    terms.Add { M1 = m1; M2 = m2; M = m; Value = value }

        for m1 in -l1 .. l1 do
            for m2 in -l2 .. l2 do
                let isSine = ((m1 < 0) <> (m2 < 0)) <> isOdd
                let large = abs m1 + abs m2
                let small = abs (abs m1 - abs m2)

                if large = small then
                    if not isSine then
                        add m1 m2 large (abs m2)
                    elif large > 0 then
                        add m1 m2 -large (abs m2)
                elif isSine then
                    add m1 m2 -large (abs m2)

                    if small > 0 then
                        add m1 m2 -small -(abs m2)
                else
                    add m1 m2 small -(abs m2)
                    add m1 m2 large (abs m2)

        terms.ToImmutable()

    /// The table of all l1, l2, L from 0 to `maxAngular` that satisfy the triangle inequality.
    let create (maxAngular: int) : Result<ClebschGordan, AniSoapError> =
        if maxAngular < 0 || maxAngular > HyperRules.LargestMaxAngular then
            Error(
                AniSoapError.invalid
                    "max_angular"
                    maxAngular
                    ("a whole number from 0 to " + string HyperRules.LargestMaxAngular)
            )
        else
            let lowering = lowering maxAngular

            let terms =
                Array.init (maxAngular + 1) (fun l1 ->
                    Array.init (maxAngular + 1) (fun l2 ->
                        Array.zeroCreate<ImmutableArray<CouplingTerm>>(min maxAngular (l1 + l2) - abs (l1 - l2) + 1)))

            for l1 in 0..maxAngular do
                for l2 in l1..maxAngular do
                    for l in l2 - l1 .. min maxAngular (l1 + l2) do
                        let rows = complex lowering l1 l2 l
                        (terms[l1][l2]).[l - (l2 - l1)] <- real rows false l1 l2 l

                        if l1 < l2 then
                            (terms[l2][l1]).[l - (l2 - l1)] <- real rows true l2 l1 l

            Ok(ClebschGordan(maxAngular, terms))
