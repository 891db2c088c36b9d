namespace AniSoap.Learning

open System
open AniSoap

/// A potential of summed rows.
type internal ContactFit = {
    Potential: Potential
    Found: RidgeFound
    /// Rows for each column that is not zero in all of them.
    Rows: float
    /// The potential with its committee where there is one: frames are gone through once more for it.
    Finish: unit -> Result<Potential, AniSoapError>
}

/// The part of a potential that is linear in pair spectra: which spectra, which ridge, which weights.
module internal ContactTraining =
    /// What energies count beside forces.
    let energyWeight (options: TrainingOptions) (survey: TrainingSurvey) =
        options.EnergyWeight
        |> Option.defaultValue (sqrt (max 1.0 (float survey.Numbers / 5.0)))

    /// What rows count, by the options.
    let rowWeights (options: TrainingOptions) (survey: TrainingSurvey) frames =
        RowWeights.ofFrames
            options.Robustness
            [| energyWeight options survey; 1.0; options.TorqueWeight; options.VirialWeight |]
            survey
            frames

    /// Time goes with the square of the number of columns, and the choice of the ridge with its cube.
    [<Literal>]
    let private MostColumns = 1500.0

    /// l of the last pair spectra that are tried. Few data hold what it resolves, so that where folds do not tell it has to leave less of all of them together.
    [<Literal>]
    let private Finest = 10

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

        let usual = PairHypers.create d (1.2 * d) cutoff

        let small = {
            usual with
                Smoothing = smoothing
                DensityScale = options.DensityScale |> Option.defaultValue usual.DensityScale
                SpeciesMixing = options.SpeciesMixing
        }

        let medium = { small with MaxAngular = 6; MaxRadial = 4; OwnMaxRadial = 2 }

        let large = {
            medium with
                MaxAngular = 8
                MaxRadial = 5
                NeighborMaxRadial = 3
                OwnChannels =
                    [ 3.0; 6.0; 12.0; 18.0 ]
                    |> List.map (fun power -> ContactChannel.Power(power, d))
        }

        let finest = {
            large with
                MaxAngular = Finest
                // The higher powers of its many functions are held by data down to their overlaps, and may as well attract far below: a straight line goes on from here.
                DeepestGap = -0.4 * d
        }

        [ small; medium; large; finest ]
        |> List.map (fun hypers ->
            if options.HasOwnDensity then
                hypers
            else
                { hypers with OwnChannels = [] })

    /// Frames computed at once: as many small ones as are worth starting threads for.
    let slots threads particles = if particles > 64 then threads else 16 * threads

    /// How many frames of a fold make a leaf.
    let leafFrames (survey: TrainingSurvey) (weights: RowWeights) (basis: PairBasis) =
        let counted =
            Array.map2 (fun count kind -> if kind > 0.0 then count else 0.0) survey.Counts weights.Kinds

        FactorTree.LeafFrames(basis.Length, Array.sum counted / float survey.Frames)

    /// The potential of summed rows.
    let solve
        (regularization: float option)
        committee
        threads
        (basis: PairBasis)
        (sums: TrainingSums)
        (rows: int64)
        frames
        : ContactFit =
        let memory = sums.Trees[0].Memory
        let factors = Array.zeroCreate<PackedTriangle> sums.Trees.Length
        let columns = float basis.Length

        Products.forEach factors.Length (columns * columns * columns) (fun fold ->
            factors[fold] <- sums.Trees[fold].Root)

        let rests =
            if factors.Length = 1 then
                [||]
            else
                TrainingRows.others memory factors

        let all =
            if factors.Length = 1 then
                factors[0]
            else
                PackedTriangle(memory.Columns, memory.Sum(true, factors[0].Values, rests[0].Values))

        let found = RidgeChoice.choose regularization memory factors rests
        let lambda = found.Lambda
        let work = memory.TakeRows true
        let solution = LeastSquares.ridge work lambda all
        memory.Give work
        let fit: PotentialFit = { Frames = sums.Frames; Regularization = lambda; HeldOut = found.HeldOutOfAll }

        let known uncertainty = Potential(Some(ContactPotential(basis, solution, uncertainty)), None, fit, [])

        // For the potential that is taken alone.
        let withCommittee () =
            attempt {
                // σ² by the rows that count, less what the columns take.
                let freedom = max 1.0 (float rows - float basis.Length)
                let noise = sqrt (LeastSquares.squaredResidual solution all / freedom)
                let! members = CommitteeTraining.run committee threads lambda noise basis memory factors all frames
                return known (Some members)
            }

        let plain = known None

        // Columns of pairs of species that never meet are zero.
        let reached =
            LeastSquares.norms all
            |> Seq.take basis.Length
            |> Seq.filter (fun norm -> norm > 0.0)
            |> Seq.length

        {
            Potential = plain
            Found = found
            Rows = float rows / float (max 1 reached)
            Finish =
                if committee = 0 then
                    (fun () -> Ok plain)
                else
                    withCommittee
        }

    let private fit
        (options: TrainingOptions)
        (survey: TrainingSurvey)
        weights
        threads
        frames
        (basis: PairBasis)
        : Result<ContactFit, AniSoapError> =
        let work = {
            Threads = threads
            Algebra = options.LinearAlgebra
            Slots = slots threads survey.Numbers
            Folds = max 1 (min options.Folds survey.Frames)
            LeafFrames = leafFrames survey weights basis
            First = 0
            Stop = Int64.MaxValue
            Expected = survey.Frames
            Room = TrainingRows.Room
            IsJoined = true
            Weights = weights
        }

        TrainingRows.accumulate work (fun _ targets -> Ok targets) basis frames
        |> Result.map (fun sums -> solve options.Regularization options.Committee threads basis sums sums.Rows frames)

    /// The part that is linear in pair spectra, by itself.
    let run
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
                let! fitted = fit options survey weights threads frames basis
                return! fitted.Finish()
            | None ->
                // More columns than the rows can say anything about, or than are worth waiting for.
                let mostColumns = min MostColumns (0.35 * Array.sum survey.Counts)

                let rec climb (best: ContactFit option) (left: PairHypers list) =
                    match left with
                    | [] ->
                        match best with
                        | Some fitted -> fitted.Finish()
                        | None -> Refuse.because "hyperparameters" "none" "at least one candidate"
                    | next :: rest ->
                        match best, PairBasis.create next survey.Species with
                        | Some fitted, Error _ -> fitted.Finish()
                        | Some fitted, Ok basis when float basis.Length > mostColumns -> fitted.Finish()
                        | None, Error error -> Error error
                        | _, Ok basis ->
                            fit options survey weights threads frames basis
                            |> Result.bind (fun fitted ->
                                let isBetterThan (known: ContactFit) =
                                    let byRowsAlone = next.MaxAngular < Finest
                                    RidgeChoice.isBetter byRowsAlone fitted.Rows known.Found fitted.Found

                                match best with
                                | Some known when not (isBetterThan known) -> known.Finish()
                                | _ -> climb (Some fitted) rest)

                return! climb None (candidates options survey)
        }
