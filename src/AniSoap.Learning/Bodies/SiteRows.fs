namespace AniSoap.Learning

open System

/// Pairs of bodies of two species, four at a time. Of every block of four: the vector from the first body to the second, and both bodies' rotations (body to
/// lab, row by row), 21 numbers by lanes. Lanes that are left over are pairs far apart whose rows weigh nothing.
[<Sealed>]
type internal SitePairGroup(first: int, second: int, blocks: int, geometry: float[], rowStart: int, places: int[]) =
    /// The species, by their places among those of the bodies: first ≤ second.
    member _.First = first
    member _.Second = second
    member _.Blocks = blocks
    member _.Geometry = geometry
    /// Whether every pair has ten rows of its own, from `RowStart` on: energy, force on the second, torques on both; each by lanes.
    member _.IsIsolated = places.Length = 0
    member _.RowStart = rowStart
    /// Else the rows that pairs add to, by lanes: of the energy, of the forces on both (the first of three each), of the torques on both.
    member _.Places = places

/// Rows of a weighted least-squares problem of pairs of bodies.
[<Sealed>]
type internal SiteRows(groups: SitePairGroup[], rows: int, weights: float[], targets: float[], kinds: int[]) =
    let squares = Vectors.dot (ReadOnlySpan targets) (ReadOnlySpan targets)
    let counted = weights |> Array.sumBy (fun weight -> if weight > 0.0 then 1 else 0)
    member _.Groups = groups
    /// A multiple of four; rows that are none weigh nothing.
    member _.Rows = rows
    member _.Weights = weights
    /// Rows that weigh something.
    member _.Counted = counted
    /// Times their weights.
    member _.Targets = targets
    /// 0 energies, 1 forces, 2 torques, −1 nobody's.
    member _.Kinds = kinds
    /// Σ (w y)².
    member _.Squares = squares

/// What kinds of sites bodies have: for every species the type of every site, ascending.
[<Sealed>]
type internal SiteTypes(types: int[][]) =
    let offsets = Array.scan (fun sum (own: int[]) -> sum + own.Length) 0 types
    let count = 1 + (types |> Array.fold (fun most own -> Array.fold max most own) 0)

    let kinds =
        let numbers = Array2D.zeroCreate<int> count count
        let mutable next = 0

        for t in 0 .. count - 1 do
            for u in t .. count - 1 do
                numbers[t, u] <- next
                numbers[u, t] <- next
                next <- next + 1

        numbers

    member _.Of(species: int) = types[species]
    member _.All = types
    /// The number of the first site of a species among all.
    member _.Offset(species: int) = offsets[species]
    member _.Sites = offsets[types.Length]
    member _.Count = count
    /// Pairs of types.
    member _.Kinds = count * (count + 1) / 2
    member _.Kind(t: int, u: int) = kinds[t, u]
