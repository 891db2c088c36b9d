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

    /// Bodies whose sites are known.
    let fit
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

        let mine =
            targets
            |> Array.filter (SiteTraining.isOf (fun species -> speciesOf species >= 0))

        let radius = bodies |> Seq.map _.Radius |> Seq.max
        let struct (_, cutoff, _) = SiteTraining.cutoffs options { survey with Longest = 2.0 * radius } mine

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
                SiteGiven.potential
                    cutoff
                    bodies
                    (fun types sites rows -> FoundPotential.distances types sites rows cutoff)
                    rows

            // Exponentials are better walls of exact laws, splines better wells of molecules: what leaves less of held-out rows.
            let struct (train, valid) = SiteFrames.split frames

            let problem frames = {
                Rows = SiteRowsBuilder.build far speciesOf frames
                Unit = survey.Thinnest
                Cutoff = ValueSome cutoff
                Ridge = SiteTraining.Ridge
            }

            let! struct (solution, error) = linear (problem train) (problem valid) (problem frames) bodies

            if error < left then
                let! exponentials = namedPotential survey.Thinnest cutoff bodies solution rows
                return struct (exponentials, error)
            else
                return struct (splines, left)
        }
