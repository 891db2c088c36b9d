namespace AniSoap

open System
open System.Runtime.InteropServices

/// The functions of the distance in which the density is expanded.
type RadialBasis =
    /// r^(l+2n) exp(−r²/2σ²) with one width σ for all functions, in the length unit of the input.
    | Gto of width: float
    /// r^(l+2n), normalised on [0, cutoff].
    | Monomial

/// How many radial functions each l has.
[<RequireQualifiedAccess>]
type RadialCount =
    /// n = 0 … ⌊(max_angular − l)/2⌋: all polynomials up to degree max_angular.
    | Coupled
    /// n = 0 … the number given, for every l.
    | Uniform of maxRadial: int
    /// n = 0 … the l-th number: one number for each l from 0 to max_angular.
    | PerAngular of maxRadial: int list

    /// A number for every l, where C# gives a number.
    static member op_Implicit(maxRadial: int) : RadialCount = Uniform maxRadial

    /// A number for each l, where C# gives an array.
    static member op_Implicit(maxRadial: int[]) : RadialCount = PerAngular(List.ofArray maxRadial)

    /// The number, the numbers or `coupled`.
    override count.ToString() =
        match count with
        | Coupled -> "coupled"
        | Uniform n -> n.ToString Globalization.CultureInfo.InvariantCulture
        | PerAngular numbers -> String.Join(", ", numbers)

/// How neighbours leave at the cutoff.
[<RequireQualifiedAccess>]
type Smoothing =
    /// All of a neighbour up to the cutoff, nothing beyond.
    | Step
    /// sin²(π (r_c − r)/(2 width)) over the last `width` before the cutoff.
    | ShiftedCosine of width: float

/// u(r) = rate / (rate + (r/scale)^exponent): far neighbours count less.
type RadialScaling = {
    /// The distance at which r/scale is one, in the length unit of the input.
    Scale: float
    /// The larger, the later weights fall.
    Rate: float
    /// How fast weights fall far out: as r^(−exponent).
    Exponent: float
}

/// What becomes of a centre's own density, the one at r = 0.
[<RequireQualifiedAccess>]
type CenterDensity =
    /// It is added to that of the neighbours of its species.
    | Merged
    /// It has columns of its own, beside those of the species (of label −1).
    | Own
    /// It is left out.
    | Absent

/// What the mean of a frame is taken of.
[<RequireQualifiedAccess>]
type Averaging =
    /// The mean of the spectra of the centres.
    | Outer
    /// The spectrum of the mean coefficients of the centres: what stands in every surrounding alike.
    | Inner

/// Every choice that decides what the features mean. A record of wishes: `Projection.create` checks them.
type Hypers = {
    /// Largest l of the expansion.
    MaxAngular: int
    /// How many radial functions each l has.
    MaxRadial: RadialCount
    /// The radial functions.
    RadialBasis: RadialBasis
    /// Neighbours are the particles and images with |r| < CutoffRadius, in the length unit of the input.
    CutoffRadius: float
    /// What becomes of a particle's own density in its expansion.
    CenterDensity: CenterDensity
    /// What semi-axes are multiplied by in the densities.
    DensityScale: float
    /// How species are mixed into channels; `None` gives every species its own columns.
    SpeciesMixing: SpeciesMixing option
    /// Whether the power spectrum of every centre is divided by its norm (that of all its columns), before means are taken.
    NormalizeSpectra: bool
    /// What mean spectra of frames are means of.
    Averaging: Averaging
    /// How neighbours leave at the cutoff.
    Smoothing: Smoothing
    /// How far neighbours are weighed down; `None` weighs all the same.
    RadialScaling: RadialScaling option
    /// Eigenvalues of the radial overlap up to this are dropped in the orthonormalisation.
    BasisRcond: float
    /// Largest error of the orthonormalisation that is accepted: the norm of what it fails to reproduce of the overlap.
    BasisTolerance: float
} with

    /// Whether a particle's own density is left out of its expansion.
    member hypers.SubtractCenterContribution = (hypers.CenterDensity = CenterDensity.Absent)

    /// The same but for what is named here, for C#, which has no `{ hypers with … }`.
    member hypers.With
        (
            [<Optional>] maxAngular: Nullable<int>,
            [<Optional>] maxRadial: RadialCount | null,
            [<Optional>] radialBasis: RadialBasis | null,
            [<Optional>] cutoffRadius: Nullable<float>,
            [<Optional>] centerDensity: CenterDensity | null,
            [<Optional>] densityScale: Nullable<float>,
            [<Optional>] speciesMixing: SpeciesMixing | null,
            [<Optional>] normalizeSpectra: Nullable<bool>,
            [<Optional>] averaging: Averaging | null,
            [<Optional>] smoothing: Smoothing | null,
            [<Optional>] radialScaling: RadialScaling | null,
            [<Optional>] basisRcond: Nullable<float>,
            [<Optional>] basisTolerance: Nullable<float>
        ) : Hypers = {
        MaxAngular = Given.value hypers.MaxAngular maxAngular
        MaxRadial = Given.orElse hypers.MaxRadial maxRadial
        RadialBasis = Given.orElse hypers.RadialBasis radialBasis
        CutoffRadius = Given.value hypers.CutoffRadius cutoffRadius
        CenterDensity = Given.orElse hypers.CenterDensity centerDensity
        DensityScale = Given.value hypers.DensityScale densityScale
        SpeciesMixing = Option.ofObj speciesMixing |> Option.orElse hypers.SpeciesMixing
        NormalizeSpectra = Given.value hypers.NormalizeSpectra normalizeSpectra
        Averaging = Given.orElse hypers.Averaging averaging
        Smoothing = Given.orElse hypers.Smoothing smoothing
        RadialScaling = Option.ofObj radialScaling |> Option.orElse hypers.RadialScaling
        BasisRcond = Given.value hypers.BasisRcond basisRcond
        BasisTolerance = Given.value hypers.BasisTolerance basisTolerance
    }

