namespace AniSoap

open System
open System.Collections.Immutable
open AniSoap.Numerics

/// Where the columns of one directed pair of species stand: first own × neighbour, by contact channel, even l, n_1 of the centre's own density, n_2 of the neighbour's; then
/// neighbour × same neighbour, by contact channel, l, n_1 ≤ n_2. A channel is a contact shape (slowest) and a function of the gap.
type internal PairLayout = {
    MaxAngular: int
    /// n = 0 … below these.
    Radial: int
    OwnRadial: int
    NeighborRadial: int
    /// Contact shapes.
    Shapes: int
    OwnFunctions: ContactChannel[]
    NeighborFunctions: ContactChannel[]
} with

    /// Even l.
    member layout.EvenAngular = layout.MaxAngular / 2 + 1
    /// Numbers of own × neighbour of one channel.
    member layout.OwnLength = layout.EvenAngular * layout.OwnRadial * layout.Radial

    /// Numbers of neighbour × same neighbour of one channel.
    member layout.NeighborLength =
        (layout.MaxAngular + 1) * layout.NeighborRadial * (layout.NeighborRadial + 1)
        / 2

    member layout.OwnChannels = layout.Shapes * layout.OwnFunctions.Length
    member layout.NeighborChannels = layout.Shapes * layout.NeighborFunctions.Length

    /// Columns of a directed pair of species.
    member layout.Length =
        layout.OwnChannels * layout.OwnLength
        + layout.NeighborChannels * layout.NeighborLength

/// Pair spectra made ready: hyperparameters that were checked, tables, and the species that columns are for. Immutable, shared by threads.
[<Sealed>]
type PairBasis
    internal
    (hypers: PairHypers, species: ImmutableArray<int>, projection: Projection, single: Projection, layout: PairLayout) =
    let counts = single.Table.RadialCounts
    let mixing = SpeciesMixing.matrix hypers.SpeciesMixing false species

    let channels =
        hypers.SpeciesMixing
        |> Option.fold (fun _ mixing -> SpeciesMixing.channels mixing) species.Length

    let offsets = Array.init counts.Length (fun l -> (2 * l + 1) * counts[l]) |> Array.scan (+) 0

    let gradients = HarmonicDerivatives.gradients layout.MaxAngular counts offsets

    let terms = HarmonicDerivatives.terms gradients

    let rotations =
        Array.init layout.EvenAngular (fun half ->
            Array.init 3 (fun axis -> HarmonicDerivatives.rotation (2 * half) axis))

    /// The hyperparameters, checked.
    member _.Hypers = hypers

    /// The species of the run, ascending.
    member _.Species = species

    /// Numbers of a frame's pair spectrum: for every species (or channel) as centre and every one as neighbour those of `PairBasis.properties`.
    member _.Length = channels * channels * layout.Length

    /// Species, or the channels that they are mixed into.
    member internal _.Channels = channels

    /// Weights of species in channels, species by species; empty where every directed pair of species has its own columns.
    member internal _.ChannelWeights = mixing

    /// The first column of a directed pair of species, by their places, where these are not mixed.
    member internal _.FirstColumn(center, neighbor) = (center * species.Length + neighbor) * layout.Length

    /// Calls back for every directed pair of channels that a directed pair of species is mixed into, with the first of its columns and the weight.
    member internal _.VisitChannels(center: int, neighbor: int, visit: Action<int, float>) =
        for one in 0 .. channels - 1 do
            for other in 0 .. channels - 1 do
                let weight = mixing[center * channels + one] * mixing[neighbor * channels + other]

                if weight <> 0.0 then
                    visit.Invoke((one * channels + other) * layout.Length, weight)

    /// Weights of columns as they are for a directed pair of species: of mixed ones the sum over channels, into `room`.
    member internal basis.WeightsOf(center, neighbor, weights: AlignedBuffer, room: AlignedBuffer) =
        let target = room.Span
        target.Clear()

        for one in 0 .. channels - 1 do
            for other in 0 .. channels - 1 do
                RowSums.addScaled
                    (mixing[center * channels + one] * mixing[neighbor * channels + other])
                    (Span.op_Implicit (weights.Span.Slice((one * channels + other) * layout.Length, layout.Length)))
                    (target.Slice(0, layout.Length))

    member internal _.Layout = layout
    /// On all species, up to the next l.
    member internal _.Projection = projection
    /// The same on one species.
    member internal _.Single = single
    /// Gradients of bare primitives.
    member internal _.Gradients = gradients
    /// The same for the way back.
    member internal _.GradientTerms = terms
    /// By half of l and by axis.
    member internal _.Rotations = rotations

    /// The number of columns and the species.
    override basis.ToString() =
        String.Concat("pair spectra of ", string basis.Length, " columns, species ")
        + String.Join(", ", species)

