namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// A potential, and by what sizes and weights its pair spectra were trained.
type internal TrainingOutcome = { Potential: Potential; Survey: TrainingSurvey; Weights: RowWeights }

/// Potentials of bodies made of sites, with pair spectra for frames that hold others.
module internal BodyTraining =
    /// Pair spectra of frames less what bodies bring, and by what scales.
    let private trainRest options threads (frames: PotentialTargets[]) =
        attempt {
            let frames = frames |> Seq.map Ok
            let! survey = TrainingSurvey.ofFrames frames
            let! weights = ContactTraining.rowWeights options survey frames
            let! potential = ContactTraining.run options survey weights threads frames
            return struct (potential, survey, weights)
        }

    /// What is left of targets.
    let less (engine: SiteEnergy) (targets: PotentialTargets) : Result<PotentialTargets, AniSoapError> =
        attempt {
            let count = 3 * targets.Frame.Particles.Length
            let forces, torques = Array.zeroCreate<float> count, Array.zeroCreate<float> count
            let virial = Array.zeroCreate<float> 9
            let! energy = engine.Evaluate(targets.Frame, Memory forces, Memory torques, Memory virial)

            let rest (known: ImmutableArray<float>) (values: float[]) =
                if known.IsDefaultOrEmpty then
                    known
                else
                    ImmutableArray.CreateRange(Seq.map2 (-) known values)

            return {
                targets with
                    Energy = targets.Energy |> Option.map (fun e -> e - energy)
                    Forces = rest targets.Forces forces
                    Torques = rest targets.Torques torques
                    Virial =
                        ImmutableArray.CreateRange(
                            targets.Virial
                            |> Seq.map (fun (struct (place, value)) ->
                                struct (place, value - PotentialTargets.ofVirial place (fun i -> virial[i])))
                        )
            }
        }

    /// Whether a frame holds nothing but bodies of these species: then nothing of it is left for pair spectra.
    let isOfBodies (species: int seq) targets = SiteTraining.isOf (fun one -> Seq.contains one species) targets

    /// Weights under which energies count by their own size where they hardly differ: sums over sites have no constant that would take what they have in common, and two frames of one state would count as
    /// if their energies were known to a hundredth of all that acts.
    let private bySize options survey (weights: RowWeights) (targets: PotentialTargets[]) =
        let square =
            targets
            |> Array.sumBy (fun one ->
                match one.Energy with
                | Some energy when one.Frame.Particles.Length > 0 ->
                    let g = RowWeights.mean (RowWeights.ofParticles weights one)
                    (g * energy / float one.Frame.Particles.Length) ** 2.0
                | _ -> 0.0)

        if square > 0.0 then
            let most = ContactTraining.energyWeight options survey / sqrt square

            {
                weights with
                    Kinds = weights.Kinds |> Array.mapi (fun kind w -> if kind = 0 then min w most else w)
            }
        else
            weights

    /// Bodies out of frames, and pair spectra of what is left of frames with others; with the sizes and weights of the latter.
    let run
        (options: TrainingOptions)
        (survey: TrainingSurvey)
        contactWeights
        threads
        (targets: PotentialTargets[])
        : Result<TrainingOutcome, AniSoapError> =
        let weights = bySize options survey contactWeights targets

        let struct (fitCutoff, cutoff, reach) = SiteTraining.cutoffs options.Bodies survey targets

        // Species that some frames hold alone.
        let alone species = targets |> Array.filter (SiteTraining.isOf ((=) species))

        /// A search, and whether it is worth it: without a doubt, or because pair spectra leave twice as much of the same.
        let bodyOf species =
            let mine = alone species

            attempt {
                let! frames = SiteFrames.ofTargets weights reach mine
                let! found = SiteTraining.search options.Bodies threads fitCutoff species frames

                let found =
                    if SiteRanking.isNeeded frames found then
                        SiteRanking.choose options.Bodies threads cutoff frames found
                    else
                        found

                match options.Bodies.Sites with
                | SiteChoice.Auto when found.Validation > SiteTraining.Certain ->
                    let! struct (other, _, _) = trainRest options threads mine
                    let isWorthIt = found.Validation <= 0.5 * sqrt other.Fit.HeldOut
                    return struct (found, isWorthIt)
                | _ -> return struct (found, true)
            }

        /// What was found, with pair spectra for frames that hold others.
        let joined (species: int[]) bodies ridge heldOut trials =
            let others = targets |> Array.filter (fun one -> not (isOfBodies species one))

            let fit: PotentialFit = { Frames = targets.Length; Regularization = ridge; HeldOut = heldOut * heldOut }

            if others.Length = 0 then
                Ok {
                    Potential = Potential(None, Some bodies, fit, trials)
                    Survey = survey
                    Weights = contactWeights
                }
            else
                attempt {
                    let! engine = SiteEnergy.Create(bodies.Model, 1)
                    let! rest = others |> Result.traverse (less engine)
                    let! struct (contact, survey, weights) = trainRest options threads rest
                    let fit = { contact.Fit with Frames = targets.Length }

                    return {
                        Potential = Potential(contact.Contact, Some bodies, fit, trials)
                        Survey = survey
                        Weights = weights
                    }
                }

        /// Bodies that are searched.
        let searched () =
            attempt {
                let species = survey.Species |> Array.filter (fun one -> (alone one).Length > 0)

                do!
                    Refuse.unless (species.Length > 0) (fun () ->
                        Refuse.because
                            "sites"
                            "of frames that all hold several species"
                            "frames that hold one species alone, to find its body in")

                let! all = species |> Result.traverse bodyOf
                let trials = all |> Seq.collect (fun (struct (found, _)) -> found.Trials) |> Seq.toList

                let taken =
                    all
                    |> Array.choose (fun (struct (found, isWorthIt)) -> if isWorthIt then Some found else None)

                if taken.Length = 0 then
                    let! plain = ContactTraining.run options survey contactWeights threads (targets |> Seq.map Ok)

                    return {
                        Potential = Potential(plain.Contact, None, plain.Fit, trials)
                        Survey = survey
                        Weights = contactWeights
                    }
                else
                    let species = taken |> Array.map _.Species
                    let left = taken |> Array.map _.Validation |> Array.max

                    /// Functions chosen as for sites that are given, and sites that move once more under these.
                    let settled bodies =
                        attempt {
                            let turns =
                                bodies
                                |> List.map (fun (body: SiteBody) ->
                                    (taken |> Array.find (fun one -> one.Species = body.Species)).Turns)

                            let! struct (fitted, left) =
                                KnownBodies.fit options survey weights threads turns bodies targets

                            return! joined species fitted SiteTraining.Ridge left trials
                        }

                    if taken |> Array.exists _.IsRanked then
                        // Exponentials cannot judge: they would only lead away.
                        let! bodies = FoundPotential.bodies species (SiteTraining.joined taken)
                        return! settled bodies
                    else
                        let! struct (solution, rows, unit, ridge) =
                            SiteRefinement.run weights reach fitCutoff taken targets

                        let! bodies = FoundPotential.create unit cutoff species solution rows

                        // In frames of many particles with noise.
                        if
                            left > SiteTraining.Certain
                            && rows.Groups |> Array.exists (fun group -> not group.IsIsolated)
                        then
                            return! settled (Seq.toList bodies.Bodies)
                        else
                            return! joined species bodies ridge left trials
            }

        match options.Bodies.Sites with
        | SiteChoice.Given bodies ->
            attempt {
                let! struct (potential, left) = KnownBodies.fit options survey weights threads [] bodies targets
                let species = bodies |> Seq.map _.Species |> Seq.toArray
                return! joined species potential SiteTraining.Ridge left []
            }
        | _ -> searched ()
