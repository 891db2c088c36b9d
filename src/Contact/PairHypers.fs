namespace AniSoap

open System

/// The ellipsoids between whose surfaces a contact gap is measured.
[<RequireQualifiedAccess; NoComparison>]
type ContactShape =
    /// Every particle's own semi-axes, times a factor.
    | Scaled of factor: float
    /// The semi-axes of every species, along the body's x, y and z, in the length unit of the input.
    | BySpecies of semiAxes: Map<int, Vector3>

/// Every choice that decides what pair spectra mean. A record of wishes: `PairBasis.create` checks them.
[<NoComparison>]
type PairHypers = {
    /// Largest l of the expansions.
    MaxAngular: int
    /// Radial functions n = 0 … MaxRadial of a neighbour's density, beside the centre's own.
    MaxRadial: int
    /// Radial functions n = 0 … OwnMaxRadial of the centre's own density, at most MaxRadial.
    OwnMaxRadial: int
    /// Radial functions n = 0 … NeighborMaxRadial of a neighbour's density beside itself, at most MaxRadial.
    NeighborMaxRadial: int
    /// The width σ of the Gaussian-type radial functions, in the length unit of the input.
    RadialGaussianWidth: float
    /// Pairs with |r| < CutoffRadius count.
    CutoffRadius: float
    /// How pairs leave at the cutoff.
    Smoothing: Smoothing
    /// What semi-axes are multiplied by in the densities (not in contact shapes).
    DensityScale: float
    /// The contact shapes: every one has channels of its own.
    ContactShapes: ContactShape list
    /// The contact channels of own × neighbour.
    OwnChannels: ContactChannel list
    /// The contact channels whose squares weigh neighbour × same neighbour.
    NeighborChannels: ContactChannel list
    /// How the species of centres, and those of neighbours, are mixed into channels; `None` gives every directed pair of species its own columns.
    SpeciesMixing: SpeciesMixing option
    /// Below this gap channels go on as straight lines, so that nothing overflows.
    DeepestGap: float
}

/// Hyperparameters of pair spectra.
module PairHypers =
    /// What measured well on Gay–Berne particles whose thinnest diameter ℓ is the one given (with width and cutoff in the same unit): l up to 4, four radial
    /// functions, two of the centre's own, three of a neighbour with itself, contact channels (1 + h/ℓ)^(−p) with p = 3, 6 and 12, and 1.5, 3 and 6 whose squares are taken, straight
    /// below h = −0.6 ℓ, densities of 0.6 of the semi-axes, smoothing over a tenth of the cutoff.
    let create (thinnestDiameter: float) (radialGaussianWidth: float) (cutoffRadius: float) : PairHypers =
        let powers = List.map (fun power -> ContactChannel.Power(power, thinnestDiameter))

        {
            MaxAngular = 4
            MaxRadial = 3
            OwnMaxRadial = 1
            NeighborMaxRadial = 2
            RadialGaussianWidth = radialGaussianWidth
            CutoffRadius = cutoffRadius
            Smoothing = Smoothing.ShiftedCosine(0.1 * cutoffRadius)
            DensityScale = 0.6
            ContactShapes = [ ContactShape.Scaled 1.0 ]
            OwnChannels = powers [ 3.0; 6.0; 12.0 ]
            NeighborChannels = powers [ 1.5; 3.0; 6.0 ]
            SpeciesMixing = None
            DeepestGap = -0.6 * thinnestDiameter
        }

    /// Derivatives need the next l.
    [<Literal>]
    let internal LargestMaxAngular = 17

    let private most = 1e6

    let private requireThat condition name (value: obj) accepted =
        if condition then
            None
        else
            Some(AniSoapError.invalid name value accepted)

    let private isPositive value = Double.IsFinite value && value > 0.0

    let private channelProblem deepest (channels: ContactChannel list) name =
        match channels |> List.tryPick (ContactChannel.problem deepest) with
        | Some(part, value, accepted) -> Some(AniSoapError.invalid part value accepted)
        | None -> requireThat (List.distinct channels = channels) name "one twice" "different contact channels"

    let private shapeProblem species (shape: ContactShape) =
        match shape with
        | ContactShape.Scaled factor ->
            requireThat (isPositive factor) "factor of a contact shape" factor "a finite number above zero"
        | ContactShape.BySpecies axes ->
            match species |> Seq.tryFind (fun one -> not (axes.ContainsKey one)) with
            | Some one -> requireThat false "contact shape of species" one "semi-axes for every species of the run"
            | None ->
                axes
                |> Map.tryPick (fun _ a ->
                    requireThat
                        (isPositive a.X && isPositive a.Y && isPositive a.Z)
                        "semi-axes of a contact shape"
                        (Vector3.show a)
                        "three finite numbers above zero")

    /// What cannot work, whatever the radial functions: the first parameter, its value, and what is accepted.
    let internal check (species: int seq) (hypers: PairHypers) : Result<unit, AniSoapError> =
        let upTo limit name (value: int) =
            requireThat
                (value >= 0 && value <= limit)
                name
                value
                (String.Concat("a whole number from 0 to ", string limit))

        [
            fun () -> upTo LargestMaxAngular "max_angular" hypers.MaxAngular
            fun () -> requireThat (hypers.MaxRadial >= 0) "max_radial" hypers.MaxRadial "a whole number from 0"
            fun () -> upTo hypers.MaxRadial "own_max_radial" hypers.OwnMaxRadial
            fun () -> upTo hypers.MaxRadial "neighbor_max_radial" hypers.NeighborMaxRadial
            fun () ->
                requireThat
                    (isPositive hypers.DensityScale && hypers.DensityScale <= most)
                    "density_scale"
                    hypers.DensityScale
                    "a finite number above zero"
            fun () ->
                hypers.SpeciesMixing
                |> Option.bind SpeciesMixing.problem
                |> Option.map (fun (value, accepted) -> AniSoapError.invalid "species_mixing" value accepted)
            fun () ->
                species
                |> Seq.tryFind (fun one ->
                    hypers.SpeciesMixing
                    |> Option.exists (fun mixing -> (SpeciesMixing.weightsOf one mixing).IsNone))
                |> Option.map (fun one ->
                    AniSoapError.invalid "species" one "one of those that species_mixing has weights of")
            fun () ->
                requireThat (not hypers.ContactShapes.IsEmpty) "number of contact shapes" 0 "at least one contact shape"
            fun () -> hypers.ContactShapes |> List.tryPick (shapeProblem species)
            fun () ->
                requireThat
                    (Double.IsFinite hypers.DeepestGap && hypers.DeepestGap <= 0.0)
                    "deepest_gap"
                    hypers.DeepestGap
                    "a finite number up to 0"
            fun () -> channelProblem hypers.DeepestGap hypers.OwnChannels "own_channels"
            fun () -> channelProblem hypers.DeepestGap hypers.NeighborChannels "neighbor_channels"
            fun () ->
                requireThat
                    (hypers.OwnChannels.Length + hypers.NeighborChannels.Length > 0)
                    "number of contact channels"
                    0
                    "at least one"
        ]
        |> List.tryPick (fun problem -> problem ())
        |> function
            | Some error -> Error error
            | None -> Ok()
