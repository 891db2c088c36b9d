namespace AniSoap.Learning

open System
open System.Collections.Immutable
open System.Threading.Tasks
open AniSoap

/// How a potential is trained. Start from `PotentialTraining.defaults`.
[<NoComparison>]
type TrainingOptions = {
    /// The pair spectra; none: chosen among a few by what they leave of held-out frames.
    Hypers: PairHypers option
    /// The cutoff radius of pair spectra that are chosen; none: from the data.
    CutoffRadius: float option
    /// Over what length they are smoothed before the cutoff, 0 for not at all; none: a tenth of the cutoff radius.
    SmoothingWidth: float option
    /// λ relative to the number of columns; none: chosen by held-out frames.
    Regularization: float option
    /// What energies count beside forces, each in units of their own spread; none: √(N/5) for frames of N particles, at least 1.
    EnergyWeight: float option
    /// The same of torques.
    TorqueWeight: float
    /// The same of virials.
    VirialWeight: float
    /// From 0, where all rows count alike, to 1, where rows of particles count the less the more acts on them.
    Robustness: float
    /// Parts of the frames, every so many-th one each, that are held out in turn.
    Folds: int
    /// Members of a committee that tells how sure the potential is (`PotentialUncertainty`), each trained on half of the folds; 0: none.
    Committee: int
    /// Whether particles are bodies made of sites, and how these are found.
    Bodies: SiteOptions
    /// Computing threads; 0: as many as there are processors.
    Threads: int
}

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

    let private rowWeights (options: TrainingOptions) (survey: TrainingSurvey) frames =
        let energy =
            options.EnergyWeight
            |> Option.defaultValue (sqrt (max 1.0 (float survey.Numbers / 5.0)))

        RowWeights.ofFrames
            options.Robustness
            [| energy; 1.0; options.TorqueWeight; options.VirialWeight |]
            survey
            frames

    let private addRow (row: float[]) (sums: TriangularRows) (from: ReadOnlySpan<float>) target weight =
        if weight > 0.0 then
            from.CopyTo(Span row)
            row[row.Length - 1] <- target
            sums.Add(ReadOnlySpan row, 0, weight)

    /// The row of a virial's number.
    let private virialRow (rows: PairSpectrumRows) place : ReadOnlySpan<float> =
        let struct (first, second) = PotentialTargets.entries place
        let one = rows.Virial(first / 3, first % 3)

        if first = second then
            one
        else
            let other = rows.Virial(second / 3, second % 3)
            let mean = Array.zeroCreate<float> one.Length

            for j in 0 .. mean.Length - 1 do
                mean[j] <- 0.5 * (one[j] + other[j])

            ReadOnlySpan mean

    /// Adds the rows of a frame.
    let private addFrame
        (weights: RowWeights)
        (targets: PotentialTargets)
        (rows: PairSpectrumRows)
        (row: float[])
        (sums: TriangularRows)
        =
        let particles = targets.Frame.Particles.Length
        let kinds = weights.Kinds
        let ofParticles = RowWeights.ofParticles weights targets
        let ofFrame = RowWeights.mean ofParticles
        let hasForces, hasTorques = not targets.Forces.IsDefaultOrEmpty, not targets.Torques.IsDefaultOrEmpty

        match targets.Energy with
        | Some energy -> addRow row sums rows.Values energy (ofFrame * kinds[0] / float particles)
        | None -> ()

        for i in 0 .. particles - 1 do
            let weight = ofParticles[i]

            for axis in 0..2 do
                if hasForces then
                    addRow row sums (rows.Forces(i, axis)) targets.Forces[3 * i + axis] (weight * kinds[1])

                if hasTorques then
                    addRow row sums (rows.Torques(i, axis)) targets.Torques[3 * i + axis] (weight * kinds[2])

        for struct (place, value) in targets.Virial do
            addRow row sums (virialRow rows place) value (ofFrame * kinds[3])

    /// R of every fold. Frames are computed several at a time, and added in their order: the same bits for any threads.
    let private accumulate
        threads
        folds
        particles
        weights
        (basis: PairBasis)
        frames
        : Result<TriangularRows[], AniSoapError> =
        let sums = Array.init folds (fun _ -> TriangularRows(basis.Length + 1))

        let batch =
            Array.init (if particles > 64 then threads else 16 * threads) (fun _ ->
                struct (PairSpectrumRows basis, Unchecked.defaultof<PotentialTargets>))

        let results = Array.create batch.Length (Ok())
        let row = Array.zeroCreate (basis.Length + 1)
        let mutable filled = 0
        let mutable start = 0

        let flush () =
            let count = filled

            Parallel.For(
                0,
                count,
                ParallelOptions(MaxDegreeOfParallelism = threads),
                fun k ->
                    let struct (rows, targets) = batch[k]
                    results[k] <- rows.Compute targets.Frame
            )
            |> ignore

            let mutable failure = Ok()

            for k in 0 .. count - 1 do
                match failure, results[k] with
                | Ok(), Ok() ->
                    let struct (rows, targets) = batch[k]
                    addFrame weights targets rows row sums[(start + k) % folds]
                | Ok(), Error error ->
                    failure <- Error(AniSoapError.at { Place.Unknown with Frame = Some(start + k) } error)
                | _ -> ()

            start <- start + count
            filled <- 0
            failure

        TrainingSurvey.forEach frames (fun _ targets ->
            let struct (rows, _) = batch[filled]
            batch[filled] <- struct (rows, targets)
            filled <- filled + 1
            if filled = batch.Length then flush () else Ok())
        |> Result.bind flush
        |> Result.map (fun () -> sums)

    let private joined (sums: TriangularRows[]) skip =
        let all = TriangularRows sums[0].Columns

        sums
        |> Array.iteri (fun k rows ->
            if k <> skip then
                all.Add rows)

        all

    let private grid = [
        1e-16
        1e-15
        1e-14
        1e-13
        1e-12
        1e-11
        1e-10
        1e-9
        1e-8
        1e-7
        1e-6
        1e-5
        1e-4
        1e-3
        1e-2
    ]

    /// Held-out squares of a λ over all folds, relative to those of the targets.
    let private heldOut (sums: TriangularRows[]) (rests: TriangularRows[]) lambda =
        let squares =
            sums
            |> Array.mapi (fun k rows -> LeastSquares.squaredResidual (LeastSquares.ridge lambda rests[k]) rows)

        let nothing = Array.zeroCreate<float>(sums[0].Columns - 1)
        Array.sum squares / (sums |> Array.sumBy (LeastSquares.squaredResidual nothing))

    /// The λ that leaves least of held-out frames: downhill over a grid of decades from 1e-12.
    let private chooseRidge (options: TrainingOptions) (sums: TriangularRows[]) =
        if sums.Length < 2 then
            options.Regularization |> Option.defaultValue 1e-12, nan
        else
            let rests = Array.init sums.Length (joined sums)

            match options.Regularization with
            | Some lambda -> lambda, heldOut sums rests lambda
            | None ->
                let known = Collections.Generic.Dictionary<int, float>()

                let at k =
                    match known.TryGetValue k with
                    | true, value -> value
                    | _ ->
                        let value = heldOut sums rests grid[k]
                        known[k] <- value
                        value

                let rec walk k step =
                    let next = k + step

                    if next >= 0 && next < grid.Length && at next < at k then
                        walk next step
                    else
                        k

                let down = walk 4 -2
                let best = if down = 4 then walk 4 2 else down
                grid[best], at best

    /// Time goes with the square of the number of columns, and the choice of the ridge with its cube.
    [<Literal>]
    let private MostColumns = 1500.0

    /// The pair spectra that are tried where none are given, from few to many columns.
    let private candidates (options: TrainingOptions) (survey: TrainingSurvey) : PairHypers list =
        let d = survey.Thinnest

        let cutoff =
            match options.CutoffRadius with
            | Some radius -> radius
            | None ->

                if survey.Reach > 0.0 then
                    1.34 * survey.Reach
                else
                    4.0 / 3.0 * survey.Longest

        let smoothing =
            match options.SmoothingWidth with
            | Some 0.0 -> Smoothing.Step
            | Some width -> Smoothing.ShiftedCosine width
            | None -> Smoothing.ShiftedCosine(0.1 * cutoff)

        let small = { PairHypers.create d (1.2 * d) cutoff with Smoothing = smoothing }

        let medium = { small with MaxAngular = 6; MaxRadial = 4; OwnMaxRadial = 2 }

        let large = {
            medium with
                MaxAngular = 8
                MaxRadial = 5
                OwnMaxRadial = 3
                NeighborMaxRadial = 3
                OwnChannels =
                    [ 3.0; 6.0; 12.0; 18.0 ]
                    |> List.map (fun power -> ContactChannel.Power(power, d))
        }

        [ small; medium; large ]

    let private fit
        (options: TrainingOptions)
        (survey: TrainingSurvey)
        weights
        threads
        frames
        (basis: PairBasis)
        : Result<struct (Potential * (unit -> Result<Potential, AniSoapError>)), AniSoapError> =
        attempt {
            let folds = max 1 (min options.Folds survey.Frames)
            let! sums = accumulate threads folds survey.Numbers weights basis frames
            let lambda, held = chooseRidge options sums
            let all = joined sums -1
            let solution = LeastSquares.ridge lambda all
            let fit: PotentialFit = { Frames = survey.Frames; Regularization = lambda; HeldOut = held }

            let known uncertainty = Potential(Some(ContactPotential(basis, solution, uncertainty)), None, fit, [])

            // For the potential that is taken alone.
            let withCommittee () =
                attempt {
                    // σ² by the rows that count, less what the columns take.
                    let counted =
                        Array.map2 (fun count kind -> if kind > 0.0 then count else 0.0) survey.Counts weights.Kinds

                    let freedom = max 1.0 (Array.sum counted - float basis.Length)
                    let noise = sqrt (LeastSquares.squaredResidual solution all / freedom)
                    let! found = CommitteeTraining.run options.Committee threads lambda noise basis sums all frames
                    return known (Some found)
                }

            let plain = known None

            return
                struct (plain,
                        (if options.Committee = 0 then
                             (fun () -> Ok plain)
                         else
                             withCommittee))
        }

    let private weighing name (weight: float) =
        Refuse.unless (weight >= 0.0 && weight <= 1e12) (fun () -> Refuse.number name weight "a finite number from 0")

    /// The part that is linear in pair spectra, by itself.
    let private trainContact
        (options: TrainingOptions)
        (survey: TrainingSurvey)
        weights
        threads
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<Potential, AniSoapError> =
        attempt {
            match options.Hypers with
            | Some hypers ->
                let! basis = PairBasis.create hypers survey.Species
                let! struct (_, finish) = fit options survey weights threads frames basis
                return! finish ()
            | None ->
                // More columns than the rows can say anything about, or than are worth waiting for.
                let mostColumns = min MostColumns (0.35 * Array.sum survey.Counts)

                let rec climb best (left: PairHypers list) =
                    match left with
                    | [] ->
                        match best with
                        | Some struct (_, finish) -> finish ()
                        | None -> Refuse.because "hyperparameters" "none" "at least one candidate"
                    | next :: rest ->
                        match best, PairBasis.create next survey.Species with
                        | Some struct (_, finish), Error _ -> finish ()
                        | Some struct (_, finish), Ok basis when float basis.Length > mostColumns -> finish ()
                        | None, Error error -> Error error
                        | _, Ok basis ->
                            fit options survey weights threads frames basis
                            |> Result.bind (fun (struct (found: Potential, _) as next) ->
                                match best with
                                | Some struct (known: Potential, finish) when
                                    not (found.Fit.HeldOut < known.Fit.HeldOut)
                                    ->
                                    finish ()
                                | _ -> climb (Some next) rest)

                return! climb None (candidates options survey)
        }

    /// The same, of frames less what bodies bring.
    let private trainRest options threads (frames: PotentialTargets[]) =
        attempt {
            let frames = frames |> Seq.map Ok
            let! survey = TrainingSurvey.ofFrames frames
            let! weights = rowWeights options survey frames
            return! trainContact options survey weights threads frames
        }

    /// What is left of targets.
    let private less (bodies: SitePotential) (targets: PotentialTargets) : Result<PotentialTargets, AniSoapError> =
        attempt {
            let! engine = SiteEnergy.Create(bodies.Model, 1)
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

    let private collect (items: seq<Result<'a, AniSoapError>>) : Result<'a[], AniSoapError> =
        let all = ResizeArray()
        let mutable failure = None

        for item in items do
            match item with
            | Ok one when failure.IsNone -> all.Add one
            | Error error when failure.IsNone -> failure <- Some error
            | _ -> ()

        match failure with
        | Some error -> Error error
        | None -> Ok(all.ToArray())

    /// Bodies out of frames, and pair spectra of what is left of frames with others.
    let private trainBodies
        (options: TrainingOptions)
        (survey: TrainingSurvey)
        weights
        threads
        (targets: PotentialTargets[])
        =
        let struct (fitCutoff, cutoff, reach) = SiteTraining.cutoffs options.Bodies survey targets

        // Species that some frames hold alone.
        let alone species = targets |> Array.filter (SiteTraining.isOf ((=) species))

        /// A search, and whether it is worth it: without a doubt, or because pair spectra leave twice as much of the same.
        let bodyOf species =
            let mine = alone species

            attempt {
                let! frames = SiteFrames.ofTargets weights reach mine
                let! found = SiteTraining.search options.Bodies survey threads fitCutoff species frames

                match options.Bodies.Sites with
                | SiteChoice.Auto when found.Validation > SiteTraining.Certain ->
                    let! other = trainRest options threads mine
                    let isWorthIt = found.Validation <= 0.5 * sqrt other.Fit.HeldOut
                    return struct (found, isWorthIt)
                | _ -> return struct (found, true)
            }

        /// What was found, with pair spectra for frames that hold others.
        let joined (species: int[]) bodies heldOut trials =
            let others =
                targets
                |> Array.filter (fun one -> not (SiteTraining.isOf (fun s -> Array.contains s species) one))

            let fit: PotentialFit = {
                Frames = targets.Length
                Regularization = SiteTraining.Ridge
                HeldOut = heldOut * heldOut
            }

            if others.Length = 0 then
                Ok(Potential(None, Some bodies, fit, trials))
            else
                attempt {
                    let! rest = others |> Seq.map (less bodies) |> collect
                    let! contact = trainRest options threads rest
                    return Potential(contact.Contact, Some bodies, { contact.Fit with Frames = targets.Length }, trials)
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

                let! all = species |> Seq.map bodyOf |> collect
                let trials = all |> Seq.collect (fun (struct (found, _)) -> found.Trials) |> Seq.toList

                let taken =
                    all
                    |> Array.choose (fun (struct (found, isWorthIt)) -> if isWorthIt then Some found else None)

                if taken.Length = 0 then
                    let! plain = trainContact options survey weights threads (targets |> Seq.map Ok)
                    return Potential(plain.Contact, None, plain.Fit, trials)
                else
                    let! struct (solution, rows, unit) = SiteTraining.refine weights reach fitCutoff taken targets
                    let species = taken |> Array.map _.Species
                    let! bodies = SiteTraining.potentialOf unit cutoff species solution rows
                    return! joined species bodies (taken |> Array.map _.Validation |> Array.max) trials
            }

        match options.Bodies.Sites with
        | SiteChoice.Given bodies ->
            attempt {
                let! struct (potential, left) = SiteTraining.given options.Bodies survey weights bodies targets
                return! joined (bodies |> Seq.map _.Species |> Seq.toArray) potential left []
            }
        | _ -> searched ()

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

            let! weights = rowWeights options survey frames

            match options.Bodies.Sites with
            | SiteChoice.None -> return! trainContact options survey weights threads frames
            | _ ->
                let! targets = collect frames
                return! trainBodies options survey weights threads targets
        }
