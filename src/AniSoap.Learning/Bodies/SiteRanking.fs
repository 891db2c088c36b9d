namespace AniSoap.Learning

open System
open AniSoap

/// Bodies ranked by splines with their prior, where exponentials cannot judge. Molecules that vibrate leave a third of their forces to no rigid body at all: what exponentials leave of held-out rows is
/// then a matter of the few nearest pairs, and neither places nor numbers of sites can be told by it. Under splines the true places lie in a wide valley.
module internal SiteRanking =
    /// What exponentials leave of held-out rows where they cannot judge: more than this.
    [<Literal>]
    let Unjudged = 0.2

    /// Rows of forces and torques that are enough to rank by.
    [<Literal>]
    let private EnoughRows = 1200

    /// Random starts, where so few places are searched that they can hit the valley.
    [<Literal>]
    let private Starts = 24

    [<Literal>]
    let private MostGenerators = 3

    /// Of one number of sites and of types: so many of the best starts are moved a little, and then so many of the best of those as far as it goes.
    let private moved, finished = 6, 2

    /// Steps of those that are moved a little.
    [<Literal>]
    let private FirstSteps = 3

    /// Numbers that are left behind after the first steps: more than so many times the least.
    [<Literal>]
    let private Behind = 1.3

    /// Most times that sites move and splines are chosen anew.
    [<Literal>]
    let private Times = 3

    /// Whether the functions of a search say too little of a body to choose by.
    let isNeeded (frames: SiteFrame[]) (found: FoundBody) =
        found.Validation > Unjudged
        && frames |> Array.exists (fun frame -> not frame.IsDimer)

    /// Frames of many particles, evenly, as few as are enough.
    let private few (frames: SiteFrame[]) =
        let frames = frames |> Array.filter (fun frame -> not frame.IsDimer)
        let rows = frames |> Array.sumBy (fun frame -> 6 * frame.Targets.Frame.Particles.Length)

        let count = min frames.Length (int (ceil (float frames.Length * float EnoughRows / float rows)))

        Array.init count (fun k -> frames[k * frames.Length / count])

    /// Places of what is searched, with types.
    [<NoComparison>]
    type private Candidate = {
        Given: float[]
        Kinds: int[]
        /// What is left of all rows, and of held-out ones.
        Training: float
        Left: float
    }

    let private best count (candidates: Candidate[]) = candidates |> Array.sortBy _.Left |> Array.truncate count

    /// A body whose number of sites, types and places are those that leave least of held-out rows under splines, with the table of what each number left.
    let choose
        (options: SiteOptions)
        threads
        (cutoff: SiteCutoff)
        (frames: SiteFrame[])
        (found: FoundBody)
        : FoundBody =
        let axes = frames[0].Targets.Frame.Particles[0].SemiAxes
        let order = found.Turns.Length
        let farthest = SiteSearch.Box * max axes.X (max axes.Y axes.Z)
        let rows = SiteRowsBuilder.build (100.0 * (cutoff.Radius + farthest)) (fun _ -> 0) (few frames)
        let typesOf kinds = SiteTypes [| kinds |> Array.collect (Array.create order) |]
        let orbitsOf (kinds: int[]) = SiteOrbits.Repeated [| struct (kinds.Length, found.Turns) |]
        let sitesOf kinds given = (orbitsOf kinds).Placed given

        let starts n kinds = [|
            for one in found.Candidates do
                if one.Types[0].Length = order * n && 1 + Array.max one.Types[0] = kinds then
                    SiteTraining.generators found.Turns one.Sites one.Types[0]

            if n <= MostGenerators then
                for start in 0 .. Starts - 1 do
                    let numbers = SiteStarts.numbers options.Seed found.Species n kinds (1000 + start)

                    Array.collect (fun _ -> SiteStarts.point axes numbers) [| 1..n |],
                    Array.init n (fun k -> k * kinds / n)
        |]

        let score (given, kinds) = {
            Given = given
            Kinds = kinds
            Training = infinity
            Left = SiteMoves.heldOut cutoff rows (typesOf kinds) (sitesOf kinds given)
        }

        let move steps times one =
            let struct (given, training, left) =
                SiteMoves.settle 1 cutoff rows (typesOf one.Kinds) (orbitsOf one.Kinds) farthest steps times one.Given

            { one with Given = given; Training = training; Left = left }

        let first =
            found.Trials
            |> List.filter (fun trial ->
                match options.Sites with
                | SiteChoice.Count wanted -> trial.Sites = wanted
                | _ -> true)
            |> List.map (fun trial ->
                let tried = starts (trial.Sites / order) trial.Types |> Products.map threads score
                let first = tried |> best moved |> Products.map threads (move FirstSteps 1)
                { trial with Starts = tried.Length }, first)

        let leastOf candidates = candidates |> Array.map _.Left |> Array.min
        let least = first |> List.map (fun (_, some) -> leastOf some) |> List.min

        let last =
            first
            |> List.map (fun (trial, some) ->
                let some =
                    if leastOf some <= Behind * least then
                        some |> best finished |> Products.map threads (move SiteMoves.MostSteps Times)
                    else
                        some

                let top = (best 1 some)[0]

                {
                    trial with
                        Training = top.Training
                        Validation = top.Left
                        Successes = some |> Array.filter (fun one -> one.Left < 1.01 * top.Left) |> Array.length
                },
                top)

        let least = last |> List.map (fun (trial, _) -> trial.Validation) |> List.min

        let trial, top =
            last
            |> List.filter (fun (trial, _) -> trial.Validation <= 1.1 * least)
            |> List.minBy (fun (trial, _) -> struct (trial.Types, trial.Sites))

        {
            found with
                Solution = {
                    Cost = trial.Training * trial.Training * rows.Squares
                    Sites = sitesOf top.Kinds top.Given
                    Types = (typesOf top.Kinds).All
                    Weights = [||]
                    Iterations = 0
                }
                Validation = trial.Validation
                Trials = last |> List.map fst
        }
