namespace AniSoap

open System.Collections.Immutable

/// The sums of products that a chosen spectrum of some species takes: column Target of the choice is Weight · Σ_m c_{First + m·Stride} c_{Second + m·Stride}.
[<NoComparison; NoEquality>]
type internal ChosenSums = {
    Target: int[]
    First: int[]
    Second: int[]
    Stride: int[]
    /// 2 l + 1.
    Terms: int[]
    /// (−1)^l/√(2l+1), and √2 where one column stands for two.
    Weight: float[]
}

/// Some columns of power spectra; `SpectrumColumns.choose` makes them.
[<Sealed>]
type ChosenColumns internal (isCompact: bool, labels: Labels) =
    /// l, n_1, neighbor_1_type, n_2, neighbor_2_type; of means center_type before them.
    static let names = ImmutableArray.Create("l", "n_1", "neighbor_1_type", "n_2", "neighbor_2_type")

    let skip = labels.Size - names.Length

    // The columns of one particle's spectrum that occur, in the order of their first occurrence, and for each label its place among them.
    let particleColumns, places =
        let known = System.Collections.Generic.Dictionary<struct (int * int * int * int * int), int>()
        let values = ResizeArray<int>()

        let places = [|
            for row in labels do
                let column = struct (row[skip], row[skip + 1], row[skip + 2], row[skip + 3], row[skip + 4])

                if known.TryAdd(column, known.Count) then
                    for d in skip .. skip + 4 do
                        values.Add row[d]

                known[column]
        |]

        Labels.trusted names (values.ToArray()), places

    static member internal Names = names

    /// The columns, in their order.
    member _.Labels = labels

    /// Whether they are of `UnorderedPairs`, else of `OrderedPairs`.
    member _.IsOfUnorderedPairs = isCompact

    /// Whether each is of one species as centre, as the columns of means in a table are.
    member internal _.HasCenters = skip > 0

    /// The columns of a particle's spectrum that are needed for them.
    member internal _.OfParticle = particleColumns

    /// For every column its species as centre, and its place among those of a particle.
    member internal _.Picks: struct (int * int)[] =
        Array.init labels.Count (fun i -> struct ((if skip > 0 then (labels[i])[0] else 0), places[i]))

    /// Whether every one of the species as centre has the same columns in the same order.
    member internal chosen.AreOfEach(species: ImmutableArray<int>) =
        skip = 0
        || (labels.Count = species.Length * particleColumns.Count
            && species
               |> Seq.forall (fun center ->
                   chosen.Picks
                   |> Array.filter (fun (struct (of', _)) -> of' = center)
                   |> Array.map (fun (struct (_, place)) -> place)
                   |> (=) [| 0 .. particleColumns.Count - 1 |]))

    override _.Equals other =
        match other with
        | :? ChosenColumns as other -> other.IsOfUnorderedPairs = isCompact && other.Labels.Equals labels
        | _ -> false

    override _.GetHashCode() = labels.GetHashCode()
    override _.ToString() = string labels.Count + " chosen columns"
