namespace AniSoap

open System
open System.Collections.Immutable

/// One real Clebsch–Gordan coefficient: the weight of (m1, m2) in M.
[<Struct>]
type CouplingTerm = {
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
type ClebschGordan internal (maxAngular: int, terms: Map<struct (int * int * int), ImmutableArray<CouplingTerm>>) =
    /// The largest l1, l2 and L.
    member _.MaxAngular = maxAngular

    /// The coefficients of l1, l2 → L that are not zero; none where the triangle inequality does not hold.
    member _.Terms(l1: int, l2: int, l: int) =
        match terms.TryFind(struct (l1, l2, l)) with
        | Some found -> found
        | None -> ImmutableArray.Empty

/// Real Clebsch–Gordan coefficients.
module ClebschGordan =
    /// Complex coefficients ⟨l1 m1 l2 m2 | L M⟩ (Condon–Shortley) for all M ≥ 0 as c[M][m1 + l1], m2 = M − m1.
    ///
    /// M = L in closed form, c ∝ (−1)^{l1−m1} √((l1+m1)! (l2+m2)! / ((l1−m1)! (l2−m2)!)), then the lowering operator:
    /// √((L+M)(L−M+1)) c_{M−1}(m1) = √((l1−m1)(l1+m1+1)) c_M(m1+1) + √((l2−m2)(l2+m2+1)) c_M(m1)   with m2 = M − 1 − m1.
    let private complex l1 l2 l =
        let top =
            // Ratios of neighbours instead of factorials: c(m1)/c(m1+1) in absolute value.
            let values = Array.zeroCreate<float>(2 * l1 + 1)
            let highest = min l1 (l + l2)
            values[highest + l1] <- 1.0
            let mutable m1 = highest - 1

            while m1 >= -l1 && l - m1 <= l2 do
                let m2 = l - m1

                let ratio = float (l2 + m2) * float (l2 - m2 + 1) / (float (l1 + m1 + 1) * float (l1 - m1))

                values[m1 + l1] <- -values[m1 + 1 + l1] * sqrt ratio
                m1 <- m1 - 1

            let norm = sqrt (values |> Array.sumBy (fun v -> v * v))
            values |> Array.map (fun v -> v / norm)

        let lower (m: int) (above: float[]) =
            Array.init (2 * l1 + 1) (fun index ->
                let m1 = index - l1
                let m2 = m - m1

                if abs m2 > l2 then
                    0.0
                else
                    let fromM1 =
                        if m1 + 1 <= l1 then
                            sqrt (float ((l1 - m1) * (l1 + m1 + 1))) * above[index + 1]
                        else
                            0.0

                    let fromM2 =
                        if m2 + 1 <= l2 then
                            sqrt (float ((l2 - m2) * (l2 + m2 + 1))) * above[index]
                        else
                            0.0

                    (fromM1 + fromM2) / sqrt (float ((l + m + 1) * (l - m))))

        // From M = L down to 0.
        let mutable rows = [ top ]

        for m in l - 1 .. -1 .. 0 do
            rows <- lower m rows.Head :: rows

        let rows = List.toArray rows

        fun m1 m2 ->
            let m = m1 + m2

            if abs m > l || abs m1 > l1 || abs m2 > l2 then
                0.0
            elif m >= 0 then
                rows[m][m1 + l1]
            else
                // ⟨l1 −m1 l2 −m2 | L −M⟩ = (−1)^{l1+l2−L} ⟨l1 m1 l2 m2 | L M⟩
                (if (l1 + l2 - l) % 2 = 0 then 1.0 else -1.0) * rows[-m][-m1 + l1]

    /// Row m of U in Y_real = U Y_complex: the complex orders that occur with their coefficients (real, imaginary).
    let private unitary m =
        let root = sqrt 0.5
        let sign = if abs m % 2 = 0 then 1.0 else -1.0

        if m = 0 then
            [ 0, struct (1.0, 0.0) ]
        elif m > 0 then
            [ m, struct (sign * root, 0.0); -m, struct (root, 0.0) ]
        else
            [ -m, struct (0.0, -sign * root); m, struct (0.0, root) ]

    /// U₁* U₂* U₃ C: its real part, or its imaginary part where l1 + l2 + L is odd.
    let private real l1 l2 l =
        let c = complex l1 l2 l
        let odd = (l1 + l2 + l) % 2 <> 0
        let multiply (struct (a, b)) (struct (c, d)) = struct (a * c - b * d, a * d + b * c)
        let conjugate (struct (a, b)) = struct (a, -b)
        let terms = ImmutableArray.CreateBuilder<CouplingTerm>()

        for m1 in -l1 .. l1 do
            for m2 in -l2 .. l2 do
                for m in -l .. l do
                    let mutable value = 0.0
                    let mutable occurs = false

                    for k1, u1 in unitary m1 do
                        for k2, u2 in unitary m2 do
                            for k, u3 in unitary m do
                                if k = k1 + k2 then
                                    let struct (re, im) = multiply (multiply (conjugate u1) (conjugate u2)) u3
                                    occurs <- true
                                    value <- value + (if odd then im else re) * c k1 k2

                    // What cancels by symmetry does so exactly or to a rounding error.
                    if occurs && abs value > 1e-14 then
                        terms.Add { M1 = m1; M2 = m2; M = m; Value = value }

        terms.ToImmutable()

    /// The table of all l1, l2, L from 0 to `maxAngular` that satisfy the triangle inequality.
    let create (maxAngular: int) : Result<ClebschGordan, AniSoapError> =
        if maxAngular < 0 || maxAngular > Hypers.LargestMaxAngular then
            Error(AniSoapError.invalid "max_angular" maxAngular $"a whole number from 0 to {Hypers.LargestMaxAngular}")
        else
            let entries = [
                for l1 in 0..maxAngular do
                    for l2 in 0..maxAngular do
                        for l in abs (l1 - l2) .. min maxAngular (l1 + l2) do
                            struct (l1, l2, l), real l1 l2 l
            ]

            Ok(ClebschGordan(maxAngular, Map.ofList entries))
