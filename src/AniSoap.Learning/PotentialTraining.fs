namespace AniSoap.Learning

open AniSoap

/// Training of potentials: one weighted least-squares problem for energies, forces, torques and virials, by QR of rows that are not kept.
module PotentialTraining =
    /// Everything chosen; torques count as forces do, virials nothing, eight folds, as many threads as there are processors.
    let defaults: TrainingOptions = {
        Hypers = None
        CutoffRadius = None
        SmoothingWidth = None
        Regularization = None
        EnergyWeight = None
        TorqueWeight = 1.0
        VirialWeight = 0.0
        Robustness = 0.5
        Folds = 8
        Committee = 0
        Bodies = { Sites = SiteChoice.None; Cutoff = None; Seed = 0 }
        Threads = 0
    }

    let private weighing name (weight: float) =
        Refuse.unless (weight >= 0.0 && weight <= 1e12) (fun () -> Refuse.number name weight "a finite number from 0")

    /// The potential of frames with targets, which are gone through two times, and more often where hyperparameters are to be chosen; memory does not depend on their number. An isolated
    /// particle's energy is 0. Refuses frames without any targets, targets that are not finite, hyperparameters that cannot work.
    let train
        (options: TrainingOptions)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<Potential, AniSoapError> =
        attempt {
            let! threads = RunOptions.threadCount options.Threads

            do!
                Refuse.unless (options.Folds >= 1 && options.Folds <= 100) (fun () ->
                    Refuse.count "folds" options.Folds "1 to 100")

            do! weighing "energy weight" (options.EnergyWeight |> Option.defaultValue 1.0)
            do! weighing "torque weight" options.TorqueWeight
            do! weighing "virial weight" options.VirialWeight

            do!
                Refuse.unless (options.Robustness >= 0.0 && options.Robustness <= 1.0) (fun () ->
                    Refuse.number "robustness" options.Robustness "0 to 1")

            do!
                Refuse.unless (options.Committee = 0 || options.Committee >= 2 && options.Committee <= 100) (fun () ->
                    Refuse.count "committee" options.Committee "2 to 100 members, or 0 for none")

            let hasSites =
                match options.Bodies.Sites with
                | SiteChoice.None -> false
                | _ -> true

            do!
                Refuse.unless (options.Committee = 0 || not hasSites) (fun () ->
                    Refuse.count "committee" options.Committee "0 with sites: committees are of pair spectra alone")

            let! survey = TrainingSurvey.ofFrames frames
            let folds = min options.Folds survey.Frames

            do!
                Refuse.unless (options.Committee = 0 || folds >= 4) (fun () ->
                    Refuse.count "folds of a committee" folds "at least 4 frames and 4 folds")

            let! weights = ContactTraining.rowWeights options survey frames

            match options.Bodies.Sites with
            | SiteChoice.None -> return! ContactTraining.run options survey weights threads frames
            | _ ->
                let! targets = frames |> Result.traverse id
                return! BodyTraining.run options survey weights threads targets
        }
