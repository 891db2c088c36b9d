namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Whether particles are bodies made of sites.
[<RequireQualifiedAccess; NoComparison>]
type SiteChoice =
    /// They are not.
    | None
    /// They are where that at least halves what is left of held-out targets; number, places and types are found.
    | Auto
    /// They are, with so many sites, whose places and types are found.
    | Count of sites: int
    /// They are of these sites, and stay so.
    | Given of bodies: SiteBody list

/// How sites are found.
[<NoComparison>]
type SiteOptions = {
    /// Whether particles are bodies made of sites.
    Sites: SiteChoice
    /// Where sites end to act; none: behind all pairs of frames in which nothing repeats, else at three and a half of the thinnest diameters, smoothed over half of one.
    Cutoff: SiteCutoff option
    /// Of the random starts.
    Seed: int
    /// How often every site is there: by turns of so many in the whole about the body's axis that is least like the two others; 1 for bodies without symmetry. Sites that are given stay as they are.
    Symmetry: int
}

/// Bodies found in frames, before it is decided whether they are taken.
[<NoComparison>]
type internal FoundBody = {
    Species: int
    Solution: SiteSolution
    /// ℓ of its radial functions.
    Unit: float
    /// What is left of held-out targets, relative to their size.
    Validation: float
    Trials: SiteTrial list
    /// The best of every number of sites and of types that was tried.
    Candidates: SiteSolution list
    /// What its sites repeat by.
    Turns: Matrix3[]
} with

    /// Whether splines chose it: then its solution has no weights.
    member found.IsRanked = found.Solution.Weights.Length = 0