/// Defaults of hyperparameters, and the limits of what is accurate; `Hypers`, which also reads and writes files, offers them.
module internal HyperRules =
    /// The largest max_angular whose coefficients are right to 1e-10 of their norm in double precision, for any ellipsoid: the
    /// monomials of a harmonic cancel by up to 3^(l/2), at l = 20 and n = 5 the error is 1.2e-10.
    [<Literal>]
    let LargestMaxAngular = 18

    /// The largest l + 2n of the same accuracy: S^{−1/2} amplifies what is left. At l = 18 and n = 8 the error is 5e-11 at most, at n = 9
    /// 1.3e-10.
    [<Literal>]
    let LargestDegree = 35

    [<Literal>]
    let private LargestDensityScale = 1e6

    /// Hyperparameters with the defaults of everything that has one: max_radial coupled, centre included, no smoothing,
    /// no radial scaling, rcond 1e-8, tolerance 1e-3.
    let create (maxAngular: int) (radialBasis: RadialBasis) (cutoffRadius: float) : Hypers = {
        MaxAngular = maxAngular
        MaxRadial = RadialCount.Coupled
        RadialBasis = radialBasis
        CutoffRadius = cutoffRadius
        CenterDensity = CenterDensity.Merged
        DensityScale = 1.0
        SpeciesMixing = None
        NormalizeSpectra = false
        Averaging = Averaging.Outer
        Smoothing = Smoothing.Step
        RadialScaling = None
        BasisRcond = 1e-8
        BasisTolerance = 1e-3
    }

    /// The largest n of each l from 0 to max_angular, none for a max_angular below 0; a list is trusted to be long enough.
    let internal maxRadialPerAngular (hypers: Hypers) : int[] =
        match hypers.MaxRadial with
        | _ when hypers.MaxAngular < 0 -> [||]
        | RadialCount.Coupled -> [| for l in 0 .. hypers.MaxAngular -> (hypers.MaxAngular - l) / 2 |]
        | RadialCount.Uniform n -> [| for _ in 0 .. hypers.MaxAngular -> n |]
        | RadialCount.PerAngular list -> List.toArray list

    let private positive name value =
        if Double.IsFinite value && value > 0.0 then
            None
        else
            Some(AniSoapError.invalid name value "a finite number above zero")

    // Texts are made whether they are needed or not: plain formatting costs next to nothing, F#'s own would cost milliseconds at start.
    let private requireThat condition name (value: obj) accepted =
        if condition then
            None
        else
            Some(AniSoapError.invalid name value accepted)

    let private listText (numbers: int list) = String.Join(",", numbers |> Seq.map string)

    let private radialProblems (hypers: Hypers) =
        match hypers.MaxRadial with
        | RadialCount.Coupled -> []
        | RadialCount.Uniform n -> [
            requireThat (n >= 0) "max_radial" n "a whole number from 0, a list of them, or coupled"
          ]
        | RadialCount.PerAngular list -> [
            requireThat
                (list.Length = hypers.MaxAngular + 1)
                "max_radial"
                (listText list)
                (FormattableString.Invariant
                    $"{hypers.MaxAngular + 1} numbers, one for each l from 0 to max_angular = {hypers.MaxAngular}")
            requireThat (list |> List.forall (fun n -> n >= 0)) "max_radial" (listText list) "whole numbers from 0"
          ]

    /// Orders up to the limits given; the texts name the true ones.
    let private orderProblems mostAngular mostDegree (hypers: Hypers) = [
        fun () ->
            requireThat
                (hypers.MaxAngular <= mostAngular)
                "max_angular"
                hypers.MaxAngular
                (FormattableString.Invariant
                    $"a whole number from 0 to {LargestMaxAngular} (coefficients beyond lose digits)")
        fun () ->
            let degree =
                Array.mapi (fun l n -> int64 l + 2L * int64 n) (maxRadialPerAngular hypers)
                |> Array.max

            requireThat
                (degree <= mostDegree)
                "max_radial"
                (match hypers.MaxRadial with
                 | RadialCount.Coupled -> "coupled"
                 | RadialCount.Uniform n -> string n
                 | RadialCount.PerAngular list -> listText list)
                (FormattableString.Invariant
                    $"numbers n with l + 2n up to {LargestDegree} (here it reaches {degree}; coefficients beyond lose digits)")
    ]

    let private basisProblems (hypers: Hypers) = [
        match hypers.RadialBasis with
        | Gto width -> positive "radial_gaussian_width" width
        | Monomial -> None
        positive "cutoff_radius" hypers.CutoffRadius
        requireThat
            (Double.IsFinite hypers.BasisRcond
             && hypers.BasisRcond >= 0.0
             && hypers.BasisRcond < 1.0)
            "basis_rcond"
            hypers.BasisRcond
            "a number from 0 to below 1"
        positive "basis_tol" hypers.BasisTolerance
        requireThat
            (hypers.DensityScale > 0.0 && hypers.DensityScale <= LargestDensityScale)
            "density_scale"
            hypers.DensityScale
            "a number above zero, at most 1e6"
        hypers.SpeciesMixing
        |> Option.bind SpeciesMixing.problem
        |> Option.map (fun (value, accepted) -> AniSoapError.invalid "species_mixing" value accepted)
    ]

    let private cutoffProblems (hypers: Hypers) = [
        match hypers.Smoothing with
        | Smoothing.Step -> None
        | Smoothing.ShiftedCosine width ->
            requireThat
                (width > 0.0 && width <= hypers.CutoffRadius)
                "cutoff_smoothing_width"
                width
                (FormattableString.Invariant $"a number above zero, at most the cutoff radius {hypers.CutoffRadius}")
        match hypers.RadialScaling with
        | None -> ()
        | Some scaling ->
            positive "radial_scaling scale" scaling.Scale
            positive "radial_scaling rate" scaling.Rate
            positive "radial_scaling exponent" scaling.Exponent
    ]

    let private firstProblem checks (hypers: Hypers) =
        match checks |> List.tryPick (fun check -> check ()) with
        | Some problem -> Error problem
        | None -> Ok hypers

    /// Orders that are looked at closer before they are refused: so that of a large basis that cannot be orthonormalised either, that is said.
    [<Literal>]
    let private ConsideredMaxAngular = 60

    [<Literal>]
    let private ConsideredDegree = 120L

    /// What cannot work of itself, before the radial functions are made: the first parameter, its value, and what is allowed.
    let internal checkConsistency (hypers: Hypers) : Result<Hypers, AniSoapError> =
        let first problems = problems |> List.tryPick id
        let orders = orderProblems ConsideredMaxAngular ConsideredDegree hypers

        firstProblem
            [
                fun () ->
                    requireThat
                        (hypers.MaxAngular >= 0)
                        "max_angular"
                        hypers.MaxAngular
                        (FormattableString.Invariant $"a whole number from 0 to {LargestMaxAngular}")
                orders[0]
                fun () -> first (radialProblems hypers)
                orders[1]
                fun () -> first (basisProblems hypers)
                fun () -> first (cutoffProblems hypers)
            ]
            hypers

    /// Whether coefficients of these orders keep ten digits.
    let internal checkAccuracy (hypers: Hypers) : Result<Hypers, AniSoapError> =
        firstProblem (orderProblems LargestMaxAngular (int64 LargestDegree) hypers) hypers

    /// Names in files and values, for people to read.
    let internal show (hypers: Hypers) : (string * string) list = [
        "max_angular", string hypers.MaxAngular
        "max_radial",
        (match hypers.MaxRadial with
         | RadialCount.Coupled -> "coupled"
         | RadialCount.Uniform n -> string n
         | RadialCount.PerAngular list -> listText list)
        match hypers.RadialBasis with
        | Gto width ->
            "radial_basis_name", "gto"
            "radial_gaussian_width", string width
        | Monomial -> "radial_basis_name", "monomial"
        "cutoff_radius", string hypers.CutoffRadius
        match hypers.Smoothing with
        | Smoothing.Step -> ()
        | Smoothing.ShiftedCosine width -> "cutoff_smoothing_width", string width
        match hypers.RadialScaling with
        | None -> ()
        | Some scaling ->
            "radial_scaling",
            FormattableString.Invariant $"scale {scaling.Scale}, rate {scaling.Rate}, exponent {scaling.Exponent}"
        "center_density",
        (match hypers.CenterDensity with
         | CenterDensity.Merged -> "merged"
         | CenterDensity.Own -> "own"
         | CenterDensity.Absent -> "none")
        if hypers.DensityScale <> 1.0 then
            "density_scale", hypers.DensityScale.ToString Globalization.CultureInfo.InvariantCulture
        match hypers.SpeciesMixing with
        | None -> ()
        | Some(SpeciesMixing.Random(channels, seed)) ->
            "species_mixing", FormattableString.Invariant $"{channels} random channels of seed {seed}"
        | Some(SpeciesMixing.Weights _ as given) ->
            "species_mixing", FormattableString.Invariant $"{SpeciesMixing.channels given} given channels"
        if hypers.NormalizeSpectra then
            "normalize", "yes"
        if hypers.Averaging = Averaging.Inner then
            "average", "inner"
    ]
