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
}

/// From frames to bodies.
module internal SiteTraining =
    /// Most dimers that a search goes through; the final fit goes through all.
    [<Literal>]
    let private MostDimers = 500

    /// Most sites that are tried by `auto`.
    [<Literal>]
    let MostSites = 8

    [<Literal>]
    let Ridge = 1e-10

    /// A validation error below which nothing else is tried.
    [<Literal>]
    let Certain = 0.005

    let private far: float = 1e4

    let private problem (unit: float) cutoff (speciesOf: int -> int) (frames: SiteFrame[]) : SiteProblem = {
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
        let dimers = frames |> Array.filter _.IsDimer

        if dimers.Length <= MostDimers then
            frames
        else
            Array.append
                (frames |> Array.filter (fun frame -> not frame.IsDimer))
                (Array.init MostDimers (fun k -> dimers[k * dimers.Length / MostDimers]))

    let private limits (factor: float) (semiAxes: Map<int, Vector3>) (species: int[]) (types: int[][]) = [|
        for k in 0 .. species.Length - 1 do
            let axes = semiAxes[species[k]]

            for _ in types[k] do
                factor * axes.X
                factor * axes.Y
                factor * axes.Z
    |]

    /// More numbers than data cannot be told apart.
    let private enough sites (rows: SiteRows) =
        let known = rows.Weights |> Array.sumBy (fun w -> if w > 0.0 then 1 else 0)
        let numbers = 3 * sites + SiteExponentials.count

        Refuse.unless (numbers <= known) (fun () ->
            Refuse.count
                "numbers of the fit (three a site, and those of its radial function)"
                numbers
                (String.Concat("at most as many as there are targets, ", string known)))

    /// The same sites with radial functions of shorter units, for walls that are steep beside the size of the body: what leaves least of the held-out fifth, the given
    /// unit unless another is better by a fifth.
    let private sharpen (train: SiteProblem) (valid: SiteProblem) (solution: SiteSolution) (axes: Vector3) =
        let work = SiteFitWork()
        let types = SiteTypes solution.Types

        let limits = limits SiteSearch.Box (Map [ 0, axes ]) [| 0 |] solution.Types

        let first = struct (train.Unit, solution, SiteFit.error valid solution work)

        [ 0.7; 0.5; 0.35 ]
        |> List.fold
            (fun (struct (_, _, best) as known) factor ->
                let at (problem: SiteProblem) = { problem with Unit = factor * train.Unit }
                let stop = { Iterations = 40; Hopeless = infinity }
                let next = SiteFit.run (at train) types (SiteOrbits.Free types.Sites) limits stop solution.Sites work
                let error = SiteFit.error (at valid) next work

                if error < 0.8 * best then
                    struct (factor * train.Unit, next, error)
                else
                    known)
            first

    /// The body of one species, from frames of it alone.
    let search
        (options: SiteOptions)
        (survey: TrainingSurvey)
        threads
        fitCutoff
        (species: int)
        (frames: SiteFrame[])
        : Result<FoundBody, AniSoapError> =
        let few = thinned frames
        let struct (train, valid) = SiteFrames.split few
        let of0 _ = 0
        let train = problem survey.Thinnest fitCutoff of0 train
        let valid = problem survey.Thinnest fitCutoff of0 valid
        let axes = few[0].Targets.Frame.Particles[0].SemiAxes

        let wanted =
            match options.Sites with
            | SiteChoice.Count n -> Some n
            | _ -> None

        attempt {
            do! enough (wanted |> Option.defaultValue 1) train.Rows
            let search = SiteSearch(train, valid, species, axes, options.Seed, threads)

            let most =
                let known = train.Rows.Weights |> Array.sumBy (fun w -> if w > 0.0 then 1 else 0)
                max 1 (min MostSites ((known - SiteExponentials.count) / 6))

            let solution = search.Run(most, wanted, 2)

            let struct (unit, solution, error) = sharpen train valid solution axes

            return {
                Species = species
                Solution = solution
                Unit = unit
                Validation = error
                Trials = search.Table
            }
        }

    let private nameOf (number: int) =
        if number < 26 then
            string (char (int 'a' + number))
        else
            "t" + string number

    /// Nearest and farthest distances of sites, by pairs of types.
    let distances
        (types: SiteTypes)
        (sites: float[])
        (rows: SiteRows)
        (cutoff: SiteCutoff)
        : struct (float[] * float[]) =
        let nearest, farthest = Array.create types.Kinds infinity, Array.zeroCreate<float> types.Kinds
        let L = Lanes.Count

        for group in rows.Groups do
            let g = group.Geometry

            let at species rotation lane block =
                let own = types.Of species

                own
                |> Array.mapi (fun k _ ->
                    let s = 3 * (types.Offset species + k)
                    let inline r i = g[21 * L * block + (rotation + i) * L + lane]

                    Vector3.create
                        (r 0 * sites[s] + r 1 * sites[s + 1] + r 2 * sites[s + 2])
                        (r 3 * sites[s] + r 4 * sites[s + 1] + r 5 * sites[s + 2])
                        (r 6 * sites[s] + r 7 * sites[s + 1] + r 8 * sites[s + 2]))

            for block in 0 .. group.Blocks - 1 do
                for lane in 0 .. L - 1 do
                    let inline r i = g[21 * L * block + i * L + lane]
                    let shift = Vector3.create (r 0) (r 1) (r 2)
                    let a, b = at group.First 3 lane block, at group.Second 12 lane block

                    for i in 0 .. a.Length - 1 do
                        for j in 0 .. b.Length - 1 do
                            let distance = Vector3.norm (shift + b[j] - a[i])

                            if distance < cutoff.Radius then
                                let kind = types.Kind((types.Of group.First)[i], (types.Of group.Second)[j])
                                nearest[kind] <- min nearest[kind] distance
                                farthest[kind] <- max farthest[kind] distance

        struct (nearest, farthest)

    let private bodyOf (species: int) (types: int[]) (sites: float[]) first =
        SiteBody.create
            species
            (types
             |> Seq.mapi (fun k t -> {
                 Position = Vector3.create sites[first + 3 * k] sites[first + 3 * k + 1] sites[first + 3 * k + 2]
                 Type = nameOf t
             }))

    /// The potential of a solution.
    let potentialOf
        (unit: float)
        (cutoff: SiteCutoff)
        (species: int[])
        (solution: SiteSolution)
        (rows: SiteRows)
        : Result<SitePotential, AniSoapError> =
        let types = SiteTypes solution.Types
        let struct (nearest, farthest) = distances types solution.Sites rows cutoff

        let functions = [
            for t in 0 .. types.Count - 1 do
                for u in t .. types.Count - 1 do
                    let kind = types.Kind(t, u)

                    let near =
                        if Double.IsFinite nearest[kind] then
                            nearest[kind]
                        else
                            unit

                    {
                        First = nameOf t
                        Second = nameOf u
                        Form =
                            SiteForm.Exponentials(
                                unit,
                                ImmutableArray.Create<float>(
                                    solution.Weights,
                                    kind * SiteExponentials.count,
                                    SiteExponentials.count
                                )
                            )
                        Nearest = near
                        Farthest = max near farthest[kind]
                    }
        ]

        species
        |> Array.toList
        |> List.mapi (fun k one -> bodyOf one solution.Types[k] solution.Sites (3 * types.Offset k))
        |> List.fold
            (fun known body -> known |> Result.bind (fun known -> body |> Result.map (fun b -> b :: known)))
            (Ok [])
        |> Result.bind (fun bodies -> SitePotential.Create(List.rev bodies, functions, cutoff))

    /// What rows should count, by what is left of them: the robustness under which weighted residuals are likeliest, each kind's by its own size. With Gaussian noise of
    /// sizes σ/g the log-likelihood is Σ log g − ½ n log Σ g² r², for every kind of rows.
    let reweigh (weights: RowWeights) (targets: PotentialTargets[]) (residuals: struct (float * float[] * float[])[]) =
        let likelihood robustness =
            let logs, squares, counts =
                Array.zeroCreate<float> 3, Array.zeroCreate<float> 3, Array.zeroCreate<float> 3

            let trial = { weights with Robustness = robustness }

            let add kind g r =
                if not (Double.IsNaN r) then
                    logs[kind] <- logs[kind] + log g
                    squares[kind] <- squares[kind] + g * g * r * r
                    counts[kind] <- counts[kind] + 1.0

            targets
            |> Array.iteri (fun number one ->
                let struct (energy, forces, torques) = residuals[number]
                let g = RowWeights.ofParticles trial one
                add 0 (RowWeights.mean g) energy
                forces |> Array.iteri (fun i r -> add 1 g[i / 3] r)
                torques |> Array.iteri (fun i r -> add 2 g[i / 3] r))

            let sum =
                Seq.sum (
                    seq {
                        for kind in 0..2 do
                            if counts[kind] > 0.0 && squares[kind] > 0.0 then
                                logs[kind] - 0.5 * counts[kind] * log (squares[kind] / counts[kind])
                    }
                )

            let kinds =
                Array.init 4 (fun kind ->
                    if kind < 3 && counts[kind] > 0.0 && squares[kind] > 0.0 then
                        1.0 / sqrt (squares[kind] / counts[kind])
                    else
                        weights.Kinds[kind])

            struct (sum, { trial with Kinds = kinds })

        [ 0.0; 0.125; 0.25; 0.375; 0.5; 0.75; 1.0 ]
        |> List.map likelihood
        |> List.maxBy (fun (struct (sum, _)) -> sum)
        |> fun (struct (_, best)) -> best

    /// All bodies together on all frames that hold nothing else, and once more with weights by what is left where that is noise.
    let refine
        (weights: RowWeights)
        reach
        fitCutoff
        (found: FoundBody[])
        (targets: PotentialTargets[])
        : Result<struct (SiteSolution * SiteRows * float), AniSoapError> =
        let unit = found |> Array.map _.Unit |> Array.min
        let species = found |> Array.map _.Species
        let speciesOf number = Array.IndexOf(species, number)
        let mine = targets |> Array.filter (isOf (fun s -> speciesOf s >= 0))
        // Types of every species by themselves.
        let shifts = found |> Array.scan (fun sum one -> sum + 1 + Array.max one.Solution.Types[0]) 0

        let types =
            found
            |> Array.mapi (fun k one -> one.Solution.Types[0] |> Array.map (fun t -> t + shifts[k]))

        let start = found |> Array.collect _.Solution.Sites

        let axes =
            Map [
                for one in mine do
                    for particle in one.Frame.Particles do
                        particle.Species, particle.SemiAxes
            ]

        let limits = limits (1.5 * SiteSearch.Box) axes species types
        let kinds = SiteTypes types
        let work = SiteFitWork()

        let fit weights start =
            SiteFrames.ofTargets weights reach mine
            |> Result.map (fun frames ->
                let problem = problem unit fitCutoff speciesOf frames
                let stop = { Iterations = 80; Hopeless = infinity }
                let solution = SiteFit.run problem kinds (SiteOrbits.Free kinds.Sites) limits stop start work
                struct (solution, problem.Rows))

        attempt {
            let! struct (first, rows) = fit weights start
            // Nothing but rounding and the form of the functions is left of exact data.
            if sqrt (first.Cost / rows.Squares) < 1e-3 then
                return struct (first, rows, unit)
            else
                let! plain =
                    potentialOf
                        unit
                        (match fitCutoff with
                         | ValueSome cutoff -> cutoff
                         | ValueNone -> { Radius = 10.0 * (reach + 10.0 * unit); SmoothingWidth = 0.0 })
                        species
                        first
                        rows

                let! engine = SiteEnergy.Create(plain.Model, 1)

                let residuals =
                    mine
                    |> Array.map (fun one ->
                        let count = 3 * one.Frame.Particles.Length
                        let forces, torques = Array.zeroCreate<float> count, Array.zeroCreate<float> count
                        let virial = Array.zeroCreate<float> 9

                        let energy =
                            engine.Evaluate(one.Frame, Memory forces, Memory torques, Memory virial)
                            |> Result.defaultValue nan

                        let rest (known: ImmutableArray<float>) (values: float[]) =
                            if known.IsDefaultOrEmpty then
                                [||]
                            else
                                values |> Array.mapi (fun i v -> known[i] - v)

                        struct ((match one.Energy with
                                 | Some e -> e - energy
                                 | None -> nan),
                                rest one.Forces forces,
                                rest one.Torques torques))

                let! struct (second, rows) = fit (reweigh weights mine residuals) first.Sites
                return struct (second, rows, unit)
        }

    /// Weights of exponentials for sites that stay where they are, and what is left of held-out rows.
    let private linear (train: SiteProblem) (valid: SiteProblem) (all: SiteProblem) (bodies: SiteBody list) =
        let names =
            bodies
            |> Seq.collect _.Sites
            |> Seq.map _.Type
            |> Seq.distinct
            |> Seq.sort
            |> Seq.toArray

        let types =
            bodies
            |> Seq.map (fun body -> [| for site in body.Sites -> Array.IndexOf(names, site.Type) |])
            |> Seq.toArray
            |> SiteTypes

        let sites = [|
            for body in bodies do
                for site in body.Sites do
                    site.Position.X
                    site.Position.Y
                    site.Position.Z
        |]

        let limits = Array.create sites.Length infinity
        let stop = { Iterations = 0; Hopeless = infinity }
        let work = SiteFitWork()
        let fit problem = SiteFit.run problem types (SiteOrbits.Free types.Sites) limits stop sites work
        let half = fit train

        if Double.IsFinite half.Cost then
            let error = SiteFit.error valid half work
            Ok(struct (fit all, error))
        else
            Ok(struct (half, infinity))

    /// The potential of a solution for bodies that have names for their types.
    let private namedPotential unit cutoff (bodies: SiteBody list) (solution: SiteSolution) rows =
        let names =
            bodies
            |> Seq.collect _.Sites
            |> Seq.map _.Type
            |> Seq.distinct
            |> Seq.sort
            |> Seq.toArray

        let rename letter = names[int (letter: string).[0] - int 'a']

        potentialOf unit cutoff (bodies |> Seq.map _.Species |> Seq.toArray) solution rows
        |> Result.bind (fun made ->
            SitePotential.Create(
                bodies,
                made.Functions
                |> Seq.map (fun f -> { f with First = rename f.First; Second = rename f.Second }),
                cutoff
            ))

    /// Bodies whose sites are known.
    let given
        (options: SiteOptions)
        (survey: TrainingSurvey)
        (weights: RowWeights)
        (bodies: SiteBody list)
        (targets: PotentialTargets[])
        : Result<struct (SitePotential * float), AniSoapError> =
        let speciesOf number =
            bodies
            |> List.tryFindIndex (fun body -> body.Species = number)
            |> Option.defaultValue -1

        let mine = targets |> Array.filter (isOf (fun species -> speciesOf species >= 0))
        let radius = bodies |> Seq.map _.Radius |> Seq.max
        let struct (_, cutoff, _) = cutoffs options { survey with Longest = 2.0 * radius } mine

        attempt {
            do!
                Refuse.unless (mine.Length > 0) (fun () ->
                    Refuse.because
                        "sites"
                        (String.Concat(
                            "of species ",
                            String.Join(", ", bodies |> List.map (fun body -> string body.Species))
                        ))
                        "bodies of the species of the frames")

            let! frames = SiteFrames.ofTargets weights (cutoff.Radius + 2.0 * radius) mine
            let far = 100.0 * (cutoff.Radius + radius)
            let rows = SiteRowsBuilder.build far speciesOf frames

            let! struct (splines, left) =
                SiteGiven.potential cutoff bodies (fun types sites rows -> distances types sites rows cutoff) rows

            // Exponentials are better walls of exact laws, splines better wells of molecules: what leaves less of held-out rows.
            let struct (train, valid) = SiteFrames.split frames

            let problem frames = {
                Rows = SiteRowsBuilder.build far speciesOf frames
                Unit = survey.Thinnest
                Cutoff = ValueSome cutoff
                Ridge = Ridge
            }

            let! struct (solution, error) = linear (problem train) (problem valid) (problem frames) bodies

            if error < left then
                let! exponentials = namedPotential survey.Thinnest cutoff bodies solution rows
                return struct (exponentials, error)
            else
                return struct (splines, left)
        }
