namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Bodies whose sites are known: radial functions alone are fitted.
module internal KnownBodies =
    /// Weights of exponentials for sites that stay where they are, and what is left of held-out rows.
    let private linear (train: SiteProblem) (valid: SiteProblem) (all: SiteProblem) (bodies: SiteBody list) =
        let types, sites = KnownSites.types bodies, KnownSites.positions bodies

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
        let names = KnownSites.names bodies

        let letters = names |> Array.mapi (fun number _ -> FoundPotential.nameOf number)
        let rename (letter: string) = names[Array.IndexOf(letters, letter)]

        FoundPotential.create unit cutoff (bodies |> Seq.map _.Species |> Seq.toArray) solution rows
        |> Result.bind (fun made ->
            SitePotential.Create(
                bodies,
                made.Functions
                |> Seq.map (fun f -> { f with First = rename f.First; Second = rename f.Second }),
                cutoff
            ))

    /// Kinds of rows by what is left of held-out ones, so that each counts by its own noise; forces keep what they count. A kind without rows, or without rest, stays.
    let private reweigh (options: TrainingOptions) (weights: RowWeights) (left: float[]) : RowWeights =
        let isKnown kind = Double.IsFinite left[kind] && left[kind] > 0.0

        let change kind =
            if not (isKnown 1 && isKnown kind) || kind = 0 && options.EnergyWeight.IsSome then
                1.0
            else
                left[1] / left[kind] * (if kind = 2 then options.TorqueWeight else 1.0)

        {
            weights with
                Kinds =
                    weights.Kinds
                    |> Array.mapi (fun kind w -> if kind < 3 then w * change kind else w)
        }

    /// Rounds of weighing by what the one before left: first which robustness is likeliest, then what kinds of rows count.
    let private rounds = 3

    /// Below this nothing but rounding and the form of the functions is left.
    let private exact = 1e-3

    /// How near sites of bodies come to each other: over pairs of types, the largest of the shortest distances; that of what they are, where ellipsoids are thinner.
    let private diameter speciesOf weights (bodies: SiteBody list) thinnest (mine: PotentialTargets[]) =
        let types, sites = KnownSites.types bodies, KnownSites.positions bodies
        let radius = bodies |> Seq.map _.Radius |> Seq.max

        let rec within reach tries =
            SiteFrames.ofTargets weights reach mine
            |> Result.bind (fun frames ->
                let rows = SiteRowsBuilder.build (100.0 * reach) speciesOf frames
                let open' = { Radius = reach; SmoothingWidth = 0.0 }
                let struct (nearest, _) = FoundPotential.distances types sites rows open'
                let known = nearest |> Array.filter Double.IsFinite

                if known.Length = nearest.Length || tries = 0 then
                    Ok(Array.fold max thinnest known)
                else
                    within (1.5 * reach) (tries - 1))

        within (max (3.0 * radius) (2.0 * thinnest)) 3

    /// Most times that sites move and everything else is chosen anew.
    let private moves = 2

    /// Bodies whose sites are known. `turns` are what the sites of each repeat by, where these may move to where less of held-out rows is left; none where they stay.
    let fit
        (training: TrainingOptions)
        (survey: TrainingSurvey)
        (weights: RowWeights)
        threads
        (turns: Matrix3[] list)
        (bodies: SiteBody list)
        (targets: PotentialTargets[])
        : Result<struct (SitePotential * float), AniSoapError> =
        let options = training.Bodies

        let speciesOf number =
            bodies
            |> List.tryFindIndex (fun body -> body.Species = number)
            |> Option.defaultValue -1

        let mine =
            targets
            |> Array.filter (SiteTraining.isOf (fun species -> speciesOf species >= 0))

        let radius = bodies |> Seq.map _.Radius |> Seq.max

        // Room for sites that move outwards.
        let room = if turns.IsEmpty then radius else 1.3 * radius

        let once (bodies: SiteBody list) (cutoff: SiteCutoff) weights =
            attempt {
                let far = 100.0 * (cutoff.Radius + radius)
                let! frames = SiteFrames.ofTargets weights (cutoff.Radius + 2.0 * room) mine
                let rows = SiteRowsBuilder.build far speciesOf frames

                let! struct (made, left) =
                    SiteGiven.potential
                        cutoff
                        bodies
                        (fun types sites rows -> FoundPotential.distances types sites rows cutoff)
                        rows

                return struct (frames, rows, made, left)
            }

        /// Weights of the likeliest robustness, or of plain squares, and the fit by them. The likeliest is right where noise is left; where the form errs itself, as rigid molecules
        /// do, small forces would be bought with large ones. Held-out forces as they are tell which.
        let robust bodies cutoff weights made =
            attempt {
                let! residuals = SiteRefinement.residuals made mine
                let likeliest = (SiteRefinement.reweigh weights mine residuals).Robustness

                let trial robustness =
                    let trial = { weights with Robustness = robustness }
                    once bodies cutoff trial |> Result.map (fun fitted -> struct (trial, fitted))

                let forces (struct (_, struct (_, _, _, left: SiteGiven.HeldOut))) = left.Plain[1]
                let! first = trial likeliest

                if likeliest = 0.0 then
                    return first
                else
                    let! second = trial 0.0
                    return if forces second < forces first then second else first
            }

        let rec weighed bodies cutoff round weights fitted =
            attempt {
                let struct (frames, rows, made, left: SiteGiven.HeldOut) = fitted

                if round = rounds || left.Left < exact then
                    return struct (frames, rows, made, left.Left)
                elif round = 0 && Double.IsFinite left.Kinds[1] then
                    let! struct (weights, fitted) = robust bodies cutoff weights made
                    return! weighed bodies cutoff 1 weights fitted
                else
                    let weights = reweigh training weights left.Kinds
                    let! fitted = once bodies cutoff weights
                    return! weighed bodies cutoff (round + 1) weights fitted
            }

        let splines bodies cutoff weights = once bodies cutoff weights |> Result.bind (weighed bodies cutoff 0 weights)

        /// Splines, after so many moves.
        let rec settled left cutoff bodies =
            attempt {
                let! struct (frames, rows, made, error) = splines bodies cutoff weights

                let better =
                    if left > 0 && not turns.IsEmpty && error >= exact then
                        SiteMoves.tryBetter threads cutoff rows turns bodies
                    else
                        None

                match better with
                | Some bodies -> return! settled (left - 1) cutoff bodies
                | None -> return struct (bodies, frames, rows, made, error)
            }

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

            let! thinnest = diameter speciesOf weights bodies survey.Thinnest mine
            let around = { survey with Longest = 2.0 * radius; Thinnest = thinnest }
            let struct (_, cutoff, _) = SiteTraining.cutoffs options around mine
            let! struct (bodies, frames, rows, splines, left) = settled moves cutoff bodies

            // Exponentials are better walls of exact laws, splines better wells of molecules: what leaves less of held-out rows.
            let struct (train, valid) = SiteFrames.split frames

            let problem frames = {
                Rows = SiteRowsBuilder.build (100.0 * (cutoff.Radius + radius)) speciesOf frames
                Unit = thinnest
                Cutoff = ValueSome cutoff
                Ridge = SiteTraining.Ridge
            }

            let! struct (solution, error) = linear (problem train) (problem valid) (problem frames) bodies

            if error < left then
                let! exponentials = namedPotential thinnest cutoff bodies solution rows
                return struct (exponentials, error)
            else
                return struct (splines, left)
        }
