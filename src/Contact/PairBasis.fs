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

    /// Numbers of a frame's pair spectrum: for every species as centre and every species as neighbour those of `PairBasis.properties`.
    member _.Length = species.Length * species.Length * layout.Length

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
            SubtractCenterContribution = true
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
                    int64 layout.Length
                    * int64 projection.Species.Length
                    * int64 projection.Species.Length

                if all > 1_000_000L then
                    AniSoapError.invalid
                        "number of columns"
                        all
                        "at most 1000000: fewer species, channels or functions"
                    |> Error
                else
                    Ok(PairBasis(hypers, projection.Species, projection, single, layout))))

    let private names =
        ImmutableArray.Create("center_type", "neighbor_type", "product", "contact", "l", "n_1", "n_2")

    /// The columns: `center_type`, `neighbor_type`, `product` (0: the centre's own density × the neighbour's; 1: the neighbour's × its own), `contact` (the channel: contact shapes
    /// one after another, for each its functions in the order given), `l`, `n_1`, `n_2`.
    let properties (basis: PairBasis) : Labels =
        let layout = basis.Layout

        Labels.trusted names [|
            for center in basis.Species do
                for neighbor in basis.Species do
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