/// Pair spectra made ready, and their labels.
module PairBasis =
    let private expansion (hypers: PairHypers) : Hypers = {
        HyperRules.create (hypers.MaxAngular + 1) (Gto hypers.RadialGaussianWidth) hypers.CutoffRadius with
            // Derivatives take from one l more and one n fewer.
            MaxRadial =
                RadialCount.PerAngular [
                    for _ in 0 .. hypers.MaxAngular do
                        hypers.MaxRadial
                    max 0 (hypers.MaxRadial - 1)
                ]
            CenterDensity = CenterDensity.Absent
            DensityScale = hypers.DensityScale
    }

    /// Pair spectra of these species (any order, repetitions allowed). Refuses what cannot work, naming the parameter, its value and what is accepted.
    let create (hypers: PairHypers) (species: int seq) : Result<PairBasis, AniSoapError> =
        let smoothed = {
            HyperRules.create 0 (Gto hypers.RadialGaussianWidth) hypers.CutoffRadius with
                Smoothing = hypers.Smoothing
        }

        PairHypers.check species hypers
        |> Result.bind (fun () -> HyperRules.checkConsistency smoothed)
        |> Result.bind (fun _ -> Projection.create (expansion hypers) species)
        |> Result.bind (fun projection ->
            let first = projection.Species[0]

            Projection.withSpecies [ first ] projection
            |> Result.bind (fun single ->
                let layout = {
                    MaxAngular = hypers.MaxAngular
                    Radial = hypers.MaxRadial + 1
                    OwnRadial = hypers.OwnMaxRadial + 1
                    NeighborRadial = hypers.NeighborMaxRadial + 1
                    Shapes = hypers.ContactShapes.Length
                    OwnFunctions = Array.ofList hypers.OwnChannels
                    NeighborFunctions = Array.ofList hypers.NeighborChannels
                }

                let all =
                    let channels =
                        hypers.SpeciesMixing
                        |> Option.fold (fun _ mixing -> SpeciesMixing.channels mixing) projection.Species.Length

                    int64 layout.Length * int64 channels * int64 channels

                if all > 1_000_000L then
                    AniSoapError.invalid
                        "number of columns"
                        all
                        "at most 1000000: fewer species, channels or functions"
                    |> Error
                else
                    Ok(PairBasis(hypers, projection.Species, projection, single, layout))))

    let private names (basis: PairBasis) =
        let kind =
            if basis.Hypers.SpeciesMixing.IsSome then
                "_channel"
            else
                "_type"

        ImmutableArray.Create("center" + kind, "neighbor" + kind, "product", "contact", "l", "n_1", "n_2")

    /// The columns: `center_type`, `neighbor_type`, `product` (0: the centre's own density × the neighbour's; 1: the neighbour's × its own), `contact` (the channel: contact shapes
    /// one after another, for each its functions in the order given), `l`, `n_1`, `n_2`. Of mixed species `center_channel` and `neighbor_channel` stand for the first two.
    let properties (basis: PairBasis) : Labels =
        let layout = basis.Layout

        let kinds =
            if basis.Hypers.SpeciesMixing.IsSome then
                seq { 0 .. basis.Channels - 1 }
            else
                basis.Species

        Labels.trusted (names basis) [|
            for center in kinds do
                for neighbor in kinds do
                    for channel in 0 .. layout.OwnChannels - 1 do
                        for l in 0..2 .. layout.MaxAngular do
                            for n1 in 0 .. layout.OwnRadial - 1 do
                                for n2 in 0 .. layout.Radial - 1 do
                                    yield! [ center; neighbor; 0; channel; l; n1; n2 ]

                    for channel in 0 .. layout.NeighborChannels - 1 do
                        for l in 0 .. layout.MaxAngular do
                            for n1 in 0 .. layout.NeighborRadial - 1 do
                                for n2 in n1 .. layout.NeighborRadial - 1 do
                                    yield! [ center; neighbor; 1; channel; l; n1; n2 ]
        |]