/// From frames to bodies.
module internal SiteTraining =
    /// Types of bodies one after another, those of every species by themselves.
    let ownTypes (found: FoundBody[]) : int[][] =
        let shifts = found |> Array.scan (fun sum one -> sum + 1 + Array.max one.Solution.Types[0]) 0

        found
        |> Array.mapi (fun k one -> one.Solution.Types[0] |> Array.map (fun t -> t + shifts[k]))

    /// All of them as one, without weights.
    let joined (found: FoundBody[]) : SiteSolution = {
        Cost = found |> Array.sumBy _.Solution.Cost
        Sites = found |> Array.collect _.Solution.Sites
        Types = ownTypes found
        Weights = [||]
        Iterations = 0
    }

    /// Most dimers that a search goes through; the final fit goes through all.
    [<Literal>]
    let private MostDimers = 500

    /// Most pairs of frames of more particles, where one frame has fewer.
    [<Literal>]
    let private MostPairs = 12000

    /// Most sites that are tried by `auto`.
    [<Literal>]
    let MostSites = 8

    /// The same of sites that each symmetry repeats.
    [<Literal>]
    let MostRings = 3

    [<Literal>]
    let Ridge = 1e-10

    /// A validation error below which nothing else is tried.
    [<Literal>]
    let Certain = 0.005

    let private far: float = 1e4

    let problem (unit: float) cutoff (speciesOf: int -> int) (frames: SiteFrame[]) : SiteProblem = {
        Rows = SiteRowsBuilder.build (far * unit) speciesOf frames
        Unit = unit
        Cutoff = cutoff
        Ridge = Ridge
    }

    let isOf (species: int -> bool) (targets: PotentialTargets) =
        targets.Frame.Particles |> Seq.forall (fun particle -> species particle.Species)

    /// The cutoff of a fit, that of the potential, and the distance of centres within which there are pairs.
    let cutoffs (options: SiteOptions) (survey: TrainingSurvey) (targets: PotentialTargets[]) =
        let isOpen = targets |> Array.forall (fun t -> not t.Frame.Cell.IsPeriodic)
        let size = SiteSearch.Box * survey.Longest

        match options.Cutoff with
        | Some cutoff -> struct (ValueSome cutoff, cutoff, cutoff.Radius + size)
        | None when isOpen ->
            // Nothing of the data is beyond where it begins to end.
            let ends = survey.Reach + size
            struct (ValueNone, { Radius = 1.2 * ends; SmoothingWidth = 0.2 * ends }, 1.001 * survey.Reach)
        | None ->
            let d = survey.Thinnest
            let cutoff = { Radius = 3.5 * d; SmoothingWidth = 0.5 * d }
            struct (ValueSome cutoff, cutoff, cutoff.Radius + size)

    let private thinned (frames: SiteFrame[]) =
        let evenly most (some: SiteFrame[]) =
            if some.Length <= most then
                some
            else
                Array.init most (fun k -> some[k * some.Length / most])

        let dimers, others = frames |> Array.partition _.IsDimer
        let pairs = others |> Array.sumBy _.Pairs.Length

        let most =
            if pairs <= MostPairs then
                others.Length
            else
                max 1 (int (int64 others.Length * int64 MostPairs / int64 pairs))

        Array.append (evenly most others) (evenly MostDimers dimers)

    /// The sites that others are turns of, and their types.
    let generators (turns: Matrix3[]) (sites: float[]) (types: int[]) : float[] * int[] =
        let order = turns.Length

        Array.init (3 * types.Length / order) (fun k -> sites[3 * order * (k / 3) + k % 3]),
        Array.init (types.Length / order) (fun k -> types[order * k])

    let limits (factor: float) (semiAxes: Map<int, Vector3>) (species: int[]) (types: int[][]) =
        Array.map2 (fun one (own: int[]) -> SiteStarts.limits factor semiAxes[one] own.Length) species types
        |> Array.concat

    /// More numbers than data cannot be told apart.
    let private enough sites (rows: SiteRows) =
        let known = rows.Counted
        let numbers = 3 * sites + SiteExponentials.count

        Refuse.unless (numbers <= known) (fun () ->
            Refuse.count
                "numbers of the fit (three a site, and those of its radial function)"
                numbers
                (String.Concat("at most as many as there are targets, ", string known)))

    /// The same sites with radial functions of shorter units, for walls that are steep beside the size of the body: what leaves least of the held-out fifth, the given
    /// unit unless another is better by a fifth.
    let private sharpen (train: SiteProblem) (valid: SiteProblem) (solution: SiteSolution) (axes: Vector3) turns =
        let work = SiteFitWork()
        let types = SiteTypes solution.Types
        let places, kinds = generators turns solution.Sites solution.Types[0]
        let limits = limits SiteSearch.Box (Map [ 0, axes ]) [| 0 |] [| kinds |]
        let orbits = SiteOrbits.Repeated [| struct (kinds.Length, turns) |]

        let first = struct (train.Unit, solution, SiteFit.error valid solution work)

        [ 0.7; 0.5; 0.35 ]
        |> List.fold
            (fun (struct (_, _, best) as known) factor ->
                let at (problem: SiteProblem) = { problem with Unit = factor * train.Unit }
                let stop = { Iterations = 40; Hopeless = infinity }
                let next = SiteFit.run (at train) types orbits limits stop places work
                let error = SiteFit.error (at valid) next work

                if error < 0.8 * best then
                    struct (factor * train.Unit, next, error)
                else
                    known)
            first

    /// Refuses symmetries that cannot be.
    let check (options: SiteOptions) : Result<unit, AniSoapError> =
        attempt {
            do!
                Refuse.unless (options.Symmetry >= 1 && options.Symmetry <= 24) (fun () ->
                    Refuse.count "site symmetry" options.Symmetry "1 to 24 turns")

            return!
                match options.Sites with
                | SiteChoice.Count n ->
                    Refuse.unless (n % options.Symmetry = 0) (fun () ->
                        Refuse.count
                            "number of sites"
                            n
                            (String.Concat("a multiple of the symmetry, ", string options.Symmetry)))
                | _ -> Ok()
        }

    /// The body of one species, from frames of it alone.
    let search
        (options: SiteOptions)
        threads
        fitCutoff
        (species: int)
        (frames: SiteFrame[])
        : Result<FoundBody, AniSoapError> =
        let few = thinned frames
        let struct (train, valid) = SiteFrames.split few
        let of0 _ = 0
        let axes = few[0].Targets.Frame.Particles[0].SemiAxes
        let unit = 2.0 * min axes.X (min axes.Y axes.Z)
        let train = problem unit fitCutoff of0 train
        let valid = problem unit fitCutoff of0 valid

        let turns = SiteTurns.all options.Symmetry axes

        let wanted =
            match options.Sites with
            | SiteChoice.Count n -> Some(n / options.Symmetry)
            | _ -> None

        attempt {
            do! enough (wanted |> Option.defaultValue 1) train.Rows
            let search = SiteSearch(train, valid, species, axes, turns, options.Seed, threads)

            let most =
                let known = train.Rows.Counted
                let mostSites = if options.Symmetry = 1 then MostSites else MostRings
                max 1 (min mostSites ((known - SiteExponentials.count) / 6))

            let solution = search.Run(most, wanted, 2)

            let struct (unit, solution, error) = sharpen train valid solution axes turns

            return {
                Species = species
                Solution = solution
                Unit = unit
                Validation = error
                Trials = search.Table
                Candidates = search.Solutions
                Turns = turns
            }
        }
