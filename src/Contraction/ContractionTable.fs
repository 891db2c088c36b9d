namespace AniSoap.Numerics

open AniSoap

/// Where everything stands when moments become coefficients: made once a projection, read by all threads.
///
/// Symbols: a *state* is a moment in the kernel's order of computation (b, a, c); a *shell* holds the monomials of one degree d, a outermost,
/// then b, with c = d − a − b, so that row a has d − a + 1 entries; a *column* q = n · species + t of angular momentum l is a pair of radial
/// index and neighbour species, n slowest.
[<Sealed>]
type internal ContractionTable(maxAngular: int, radialCounts: int[], speciesCount: int) =
    let degree = radialCounts |> Array.mapi (fun l count -> l + 2 * (count - 1)) |> Array.max
    let shellSize d = (d + 1) * (d + 2) / 2
    let shellOffsets = Array.init (degree + 2) (fun d -> Seq.sumBy shellSize (seq { 0 .. d - 1 }))
    let indexInShell d a b = a * (d + 1) - a * (a - 1) / 2 + b
    let columns = radialCounts |> Array.map (fun count -> count * speciesCount)
    // Rows of columns are padded to whole vectors of four.
    let paddedColumns = columns |> Array.map (fun count -> (count + 3) / 4 * 4)

    let factorials = Array.scan (fun value c -> value * float c) 1.0 [| 1..degree |]

    let states = [|
        for b in 0..degree do
            for a in 0 .. degree - b do
                for c in 0 .. degree - b - a do
                    a, b, c
    |]

    let harmonics = [|
        for l in 0..maxAngular do
            for m in -l .. l do
                SolidHarmonics.polynomial l m
    |]

    let termStarts = harmonics |> Array.scan (fun start terms -> start + terms.Length) 0

    let offsets (sizes: int[]) = Array.scan (+) 0 sizes

    member _.MaxAngular = maxAngular
    member _.Degree = degree
    member _.SpeciesCount = speciesCount
    member _.RadialCounts = radialCounts
    /// Largest number of radial functions of any l.
    member val MostRadial = Array.max radialCounts
    /// Room for all traced shells, with padding.
    member val ScratchShells = (shellOffsets[degree + 1] + 15) / 8 * 8
    /// Number of states.
    member val StateCount = MomentStates.stateCount degree

    /// For every state its place in the shells, shell after shell.
    member val ShellIndex =
        states
        |> Array.map (fun (a, b, c) -> shellOffsets[a + b + c] + indexInShell (a + b + c) a b)

    /// For every state the factor c! that makes the kernel's moment a plain one.
    member val ShellFactor = states |> Array.map (fun (_, _, c) -> factorials[c])
    /// For every degree where its shell begins; one more for the end.
    member _.ShellOffsets = shellOffsets
    /// Columns (n, t) of each l, and the same padded to a whole number of vectors.
    member _.Columns = columns
    member _.PaddedColumns = paddedColumns
    /// Terms of the solid harmonic l² + l + m: from TermStarts[·] to the next.
    member _.TermStarts = termStarts

    /// For every term the place of its monomial in its shell.
    member val TermMonomials =
        [|
            for terms in harmonics do
                for term in terms do
                    indexInShell (term.A + term.B + term.C) term.A term.B
        |]

    member val TermCoefficients =
        [|
            for terms in harmonics do
                for term in terms do
                    term.Coefficient
        |]

    /// Where the traced shells of each l begin: (monomials of degree l) × padded columns.
    member val TracedOffsets = offsets (Array.init (maxAngular + 1) (fun l -> shellSize l * paddedColumns[l]))
    /// Where the coefficients of each l begin: (2l + 1) × padded columns.
    member val CoefficientOffsets = offsets (Array.init (maxAngular + 1) (fun l -> (2 * l + 1) * paddedColumns[l]))
    /// Where each l begins in a power spectrum.
    member val SpectrumOffsets = offsets (columns |> Array.map (fun count -> count * count))
