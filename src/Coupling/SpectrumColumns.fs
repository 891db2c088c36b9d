namespace AniSoap

open System.Collections.Immutable

/// Which columns a power spectrum has.
type SpectrumColumns =
    /// All ordered pairs (n, t), (n', t'), as AniSOAP has them.
    | OrderedPairs
    /// Each unordered pair once, (n, t) not after (n', t'), times √2 where they differ: half the columns and the same dot products.
    | UnorderedPairs

/// The columns of power spectra and their labels.
module SpectrumColumns =
    let private names = ImmutableArray.Create("l", "n_1", "neighbor_1_type", "n_2", "neighbor_2_type")

    let private columnsOf (form: SpectrumColumns) (projection: Projection) (prefix: int list) = [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let pairs = [|
                for n in 0 .. projection.RadialCount l - 1 do
                    for t in projection.Species do
                        n, t
            |]

            for q1 in 0 .. pairs.Length - 1 do
                for q2 in (if form = UnorderedPairs then q1 else 0) .. pairs.Length - 1 do
                    yield! prefix
                    l
                    fst pairs[q1]
                    snd pairs[q1]
                    fst pairs[q2]
                    snd pairs[q2]
    |]

    /// The columns of one particle's spectrum: l slowest, then n_1, neighbor_1_type, n_2, neighbor_2_type.
    let properties (form: SpectrumColumns) (projection: Projection) : Labels =
        Labels.trusted names (columnsOf form projection [])

    /// The columns of a frame's mean spectrum: the same for every species as centre, center_type slowest.
    let meanProperties (form: SpectrumColumns) (projection: Projection) : Labels =
        Labels.trusted (names.Insert(0, "center_type")) [|
            for species in projection.Species do
                yield! columnsOf form projection [ species ]
        |]

    /// Number of ordered pairs of columns, all l together: what a spectrum is summed in.
    let internal fullLength (projection: Projection) = projection.Table.SpectrumOffsets[projection.Table.MaxAngular + 1]

    /// Number of columns of one particle's spectrum.
    let internal length form (projection: Projection) =
        match form with
        | OrderedPairs -> fullLength projection
        | UnorderedPairs -> projection.Table.Columns |> Array.sumBy (fun count -> count * (count + 1) / 2)
