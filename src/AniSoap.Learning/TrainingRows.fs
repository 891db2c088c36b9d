namespace AniSoap.Learning

open System
open AniSoap

/// How rows are added up.
type internal RowWork = {
    Threads: int
    Algebra: LinearAlgebra
    /// Frames computed at once.
    Slots: int
    Folds: int
    /// Frames of a fold that make a leaf of its tree.
    LeafFrames: int
    /// The number of the first frame.
    First: int
    /// The number of the frame behind the last, the largest number where there are no more frames.
    Stop: int64
    Weights: RowWeights
}

/// Rows that were added up.
type internal TrainingSums = {
    First: int
    Frames: int
    /// By fold.
    Trees: FactorTree[]
} with

    /// Rows of all folds.
    member sums.Rows = sums.Trees |> Array.sumBy _.Count

/// Rows of least squares out of frames: energies, forces, torques and virials as sums of columns of pair spectra, of which R alone is kept.
module internal TrainingRows =
    let private addRow (row: float[]) (sums: FactorTree) (from: ReadOnlySpan<float>) target weight =
        if weight > 0.0 then
            from.CopyTo(Span row)
            row[row.Length - 1] <- target
            sums.Add(ReadOnlySpan row, weight)

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
        (sums: FactorTree)
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

    let private isEmpty (targets: PotentialTargets) =
        targets.Energy.IsNone
        && targets.Forces.IsDefaultOrEmpty
        && targets.Torques.IsDefaultOrEmpty
        && targets.Virial.IsEmpty

    /// Rows of every fold: frame k is frame k / folds of the fold k % folds. Frames are computed several at a time, and added in their order: the same bits for any threads. `prepare` may change
    /// a frame's targets, for one slot at a time; frames that have none bring no rows.
    let accumulate
        (work: RowWork)
        (prepare: int -> PotentialTargets -> Result<PotentialTargets, AniSoapError>)
        (basis: PairBasis)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<TrainingSums, AniSoapError> =
        let ofFold number fold =
            if number = Int64.MaxValue then
                number
            else
                (number - int64 fold + int64 work.Folds - 1L) / int64 work.Folds

        let joints = Collections.Concurrent.ConcurrentBag<TriangularRows>()

        let trees =
            Array.init work.Folds (fun fold ->
                FactorTree(
                    basis.Length + 1,
                    int64 work.LeafFrames,
                    ofFold (int64 work.First) fold,
                    ofFold work.Stop fold,
                    work.Folds < work.Threads,
                    work.Algebra,
                    joints
                ))

        let rows = Array.init work.Slots (fun _ -> PairSpectrumRows basis)
        // By fold: folds take their rows side by side.
        let row = Array.init work.Folds (fun _ -> Array.zeroCreate (basis.Length + 1))
        let counts = Array.zeroCreate<int> work.Folds
        let numberOf k = work.First + k

        let compute slot number targets =
            attempt {
                do! TrainingSurvey.check targets
                let! targets = prepare slot targets

                do!
                    if isEmpty targets then
                        Ok()
                    else
                        rows[slot].Compute targets.Frame

                return targets
            }
            |> Result.mapError (AniSoapError.at { Place.Unknown with Frame = Some(numberOf number) })

        let take slot number _ targets =
            let number = numberOf number
            let fold = number % work.Folds
            let tree = trees[fold]
            tree.Begin(int64 (number / work.Folds))
            addFrame work.Weights targets rows[slot] row[fold] tree
            counts[fold] <- counts[fold] + 1

        FrameBatches.runIn work.Folds work.Slots work.Threads frames compute take
        |> Result.map (fun () -> { First = work.First; Frames = Array.sum counts; Trees = trees })

    /// R of two together.
    let sum sharesWork (one: TriangularRows) (other: TriangularRows) =
        let both = one.Like sharesWork
        both.Load one.Packed
        both.Add other
        both

    /// For every fold R of all others, of two folds at least: what stands before a fold, and what behind it, is added up once for all. Then memory that is free again, of as many columns:
    /// sums of what stands before become those of all others where they are, as a factor of many columns is some megabytes.
    let others (sums: TriangularRows[]) : struct (TriangularRows[] * TriangularRows[]) =
        let last = sums.Length - 1
        let columns = float sums[0].Columns
        let operations = columns * columns * columns
        let threads = Products.threads ()
        let sum = sum (threads > 2)
        let scans = Array.zeroCreate<TriangularRows[]> 2
        let rests = Array.zeroCreate<TriangularRows> sums.Length

        Products.forEach 2 operations (fun k ->
            scans[k] <-
                if k = 0 then
                    sums[1 .. last - 1] |> Array.scan sum sums[0]
                else
                    Array.scanBack sum sums[1 .. last - 1] sums[last])

        let before, behind = scans[0], scans[1]

        Products.forEach sums.Length operations (fun k ->
            rests[k] <-
                if k = 0 then
                    behind[0]
                elif k = last then
                    before[last - 1]
                elif k = 1 then
                    sum before[0] behind[1]
                else
                    // The first of them is the first fold itself, the others are sums of their own; what waits in a tile is taken in first, as where a sum is made anew.
                    before[k - 1].Triangle |> ignore
                    before[k - 1].Add behind[k]
                    before[k - 1])

        struct (rests, (if last < 2 then [||] else behind[1 .. last - 2]))
