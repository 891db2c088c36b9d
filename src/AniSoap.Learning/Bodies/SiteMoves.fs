namespace AniSoap.Learning

open System
open AniSoap

/// Sites that were found, moved under the functions that known sites have: splines with their prior, rows weighted by what is left of each kind. Where molecules vibrate the valley of
/// places is flat, and exponentials under first weights end beside its floor.
///
/// For every choice of places the weights are the best ones, so that r(p) = (y − A w, √λ D w) (the note of `SiteGiven`) depends on what is searched alone: p of the sites that others are turns
/// of. Steps are Levenberg's and Marquardt's, derivatives are differences.
module internal SiteMoves =
    /// What stays the same while sites move.
    [<NoComparison; NoEquality>]
    type private Law = {
        Cutoff: SiteCutoff
        Rows: SiteRows
        Types: SiteTypes
        Orbits: SiteOrbits
        Ranges: SiteGiven.Range[]
        Lambda: float
        /// By which λ is scaled: that of the places at the start.
        Size: float
        /// Sites do not go farther from the middle of their body.
        Farthest: float
    }

    /// Most steps: from anywhere in the valley four are enough.
    [<Literal>]
    let MostSteps = 8

    /// A step that leaves more than this of the sum of squares is the last: it says nothing beside the noise.
    [<Literal>]
    let private Enough = 0.999

    let private isWithin farthest (sites: float[]) =
        Double.IsPositiveInfinity farthest
        || Seq.forall
            (fun k ->
                Vector3.norm (Vector3.create sites[3 * k] sites[3 * k + 1] sites[3 * k + 2])
                <= farthest)
            (seq { 0 .. sites.Length / 3 - 1 })

    /// y − A w and √λ D w with the best weights.
    let private residualOf (law: Law) (sites: float[]) : float[] voption =
        let rows = law.Rows
        let columns = SiteGiven.columns law.Cutoff rows law.Types sites law.Ranges
        let struct (gram, right) = SiteGiven.equations rows columns

        match SiteGiven.solve gram right columns.Length law.Ranges law.Size law.Lambda with
        | None -> ValueNone
        | Some weights ->
            let left = Array.copy rows.Targets

            weights
            |> Array.iteri (fun k w -> Vectors.add -w (ReadOnlySpan columns[k]) (Span left))

            let root = sqrt (law.Lambda * law.Size)

            let bends = [|
                for range in law.Ranges do
                    for k in range.Column .. range.Column + range.Count - 3 ->
                        root * (weights[k] - 2.0 * weights[k + 1] + weights[k + 2])
            |]

            ValueSome(Array.append left bends)

    /// y − A w and √λ D w; nothing where there are no best weights, or sites are too far out.
    let private residual (law: Law) (given: float[]) : float[] voption =
        let sites = law.Orbits.Placed given

        if isWithin law.Farthest sites then
            residualOf law sites
        else
            ValueNone

    let private squares (r: float[]) = Vectors.dot (ReadOnlySpan r) (ReadOnlySpan r)

    /// Differences of the residual, a column a number that is searched.
    let private derivatives threads step law (given: float[]) (r: float[]) =
        [| 0 .. given.Length - 1 |]
        |> Products.map threads (fun k ->
            let moved = Array.copy given
            moved[k] <- moved[k] + step

            match residual law moved with
            | ValueSome other -> Array.map2 (fun a b -> (a - b) / step) other r
            | ValueNone -> Array.zeroCreate r.Length)

    /// The step under a damping, no longer than a limit.
    let private stepOf (derivatives: float[][]) (r: float[]) damping longest =
        let m = derivatives.Length
        let system = Array.zeroCreate<float>(m * m)

        let step =
            derivatives
            |> Array.map (fun d -> -Vectors.dot (ReadOnlySpan d) (ReadOnlySpan r))

        for i in 0 .. m - 1 do
            for j in 0 .. m - 1 do
                system[m * i + j] <- Vectors.dot (ReadOnlySpan derivatives[i]) (ReadOnlySpan derivatives[j])

            system[m * i + i] <- (1.0 + damping) * system[m * i + i] + 1e-300

        if SmallSystems.decompose system m then
            SmallSystems.forward system m (Span step)
            SmallSystems.backward system m (Span step)
            let most = step |> Array.fold (fun most x -> max most (abs x)) 0.0
            let factor = if most > longest then longest / most else 1.0
            Some(step |> Array.map (fun x -> factor * x))
        else
            None

    let rec private search threads nearest law given (r: float[]) damping left =
        if left = 0 then
            given
        else
            let derivatives = derivatives threads (1e-4 * nearest) law given r

            let rec better damping =
                if damping > 1e6 then
                    None
                else
                    let next =
                        stepOf derivatives r damping (0.1 * nearest)
                        |> Option.bind (fun step ->
                            let next = Array.map2 (+) given step

                            match residual law next with
                            | ValueSome rest -> Some(next, rest)
                            | ValueNone -> None)

                    match next with
                    | Some(next, rest) when squares rest < squares r -> Some(next, rest, damping)
                    | _ -> better (10.0 * damping)

            match better damping with
            | None -> given
            | Some(next, rest, _) when squares rest > Enough * squares r -> next
            | Some(next, rest, damping) -> search threads nearest law next rest (0.1 * damping) (left - 1)

    /// Splines for places: the shortest distances of sites by pairs of types, the splines' ranges and columns, what they leave of held-out rows, and λ by that.
    let private splines cutoff rows (types: SiteTypes) (sites: float[]) =
        let struct (nearest, _) = FoundPotential.distances types sites rows cutoff
        let ranges = SiteGiven.ranges cutoff nearest
        let columns = SiteGiven.columns cutoff rows types sites ranges
        let struct (_, left, lambda) = SiteGiven.fit rows columns ranges
        struct (nearest, ranges, columns, left.Left, lambda)

    /// A law by the splines for places, what they leave of held-out rows, and the shortest distance of sites.
    let private lawOf cutoff rows (types: SiteTypes) orbits farthest (sites: float[]) : struct (Law * float * float) =
        let struct (nearest, ranges, columns, left, lambda) = splines cutoff rows types sites
        let struct (gram, _) = SiteGiven.equations rows columns
        let count = columns.Length

        let law = {
            Cutoff = cutoff
            Rows = rows
            Types = types
            Orbits = orbits
            Ranges = ranges
            Lambda = lambda
            Size = Seq.sum (seq { for k in 0 .. count - 1 -> gram[count * k + k] }) / float count
            Farthest = farthest
        }

        struct (law, left, Array.min nearest)

    /// What splines leave of held-out rows with sites at these places, relative to the targets.
    let heldOut cutoff rows (types: SiteTypes) (sites: float[]) : float =
        let struct (_, _, _, left, _) = splines cutoff rows types sites
        left

    /// From a start, as long as less of held-out rows is left, at most so many times so many steps: the numbers that are searched, what is left of all rows and what of held-out ones.
    /// Everything but places is chosen anew each time.
    let rec settle threads cutoff rows types (orbits: SiteOrbits) farthest steps times (given: float[]) =
        let struct (law, before, shortest) = lawOf cutoff rows types orbits farthest (orbits.Placed given)

        match residual law given with
        | ValueSome r ->
            let stay = struct (given, sqrt (squares r / rows.Squares), before)

            if times > 0 && Double.IsFinite shortest then
                let next =
                    search threads shortest law given r 1e-3 steps
                    |> settle threads cutoff rows types orbits farthest steps (times - 1)

                let struct (_, _, after) = next
                if after < before then next else stay
            else
                stay
        | ValueNone -> struct (given, infinity, infinity)

    /// The same bodies with sites where less of held-out rows is left, if they have such; `turns` are what the sites of each body repeat by.
    let tryBetter
        threads
        (cutoff: SiteCutoff)
        (rows: SiteRows)
        (turns: Matrix3[] list)
        (bodies: SiteBody list)
        : SiteBody list option =
        let types, sites = KnownSites.types bodies, KnownSites.positions bodies

        let generators =
            turns
            |> List.mapi (fun k turns ->
                let own = types.Of k
                SiteTraining.generators turns (Array.sub sites (3 * types.Offset k) (3 * own.Length)) own)

        let orbits =
            SiteOrbits.Repeated(
                List.map2 (fun (_, kinds: int[]) turns -> struct (kinds.Length, turns)) generators turns
                |> List.toArray
            )

        let struct (law, before, shortest) = lawOf cutoff rows types orbits infinity sites
        let given = generators |> Seq.map fst |> Array.concat

        match residual law given with
        | ValueSome r when Double.IsFinite shortest ->
            let moved = search threads shortest law given r 1e-3 MostSteps |> orbits.Placed

            if heldOut cutoff rows types moved < before then
                bodies
                |> Seq.mapi (fun k body ->
                    let first = 3 * types.Offset k

                    SiteBody.create
                        body.Species
                        (body.Sites
                         |> Seq.mapi (fun s site ->
                             let at = first + 3 * s
                             { site with Position = Vector3.create moved[at] moved[at + 1] moved[at + 2] })))
                |> Result.traverse id
                |> Result.map List.ofArray
                |> function
                    | Ok bodies -> Some bodies
                    | Error _ -> None
            else
                None
        | _ -> None
