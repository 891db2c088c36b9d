namespace AniSoap.Learning

open System.Collections.Immutable
open AniSoap

/// All that training chooses before rows are added up: by the same setup every part of a run does what one run does. Made by `PotentialTraining.choose`, kept by `TrainingSetupFile`.
[<ReferenceEquality>]
type TrainingSetup = {
    /// The pair spectra; none where all frames hold nothing but bodies made of sites.
    Hypers: PairHypers option
    /// The species of the columns, ascending.
    Species: int list
    /// Bodies made of sites, with what acts between them: pair spectra are trained on what these leave of frames that hold others.
    Sites: SitePotential option
    /// Of the frames that it was chosen by.
    Fit: PotentialFit
    /// From 0, where all rows count alike, to 1, where rows of particles count the less the more acts on them.
    Robustness: float
    /// The force, in the targets' units, from which on that begins; 0 where there are none.
    TypicalForce: float
    /// The same of torques.
    TypicalTorque: float
    /// What rows of energies a particle, of forces, of torques and of virials are multiplied by.
    RowFactors: ImmutableArray<float>
    /// Parts of the frames, every so many-th one each, that are held out in turn.
    Folds: int
    /// λ relative to the number of columns; none: chosen by held-out frames, once all rows are added up.
    Regularization: float option
    /// Frames of a fold whose rows are taken into one factor, before factors are joined.
    LeafFrames: int
    /// The particles of the largest frame.
    LargestFrame: int
}

module internal TrainingSetups =
    let ofOutcome (options: TrainingOptions) (folds: int) (outcome: TrainingOutcome) : TrainingSetup =
        let contact = outcome.Potential.Contact
        let weights = outcome.Weights

        {
            Hypers = contact |> Option.map (fun one -> one.Basis.Hypers)
            Species =
                match contact with
                | Some one -> List.ofSeq one.Basis.Species
                | None -> List.ofArray outcome.Survey.Species
            Sites = outcome.Potential.Sites
            Fit = outcome.Potential.Fit
            Robustness = weights.Robustness
            TypicalForce = weights.TypicalForce
            TypicalTorque = weights.TypicalTorque
            RowFactors = ImmutableArray.Create<float> weights.Kinds
            Folds = folds
            Regularization = options.Regularization
            LeafFrames =
                match contact with
                | Some one -> ContactTraining.leafFrames outcome.Survey weights one.Basis
                | None -> 1
            LargestFrame = outcome.Survey.Numbers
        }

    /// The basis of the pair spectra; none where there are none.
    let basis (setup: TrainingSetup) : Result<PairBasis option, AniSoapError> =
        match setup.Hypers with
        | None -> Ok None
        | Some hypers -> PairBasis.create hypers setup.Species |> Result.map Some

    let private work (setup: TrainingSetup) threads first stop isJoined : RowWork = {
        Threads = threads
        // Parts add up to the bits of one run.
        Algebra = LinearAlgebra.Own
        Slots = ContactTraining.slots threads setup.LargestFrame
        Folds = setup.Folds
        LeafFrames = setup.LeafFrames
        First = first
        Stop = stop
        Expected =
            if stop = System.Int64.MaxValue then
                max 1 (setup.Fit.Frames - first)
            else
                int (stop - int64 first)
        Room = TrainingRows.Room
        IsJoined = isJoined
        Weights = {
            Robustness = setup.Robustness
            TypicalForce = setup.TypicalForce
            TypicalTorque = setup.TypicalTorque
            Kinds = Seq.toArray setup.RowFactors
        }
    }

    let private nothing (targets: PotentialTargets) = {
        targets with
            Energy = None
            Forces = ImmutableArray.Empty
            Torques = ImmutableArray.Empty
            Virial = ImmutableArray.Empty
    }

    /// What a frame's pair spectra are trained on: all, or what bodies leave.
    let private preparing slots (setup: TrainingSetup) =
        match setup.Sites with
        | None -> Ok(fun _ targets -> Ok targets)
        | Some sites ->
            let species = sites.Bodies |> Seq.map _.Species |> Seq.toArray

            seq { 1..slots }
            |> Result.traverse (fun _ -> SiteEnergy.Create(sites.Model, 1))
            |> Result.map (fun engines slot targets ->
                if BodyTraining.isOfBodies species targets then
                    Ok(nothing targets)
                else
                    BodyTraining.less engines[slot] targets)

    /// Frames that hold nothing but bodies are counted, no more.
    let private count (setup: TrainingSetup) first frames =
        let species =
            setup.Sites
            |> Option.map (fun sites -> sites.Bodies |> Seq.map _.Species |> Seq.toArray)
            |> Option.defaultValue [||]

        let mutable found = 0

        TrainingSurvey.forEach frames (fun _ targets ->
            found <- found + 1

            Refuse.unless (BodyTraining.isOfBodies species targets) (fun () ->
                Refuse.because
                    "species"
                    (System.String.Join(", ", Frame.species targets.Frame))
                    ("those of the bodies, " + System.String.Join(", ", species))))
        |> Result.map (fun () -> { TrainingSums.First = first; Frames = found; Trees = [||] })

    /// The rows of frames from one number up to another, each fold's in one factor if they are joined at once.
    let sum (setup: TrainingSetup) threads first stop isJoined frames : Result<TrainingSums, AniSoapError> =
        attempt {
            match! basis setup with
            | None -> return! count setup first frames
            | Some basis ->
                let work = work setup threads first stop isJoined
                let! prepare = preparing work.Slots setup
                return! TrainingRows.accumulate work prepare basis frames
        }

    /// The potential of all rows.
    let solve
        (setup: TrainingSetup)
        committee
        threads
        (sums: TrainingSums)
        rows
        frames
        : Result<Potential, AniSoapError> =
        attempt {
            match! basis setup with
            | None -> return Potential(None, setup.Sites, { setup.Fit with Frames = sums.Frames }, [])
            | Some basis ->
                let fitted = ContactTraining.solve setup.Regularization committee threads basis sums rows frames
                let! contact = fitted.Finish()
                return Potential(contact.Contact, setup.Sites, contact.Fit, [])
        }
