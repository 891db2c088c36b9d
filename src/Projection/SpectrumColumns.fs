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
    let private names (projection: Projection) =
        let channel (number: string) = projection.ChannelName.Replace("_", "_" + number + "_")
        ImmutableArray.Create("l", "n_1", channel "1", "n_2", channel "2")

    let private columnsOf (form: SpectrumColumns) (projection: Projection) (prefix: int list) = [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let pairs = [|
                for n in 0 .. projection.RadialCount l - 1 do
                    for t in projection.Channels do
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

    /// The columns of one particle's spectrum: l slowest, then n_1, neighbor_1_type, n_2, neighbor_2_type (type −1: the centre's own density, where it has
    /// columns of its own; of mixed species neighbor_1_channel, neighbor_2_channel).
    let properties (form: SpectrumColumns) (projection: Projection) : Labels =
        Labels.trusted (names projection) (columnsOf form projection [])

    /// The columns of a frame's mean spectrum: the same for every species as centre, center_type slowest.
    let meanProperties (form: SpectrumColumns) (projection: Projection) : Labels =
        Labels.trusted ((names projection).Insert(0, "center_type")) [|
            for species in projection.Species do
                yield! columnsOf form projection [ species ]
        |]

    /// Whether arrays and the projection's limits hold one row of spectra with its labels: of a particle, or of a frame's means.
    let check (form: SpectrumColumns) (perParticle: bool) (projection: Projection) : Result<unit, AniSoapError> =
        let pairs (count: int) =
            match form with
            | OrderedPairs -> int64 count * int64 count
            | UnorderedPairs -> int64 count * (int64 count + 1L) / 2L

        let length = projection.Table.Columns |> Array.sumBy pairs
        RunEstimate.checkRow perParticle length projection

    /// For every column of the spectrum of `own`, a projection on some of the species of `whole`, its place among the columns of `whole`; `places`
    /// are the places of the species. Ascending species keep their order, and so do the columns.
    let internal places form (own: Projection) (whole: Projection) (places: int[]) : int[] =
        let targets = ResizeArray<int>()
        let mutable start = 0

        for l in 0 .. own.Hypers.MaxAngular do
            let count = own.RadialCount l
            let columns, ofAll = own.Channels.Length, whole.Channels.Length
            let few, all = count * columns, count * ofAll

            // The centre's own density stands behind the species.
            let into q =
                let channel = q % columns

                let place =
                    if channel < places.Length then
                        places[channel]
                    else
                        ofAll - 1

                q / columns * ofAll + place

            for q1 in 0 .. few - 1 do
                for q2 in (if form = UnorderedPairs then q1 else 0) .. few - 1 do
                    let one, other = into q1, into q2

                    targets.Add(
                        if form = UnorderedPairs then
                            // Rows of the upper triangle have all, all − 1, … entries.
                            start + one * all - one * (one - 1) / 2 + other - one
                        else
                            start + one * all + other
                    )

            start <-
                start
                + (if form = UnorderedPairs then
                       all * (all + 1) / 2
                   else
                       all * all)

        targets.ToArray()

    /// Number of ordered pairs of columns, all l together: what a spectrum is summed in.
    let internal fullLength (projection: Projection) = projection.Table.SpectrumOffsets[projection.Table.MaxAngular + 1]

    /// Number of columns of one particle's spectrum.
    let internal length form (projection: Projection) =
        match form with
        | OrderedPairs -> fullLength projection
        | UnorderedPairs -> projection.Table.Columns |> Array.sumBy (fun count -> count * (count + 1) / 2)
