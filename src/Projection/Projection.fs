namespace AniSoap

open System
open System.Collections.Immutable
open AniSoap.Numerics
open AniSoap.Display

/// Hyperparameters made ready: checked, with the tables of the radial functions and of the contraction. Immutable and safe to
/// share between threads; made for one set of species, which decides the columns.
[<Sealed>]
[<StructuredFormatDisplay("{Display}")>]
[<TypeFormatterSource(typeof<DisplaySource>)>]
type Projection
    internal
    (
        hypers: Hypers,
        species: ImmutableArray<int>,
        radial: RadialFunctions,
        table: ContractionTable,
        mixing: Lazy<struct (AlignedBuffer * int[])>,
        limits: Limits
    ) =
    let gradientTables =
        lazy (let struct (matrices, offsets) = mixing.Value in GradientTables(table, matrices, offsets))

    let inUnit = LengthUnit.hypers radial.Unit hypers
    let hasOwn = (hypers.CenterDensity = CenterDensity.Own)
    let weights = SpeciesMixing.matrix hypers.SpeciesMixing hasOwn species

    let channels =
        match hypers.SpeciesMixing with
        | None -> species
        | Some mixing -> ImmutableArray.CreateRange(seq { 0 .. SpeciesMixing.channels mixing - 1 })
        |> fun mixed -> if hasOwn then mixed.Add Projection.OwnChannel else mixed

    /// The hyperparameters, checked.
    member _.Hypers = hypers

    /// The label of columns of the centre's own density.
    static member internal OwnChannel = -1

    /// The species of the run, ascending: they stand for centres in the keys, and for neighbours in every column unless they are mixed into channels.
    member _.Species = species

    /// What the columns of each n stand for: the species of neighbours, or channels that they are mixed into, numbered from 0; and at the end −1 where the
    /// centre's own density has columns of its own.
    member _.Channels = channels

    /// The name of that label.
    member internal _.ChannelName =
        if weights.Length = 0 then
            "neighbor_type"
        else
            "neighbor_channel"

    /// Kinds of density that are told apart before they are mixed: the species of neighbours, and the centre's own behind them where it has columns of its own.
    member internal _.SourceCount = species.Length + (if hasOwn then 1 else 0)

    /// Weights of sources in columns, source by source; empty where every source is its own column.
    member internal _.ChannelWeights = weights

    /// The radial functions of every l.
    member _.RadialFunctions = radial

    /// Largest l + 2n.
    member _.Degree = table.Degree

    /// Number of radial functions of angular momentum l.
    member _.RadialCount l = radial.Count l

    member internal _.Table = table

    /// The unit of length that kernels compute in.
    member internal _.Unit = radial.Unit

    /// The hyperparameters with all lengths in that unit.
    member internal _.InUnit = inUnit

    /// What the raw coefficients of kernels, of l and n, are multiplied by: the unit to the power l + 2n.
    member internal _.RawScale(l, n) = radial.Unit.Power(2 * (l + 2 * n))

    /// For each l the (padded) matrix of columns that turns bare primitives into orthonormal functions, species by species.
    member internal _.Mixing = let struct (matrices, _) = mixing.Value in matrices
    member internal _.MixingOffsets = let struct (_, offsets) = mixing.Value in offsets
    member internal _.LazyMixing = mixing

    /// What may be spent on a frame.
    member _.Limits = limits

    /// The same hyperparameters and tables for as many other species.
    member internal _.OnSpecies(other: ImmutableArray<int>) = Projection(hypers, other, radial, table, mixing, limits)

    /// The same hyperparameters for other species, with a table for so many; `mixing` is made when it is first needed.
    member internal _.OnSpecies(other: ImmutableArray<int>, table: ContractionTable) =
        Projection(hypers, other, radial, table, lazy Mixing.create radial table, limits)

    /// The same radial functions with the columns of one neighbour alone: what a pair has.
    member internal _.OnePair() =
        let counts = Array.init (hypers.MaxAngular + 1) radial.Count
        let table = ContractionTable(hypers.MaxAngular, counts, 1)

        let center =
            if hasOwn then
                CenterDensity.Merged
            else
                hypers.CenterDensity

        let plain = { hypers with CenterDensity = center; SpeciesMixing = None }
        Projection(plain, ImmutableArray.Create species[0], radial, table, lazy Mixing.create radial table, limits)

    /// A particle's density with all lengths in the unit that kernels compute in.
    member internal _.InUnitOf(particle: Ellipsoid) =
        Ellipsoid.withDensity radial.Unit.FromUser hypers.DensityScale particle

    /// What a semi-axis of a density, in the unit that kernels compute in, changes by when the particle's changes by 1 in the unit of the input.
    member internal _.PerSemiAxis = radial.Unit.FromUser * hypers.DensityScale

    member internal _.GradientTables = gradientTables.Value

    /// The place of a species among the species of the run, −1 if it is none of them.
    member internal _.SpeciesIndex(number: int) = species.BinarySearch number

    /// The hyperparameters by their names in files.
    member internal _.Shown =
        let rows =
            HyperRules.show hypers
            @ [ "species", System.String.Join(", ", Seq.map string species) ]

        let functions = Seq.sum (Seq.init (table.MaxAngular + 1) (fun l -> (2 * l + 1) * radial.Count l))

        {
            Title =
                "projection on "
                + string functions
                + " functions for each "
                + (if weights.Length = 0 then
                       "species of neighbours"
                   else
                       "channel of species")
            Header = [ "hyperparameter"; "value" ]
            Rows = rows |> List.map (fun (name, value) -> [ name; value ])
            Omitted = 0
        }

    member internal projection.Display = DisplayTable.toText projection.Shown

    interface IDisplayed with
        member projection.ToHtml() = DisplayTable.toHtml projection.Shown

    /// The hyperparameters and the species, as a short table.
    override projection.ToString() = projection.Display

