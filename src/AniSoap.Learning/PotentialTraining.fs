namespace AniSoap.Learning

open AniSoap

/// Training of potentials: one weighted least-squares problem for energies, forces, torques and virials, by QR of rows that are not kept.
module PotentialTraining =
    /// Everything chosen; torques count as forces do, virials nothing, eight folds, the package's own linear algebra, as many threads as there are processors.
    let defaults: TrainingOptions = {
        Hypers = None
        CutoffRadius = None
        SmoothingWidth = None
        HasOwnDensity = true
        DensityScale = None
        SpeciesMixing = None
        Regularization = None
        EnergyWeight = None
        TorqueWeight = 1.0
        VirialWeight = 0.0
        Robustness = 0.5
        Folds = 8
        Committee = 0
        Bodies = { Sites = SiteChoice.None; Cutoff = None; Seed = 0; Symmetry = 1 }
        LinearAlgebra = LinearAlgebra.Own
        Threads = 0
    }

    let private weighing name (weight: float) =
        Refuse.unless (weight >= 0.0 && weight <= 1e12) (fun () -> Refuse.number name weight "a finite number from 0")

    let private committee members =
        Refuse.unless (members = 0 || members >= 2 && members <= 100) (fun () ->
            Refuse.count "committee" members "2 to 100 members, or 0 for none")

    let private foldsOfCommittee members folds =
        Refuse.unless (members = 0 || folds >= 4) (fun () ->
            Refuse.count "folds of a committee" folds "at least 4 frames and 4 folds")

    let private check (options: TrainingOptions) =
        attempt {
            do!
                Refuse.unless (options.Folds >= 1 && options.Folds <= 100) (fun () ->
                    Refuse.count "folds" options.Folds "1 to 100")

            do! weighing "energy weight" (options.EnergyWeight |> Option.defaultValue 1.0)
            do! weighing "torque weight" options.TorqueWeight
            do! weighing "virial weight" options.VirialWeight

            do!
                Refuse.unless (options.Robustness >= 0.0 && options.Robustness <= 1.0) (fun () ->
                    Refuse.number "robustness" options.Robustness "0 to 1")

            do! committee options.Committee

            do!
                Refuse.unless (options.Committee = 0 || options.Bodies.Sites.IsNone) (fun () ->
                    Refuse.count "committee" options.Committee "0 with sites: committees are of pair spectra alone")

            return! SiteTraining.check options.Bodies
        }

    let private run (options: TrainingOptions) threads survey weights frames : Result<TrainingOutcome, AniSoapError> =
        attempt {
            match options.Bodies.Sites with
            | SiteChoice.None ->
                let! potential = ContactTraining.run options survey weights threads frames
                return { Potential = potential; Survey = survey; Weights = weights }
            | _ ->
                let! targets = frames |> Result.traverse id
                return! BodyTraining.run options survey weights threads targets
        }

    /// The potential of frames with targets, which are gone through several times, each time the same; memory does not depend on their number. An isolated
    /// particle's energy is 0. Refuses frames without any targets, targets that are not finite, hyperparameters that cannot work.
    let train
        (options: TrainingOptions)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<Potential, AniSoapError> =
        attempt {
            let! threads = RunOptions.threadCount options.Threads
            do! check options
            let! survey = TrainingSurvey.ofFrames frames
            do! foldsOfCommittee options.Committee (min options.Folds survey.Frames)
            let! weights = ContactTraining.rowWeights options survey frames
            let! outcome = run options threads survey weights frames
            return outcome.Potential
        }

    /// What `train` chooses before it adds up the rows of its last fit: hyperparameters unless they are given, species, bodies, and what rows count. Refuses what `train` refuses, and
    /// committees.
    let choose
        (options: TrainingOptions)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<TrainingSetup, AniSoapError> =
        attempt {
            let! threads = RunOptions.threadCount options.Threads
            do! check options

            do!
                Refuse.unless (options.Committee = 0) (fun () ->
                    Refuse.count "committee" options.Committee "0: nothing of a committee is chosen beforehand")

            let! survey = TrainingSurvey.ofFrames frames
            let! weights = ContactTraining.rowWeights options survey frames
            let folds = min options.Folds survey.Frames

            let! outcome =
                match options.Hypers, options.Bodies.Sites with
                | Some hypers, SiteChoice.None ->
                    // Nothing is chosen by a fit.
                    PairBasis.create hypers survey.Species
                    |> Result.map (fun basis ->
                        let contact = ContactPotential(basis, Array.zeroCreate basis.Length)
                        let fit: PotentialFit = { Frames = survey.Frames; Regularization = nan; HeldOut = nan }

                        { Potential = Potential(Some contact, None, fit, []); Survey = survey; Weights = weights })
                | _ -> run options threads survey weights frames

            return TrainingSetups.ofOutcome options folds outcome
        }

    /// The potential of frames with targets by what has been chosen: they are gone through once, or several times where that needs much less memory, and once more for a committee of so many members (0: none). With the setup that `choose` has made
    /// of the same frames it is that of `train`, to the last bit, where there are no bodies made of sites.
    let trainBy
        (setup: TrainingSetup)
        (committeeMembers: int)
        (threads: int)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<Potential, AniSoapError> =
        attempt {
            let! threads = RunOptions.threadCount threads
            do! committee committeeMembers

            do!
                Refuse.unless (committeeMembers = 0 || setup.Sites.IsNone) (fun () ->
                    Refuse.count "committee" committeeMembers "0 with sites: committees are of pair spectra alone")

            do! foldsOfCommittee committeeMembers setup.Folds
            let! sums = TrainingSetups.sum setup threads 0 System.Int64.MaxValue true frames

            do!
                Refuse.unless (sums.Frames > 0) (fun () ->
                    Refuse.because "frames" "none" "at least one frame with particles")

            return! TrainingSetups.solve setup committeeMembers threads sums sums.Rows frames
        }
