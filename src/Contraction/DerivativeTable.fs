namespace AniSoap.Numerics

open AniSoap

/// Places of coefficients that lie side by side for many neighbours: l slowest, then m, then n.
[<Sealed>]
type internal CoefficientPlaces(counts: int[]) =
    let offsets = counts |> Array.mapi (fun l count -> (2 * l + 1) * count) |> Array.scan (+) 0

    /// Radial functions of each l.
    member _.Counts = counts
    /// Where each l begins; one more for the end.
    member _.Offsets = offsets
    member _.Length = offsets[counts.Length]
    member _.MaxAngular = counts.Length - 1
    /// The most radial functions of any l.
    member val MostCount = Array.max counts
    /// States of the degrees that there are.
    member val PlaceCount = MomentStates.stateCount (counts.Length - 1)

    /// For each n how many of them functions with n radial nodes are made of: those of the highest l that has such a function and below.
    member val PlacesOf =
        Array.init (Array.max counts) (fun n ->
            MomentStates.stateCount (counts |> Array.findIndexBack (fun count -> count > n)))

/// What the derivatives of coefficients are made of. With R_lm = r^l Y_lm and
///
///     P_nlm = f_nl r^{2n} R_lm      f_nl = 1/((2n)!! (2l + 2n + 1)!!)
///
/// the gradients of HarmonicDerivatives.fs have no factor that depends on n:
///
///     ∂_k P_nlm = Σ a^k_{lm,m'}/(2l+1) P_{n,l−1,m'} + Σ b^k_{lm,m'} P_{n−1,l+1,m'}      (r × ∇)_k P_nlm = Σ g^k_{mm'} P_nlm'
///
/// so the expectations E[∂_k P] that derivatives by position need (ShiftTable.fs) are sums of a few expectations of the P next to it, of no higher degree: no
/// moments are shifted, and one contraction a pair is enough. Of each sum there are five terms at most: two for x, two for y, one for z.
[<Sealed>]
type internal DerivativeTable(table: ContractionTable) =
    let degree = table.Degree

    /// What the gradients of these functions are made of, with themselves.
    let wider (counts: int[]) =
        let at l = if l < 0 || l >= counts.Length then 0 else counts[l]
        Array.init (counts.Length + 1) (fun l -> max (at l) (max (at (l + 1)) (at (l - 1) - 1)))

    let first = wider table.RadialCounts
    let sets = [| table.RadialCounts; first; wider first |] |> Array.map CoefficientPlaces
    let highest = sets[2].MaxAngular

    let rowStarts =
        let starts = Array.zeroCreate<int>((degree + 1) * (degree + 1))
        let mutable next = 0

        for b in 0..degree do
            for a in 0 .. degree - b do
                starts[b * (degree + 1) + a] <- next
                next <- next + degree - b - a + 1

        starts

    let factorials = Array.scan (fun value c -> value * float c) 1.0 [| 1 .. max 1 degree |]

    // Functions of a higher degree than the moments do not occur.
    let harmonics = [|
        for l in 0..highest do
            for m in -l .. l do
                if l <= degree then
                    yield SolidHarmonics.polynomial l m
                else
                    yield Array.empty
    |]

    /// For every (l, m) five terms out of three matrices [m, m']: two of x, two of y, one of z. Terms that there are not count nothing.
    let five (matrices: int -> float[,][]) =
        let sources = Array.zeroCreate<int>(5 * (highest + 1) * (highest + 1))
        let factors = Array.zeroCreate<float> sources.Length

        for l in 0..highest do
            let matrix = matrices l

            for m in 0 .. 2 * l do
                for axis in 0..2 do
                    let mutable at = 5 * (l * l + m) + 2 * axis

                    for other in 0 .. Array2D.length2 matrix[axis] - 1 do
                        if matrix[axis][m, other] <> 0.0 then
                            sources[at] <- other
                            factors[at] <- matrix[axis][m, other]
                            at <- at + 1

        struct (sources, factors)

    let struct (lowerSources, lowerFactors) =
        five (fun l ->
            Array.init 3 (fun axis ->
                HarmonicDerivatives.lowering l axis
                |> Array2D.map (fun a -> a / float (2 * l + 1))))

    let struct (raiseSources, raiseFactors) = five (fun l -> Array.init 3 (HarmonicDerivatives.raising l))

    // Entries that are rounding alone are nothing.
    let struct (turnSources, turnFactors) =
        five (fun l ->
            Array.init 3 (fun axis ->
                HarmonicDerivatives.rotation l axis
                |> Array2D.map (fun g -> if abs g < 1e-9 then 0.0 else g)))

    // n!!
    let rec doubleFactorial n = if n < 2 then 1.0 else float n * doubleFactorial (n - 2)

    member _.Degree = degree
    member _.MaxAngular = table.MaxAngular

    /// The coefficients that are derived; those that their gradients need; those that the gradients of these need.
    member _.Sets = sets

    /// Where the row (b, a) of the kernel's states begins: RowStarts[b (D + 1) + a].
    member _.RowStarts = rowStarts

    /// f_nl at l · ScaleStride + n.
    member val Scales =
        [|
            for l in 0..highest do
                for n in 0 .. table.MostRadial do
                    1.0 / (doubleFactorial (2 * n) * doubleFactorial (2 * l + 2 * n + 1))
        |]

    member _.ScaleStride = table.MostRadial + 1

    /// (c + 1)(c + 2): what the trace multiplies the moment two places on by.
    member val TraceFactors = Array.init (degree + 1) (fun c -> float ((c + 1) * (c + 2)))

    /// The places of the states among those of the kernel by degree, as high as harmonics go: all of degree 0, all of degree 1 (b slowest, then a), …
    member val DegreePlaces =
        [|
            for l in 0 .. min highest degree do
                for b in 0..l do
                    for a in 0 .. l - b do
                        rowStarts[b * (degree + 1) + a] + l - b - a
        |]

    /// Terms of R_lm at l² + l + m, as places among the states by degree and factors of the kernel's moments (c! is in them).
    member val TermStarts = harmonics |> Array.scan (fun start terms -> start + terms.Length) 0

    member val TermPlaces =
        [|
            for terms in harmonics do
                for term in terms do
                    let l = term.A + term.B + term.C
                    // Rows b = 0, 1, … of degree l have l + 1, l, … states.
                    MomentStates.stateCount (l - 1) + term.B * (l + 1) - term.B * (term.B - 1) / 2
                    + term.A
        |]

    member val TermFactors =
        [|
            for terms in harmonics do
                for term in terms do
                    term.Coefficient * factorials[term.C]
        |]

    /// Terms of ∂_k at 5 (l² + l + m): m' + l − 1 and factors for what stands one l below, m' + l + 1 for what stands one above.
    member _.LowerSources = lowerSources
    member _.LowerFactors = lowerFactors
    member _.RaiseSources = raiseSources
    member _.RaiseFactors = raiseFactors
    /// The same of (r × ∇)_k: m' + l.
    member _.TurnSources = turnSources
    member _.TurnFactors = turnFactors