/// Hyperparameters made ready for a set of species: tables and radial functions, made once and used for any number of frames.
module Projection =
    /// Largest moment that a run may meet: beyond it doubles overflow.
    [<Literal>]
    let internal LargestMoment = 1e280

    /// Sizes of the leading length whose inverse third power, which features go with, and one more for derivatives, are far inside doubles.
    [<Literal>]
    let private MostDecades = 60.0

    /// Powers of the lengths that occur, in the unit that kernels compute in, must stay within doubles: with the GTO basis means are bounded by the cutoff,
    /// with monomials all is (the semi-axes are checked frame by frame).
    let private checkRange (hypers: Hypers) (table: ContractionTable) =
        let struct (name, leading) = LengthUnit.leading hypers
        let ratio = max 1.0 (hypers.CutoffRadius / leading)

        if not (abs (Math.Log10 leading) <= MostDecades) then
            Error(
                AniSoapError.invalid
                    name
                    leading
                    "a length from 1e-60 to 1e60 (features go as its inverse third power); choose another unit of length"
            )
        elif
            not (
                Math.Pow(ratio * float (table.Degree + 1), float table.Degree) * 1e30
                <= LargestMoment
            )
        then
            Error(
                AniSoapError.invalid
                    "cutoff_radius"
                    hypers.CutoffRadius
                    ("a length whose ratio to the Gaussian width, here "
                     + string ratio
                     + ", to the power "
                     + string table.Degree
                     + " = max(l + 2n) fits into double precision")
            )
        else
            Ok()

    /// Whether doubles hold the coefficients of bare primitives, which go as lengths to the power l + 2n.
    let internal checkRaw (projection: Projection) : Result<unit, AniSoapError> =
        let struct (name, leading) = LengthUnit.leading projection.Hypers
        let cutoff = projection.Hypers.CutoffRadius
        let fits length = abs (float projection.Degree * Math.Log10 length) <= 280.0

        let refuse name (length: float) =
            AniSoapError.invalid
                name
                length
                ("for raw coefficients a length whose power "
                 + string projection.Degree
                 + " = max(l + 2n) fits into double precision; choose another unit of length, or orthonormal coefficients")
            |> Error

        if not (fits leading) then
            refuse name leading
        elif cutoff > 1.0 && not (fits cutoff) then
            refuse "cutoff_radius" cutoff
        else
            Ok()

    /// The same where the form asks for it.
    let internal checkForm form projection =
        match form with
        | RadialForm.Raw -> checkRaw projection
        | RadialForm.Orthonormal -> Ok()

    /// The radial functions of hyperparameters that can work.
    let private radialFunctions (hypers: Hypers) =
        HyperRules.checkConsistency hypers
        |> Result.bind RadialOrthonormalization.create
        |> Result.bind (fun radial -> HyperRules.checkAccuracy hypers |> Result.map (fun _ -> radial))

    /// Whether tables and labels of so many columns fit into arrays: five labels for each of a spectrum's ordered pairs of columns are the longest.
    let private checkSizes (counts: int[]) (species: int) =
        let columns = counts |> Array.map (fun count -> int64 count * int64 species + 3L)

        let pairs =
            columns
            |> Seq.map (fun count -> ArraySize.product [ count; count ])
            |> ArraySize.sum

        let functions =
            columns
            |> Seq.mapi (fun l count -> (2L * int64 l + 1L) * count)
            |> ArraySize.sum

        if
            ArraySize.product [ 5L; pairs ] <= ArraySize.most
            && 9L * functions <= ArraySize.most
        then
            Ok()
        else
            AniSoapError.invalid
                "number of species"
                species
                (String.Concat(
                    "fewer species or radial functions: a spectrum would have ",
                    Limits.show pairs,
                    " numbers, and arrays hold ",
                    Limits.show (ArraySize.most / 5L)
                ))
            |> Error

    /// Whether every species has weights, and none the label of the centre's own density.
    let private checkChannels (hypers: Hypers) (species: ImmutableArray<int>) =
        let isUnknown one =
            hypers.SpeciesMixing
            |> Option.exists (fun mixing -> (SpeciesMixing.weightsOf one mixing).IsNone)

        match species |> Seq.tryFind isUnknown with
        | Some one -> Error(AniSoapError.invalid "species" one "one of those that species_mixing has weights of")
        | None when
            hypers.CenterDensity = CenterDensity.Own
            && species.Contains Projection.OwnChannel
            ->
            Error(
                AniSoapError.invalid
                    "species"
                    Projection.OwnChannel
                    "another number: it labels the centre's own density where center_density is own"
            )
        | None -> Ok()

    /// Whether hyperparameters can work, whatever the species: all that `create` refuses for their sake.
    let validate (hypers: Hypers) : Result<Hypers, AniSoapError> =
        radialFunctions hypers |> Result.map (fun _ -> hypers)

    /// What a projection with these hyperparameters has already serves again: its radial functions, its limits, and its table for as many channels.
    let private onSpecies hypers (known: Projection option) (species: int seq) =
        let species = species |> Seq.distinct |> Seq.sort |> ImmutableArray.CreateRange

        if species.IsEmpty then
            Error(AniSoapError.invalid "species" "none" "at least one species")
        else
            let radial =
                match known with
                | Some known -> Ok known.RadialFunctions
                | None -> radialFunctions hypers

            radial
            |> Result.bind (fun radial ->
                let counts = Array.init (hypers.MaxAngular + 1) radial.Count

                let channels =
                    (hypers.SpeciesMixing
                     |> Option.fold (fun _ mixing -> SpeciesMixing.channels mixing) species.Length)
                    + (if hypers.CenterDensity = CenterDensity.Own then 1 else 0)

                checkChannels hypers species
                |> Result.bind (fun () -> checkSizes counts channels)
                |> Result.map (fun () -> radial, counts, channels))
            |> Result.bind (fun (radial, counts, channels) ->
                match known with
                | Some known when known.Table.SpeciesCount = channels -> Ok(known.OnSpecies species)
                | _ ->
                    let table = ContractionTable(hypers.MaxAngular, counts, channels)
                    let limits = known |> Option.fold (fun _ known -> known.Limits) Limits.defaults

                    checkRange hypers table
                    |> Result.map (fun () ->
                        Projection(hypers, species, radial, table, lazy Mixing.create radial table, limits)))

    /// Hyperparameters and the species of the run (any order, repetitions allowed) made ready. Refuses what cannot work, naming
    /// the parameter, its value and what is accepted.
    let create (hypers: Hypers) (species: int seq) : Result<Projection, AniSoapError> = onSpecies hypers None species

    /// The projection with the same hyperparameters and limits for other species: the radial functions, which take the time, are not
    /// made again.
    let withSpecies (species: int seq) (projection: Projection) : Result<Projection, AniSoapError> =
        onSpecies projection.Hypers (Some projection) species

    let private speciesOf (frames: Frame seq) =
        match frames |> Seq.collect Frame.species |> Seq.distinct |> Seq.toArray with
        | [||] ->
            Error(
                AniSoapError.invalid
                    "frames"
                    "none with particles"
                    "at least one particle, for the columns are those of the species that occur"
            )
        | species -> Ok species

    /// Hyperparameters made ready for the species of these frames. Refuses what cannot work, and frames without any particle.
    let ofFrames (hypers: Hypers) (frames: Frame seq) : Result<Projection, AniSoapError> =
        speciesOf frames |> Result.bind (create hypers)

    /// The same projection for the species of these frames, see `withSpecies`.
    let withSpeciesOf (frames: Frame seq) (projection: Projection) : Result<Projection, AniSoapError> =
        speciesOf frames |> Result.bind (fun species -> withSpecies species projection)

    /// The projection with other limits of what may be spent on a frame or a result.
    let withLimits (limits: Limits) (projection: Projection) =
        Projection(
            projection.Hypers,
            projection.Species,
            projection.RadialFunctions,
            projection.Table,
            projection.LazyMixing,
            limits
        )

    /// The hyperparameters, checked.
    let hypers (projection: Projection) = projection.Hypers
    /// The species that the projection knows, ascending.
    let species (projection: Projection) = projection.Species
