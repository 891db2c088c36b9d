namespace AniSoap

open System.Collections.Immutable

/// Which columns a power spectrum has.
type SpectrumColumns =
    /// All ordered pairs (n, t), (n', t'), as AniSOAP has them.
    | OrderedPairs
    /// Each unordered pair once, (n, t) not after (n', t'), times √2 where they differ: half the columns and the same dot products.
    | UnorderedPairs
    /// Some of these, in an order of their own; `SpectrumColumns.choose` makes them. No others are computed.
    | SomeColumns of ChosenColumns

/// The columns of power spectra and their labels.
module SpectrumColumns =
    let private names = ChosenColumns.Names

    let private namesOf (projection: Projection) =
        let channel (number: string) = projection.ChannelName.Replace("_", "_" + number + "_")
        ImmutableArray.Create("l", "n_1", channel "1", "n_2", channel "2")

    /// Whether each unordered pair stands once.
    let internal isCompact (form: SpectrumColumns) =
        match form with
        | OrderedPairs -> false
        | UnorderedPairs -> true
        | SomeColumns chosen -> chosen.IsOfUnorderedPairs

    /// Number of pairs of so many columns of one l: ordered, or (compact) each unordered pair once.
    let internal pairCount (isCompact: bool) (columns: int) =
        if isCompact then
            columns * (columns + 1) / 2
        else
            columns * columns

    /// Where an unordered pair of columns stands among those of its l.
    let internal compactPlace columns q1 q2 =
        let low = min q1 q2
        // Rows of the upper triangle before `low` have columns, columns − 1, … entries.
        low * columns - low * (low - 1) / 2 + max q1 q2 - low

    /// All columns of the form that these are of.
    let internal whole (form: SpectrumColumns) = if isCompact form then UnorderedPairs else OrderedPairs

    let private columnsOf (form: SpectrumColumns) (projection: Projection) (prefix: int list) = [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let pairs = [|
                for n in 0 .. projection.RadialCount l - 1 do
                    for t in projection.Channels do
                        n, t
            |]

            for q1 in 0 .. pairs.Length - 1 do
                for q2 in (if isCompact form then q1 else 0) .. pairs.Length - 1 do
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
        match form with
        | SomeColumns chosen -> chosen.OfParticle
        | _ -> Labels.trusted (namesOf projection) (columnsOf form projection [])

    /// The columns of a frame's mean spectrum: the same for every species as centre, center_type slowest.
    let meanProperties (form: SpectrumColumns) (projection: Projection) : Labels =
        let ofCenter (center: int) =
            match form with
            | SomeColumns chosen -> [|
                for row in chosen.OfParticle do
                    yield center
                    yield! row.Values.ToArray()
              |]
            | _ -> columnsOf form projection [ center ]

        match form with
        | SomeColumns chosen when chosen.HasCenters -> chosen.Labels
        | _ ->
            Labels.trusted ((namesOf projection).Insert(0, "center_type")) [|
                for species in projection.Species do
                    yield! ofCenter species
            |]

    /// Chosen columns are sums over pairs of species: what has other columns than those, or means of another kind, is refused.
    let private checkChoice (perParticle: bool) (projection: Projection) =
        let hypers = projection.Hypers

        let refuse name value accepted = Error(AniSoapError.invalid name value (accepted + " where columns are chosen"))

        if hypers.CenterDensity = CenterDensity.Own then
            refuse "center_density" "own" "merged or none"
        elif hypers.SpeciesMixing.IsSome then
            refuse "species_mixing" "given" "none"
        elif not perParticle && hypers.Averaging = Averaging.Inner then
            refuse "average" "inner" "outer"
        else
            Ok()

    /// Whether the projection has these columns: the first that it has not is refused by its label.
    let private checkChosen (perParticle: bool) (projection: Projection) (chosen: ChosenColumns) =
        let skip = chosen.Labels.Size - names.Length

        let has (row: LabelsRow) =
            let l, n1, t1, n2, t2 = row[skip], row[skip + 1], row[skip + 2], row[skip + 3], row[skip + 4]
            let isKnown species = projection.SpeciesIndex species >= 0

            l >= 0
            && l <= projection.Hypers.MaxAngular
            && min n1 n2 >= 0
            && max n1 n2 < projection.RadialCount l
            && isKnown t1
            && isKnown t2
            && (skip = 0 || isKnown row[0])
            && (not chosen.IsOfUnorderedPairs || struct (n1, t1) <= struct (n2, t2))

        if perParticle && chosen.HasCenters then
            Error(
                AniSoapError.invalid
                    "chosen columns"
                    (System.String.Join(", ", chosen.Labels.Names))
                    ("for spectra of particles columns with "
                     + System.String.Join(", ", names)
                     + ": those with center_type are of means")
            )
        else
            match chosen.Labels |> Seq.tryFind (has >> not) with
            | Some row ->
                Error(
                    AniSoapError.invalid
                        "chosen column"
                        (string row)
                        ("columns that spectra with these hyperparameters and species have"
                         + (if chosen.IsOfUnorderedPairs then
                                ", (n_1, neighbor_1_type) not after (n_2, neighbor_2_type)"
                            else
                                ""))
                )
            | None -> Ok()

    /// Some columns of a form, in the order of the labels: with the dimensions of `properties`, the same for every species as centre, or with those of
    /// `meanProperties`. Refuses labels with other dimensions or none, and columns that the projection has not got.
    let choose
        (form: SpectrumColumns)
        (projection: Projection)
        (labels: Labels)
        : Result<SpectrumColumns, AniSoapError> =
        match checkChoice true projection with
        | Error error -> Error error
        | Ok() ->
            let known = labels.Names.AsSpan()

            let isOfMeans =
                known.Length = names.Length + 1
                && known[0] = "center_type"
                && System.MemoryExtensions.SequenceEqual(known.Slice 1, names.AsSpan())

            if
                not isOfMeans
                && not (System.MemoryExtensions.SequenceEqual(known, names.AsSpan()))
            then
                Error(
                    AniSoapError.invalid
                        "dimensions of chosen columns"
                        (System.String.Join(", ", labels.Names))
                        (System.String.Join(", ", names) + ", or these behind center_type")
                )
            elif labels.Count = 0 then
                Error(AniSoapError.invalid "number of chosen columns" 0 "at least one")
            else
                let chosen = ChosenColumns(isCompact form, labels)

                checkChosen false projection chosen |> Result.map (fun () -> SomeColumns chosen)

    /// Refuses chosen columns where derivatives go backwards through whole spectra.
    let internal requireAll (form: SpectrumColumns) : Result<unit, AniSoapError> =
        match form with
        | SomeColumns chosen ->
            Error(
                AniSoapError.invalid
                    "columns"
                    chosen
                    "OrderedPairs or UnorderedPairs: derivatives backwards take all of them"
            )
        | _ -> Ok()

    /// Whether arrays and the projection's limits hold one row of spectra with its labels: of a particle, or of a frame's means.
    let check (form: SpectrumColumns) (perParticle: bool) (projection: Projection) : Result<unit, AniSoapError> =
        let pairs (count: int) =
            if isCompact form then
                int64 count * (int64 count + 1L) / 2L
            else
                int64 count * int64 count

        match form with
        | SomeColumns chosen ->
            checkChoice perParticle projection
            |> Result.bind (fun () -> checkChosen perParticle projection chosen)
            |> Result.bind (fun () -> RunEstimate.checkRow perParticle (int64 chosen.OfParticle.Count) projection)
        | _ ->
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
                for q2 in (if isCompact form then q1 else 0) .. few - 1 do
                    let one, other = into q1, into q2

                    targets.Add(
                        if isCompact form then
                            start + compactPlace all one other
                        else
                            start + one * all + other
                    )

            start <- start + pairCount (isCompact form) all

        targets.ToArray()

    /// The sums that chosen columns take in a frame of the species of `own`.
    let internal sums (chosen: ChosenColumns) (own: Projection) : ChosenSums =
        let table = own.Table
        let species = own.Species.Length
        let columns = chosen.OfParticle

        let there =
            [| 0 .. columns.Count - 1 |]
            |> Array.filter (fun i ->
                let row = columns[i]
                own.SpeciesIndex row[2] >= 0 && own.SpeciesIndex row[4] >= 0)

        let place n species' = n * species + own.SpeciesIndex species'
        let ofEach (value: LabelsRow -> 'T) = there |> Array.map (fun i -> value columns[i])

        {
            Target = there
            First = ofEach (fun row -> table.CoefficientOffsets[row[0]] + place row[1] row[2])
            Second = ofEach (fun row -> table.CoefficientOffsets[row[0]] + place row[3] row[4])
            Stride = ofEach (fun row -> table.PaddedColumns[row[0]])
            Terms = ofEach (fun row -> 2 * row[0] + 1)
            Weight =
                ofEach (fun row ->
                    let l = row[0]
                    let isOnce = chosen.IsOfUnorderedPairs && (row[1] <> row[3] || row[2] <> row[4])

                    (if l % 2 = 0 then 1.0 else -1.0) * (if isOnce then sqrt 2.0 else 1.0)
                    / sqrt (2.0 * float l + 1.0))
        }

    /// For every chosen column of a particle its place among all columns.
    let internal placesAmongAll (form: SpectrumColumns) (projection: Projection) : int[] =
        match form with
        | SomeColumns chosen ->
            let all = Labels.trusted names (columnsOf form projection [])
            [| for row in chosen.OfParticle -> all.Position row.Values |]
        | _ -> [||]

    /// Number of ordered pairs of columns, all l together: what a spectrum is summed in.
    let internal fullLength (projection: Projection) = projection.Table.SpectrumOffsets[projection.Table.MaxAngular + 1]

    /// Number of columns of one particle's spectrum.
    let internal length form (projection: Projection) =
        match form with
        | OrderedPairs -> fullLength projection
        | UnorderedPairs -> projection.Table.Columns |> Array.sumBy (pairCount true)
        | SomeColumns chosen -> chosen.OfParticle.Count

    /// Number of values of a row of means in a table.
    let internal meanLength form (projection: Projection) =
        match form with
        | SomeColumns chosen when chosen.HasCenters -> chosen.Labels.Count
        | _ -> projection.Species.Length * length form projection
